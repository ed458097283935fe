//! The receipt of an erasure: signed, without identity. It says what it proves and what it can't.

use ed25519_dalek::{Signature, VerifyingKey};
use keyring::Forgotten;
use licence::PublicKeys;
use store::{Error, Operation, Tx};

use crate::licensing::issue::{Signers, receipt_bytes};
use crate::token;

const HEAD: &str = "scruple erasure receipt 1";

/// What the receipt proves and what not, in the receipt itself.
const MEANING: &str = "\
This receipt says that one person asked for erasure and agreed to its consequences, and that on the day above the
keys under which everything about them was sealed were destroyed in every place where they were kept. What is still
in a database or a backup, however old, can't be read any more. The receipt holds nothing about the person.
It can't prove that nobody had copied anything before, or that no forgotten copy of the old root key exists.";

/// Writes and signs a receipt.
pub(crate) async fn write(
    tx: &mut Tx,
    signers: &Signers,
    day: i64,
    done: &Forgotten,
) -> Result<String, Error> {
    let store = tx.fact("store").await?.unwrap_or_default();
    let overwritten = if done.overwritten { "yes" } else { "removed, but not overwritten everywhere" };
    let text = format!(
        "{HEAD}\nstore: {store}\nday: {}\nkeyring epoch: {}\nplaces that acknowledged: {}\nold root key overwritten: \
         {overwritten}\n\n{MEANING}\n\n",
        crate::day::text(day),
        done.epoch,
        done.places,
    );
    let (id, signature) = signers.sign_receipt(text.as_bytes());
    Ok(format!("{text}signed by key {id}: {}\n", data_encoding::HEXLOWER.encode(&signature)))
}

/// Why a receipt isn't genuine.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Refused {
    /// Not of this form.
    #[error("this is no receipt: it must begin with \"{HEAD}\" and end with its signature")]
    Unreadable,
    /// Signed by a key that isn't among those given.
    #[error("the receipt is signed by key {0}, which is not in the public-key file")]
    UnknownKey(u8),
    /// The signature doesn't match.
    #[error("the receipt was changed, or is not of this shop: its signature does not match")]
    Forged,
}

/// Checks a receipt with the shop's public keys.
///
/// # Errors
/// Says why it isn't genuine.
pub fn verify(text: &str, keys: &PublicKeys) -> Result<(), Refused> {
    let text = text.replace("\r\n", "\n");
    let (body, last) = text.trim_end().rsplit_once('\n').ok_or(Refused::Unreadable)?;
    let body = format!("{body}\n");
    let (id, hex) =
        last.strip_prefix("signed by key ").and_then(|l| l.split_once(": ")).ok_or(Refused::Unreadable)?;
    let id: u8 = id.parse().map_err(|_| Refused::Unreadable)?;
    let signature = data_encoding::HEXLOWER.decode(hex.as_bytes()).map_err(|_| Refused::Unreadable)?;
    let signature = Signature::from_slice(&signature).map_err(|_| Refused::Unreadable)?;
    if !body.starts_with(HEAD) {
        return Err(Refused::Unreadable);
    }
    let key = keys.get(id).ok_or(Refused::UnknownKey(id))?;
    let key = VerifyingKey::from_bytes(&key.to_bytes()).map_err(|_| Refused::Forged)?;
    key.verify_strict(&receipt_bytes(body.as_bytes()), &signature).map_err(|_| Refused::Forged)
}

/// What a pick-up code gets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PickUp {
    /// The receipt.
    Ready(String),
    /// The erasure is agreed, but it isn't done in every place of the keyring yet.
    Withheld,
    /// No receipt waits under this code.
    Unknown,
}

/// Fetches a receipt with its pick-up code.
///
/// # Errors
/// When the database is away.
pub async fn pick_up(tx: &mut Tx, code: &str) -> Result<PickUp, Error> {
    Ok(match tx.receipt(&token::tag(&token::read_code(code))).await? {
        None => PickUp::Unknown,
        Some(receipt) if receipt.body.is_empty() => PickUp::Withheld,
        Some(receipt) => PickUp::Ready(receipt.body),
    })
}

/// Deletes receipts that could have been fetched for 30 days.
pub struct SweepReceipts;

impl Operation for SweepReceipts {
    const NAME: &'static str = "sweep receipts";
    type Done = u64;

    async fn act(&self, tx: &mut Tx) -> Result<u64, Error> {
        let day = tx.today() - 30;
        tx.sweep_receipts(day).await
    }
}
