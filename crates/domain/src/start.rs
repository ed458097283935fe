//! Starting: a fresh store gets its index and its first signing key; intents found roll forward; data from a backup
//! is reconciled with the keyring, before anybody is let in.

use keyring::Slot;
use policy::purpose::Erasing;
use store::{Actor, BlindIndex, Db, Error, Operation, Put, RECONCILED, RESTORED, ThreadKind, Tx};

use crate::compliance::prove::close_beyond;
use crate::erasure::completion::{Rolled, roll_forward};
use crate::licensing::issue::fresh_seed;
use crate::licensing::products::note;
use crate::licensing::purchase::address_tag;
use crate::licensing::purchase::find::{ITEM, ORDER, SUBSCRIPTION, item, number_tag};

/// What a start found to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Started {
    /// Forgettings that had been stopped half-way.
    pub rolled: Rolled,
    /// Persons of a backup who had been erased since, and are gone again.
    pub gone_again: Option<u64>,
    /// The keyring can't be written now: forgettings wait.
    pub waiting: bool,
}

/// Makes a store ready to serve.
///
/// # Errors
/// When database or keyring is away.
pub async fn start(db: &Db) -> Result<Started, Error> {
    db.write(&Furnish).await?;
    let mut started = Started::default();
    let behind = behind(db).await?;
    // A backup's own half-done forgettings come first: they carry tombstones.
    match roll_forward(db).await {
        Ok(rolled) => started.rolled = rolled,
        Err(Error::Keyring(keyring::KeyringError::Unreachable { .. })) => started.waiting = true,
        Err(error) => return Err(error),
    }
    if behind {
        let epoch = db.vault().epoch()?;
        started.gone_again = Some(db.write(&Reconcile { epoch }).await?);
        if !started.waiting {
            roll_forward(db).await?;
        }
        let kept = db.vault().anchor()?.map_or(0, |(seq, _)| seq);
        close_beyond(db, i64::try_from(kept).unwrap_or(0)).await?;
        db.write(&Reconciled).await?;
    }
    Ok(started)
}

/// Whether the data has missed a forgetting. One that was stopped between the keyring's commit and the data's is told
/// by its intent, whose slots are forgotten already; everything else is data from a backup.
async fn behind(db: &Db) -> Result<bool, Error> {
    let mut tx = db.read().await?;
    let epoch = db.vault().epoch()?;
    let seen: u64 = tx.fact("epoch").await?.and_then(|t| t.parse().ok()).unwrap_or(0);
    if tx.fact(RESTORED).await?.as_deref() == Some("yes") || seen + 1 < epoch {
        return Ok(true);
    }
    let mut stopped = false;
    for slot in tx.intents().await?.iter().flat_map(|i| &i.slots) {
        stopped = true;
        if !db.vault().is_forgotten(*slot)? {
            return Ok(seen < epoch);
        }
    }
    Ok(seen < epoch && !stopped)
}

/// The last step of a reconciliation: until it is written, the next start reconciles once more.
struct Reconciled;

impl Operation for Reconciled {
    const NAME: &'static str = "reconciled";
    type Done = ();

    async fn act(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.set_fact(RESTORED, "no").await
    }
}

/// Index and first signing key.
struct Furnish;

impl Operation for Furnish {
    const NAME: &'static str = "furnish";
    type Done = ();

    async fn act(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.make_index().await?;
        if tx.signing_keys().await?.is_empty() {
            add_signing_key(tx, 0).await?;
        }
        if tx.fact("epoch").await?.is_none() {
            // Fresh data: it has seen whatever the keyring has come to by now.
            let epoch = tx.vault().epoch()?;
            tx.set_fact("epoch", &epoch.to_string()).await?;
        }
        Ok(())
    }
}

/// Makes a fresh signing key under an id; it signs from now on.
pub(crate) async fn add_signing_key(tx: &mut Tx, id: u8) -> Result<(), Error> {
    let seed = fresh_seed()?;
    let key = licence::SigningKey::from_seed(id, &seed).map_err(|_| Error::Unknown("signing_key.id"))?;
    tx.add_signing_key(id, &key.public().to_bytes(), &seed, true).await
}

/// Data that has seen a lower epoch than the keyring's is a restored backup, or a process stopped between the
/// keyring's commit and the data's: rows whose slot is forgotten go, and the index is made anew.
struct Reconcile {
    epoch: u64,
}

impl Operation for Reconcile {
    const NAME: &'static str = "reconcile";
    type Done = u64;

    async fn act(&self, tx: &mut Tx) -> Result<u64, Error> {
        let gone = tx.delete_forgotten_rows().await?;
        crate::statistics::note_missing(tx).await?;
        // Whose forgetting waits for a place of the keyring stays unfound.
        let going: Vec<Slot> = tx.intents().await?.into_iter().flat_map(|i| i.slots).collect();
        let mut old = tx.clear_index().await?;
        tx.make_index().await?;
        let mut after = Slot(0);
        loop {
            let persons = tx.persons_after(after).await?;
            let Some(last) = persons.last() else { break };
            after = last.slot;
            for person in persons.iter().filter(|p| !going.contains(&p.slot)) {
                let leave = tx
                    .leave::<Erasing>(person.slot, "person.email orders.numbers", &Actor::System, "")
                    .await?;
                let tag = address_tag(tx.vault(), tx.open_email(person, &leave)?.text())?;
                if let Put::Taken(_) =
                    tx.index_put(BlindIndex::Address, &tag, person.slot.0, &mut old).await?
                {
                    note(tx, "two persons of one address found while reconciling", &Actor::System).await?;
                }
                for order in tx.orders_of(person.slot).await? {
                    let n = tx.open_numbers(&order, &leave)?;
                    let row = u64::try_from(order.id).unwrap_or(0);
                    for (kind, number) in
                        [(ITEM, &item(&n.order, &n.item)), (SUBSCRIPTION, &n.subscription), (ORDER, &n.order)]
                    {
                        if !number.is_empty() {
                            let tag = number_tag(tx.vault(), kind, number)?;
                            // The first row of an order or subscription keeps its place.
                            tx.index_put(BlindIndex::Order, &tag, row, &mut old).await?;
                        }
                    }
                }
            }
        }
        untie_from_erased(tx).await?;
        tx.forget_buckets(old).await?;
        tx.set_fact(RESTORED, "yes").await?;
        tx.see_epoch(self.epoch).await?;
        note(tx, RECONCILED, &Actor::System).await?;
        Ok(gone)
    }
}

/// A thread that was untied after the backup, and whose person was erased since, is untied again.
async fn untie_from_erased(tx: &mut Tx) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let threads = tx.turns_after(after).await?;
        let Some(last) = threads.last() else { return Ok(()) };
        after = last.turn;
        for mut thread in threads {
            if thread.person != Slot(0) && tx.vault().is_forgotten(thread.person)? {
                thread.person = Slot(0);
                let leave = tx.leave::<Erasing>(thread.slot, "thread.contact", &Actor::System, "").await?;
                let nothing = tx.open_contact(&thread, &leave)?.is_none();
                thread.kind = if nothing { ThreadKind::Anonymous } else { ThreadKind::Address };
                tx.save_thread(&mut thread).await?;
            }
        }
    }
}
