//! Whether a key is genuine, and whether it is good here and today.

use crate::{Claims, Day, Key, PublicKeys, Refusal, Term};

/// What a program asks of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// The product that the program is.
    pub product: u8,
    /// Today, from whatever clock the program trusts.
    pub today: Day,
    /// The day on which this build was made; `None` doesn't ask about updates.
    pub build: Option<Day>,
}

impl Check {
    /// Whether genuine claims are good for this. Says nothing about whether they are genuine.
    ///
    /// # Errors
    /// [`Refusal::OtherProduct`], [`Refusal::Ended`], [`Refusal::UpdatesOver`], asked in this order.
    pub fn admits(&self, claims: &Claims) -> Result<(), Refusal> {
        if claims.product != self.product {
            return Err(Refusal::OtherProduct { of_key: claims.product, wanted: self.product });
        }
        match (claims.term, self.build) {
            (Term::Ends(day), _) if self.today > day => Err(Refusal::Ended(day)),
            (Term::UpdatesUntil(until), Some(build)) if build > until => {
                Err(Refusal::UpdatesOver { until, build })
            }
            _ => Ok(()),
        }
    }
}

/// Whether one of these public keys signed the key; what it says is then to be believed.
///
/// # Errors
/// [`Refusal::UnknownSigningKey`] and [`Refusal::Forged`], no other.
pub fn verify<'key>(key: &'key Key, keys: &PublicKeys) -> Result<&'key Claims, Refusal> {
    let claims = key.unverified();
    let public = keys.get(claims.signing_key).ok_or(Refusal::UnknownSigningKey(claims.signing_key))?;
    if public.signed(key) { Ok(claims) } else { Err(Refusal::Forged) }
}

/// All in one: reads the text, makes sure that it is genuine, and asks whether it is good for this program today.
///
/// # Errors
/// The first of the [`Refusal`]s, in the order in which they are listed there.
pub fn check(text: &str, keys: &PublicKeys, check: &Check) -> Result<Claims, Refusal> {
    let key = Key::parse(text)?;
    let claims = verify(&key, keys)?;
    check.admits(claims)?;
    Ok(*claims)
}
