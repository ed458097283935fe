//! The sweep: what its retention no longer covers is forgotten. A job that shows what it did.

use keyring::Slot;
use store::{Db, Error, Operation, Tx, Why};

use crate::conversations::{close_and_erase, forget, forget_quietly};
use crate::erasure::completion::roll_forward;
use crate::erasure::intent::intend;
use crate::licensing::licence_state::lives;
use crate::licensing::purchase::Desk;
use crate::settings::VendorSettings;

/// What a sweep did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RetentionReport {
    /// Persons whose last licence was found to have ended.
    pub ended: u64,
    /// Persons forgotten because their retention was over.
    pub forgotten: u64,
    /// Persons erased because their cooling-off period was over.
    pub erased: u64,
    /// Links, sessions, offers, letters, receipts and positions in logs that had ended.
    pub rows: u64,
    /// Years whose tombstone key was forgotten.
    pub years: u64,
    /// Threads closed because nobody had written for 30 days.
    pub closed: u64,
    /// Threads forgotten because their retention was over.
    pub threads: u64,
    /// Waiting notices that were served: their product was being added while they came.
    pub served: u64,
}

/// Sweeps everything that is due.
///
/// # Errors
/// When the database is away, or a place of the keyring; what is decided by then is rolled forward later.
pub async fn sweep(db: &Db, house: &VendorSettings) -> Result<RetentionReport, Error> {
    let mut swept = RetentionReport { rows: db.write(&SweepRows).await?, ..RetentionReport::default() };
    swept.served = db.write(&ServeWaiting { house }).await?;
    sweep_threads(db, house, &mut swept).await?;
    swept.ended = mark_ended(db).await?;
    loop {
        let (forgotten, erased) = db.write(&SweepPersons { house }).await?;
        swept.forgotten += forgotten;
        swept.erased += erased;
        if forgotten + erased == 0 {
            break;
        }
        roll_forward(db).await?;
    }
    swept.years = db.write(&SweepYears { house }).await?;
    if swept.years > 0 {
        roll_forward(db).await?;
    }
    Ok(swept)
}

/// Short-lived rows.
struct SweepRows;

impl Operation for SweepRows {
    const NAME: &'static str = "sweep rows";
    type Done = u64;

    async fn act(&self, tx: &mut Tx) -> Result<u64, Error> {
        let receipts = tx.today() - 30;
        Ok(tx.sweep_links().await?
            + tx.sweep_sessions().await?
            + tx.sweep_renewals().await?
            + crate::email::sweep(tx).await?
            + tx.sweep_ways().await?
            + tx.sweep_taken().await?
            + tx.sweep_log_positions().await?
            + tx.sweep_receipts(receipts).await?)
    }
}

/// Threads first: a person is kept while one of theirs is.
async fn sweep_threads(db: &Db, house: &VendorSettings, swept: &mut RetentionReport) -> Result<(), Error> {
    loop {
        let closed = db.write(&CloseThreads).await?;
        swept.closed += closed;
        if closed == 0 {
            break;
        }
    }
    loop {
        let (threads, loose) = db.write(&SweepThreads { house }).await?;
        swept.threads += threads;
        swept.rows += loose;
        if threads + loose == 0 {
            return Ok(());
        }
        roll_forward(db).await?;
    }
}

/// Days without a message after which a thread that waits for its writer, or is held, is closed.
const CLOSES: i64 = 30;

/// Threads that nobody has written in for 30 days.
struct CloseThreads;

impl Operation for CloseThreads {
    const NAME: &'static str = "close threads";
    type Done = u64;

    async fn act(&self, tx: &mut Tx) -> Result<u64, Error> {
        let last = tx.today() - CLOSES;
        let mut closed = 0;
        for mut thread in tx.threads_to_close(last).await? {
            close_and_erase::close(tx, &mut thread);
            tx.save_thread(&mut thread).await?;
            closed += 1;
        }
        Ok(closed)
    }
}

/// Closed threads whose retention is over, and files that were never sent.
struct SweepThreads<'a> {
    house: &'a VendorSettings,
}

impl Operation for SweepThreads<'_> {
    const NAME: &'static str = "sweep threads";
    type Done = (u64, u64);

    async fn act(&self, tx: &mut Tx) -> Result<(u64, u64), Error> {
        let today = tx.today();
        let last = crate::day::months_later(today, -self.house.thread_months);
        let due = tx.threads_due(last, today - self.house.anonymous_days).await?;
        forget(tx, &due, Why::Sweep).await?;
        // Those of today may still be sent.
        let loose = tx.loose_slots(today).await?;
        let slots = u64::try_from(loose.len()).unwrap_or(0);
        forget_quietly(tx, loose, Why::Thread).await?;
        let files = tx.sweep_loose(today).await?;
        Ok((u64::try_from(due.len()).unwrap_or(0), slots + files))
    }
}

/// Notices that still wait although their product is there.
struct ServeWaiting<'a> {
    house: &'a VendorSettings,
}

impl Operation for ServeWaiting<'_> {
    const NAME: &'static str = "serve waiting";
    type Done = u64;

    async fn act(&self, tx: &mut Tx) -> Result<u64, Error> {
        let mut served = 0;
        let mut desk = Desk::open(tx, self.house).await?;
        for (product, _) in desk.tx.count_pending().await? {
            if desk.tx.product_of_provider(&product).await?.is_some() {
                served += desk.serve(&product).await?;
            }
        }
        desk.close().await?;
        Ok(served)
    }
}

/// Persons whose retention or cooling-off period is over.
struct SweepPersons<'a> {
    house: &'a VendorSettings,
}

impl Operation for SweepPersons<'_> {
    const NAME: &'static str = "sweep persons";
    type Done = (u64, u64);

    async fn act(&self, tx: &mut Tx) -> Result<(u64, u64), Error> {
        let today = tx.today();
        let last = crate::day::months_later(today, -self.house.person_months);
        let (mut forgotten, mut erased) = (0, 0);
        let going: Vec<Slot> = tx.intents().await?.into_iter().flat_map(|i| i.slots).collect();
        for slot in tx.persons_due(today).await? {
            if !going.contains(&slot) {
                intend(tx, self.house, slot, Why::Erasure).await?;
                erased += 1;
            }
        }
        for slot in tx.persons_ended_by(last).await? {
            if !going.contains(&slot) && last_licence_ended(tx, slot).await?.is_some() {
                intend(tx, self.house, slot, Why::Sweep).await?;
                forgotten += 1;
            }
        }
        Ok((forgotten, erased))
    }
}

/// The day on which a person's last licence ended; none while one lives or an order waits.
async fn last_licence_ended(tx: &mut Tx, of: Slot) -> Result<Option<i64>, Error> {
    let today = tx.today();
    if !tx.pending_of(of).await?.is_empty() {
        return Ok(None);
    }
    let mut ended = 0;
    for licence in tx.licences_of(of).await? {
        if lives(&licence, today) {
            return Ok(None);
        }
        // A revoked licence ended no later than today; for one with an end the end counts.
        let day = if licence.until_day == 0 { today } else { licence.until_day.min(today) };
        ended = ended.max(day);
    }
    Ok(Some(if ended == 0 { today } else { ended }))
}

/// Notes for every person whether their last licence has ended: days pass without any notice. The look over all
/// persons is a reader's, so that nobody waits for it.
async fn mark_ended(db: &Db) -> Result<u64, Error> {
    let (mut after, mut ended) = (Slot(0), 0);
    loop {
        let persons = db.read().await?.persons_maybe_ended(after, db.clock.today()).await?;
        let Some(last) = persons.last() else { return Ok(ended) };
        after = *last;
        ended += db.write(&MarkEnded { persons }).await?;
    }
}

struct MarkEnded {
    persons: Vec<Slot>,
}

impl Operation for MarkEnded {
    const NAME: &'static str = "mark ended";
    type Done = u64;

    async fn act(&self, tx: &mut Tx) -> Result<u64, Error> {
        let mut marked = 0;
        for slot in &self.persons {
            let Some(person) = tx.person(*slot).await? else { continue };
            match (last_licence_ended(tx, *slot).await?, person.ended_day) {
                (Some(day), 0) => {
                    tx.set_ended(*slot, day).await?;
                    marked += 1;
                }
                (None, ended) if ended != 0 => tx.set_ended(*slot, 0).await?,
                _ => {}
            }
        }
        Ok(marked)
    }
}

/// Tombstone keys of years that lie beyond the horizon as a whole.
struct SweepYears<'a> {
    house: &'a VendorSettings,
}

impl Operation for SweepYears<'_> {
    const NAME: &'static str = "sweep years";
    type Done = u64;

    async fn act(&self, tx: &mut Tx) -> Result<u64, Error> {
        let first = *self.house.living_years(tx).start();
        let mut slots = Vec::new();
        for year in (first - 10)..first {
            if !tx.vault().is_forgotten(Slot::year(year))? {
                slots.push(Slot::year(year));
            }
        }
        tx.drop_marks(i64::from(first) - 1).await?;
        let years = u64::try_from(slots.len()).unwrap_or(0);
        tx.forget_buckets(slots).await?;
        Ok(years)
    }
}
