//! The close of a day: what may be known of it is published, and its slot is forgotten.
//!
//! Figures, roll-ups, the end of the tallies, the mark that the day is closed and the intent to forget its slot are one
//! transaction. The mark is looked at under the site's lock, so a day is published once however many try. Then the
//! intent rolls forward as any other, at once or at the next start.

use std::collections::HashMap;

use analytics::{Date, DayTallies, DisclosureThresholds, Tally, UncountedRequests};
use store::{Db, ErasureIntent, ErasureReason, Error, Operation, Site, Tx, VisitDay};

use super::limits::{GRACE_SECONDS, QUIET_SECONDS, SEAL_SECONDS};
use super::open_day::day_end;
use super::rollup::publish_day;
use crate::erasure::completion::roll_forward;

/// Seconds of a day of which nothing is known.
const WHOLE_DAY: i64 = 86_400;

/// What makes it time to close a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CloseTrigger {
    /// Nobody keeps it open any longer.
    Due,
    /// The day itself is over and all of it has been counted, whoever may have wanted to keep it open.
    AllCounted,
}

/// What became of closing a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CloseOutcome {
    /// It is published, and its slot will be forgotten. So many nodes crashed while they counted it.
    Closed {
        /// Nodes whose last seconds may be missing.
        crashed: u32,
    },
    /// It is closed with nothing published: what was counted doesn't open, because it was damaged or comes from a backup
    /// and was forgotten since.
    Lost,
    /// A node still counts.
    Waits,
    /// It is not time yet.
    NotYet,
    /// It was closed before, or never opened.
    Already,
}

/// Closes one day, but for the forgetting: [`roll_forward`] comes after it.
pub struct CloseDay<'a> {
    /// The site.
    pub site: &'a Site,
    /// The day of the site.
    pub date: Date,
    /// How many people a number needs.
    pub thresholds: DisclosureThresholds,
    /// What makes it time.
    pub trigger: CloseTrigger,
}

impl Operation for CloseDay<'_> {
    const NAME: &'static str = "close a day";
    type Output = CloseOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<CloseOutcome, Error> {
        // Weeks, months and years are read, added to and written: one day of a site at a time.
        tx.lock_site(self.site.id).await?;
        let Some(day) = tx.visit_day_locked(self.site.id, self.date.0).await? else {
            return Ok(CloseOutcome::Already);
        };
        if day.closed {
            return Ok(CloseOutcome::Already);
        }
        let over = day_end(self.site, self.date)? + GRACE_SECONDS;
        let until = if self.trigger == CloseTrigger::Due { day.open_until } else { over };
        if tx.now < until {
            return Ok(CloseOutcome::NotYet);
        }
        if tx.keyring().is_forgotten(day.slot)? {
            // Data from a backup. Nothing can be opened any more, and the day says that all of it is missing.
            tx.close_visit_day(self.site.id, self.date.0, UncountedRequests::default(), WHOLE_DAY).await?;
            return Ok(CloseOutcome::Lost);
        }
        let nodes = match Nodes::read(tx, &day).await {
            Ok(nodes) if nodes.counting => return Ok(CloseOutcome::Waits),
            Ok(nodes) => nodes,
            // A key that can't go because of a damaged row would be worse than the loss of what was counted.
            Err(Error::Damaged { .. }) => {
                self.finish(tx, UncountedRequests::default(), WHOLE_DAY).await?;
                return Ok(CloseOutcome::Lost);
            }
            Err(error) => return Err(error),
        };
        let missing = if nodes.unreadable { WHOLE_DAY } else { i64::from(nodes.crashed) * SEAL_SECONDS };
        let apart = publish_day(tx, self.site.id, self.date, &nodes.day.total(), self.thresholds).await?;
        self.finish(tx, apart, missing.min(WHOLE_DAY)).await?;
        Ok(CloseOutcome::Closed { crashed: nodes.crashed })
    }
}

impl CloseDay<'_> {
    /// Marks the day as closed, and intends to forget its slot.
    async fn finish(&self, tx: &mut Tx, apart: UncountedRequests, missing: i64) -> Result<(), Error> {
        // The row is held since it was looked at, so it is still open.
        let slot =
            tx.close_visit_day(self.site.id, self.date.0, apart, missing).await?.ok_or(Error::Conflict)?;
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

/// What the nodes of a day have sealed.
struct Nodes {
    day: DayTallies,
    /// One of them was alive a moment ago and hasn't finished.
    counting: bool,
    crashed: u32,
    /// One of them was written by another version.
    unreadable: bool,
}

impl Nodes {
    async fn read(tx: &mut Tx, day: &VisitDay) -> Result<Self, Error> {
        let mut nodes = Self { day: DayTallies::new(), counting: false, crashed: 0, unreadable: false };
        for (node, last, state) in tx.tallies(day.site, day.date).await? {
            let read = state
                .split_first_chunk::<8>()
                .and_then(|(at, tally)| Some((i64::from_le_bytes(*at), Tally::from_bytes(tally).ok()?)));
            let Some((at, tally)) = read else {
                // Of another version.
                nodes.unreadable = true;
                continue;
            };
            if !last && tx.now - at < QUIET_SECONDS {
                nodes.counting = true;
            } else if !last {
                nodes.crashed += 1;
            }
            nodes.day.insert(node.cast_unsigned(), tally);
        }
        Ok(nodes)
    }
}

/// What closing several days came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ClosedDays {
    /// Days that were published and forgotten.
    pub days: u64,
    /// Days that were closed with nothing published.
    pub lost: u64,
    /// Days on which a node still counts, or whose time hasn't come.
    pub waiting: u64,
    /// Crashes that were noticed.
    pub crashed: u64,
}

impl ClosedDays {
    fn add(&mut self, closing: CloseOutcome) {
        match closing {
            CloseOutcome::Closed { crashed } => {
                self.days += 1;
                self.crashed += u64::from(crashed);
            }
            CloseOutcome::Lost => self.lost += 1,
            CloseOutcome::Waits | CloseOutcome::NotYet => self.waiting += 1,
            CloseOutcome::Already => {}
        }
    }
}

/// Closes all days that are due, and rolls all forgettings forward. A day that can't be closed doesn't keep the others
/// open.
///
/// # Errors
/// When database or keyring is away, or a day's rows are damaged: the others are closed even then. If only a place of the
/// keyring is away, the days are closed and their slots wait.
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
        match db.execute(&CloseDay { site, date: Date(date), thresholds, trigger: CloseTrigger::Due }).await {
            Ok(closing) => closed.add(closing),
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

/// Closes past days of a site of which all has been counted, and rolls all forgettings forward. Days on which another node
/// still counts stay open until they are due. `done` hears after each day how many were looked at.
///
/// # Errors
/// When the database or the keyring is unavailable.
pub async fn close_days(
    db: &Db,
    site: &Site,
    dates: &[Date],
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
