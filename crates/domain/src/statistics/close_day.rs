//! Closes a day: publishes its aggregates after disclosure control, and forgets its key slot.
//!
//! One transaction writes figures and rollups, deletes the tallies, marks the day as closed and records the intent to
//! forget its slot. The mark is checked under the lock of the site, so concurrent closings publish a day once. The
//! intent completes like any other, at once or at the next start.

use std::collections::HashMap;

use analytics::{DayTallies, DisclosureThresholds, Tally, UncountedRequests};
use calendar::Day;
use store::{Db, ErasureIntent, ErasureReason, Error, Operation, SealedTally, Site, Tx, VisitDay};

use super::limits::{GRACE_SECONDS, QUIET_SECONDS, SEAL_SECONDS};
use super::open_day::day_end;
use super::rollup::publish_day;
use super::seal_tallies::sealed_at;
use crate::erasure::completion::roll_forward;

/// Missing seconds of a day whose counts are lost.
const WHOLE_DAY: i64 = 86_400;

/// Why a day is closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CloseTrigger {
    /// No node keeps the day open any longer.
    Due,
    /// The day is over and all its visits are counted, even if a node asked to keep it open longer.
    AllCounted,
}

/// Outcome of [`CloseDay`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CloseOutcome {
    /// The day is published and its slot will be forgotten.
    Closed {
        /// Number of nodes that crashed while they counted, whose last seconds may be missing.
        crashed: u32,
    },
    /// The day is closed without figures, because its tallies do not open. They are damaged, or come from a backup and
    /// their key was forgotten since.
    Lost,
    /// A node still counts the day.
    StillCounting,
    /// The day cannot be closed yet.
    NotYet,
    /// The day was closed before, or never opened.
    AlreadyClosed,
}

/// Closes one day. The caller completes the forgetting of its slot with [`roll_forward`].
pub struct CloseDay<'a> {
    pub site: &'a Site,
    /// The date in the time zone of the site.
    pub date: Day,
    /// Minimum number of people per published number.
    pub thresholds: DisclosureThresholds,
    /// Why it is closed.
    pub trigger: CloseTrigger,
}

impl Operation for CloseDay<'_> {
    const NAME: &'static str = "close a day";
    type Output = CloseOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<CloseOutcome, Error> {
        // Rollups are read, added to and written, so only one day of a site is closed at a time.
        tx.lock_site(self.site.id).await?;
        let Some(day) = tx.visit_day_locked(self.site.id, self.date).await? else {
            return Ok(CloseOutcome::AlreadyClosed);
        };
        if day.closed {
            return Ok(CloseOutcome::AlreadyClosed);
        }
        let earliest = day_end(self.site, self.date)? + GRACE_SECONDS;
        let until = if self.trigger == CloseTrigger::Due { day.open_until } else { earliest };
        if tx.now < until {
            return Ok(CloseOutcome::NotYet);
        }
        if tx.keyring().is_forgotten(day.slot)? {
            // The data comes from a backup and the key was forgotten since. The day records that all of it is missing.
            tx.close_visit_day(self.site.id, self.date, UncountedRequests::default(), WHOLE_DAY).await?;
            return Ok(CloseOutcome::Lost);
        }
        let nodes = match Nodes::read(tx, &day).await {
            Ok(nodes) if nodes.counting => return Ok(CloseOutcome::StillCounting),
            Ok(nodes) => nodes,
            // Keeping the key because of a damaged row would be worse than losing the counts.
            Err(Error::Damaged { .. }) => {
                self.finish(tx, UncountedRequests::default(), WHOLE_DAY).await?;
                return Ok(CloseOutcome::Lost);
            }
            Err(error) => return Err(error),
        };
        let missing = if nodes.unreadable { WHOLE_DAY } else { i64::from(nodes.crashed) * SEAL_SECONDS };
        let uncounted = publish_day(tx, self.site.id, self.date, &nodes.day.total(), self.thresholds).await?;
        self.finish(tx, uncounted, missing.min(WHOLE_DAY)).await?;
        Ok(CloseOutcome::Closed { crashed: nodes.crashed })
    }
}

impl CloseDay<'_> {
    /// Marks the day as closed, and records the intent to forget its slot.
    async fn finish(&self, tx: &mut Tx, uncounted: UncountedRequests, missing: i64) -> Result<(), Error> {
        // The row has been locked since it was read, so it is still open.
        let slot =
            tx.close_visit_day(self.site.id, self.date, uncounted, missing).await?.ok_or(Error::Conflict)?;
        let (slots, day) = (vec![slot], tx.today());
        tx.add_erasure_intent(&ErasureIntent {
            id: 0,
            slots,
            tombstones: Vec::new(),
            day,
            reason: ErasureReason::Day,
        })
        .await?;
        Ok(())
    }
}

/// Tallies of all nodes of a day.
struct Nodes {
    day: DayTallies,
    /// A node sealed recently and has not finished.
    counting: bool,
    crashed: u32,
    /// A tally was written by another version.
    unreadable: bool,
}

impl Nodes {
    async fn read(tx: &mut Tx, day: &VisitDay) -> Result<Self, Error> {
        let mut nodes = Self { day: DayTallies::new(), counting: false, crashed: 0, unreadable: false };
        for SealedTally { node, finished, state } in tx.tallies(day.site, day.date).await? {
            let read = sealed_at(&state).zip(state.get(8..).and_then(|tally| Tally::from_bytes(tally).ok()));
            let Some((at, tally)) = read else {
                nodes.unreadable = true;
                continue;
            };
            if !finished && tx.now - at < QUIET_SECONDS {
                nodes.counting = true;
            } else if !finished {
                nodes.crashed += 1;
            }
            nodes.day.insert(node.cast_unsigned(), tally);
        }
        Ok(nodes)
    }
}

/// Totals of closing several days.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ClosedDays {
    /// Number of days that were published.
    pub days: u64,
    /// Number of days that were closed without figures.
    pub lost: u64,
    /// Number of days that a node still counts, or that cannot be closed yet.
    pub waiting: u64,
    /// Number of detected crashes of nodes.
    pub crashed: u64,
}

impl ClosedDays {
    fn add(&mut self, outcome: CloseOutcome) {
        match outcome {
            CloseOutcome::Closed { crashed } => {
                self.days += 1;
                self.crashed += u64::from(crashed);
            }
            CloseOutcome::Lost => self.lost += 1,
            CloseOutcome::StillCounting | CloseOutcome::NotYet => self.waiting += 1,
            CloseOutcome::AlreadyClosed => {}
        }
    }
}

/// Closes all due days, and completes all pending forgettings. A day that cannot be closed does not keep others open.
///
/// # Errors
/// When the database or the keyring is unavailable, or rows of a day are damaged; other days are closed even then. If
/// only a replica of the keyring is unavailable, the days are closed and their slots wait to be forgotten.
pub async fn close_due(db: &Db, thresholds: DisclosureThresholds) -> Result<ClosedDays, Error> {
    let mut tx = db.read().await?;
    let due = tx.visit_days_due(db.clock.now()).await?;
    let sites: HashMap<i64, Site> = tx.sites().await?.into_iter().map(|site| (site.id, site)).collect();
    drop(tx);
    let (mut closed, mut failed) = (ClosedDays::default(), None);
    for (site, date) in due {
        let Some(site) = sites.get(&site) else {
            failed = Some(Error::Unknown("visit_day.site"));
            continue;
        };
        match db.execute(&CloseDay { site, date, thresholds, trigger: CloseTrigger::Due }).await {
            Ok(outcome) => closed.add(outcome),
            Err(error) if error.is_unavailable() => return Err(error),
            Err(error) => failed = Some(error),
        }
    }
    roll_forward(db).await?;
    match failed {
        Some(error) => Err(error),
        None => Ok(closed),
    }
}

/// Closes past days of a site whose visits are all counted, and completes all pending forgettings. Days that another
/// node still counts stay open until they are due. `done` gets the number of processed days after each day.
pub async fn close_days(
    db: &Db,
    site: &Site,
    dates: &[Day],
    thresholds: DisclosureThresholds,
    mut done: impl FnMut(usize),
) -> Result<ClosedDays, Error> {
    let mut closed = ClosedDays::default();
    for (n, date) in dates.iter().enumerate() {
        closed.add(
            db.execute(&CloseDay { site, date: *date, thresholds, trigger: CloseTrigger::AllCounted })
                .await?,
        );
        done(n + 1);
    }
    roll_forward(db).await?;
    Ok(closed)
}
