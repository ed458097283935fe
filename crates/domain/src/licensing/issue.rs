//! Issuing: from what a licence is worth to the text of its key.
//!
//! Only payloads are stored. A key's text is made when it is asked for: signing is deterministic, so it is the same
//! for ever, and a stolen database holds no key that works.

use licence::{CLAIMS_LENGTH, Claims, Day, PublicKeys, Serial, SigningKey, Term as KeyTerm};
use store::{Error, Keys, Kind, Licence, Product, SigningKeyRow, Standing, State, Term, TermKind, Tx};

use crate::licensing::licence_state::{derive, last_day};

/// The shop's signing keys, opened for one deed.
pub struct Signers {
    keys: Vec<SigningKey>,
    current: u8,
    receipts: ed25519_dalek::SigningKey,
    /// All public halves, retired ones too.
    pub public: PublicKeys,
}

impl Signers {
    /// Reads and opens all signing keys; the first one was made with the store.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn load(tx: &mut Tx) -> Result<Self, Error> {
        let rows = tx.signing_keys().await?;
        Self::open(tx, &rows)
    }

    /// Opens all signing keys.
    pub(crate) fn open(tx: &Tx, rows: &[SigningKeyRow]) -> Result<Self, Error> {
        let (mut keys, mut current, mut public) = (Vec::new(), None, PublicKeys::new());
        for row in rows {
            let opened = tx.open_signing_key(row)?;
            let seed: [u8; 32] = opened.bytes().try_into().map_err(|_| damaged())?;
            let key = SigningKey::from_seed(row.id, &seed).map_err(|_| damaged())?;
            public.add(key.public()).map_err(|_| damaged())?;
            keys.push(key);
            if row.current {
                current = Some((row.id, ed25519_dalek::SigningKey::from_bytes(&seed)));
            }
        }
        let (current, receipts) = current.ok_or(Error::Unknown("signing_key: none is current"))?;
        Ok(Self { keys, current, receipts, public })
    }

    /// The id under which new keys are signed: the newest that isn't retired.
    #[must_use]
    pub fn current(&self) -> u8 {
        self.current
    }

    /// Signs a receipt under the current key: its id and the signature.
    #[must_use]
    pub fn sign_receipt(&self, text: &[u8]) -> (u8, [u8; 64]) {
        use ed25519_dalek::Signer as _;
        (self.current, self.receipts.sign(&receipt_bytes(text)).to_bytes())
    }

    /// The text of the key with this payload, the same for ever.
    ///
    /// # Errors
    /// When its signing key is gone.
    pub fn text(&self, payload: &[u8]) -> Result<String, Error> {
        let bytes: [u8; CLAIMS_LENGTH] = payload.try_into().map_err(|_| Error::Unknown("a key's payload"))?;
        let claims = Claims::from_bytes(bytes).map_err(|_| Error::Unknown("a key's payload"))?;
        let key = self.keys.iter().find(|k| k.id() == claims.signing_key);
        let key = key.ok_or(Error::Unknown("a key's signing key: restore its backup"))?;
        Ok(key.sign(&claims).map_err(|_| Error::Unknown("a key's payload"))?.to_string())
    }
}

fn damaged() -> Error {
    Error::Damaged { place: "signing_key.secret".into() }
}

/// The bytes under a receipt's signature: a domain of their own, so that no receipt is a key and no key a receipt.
pub(crate) fn receipt_bytes(text: &[u8]) -> Vec<u8> {
    [b"scruple/receipt/1\0", text].concat()
}

/// Makes a fresh signing key: its id and secret seed.
///
/// # Errors
/// When the system gives no random numbers.
pub fn fresh_seed() -> Result<zeroize::Zeroizing<[u8; 32]>, Error> {
    let mut seed = zeroize::Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut()).map_err(|_| Error::Away("the system gives no random numbers".into()))?;
    Ok(seed)
}

/// A licence number as it is shown: eight symbols.
#[must_use]
pub fn number(serial: i64) -> String {
    u64::try_from(serial)
        .ok()
        .and_then(|s| Serial::from_bits(s).ok())
        .map(|s| s.to_string())
        .unwrap_or_default()
}

/// How many licences an order of `quantity` gets, and with how many seats each. Seats end at 65,535.
#[must_use]
pub fn shares(product: &Product, quantity: u32) -> (u32, u16) {
    let per_unit = u32::from(product.seats.max(1));
    let seats = |n: u32| u16::try_from(n).unwrap_or(u16::MAX);
    match product.keys {
        Keys::One => (1, seats(per_unit.saturating_mul(quantity))),
        Keys::Each => (quantity.max(1), seats(per_unit)),
    }
}

/// A fresh licence number. One that is taken by chance collides when it is written, and all is tried again.
///
/// # Errors
/// When the system gives no random numbers.
pub fn fresh_number() -> Result<i64, Error> {
    let mut bytes = [0; 5];
    getrandom::fill(&mut bytes).map_err(|_| Error::Away("the system gives no random numbers".into()))?;
    let serial = i64::try_from(Serial::from_bytes(bytes).bits()).map_err(|_| Error::Unknown("serial"))?;
    Ok(serial.max(1))
}

/// Founds a licence of a product with its first term, changed as the founding notice wants it.
///
/// # Errors
/// When database or keyring is away, or the number is taken.
pub async fn found(
    tx: &mut Tx,
    signers: &Signers,
    product: &Product,
    (serial, seats): (i64, u16),
    first: Term,
    change: impl FnOnce(&mut Licence, &mut Vec<Term>),
) -> Result<(Licence, Term), Error> {
    let mut licence = unfounded(product, seats, serial, tx.today());
    let mut terms = vec![first];
    change(&mut licence, &mut terms);
    value(&mut licence, &mut terms, signers);
    tx.add_licence(&licence).await?;
    for term in &terms {
        tx.add_term(serial, term).await?;
    }
    Ok((licence, terms.swap_remove(0)))
}

/// Founds a licence without terms yet, under a number that is known already.
///
/// # Errors
/// When the database is away, or the number is taken.
pub async fn found_as(tx: &mut Tx, product: &Product, seats: u16, serial: i64) -> Result<(), Error> {
    let today = tx.today();
    tx.add_licence(&unfounded(product, seats, serial, today)).await
}

fn unfounded(product: &Product, seats: u16, serial: i64, today: i64) -> Licence {
    Licence {
        serial,
        product: product.id,
        kind: product.kind,
        edition: product.edition,
        seats,
        grace_days: i64::from(product.grace_days),
        state: State::Held,
        until_day: 0,
        suspended: false,
        terminated: false,
        finished_day: 0,
        revoked: false,
        issued_day: today,
        current_key: Vec::new(),
    }
}

/// A term as an order gives it, still waiting.
#[must_use]
pub fn waiting_term(product: &Product, kind: TermKind, n: i64, placed_day: i64) -> Term {
    Term {
        n,
        kind,
        placed_day,
        months: i64::from(product.updates_months),
        until_day: 0,
        standing: Standing::Waiting,
        given_key: Vec::new(),
    }
}

/// Changes a licence and its terms together, derives what it is worth, and keeps the payload of its key.
///
/// # Errors
/// When database or keyring is away.
pub async fn settle(
    tx: &mut Tx,
    signers: &Signers,
    serial: i64,
    change: impl FnOnce(&mut Licence, &mut Vec<Term>),
) -> Result<Licence, Error> {
    let mut licence = tx.licence_locked(serial).await?.ok_or(Error::Unknown("a licence that isn't there"))?;
    let before = tx.terms(serial).await?;
    let (mut terms, old) = (before.clone(), licence.clone());
    change(&mut licence, &mut terms);
    value(&mut licence, &mut terms, signers);
    for term in &terms {
        match before.iter().find(|t| t.n == term.n) {
            None => tx.add_term(serial, term).await?,
            Some(t) if t != term => tx.set_term(serial, term).await?,
            Some(_) => {}
        }
    }
    if old != licence {
        tx.set_licence(&licence).await?;
    }
    Ok(licence)
}

/// Derives what a licence is worth, and the key of it and of each term that stands for the first time.
fn value(licence: &mut Licence, terms: &mut [Term], signers: &Signers) {
    (licence.state, licence.until_day) = derive(licence, terms);
    let claims = claims(licence, signers.current());
    if !same_but_signer(&licence.current_key, &claims) {
        licence.current_key = claims.to_vec();
    }
    for term in terms {
        if term.standing == Standing::Standing && term.given_key.is_empty() {
            term.given_key.clone_from(&licence.current_key);
        }
    }
}

/// The payload that a licence's key has now.
fn claims(licence: &Licence, signing_key: u8) -> [u8; CLAIMS_LENGTH] {
    let term = match (licence.kind, licence.until_day) {
        (_, 0) => KeyTerm::Forever,
        (Kind::Perpetual, until) => day(until).map_or(KeyTerm::Forever, KeyTerm::UpdatesUntil),
        (Kind::Subscription | Kind::Trial, until) => {
            day(last_day(licence, until)).map_or(KeyTerm::Forever, KeyTerm::Ends)
        }
    };
    let serial = u64::try_from(licence.serial).unwrap_or(0);
    let claims = Claims {
        signing_key,
        product: licence.product,
        edition: licence.edition,
        term,
        seats: licence.seats,
        serial: Serial::from_bits(serial).unwrap_or(Serial::from_bytes([0; 5])),
    };
    claims.to_bytes().expect("signing key and edition were checked when they were made")
}

/// A day as keys hold it: before the first day the first, beyond the last none (no limit).
fn day(unix: i64) -> Option<Day> {
    if unix < Day::FIRST.to_unix_days() { Some(Day::FIRST) } else { Day::from_unix_days(unix).ok() }
}

/// A rotation of signing keys alone doesn't change a key that was given out.
fn same_but_signer(payload: &[u8], claims: &[u8; CLAIMS_LENGTH]) -> bool {
    payload.len() == CLAIMS_LENGTH && payload[1..] == claims[1..]
}
