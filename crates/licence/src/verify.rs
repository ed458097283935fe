//! Verification: whether a key is genuine, and whether it is valid for this program today.

use crate::{Claims, Day, Key, PublicKeys, Refusal, Term};

/// The conditions under which a program checks a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// The product of the program.
    pub product: u8,
    /// Today, from a clock that the program trusts.
    pub today: Day,
    /// The day of this build; `None` skips the check of updates.
    pub build: Option<Day>,
}

impl Check {
    /// Checks whether genuine claims meet these conditions. Does not check whether the claims are genuine.
    ///
    /// # Errors
    /// [`Refusal::OtherProduct`], [`Refusal::Ended`], [`Refusal::UpdatesOver`], checked in this order.
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

/// Checks whether one of these public keys signed the key, and returns its claims.
///
/// # Errors
/// Only [`Refusal::UnknownSigningKey`] and [`Refusal::Forged`].
pub fn verify<'key>(key: &'key Key, keys: &PublicKeys) -> Result<&'key Claims, Refusal> {
    let claims = key.unverified();
    let public = keys.get(claims.signing_key).ok_or(Refusal::UnknownSigningKey(claims.signing_key))?;
    if public.signed(key) { Ok(claims) } else { Err(Refusal::Forged) }
}

/// Parses the text, verifies the signature, and checks the conditions of this program.
///
/// # Errors
/// The first [`Refusal`], in the order in which they are listed there.
pub fn check(text: &str, keys: &PublicKeys, check: &Check) -> Result<Claims, Refusal> {
    let key = Key::parse(text)?;
    let claims = verify(&key, keys)?;
    check.admits(claims)?;
    Ok(*claims)
}
