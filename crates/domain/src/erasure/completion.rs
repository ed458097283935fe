//! Rolling intents of forgetting forward: into the keyring, in every place; then out of the data; then the receipt.
//!
//! The order is the whole point. Rows go only after the last place has committed, and a receipt comes only after
//! that. Done again from any point it ends the same, so an intent found at start is simply done once more.

use keyring::{Forgetting, Forgotten, KeyringError};
use sha2::{Digest as _, Sha256};
use store::{Db, Error, Intent, Operation, Tx, Why};

use crate::erasure::receipt;
use crate::licensing::issue::Signers;

/// What rolling forward has done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rolled {
    /// Intents that are done.
    pub intents: usize,
    /// Slots that were forgotten with them.
    pub slots: usize,
}

/// Rolls all intents forward.
///
/// # Errors
/// When the database is away, or a place of the keyring: then nothing is forgotten anywhere and the intents stay.
pub async fn roll_forward(db: &Db) -> Result<Rolled, Error> {
    let intents = db.read().await?.intents().await?;
    if intents.is_empty() {
        return Ok(Rolled::default());
    }
    let forgetting = together(&intents);
    let slots = forgetting.slots.len();
    let vault = db.vault_handle();
    let forgotten = tokio::task::spawn_blocking(move || vault.forget(&forgetting))
        .await
        .map_err(|_| KeyringError::Interrupted)??;
    db.write(&Complete { intents: &intents, forgotten }).await?;
    Ok(Rolled { intents: intents.len(), slots })
}

/// One forgetting for all of them: the disk is waited for once.
fn together(intents: &[Intent]) -> Forgetting {
    let day = intents.iter().map(|i| i.day).max().unwrap_or(0);
    let mut digest = Sha256::new();
    for intent in intents {
        digest.update(intent.id.to_be_bytes());
    }
    Forgetting {
        slots: intents.iter().flat_map(|i| i.slots.iter().copied()).collect(),
        tombstones: intents.iter().flat_map(|i| i.tombstones.iter().copied()).collect(),
        day: u32::try_from(day).unwrap_or(0),
        digest: digest.finalize().into(),
    }
}

/// The second transaction: rows of forgotten slots go, and receipts become ready.
struct Complete<'a> {
    intents: &'a [Intent],
    forgotten: Forgotten,
}

impl Operation for Complete<'_> {
    const NAME: &'static str = "complete forgetting";
    type Done = ();

    async fn act(&self, tx: &mut Tx) -> Result<(), Error> {
        for intent in self.intents {
            // Buckets and closed days left no rows; their old slots need no look through the tables.
            if !matches!(intent.why, Why::Index | Why::Day) {
                for slot in &intent.slots {
                    tx.delete_rows_of(*slot).await?;
                }
                if tx.receipt_waits(intent.id).await? {
                    let signers = Signers::load(tx).await?;
                    let body = receipt::write(tx, &signers, intent.day, &self.forgotten).await?;
                    tx.receipt_ready(intent.id, &body).await?;
                }
            }
            tx.drop_intent(intent.id).await?;
        }
        tx.see_epoch(self.forgotten.epoch).await
    }
}
