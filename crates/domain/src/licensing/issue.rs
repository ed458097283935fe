//! Issue of licences: creates and updates them, and signs their keys.
//!
//! The database stores only the payloads of keys. The text of a key is signed when it is needed. Signing is
//! deterministic, so the text never changes, and a stolen database holds no valid key.

use calendar::Day;
use licence::{CLAIMS_LENGTH, Claims, PublicKeys, Serial, SigningKey, Term as KeyTerm};
use store::{
    Error, KeysPerOrder, Licence, LicenceModel, LicenceState, PaymentStatus, Product, SigningKeyRow, Term,
    TermKind, TermNumber, Tx,
};

use crate::licensing::licence_state::{derive_state, last_day};
use crate::random::random_bytes;

/// The vendor's signing keys, opened for one operation.
pub struct Signers {
    keys: Vec<SigningKey>,
    current: u8,
    receipts: ed25519_dalek::SigningKey,
    /// All public keys, retired ones included.
    pub public: PublicKeys,
}

impl Signers {
    /// Reads and opens all signing keys.
    ///
    /// # Errors
    ///
    /// When the database or the keyring is unreachable.
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

    /// The id of the key that signs new licences: the newest that isn't retired.
    #[must_use]
    pub fn current(&self) -> u8 {
        self.current
    }

    /// Signs a receipt with the current key. Returns the key's id and the signature.
    #[must_use]
    pub(crate) fn sign_receipt(&self, text: &[u8]) -> (u8, [u8; 64]) {
        use ed25519_dalek::Signer as _;
        (self.current, self.receipts.sign(&receipt_bytes(text)).to_bytes())
    }

    /// Signs this payload and returns the text of the licence key. The text is the same each time.
    ///
    /// # Errors
    ///
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
    Error::Damaged { column: "signing_key.secret".into() }
}

/// The bytes that a receipt's signature covers. Domain separation: no receipt is a licence key and no key is a
/// receipt.
pub(crate) fn receipt_bytes(text: &[u8]) -> Vec<u8> {
    [b"scruple/receipt/1\0", text].concat()
}

/// Generates the secret seed of a signing key.
///
/// # Errors
///
/// When the operating system supplies no random numbers.
pub(crate) fn generate_seed() -> Result<zeroize::Zeroizing<[u8; 32]>, Error> {
    random_bytes()
}

/// Computes how many licences an order of `quantity` creates, and the seats of each, at most 65,535.
#[must_use]
pub fn licences_and_seats(product: &Product, quantity: u32) -> (u32, u16) {
    let per_unit = u32::from(product.seats.max(1));
    let seats = |n: u32| u16::try_from(n).unwrap_or(u16::MAX);
    match product.keys {
        KeysPerOrder::One => (1, seats(per_unit.saturating_mul(quantity))),
        KeysPerOrder::Each => (quantity.max(1), seats(per_unit)),
    }
}

/// Generates a licence number. A number in use collides when it is written, and the transaction is retried.
///
/// # Errors
///
/// When the operating system supplies no random numbers.
pub(crate) fn generate_serial() -> Result<Serial, Error> {
    // Zero stands for no licence in a column.
    Ok(Serial::from_bytes(*random_bytes()?).max(Serial::from_bytes([0, 0, 0, 0, 1])))
}

/// Creates a licence of a product with its first term. `change` applies the first notification of its order.
///
/// # Errors
///
/// When the database or the keyring is unreachable, or the number is in use.
pub(crate) async fn create_licence(
    tx: &mut Tx,
    signers: &Signers,
    product: &Product,
    (serial, seats): (Serial, u16),
    first: Term,
    change: impl FnOnce(&mut Licence, &mut Vec<Term>),
) -> Result<(Licence, Term), Error> {
    let mut licence = blank_licence(product, seats, serial, tx.today());
    let mut terms = vec![first];
    change(&mut licence, &mut terms);
    recompute(&mut licence, &mut terms, signers);
    tx.add_licence(&licence).await?;
    for term in &terms {
        tx.add_term(serial, term).await?;
    }
    Ok((licence, terms.swap_remove(0)))
}

/// Creates a licence without terms, with a known number.
///
/// # Errors
///
/// When the database is unreachable, or the number is in use.
pub(crate) async fn create_licence_with_serial(
    tx: &mut Tx,
    product: &Product,
    seats: u16,
    serial: Serial,
) -> Result<(), Error> {
    let today = tx.today();
    tx.add_licence(&blank_licence(product, seats, serial, today)).await
}

fn blank_licence(product: &Product, seats: u16, serial: Serial, today: Day) -> Licence {
    Licence {
        serial,
        product: product.id,
        kind: product.kind,
        edition: product.edition,
        seats,
        grace_days: i64::from(product.grace_days),
        state: LicenceState::OnHold,
        until_day: None,
        suspended: false,
        terminated: false,
        finished_day: None,
        revoked: false,
        issued_day: today,
        current_key: Vec::new(),
    }
}

/// Creates a pending term of an order.
#[must_use]
pub(crate) fn pending_term(product: &Product, kind: TermKind, n: TermNumber, placed_day: Day) -> Term {
    Term {
        number: n,
        kind,
        placed_day,
        months: i64::from(product.updates_months),
        until_day: None,
        payment_status: PaymentStatus::Pending,
        issued_key: Vec::new(),
    }
}

/// Changes a licence and its terms, recomputes its state and stores the payload of its key.
///
/// # Errors
///
/// When the database or the keyring is unreachable.
pub(crate) async fn update_licence(
    tx: &mut Tx,
    signers: &Signers,
    serial: Serial,
    change: impl FnOnce(&mut Licence, &mut Vec<Term>),
) -> Result<Licence, Error> {
    let mut licence = tx.licence_locked(serial).await?.ok_or(Error::Unknown("a licence that isn't there"))?;
    let before = tx.terms(serial).await?;
    let (mut terms, old) = (before.clone(), licence.clone());
    change(&mut licence, &mut terms);
    recompute(&mut licence, &mut terms, signers);
    for term in &terms {
        match before.iter().find(|t| t.number == term.number) {
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

/// Recomputes the state of a licence, its key, and the key of each term that is paid for the first time.
fn recompute(licence: &mut Licence, terms: &mut [Term], signers: &Signers) {
    (licence.state, licence.until_day) = derive_state(licence, terms);
    let claims = claims(licence, signers.current());
    if !equal_except_signing_key(&licence.current_key, &claims) {
        licence.current_key = claims.to_vec();
    }
    for term in terms {
        if term.payment_status == PaymentStatus::Paid && term.issued_key.is_empty() {
            term.issued_key.clone_from(&licence.current_key);
        }
    }
}

/// The current payload of a licence's key.
fn claims(licence: &Licence, signing_key: u8) -> [u8; CLAIMS_LENGTH] {
    let last = last_day(licence, licence.until_day).and_then(key_day);
    let term = match licence.kind {
        LicenceModel::Perpetual => last.map_or(KeyTerm::Forever, KeyTerm::UpdatesUntil),
        LicenceModel::Subscription | LicenceModel::Trial => last.map_or(KeyTerm::Forever, KeyTerm::Ends),
    };
    let claims = Claims {
        signing_key,
        product: licence.product,
        edition: licence.edition,
        term,
        seats: licence.seats,
        serial: licence.serial,
    };
    claims.to_bytes().expect("signing key and edition were checked when they were made")
}

/// Converts a day to the form of keys. A day before the first is the first; a day beyond the last means no limit.
fn key_day(day: Day) -> Option<licence::Day> {
    let first = licence::Day::FIRST;
    let days = day.to_unix_days().max(first.to_unix_days());
    licence::Day::from_unix_days(days).ok()
}

/// Tells whether payload and claims differ in the signing key alone: rotation of signing keys doesn't change an
/// issued key.
fn equal_except_signing_key(payload: &[u8], claims: &[u8; CLAIMS_LENGTH]) -> bool {
    payload.len() == CLAIMS_LENGTH && payload[1..] == claims[1..]
}
