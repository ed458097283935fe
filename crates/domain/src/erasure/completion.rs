//! Completion of erasures: first in every replica of the keyring, then in the data; then the receipt is signed.
//!
//! This order must not change. Rows are deleted only after the last replica has committed, and receipts become
//! ready only after that. Each step is idempotent, so an erasure that was interrupted is rolled forward at the next
//! start.

use calendar::Day;
use keyring::{ForgetOutcome, ForgetRequest, KeyringError};
use sha2::{Digest as _, Sha256};
use store::{Db, ErasureIntent, ErasureReason, Error, Operation, Tx};

use crate::erasure::receipt;
use crate::licensing::issue::Signers;

/// Reports what was rolled forward.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RollForwardReport {
    /// Completed erasure intents.
    pub intents: usize,
    /// Slots that were forgotten (crypto-shredding) with them.
    pub slots: usize,
}

/// Rolls all erasure intents forward.
///
/// # Errors
///
/// When the database or a replica of the keyring is unreachable. Then nothing is forgotten in any replica, and the
/// intents stay.
pub async fn roll_forward(db: &Db) -> Result<RollForwardReport, Error> {
    let intents = db.read().await?.erasure_intents().await?;
    if intents.is_empty() {
        return Ok(RollForwardReport::default());
    }
    let forgetting = combine(&intents);
    let slots = forgetting.slots.len();
    let keyring = db.keyring_handle();
    let forgotten = tokio::task::spawn_blocking(move || keyring.forget(&forgetting))
        .await
        .map_err(|_| KeyringError::Interrupted)??;
    db.execute(&CompleteErasures { intents: &intents, forgotten }).await?;
    Ok(RollForwardReport { intents: intents.len(), slots })
}

/// Combines all intents into one forgetting, so that the keyring syncs to disk once.
fn combine(intents: &[ErasureIntent]) -> ForgetRequest {
    let day = intents.iter().map(|i| i.day).max().unwrap_or(Day::UNIX_EPOCH);
    let mut digest = Sha256::new();
    for intent in intents {
        digest.update(intent.id.to_be_bytes());
    }
    ForgetRequest {
        slots: intents.iter().flat_map(|i| i.slots.iter().copied()).collect(),
        tombstones: intents.iter().flat_map(|i| i.tombstones.iter().copied()).collect(),
        day: u32::try_from(day.to_unix_days()).unwrap_or(0),
        digest: digest.finalize().into(),
    }
}

/// The second transaction of an erasure: deletes the rows of forgotten slots and makes receipts ready.
struct CompleteErasures<'a> {
    intents: &'a [ErasureIntent],
    forgotten: ForgetOutcome,
}

impl Operation for CompleteErasures<'_> {
    const NAME: &'static str = "complete erasures";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        for intent in self.intents {
            // Index buckets and closed days have no rows: the tables need no search for their old slots.
            if !matches!(intent.reason, ErasureReason::Index | ErasureReason::Day) {
                for slot in &intent.slots {
                    tx.purge_slot(*slot).await?;
                }
                if tx.has_pending_receipt(intent.id).await? {
                    let signers = Signers::load(tx).await?;
                    let body = receipt::sign_receipt(tx, &signers, intent.day, &self.forgotten).await?;
                    tx.complete_receipts(intent.id, &body).await?;
                }
            }
            tx.delete_erasure_intent(intent.id).await?;
        }
        tx.record_epoch(self.forgotten.epoch).await
    }
}
