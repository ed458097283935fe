//! Preparation of the store at start, before the server accepts requests. A new store gets its blind index and
//! first signing key. Erasures in progress are rolled forward. Data from a backup is reconciled with the keyring.

use keyring::Slot;
use policy::purpose::Erasing;
use store::{Actor, BlindIndex, ConversationKind, Db, Error, Inserted, Operation, RECONCILED, RESTORED, Tx};

use crate::audit::audit_change;
use crate::compliance::prove::extend_audit_chain_beyond;
use crate::erasure::completion::{RollForwardReport, roll_forward};
use crate::licensing::issue::generate_seed;
use crate::licensing::purchase::address_tag;
use crate::licensing::purchase::order_match::{ITEM, ORDER, SUBSCRIPTION, item, number_tag, row_of};

/// Reports what the start had to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StartReport {
    /// Erasures that had been interrupted and are now complete.
    pub rolled: RollForwardReport,
    /// The number of persons in a restored backup who had been erased since, and are now erased again.
    pub erased_again: Option<u64>,
    /// A replica of the keyring can't be written now: erasures wait.
    pub waiting: bool,
}

/// Prepares a store for serving.
///
/// # Errors
///
/// When the database or the keyring is unreachable.
pub async fn prepare_store(db: &Db) -> Result<StartReport, Error> {
    db.execute(&InitialiseStore).await?;
    let mut report = StartReport::default();
    let missed_erasure = missed_erasure(db).await?;
    // Interrupted erasures of the backup itself come first: they carry tombstones.
    match roll_forward_if_reachable(db).await? {
        Some(rolled) => report.rolled = rolled,
        None => report.waiting = true,
    }
    if missed_erasure {
        let epoch = db.keyring().epoch()?;
        report.erased_again = Some(db.execute(&Reconcile { epoch }).await?);
        // The reconciliation replaced buckets of the blind index, whose old slots are forgotten now.
        report.waiting = roll_forward_if_reachable(db).await?.is_none();
        let kept = db.keyring().anchor()?.map_or(0, |(seq, _)| seq);
        extend_audit_chain_beyond(db, i64::try_from(kept).unwrap_or(0)).await?;
        db.execute(&MarkReconciled).await?;
    }
    Ok(report)
}

/// Completes the erasures in progress. Returns `None` if they wait for a replica of the keyring.
async fn roll_forward_if_reachable(db: &Db) -> Result<Option<RollForwardReport>, Error> {
    match roll_forward(db).await {
        Ok(report) => Ok(Some(report)),
        Err(Error::Keyring(keyring::KeyringError::Unreachable { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Tells whether the data missed an erasure, as a restored backup did. An erasure interrupted between the commits
/// of keyring and data doesn't count: its intent exists, and its slots are forgotten already.
async fn missed_erasure(db: &Db) -> Result<bool, Error> {
    let mut tx = db.read().await?;
    let epoch = db.keyring().epoch()?;
    let seen: u64 = tx.fact("epoch").await?.and_then(|t| t.parse().ok()).unwrap_or(0);
    if tx.fact(RESTORED).await?.as_deref() == Some("yes") || seen + 1 < epoch {
        return Ok(true);
    }
    let mut has_pending_intent = false;
    for slot in tx.erasure_intents().await?.iter().flat_map(|i| &i.slots) {
        has_pending_intent = true;
        if !db.keyring().is_forgotten(*slot)? {
            return Ok(seen < epoch);
        }
    }
    Ok(seen < epoch && !has_pending_intent)
}

/// Ends a reconciliation. Until this is written, each start reconciles again.
struct MarkReconciled;

impl Operation for MarkReconciled {
    const NAME: &'static str = "end reconciliation";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.set_fact(RESTORED, "no").await
    }
}

/// Creates the blind index and the first signing key.
struct InitialiseStore;

impl Operation for InitialiseStore {
    const NAME: &'static str = "initialise store";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.create_index().await?;
        if tx.signing_keys().await?.is_empty() {
            add_signing_key(tx, 0).await?;
        }
        if tx.fact("epoch").await?.is_none() {
            // New data has seen every erasure so far.
            let epoch = tx.keyring().epoch()?;
            tx.set_fact("epoch", &epoch.to_string()).await?;
        }
        Ok(())
    }
}

/// Generates a signing key with this id and makes it current.
pub(crate) async fn add_signing_key(tx: &mut Tx, id: u8) -> Result<(), Error> {
    let seed = generate_seed()?;
    let key = licence::SigningKey::from_seed(id, &seed).map_err(|_| Error::Unknown("signing_key.id"))?;
    tx.add_signing_key(id, &key.public().to_bytes(), &seed, true).await
}

/// Reconciles restored data with the keyring: deletes the rows of forgotten slots and rebuilds the blind index.
/// Data is restored, or was interrupted, when its epoch is lower than the keyring's.
struct Reconcile {
    epoch: u64,
}

impl Operation for Reconcile {
    const NAME: &'static str = "reconcile";
    type Output = u64;

    async fn execute(&self, tx: &mut Tx) -> Result<u64, Error> {
        let purged = tx.purge_forgotten_slots().await?;
        crate::statistics::record_missing(tx).await?;
        // A person whose erasure waits for a replica stays out of the index.
        let in_progress: Vec<Slot> = tx.erasure_intents().await?.into_iter().flat_map(|i| i.slots).collect();
        let mut old = tx.clear_index().await?;
        tx.create_index().await?;
        let mut after = Slot(0);
        loop {
            let persons = tx.persons_after(after).await?;
            let Some(last) = persons.last() else { break };
            after = last.slot;
            for person in persons.iter().filter(|p| !in_progress.contains(&p.slot)) {
                let permit = tx
                    .permit::<Erasing>(person.slot, "person.email orders.provider_ids", &Actor::System, "")
                    .await?;
                let tag = address_tag(tx.keyring(), tx.open_email(person, &permit)?.text())?;
                if let Inserted::Existing(_) =
                    tx.index_insert(BlindIndex::Address, &tag, person.slot.0, &mut old).await?
                {
                    audit_change(tx, "reconciliation found two persons with one address", &Actor::System)
                        .await?;
                }
                for order in tx.orders_of(person.slot).await? {
                    let n = tx.open_provider_ids(&order, &permit)?;
                    let row = row_of(order.id);
                    for (kind, number) in
                        [(ITEM, &item(&n.order, &n.item)), (SUBSCRIPTION, &n.subscription), (ORDER, &n.order)]
                    {
                        if !number.is_empty() {
                            let tag = number_tag(tx.keyring(), kind, number)?;
                            // The first row of an order or subscription keeps its index entry.
                            tx.index_insert(BlindIndex::Order, &tag, row, &mut old).await?;
                        }
                    }
                }
            }
        }
        unlink_erased_persons(tx).await?;
        tx.forget_buckets(old).await?;
        tx.set_fact(RESTORED, "yes").await?;
        tx.record_epoch(self.epoch).await?;
        audit_change(tx, RECONCILED, &Actor::System).await?;
        Ok(purged)
    }
}

/// Unlinks conversations from persons who were erased after the backup.
async fn unlink_erased_persons(tx: &mut Tx) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let conversations = tx.conversations_changed_after(after).await?;
        let Some(last) = conversations.last() else { return Ok(()) };
        after = last.revision;
        for mut conversation in conversations {
            if let Some(person) = conversation.person
                && tx.keyring().is_forgotten(person)?
            {
                conversation.person = None;
                let permit = tx
                    .permit::<Erasing>(conversation.slot, "conversation.contact", &Actor::System, "")
                    .await?;
                let no_contact = tx.open_contact(&conversation, &permit)?.is_none();
                conversation.kind =
                    if no_contact { ConversationKind::Anonymous } else { ConversationKind::Address };
                tx.save_conversation(&mut conversation).await?;
            }
        }
    }
}
