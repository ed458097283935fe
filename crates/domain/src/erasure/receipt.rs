//! The receipt of an erasure: signed, and without identity. It states what it proves and what it can't prove.

use calendar::Day;
use ed25519_dalek::{Signature, VerifyingKey};
use keyring::ForgetOutcome;
use licence::PublicKeys;
use store::{Error, Operation, Tx};

use crate::licensing::issue::{Signers, receipt_bytes};
use crate::token::{ReceiptCode, Token};

/// The first line of a receipt.
pub const HEAD: &str = "scruple erasure receipt 1";

/// The part of the receipt that states what it proves and what it can't prove.
const MEANING: &str = "\
This receipt says that one person asked for erasure and agreed to its consequences, and that on the day above the
keys under which everything about them was sealed were destroyed in every replica of the keyring. What is still
in a database or a backup, however old, can't be read any more. The receipt holds nothing about the person.
It can't prove that no data had been copied before, or that no forgotten copy of the old root key exists.";

/// Creates and signs a receipt.
pub(crate) async fn sign_receipt(
    tx: &mut Tx,
    signers: &Signers,
    day: Day,
    done: &ForgetOutcome,
) -> Result<String, Error> {
    let store = tx.fact("store").await?.unwrap_or_default();
    let overwritten = if done.overwritten { "yes" } else { "removed, but not overwritten everywhere" };
    let text = format!(
        "{HEAD}\nstore: {store}\nday: {}\nkeyring epoch: {}\nreplicas that acknowledged: {}\nold root key overwritten: \
         {overwritten}\n\n{MEANING}\n\n",
        day, done.epoch, done.replicas,
    );
    let (id, signature) = signers.sign_receipt(text.as_bytes());
    Ok(format!("{text}signed by key {id}: {}\n", data_encoding::HEXLOWER.encode(&signature)))
}

/// The reason why a receipt isn't genuine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptFault {
    /// The text doesn't have the form of a receipt.
    Unreadable,
    /// It is signed by a key that isn't among those given.
    UnknownKey(u8),
    /// The signature doesn't match.
    Forged,
}

/// Verifies a receipt with the vendor's public keys.
///
/// # Errors
///
/// The reason why it isn't genuine.
pub fn verify(text: &str, keys: &PublicKeys) -> Result<(), ReceiptFault> {
    let text = text.replace("\r\n", "\n");
    let (body, last) = text.trim_end().rsplit_once('\n').ok_or(ReceiptFault::Unreadable)?;
    let body = format!("{body}\n");
    let (id, hex) = last
        .strip_prefix("signed by key ")
        .and_then(|l| l.split_once(": "))
        .ok_or(ReceiptFault::Unreadable)?;
    let id: u8 = id.parse().map_err(|_| ReceiptFault::Unreadable)?;
    let signature = data_encoding::HEXLOWER.decode(hex.as_bytes()).map_err(|_| ReceiptFault::Unreadable)?;
    let signature = Signature::from_slice(&signature).map_err(|_| ReceiptFault::Unreadable)?;
    if !body.starts_with(HEAD) {
        return Err(ReceiptFault::Unreadable);
    }
    let key = keys.get(id).ok_or(ReceiptFault::UnknownKey(id))?;
    let key = VerifyingKey::from_bytes(&key.to_bytes()).map_err(|_| ReceiptFault::Forged)?;
    key.verify_strict(&receipt_bytes(body.as_bytes()), &signature).map_err(|_| ReceiptFault::Forged)
}

/// The answer to a receipt code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReceiptStatus {
    Ready(String),
    /// The erasure is agreed, but not yet complete in every replica of the keyring.
    Pending,
    /// No receipt exists for this code.
    Unknown,
}

/// Fetches a receipt by its code.
///
/// # Errors
///
/// When the database is unreachable.
pub async fn fetch_receipt(tx: &mut Tx, code: &Token<ReceiptCode>) -> Result<ReceiptStatus, Error> {
    Ok(match tx.receipt(&code.hash()).await? {
        None => ReceiptStatus::Unknown,
        Some(receipt) if receipt.body.is_empty() => ReceiptStatus::Pending,
        Some(receipt) => ReceiptStatus::Ready(receipt.body),
    })
}

/// Deletes receipts that could be fetched for 30 days.
pub struct DeleteOldReceipts;

impl Operation for DeleteOldReceipts {
    const NAME: &'static str = "delete old receipts";
    type Output = u64;

    async fn execute(&self, tx: &mut Tx) -> Result<u64, Error> {
        let day = tx.today() - 30;
        tx.delete_old_receipts(day).await
    }
}
