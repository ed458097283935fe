//! Opens the days of all sites, stores their tallies every few seconds, and drops days that are over.

use calendar::Timestamp;
use std::sync::Arc;
use std::time::Duration;

use domain::statistics::{
    DayOpening, KeepOpen, LATE_SECONDS, NodeTally, OpenDay, SEAL_SECONDS, SealOutcome, SealTallies,
    SealTalliesOutcome, new_node_id,
};
use store::{Db, Error};
use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, interval};

use super::counted_day::CountedDay;
use super::{Counter, Site};

/// Seconds after which the list of sites is read again.
const RELOAD_SECONDS: i64 = 5;
/// Seconds before midnight at which the next day is opened, so that an unavailable database at midnight loses no visit.
const AHEAD_SECONDS: i64 = 600;
/// Seconds between two log messages about the same problem.
const WARN_SECONDS: i64 = 60;

/// Stores the tallies of a counter. Each counter has exactly one flusher.
pub struct TallyFlusher {
    counter: Arc<Counter>,
    /// When the sites were last read and the tallies last stored.
    loaded: Option<Timestamp>,
    sealed: Option<Timestamp>,
}

/// Returns whether this many seconds have passed. True as well if the clock was set back.
fn due(last: Option<Timestamp>, now: Timestamp, seconds: i64) -> bool {
    last.is_none_or(|last| !(last..last + seconds).contains(&now))
}

impl TallyFlusher {
    /// A flusher for a counter.
    #[must_use]
    pub fn new(counter: Arc<Counter>) -> Self {
        Self { counter, loaded: None, sealed: None }
    }

    /// Flushes every second until `stop`, then stores everything for the last time.
    pub async fn run(mut self, db: Db, mut stop: oneshot::Receiver<()>) {
        let mut ticks = interval(Duration::from_secs(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut warned = None;
        loop {
            tokio::select! {
                // A dropped sender means stop as well.
                _ = &mut stop => break,
                _ = ticks.tick() => {}
            }
            if let Err(error) = self.flush_due(&db).await
                && due(warned, db.clock.now(), WARN_SECONDS)
            {
                tracing::warn!(cause = %error, "tallies wait to be stored");
                warned = Some(db.clock.now());
            }
        }
        if let Err(error) = self.stop(&db).await {
            tracing::error!(cause = %error, "the tallies of the last seconds could not be stored");
        }
    }

    /// Does what is due: reads sites, opens days, stores tallies, drops days that are over.
    ///
    /// # Errors
    /// When database or keyring is unavailable. The rest is done at the next call.
    pub async fn flush_due(&mut self, db: &Db) -> Result<(), Error> {
        let now = db.clock.now();
        self.counter.rate.drop_expired(now);
        let mut failed = Ok(());
        if due(self.loaded, now, RELOAD_SECONDS) {
            failed = failed.and(self.load_sites(db, now).await);
            self.loaded = Some(now);
        }
        let sealing = due(self.sealed, now, SEAL_SECONDS);
        for site in self.counter.all() {
            failed = failed.and(open(db, &site, now).await);
            site.count_late(now);
            site.end(now, LATE_SECONDS);
            if sealing {
                failed = failed.and(self.seal(db, &site, now).await);
            }
        }
        if sealing {
            self.sealed = Some(now);
        }
        failed
    }

    /// Adds a new site only once its day is open, because earlier visits would be lost.
    async fn load_sites(&self, db: &Db, now: Timestamp) -> Result<(), Error> {
        let rows = db.read().await?.sites().await?;
        for site in self.counter.changed_sites(rows) {
            open(db, &site, now).await?;
            self.counter.insert(site);
        }
        Ok(())
    }

    /// Ends all days and stores their tallies for the last time.
    pub async fn stop(&mut self, db: &Db) -> Result<(), Error> {
        let mut failed = Ok(());
        for site in self.counter.all() {
            site.count_late(db.clock.now());
            site.end(Timestamp::MAX, 0);
            failed = failed.and(self.seal(db, &site, Timestamp::MAX).await);
        }
        failed
    }

    /// Stores each day separately. So a day that fails doesn't stop the others, and only one copy is in memory.
    async fn seal(&self, db: &Db, site: &Site, now: Timestamp) -> Result<(), Error> {
        let mut failed = Ok(());
        for day in site.started_days(now) {
            failed = failed.and(seal(db, site, day).await);
        }
        if site.drop_finished_days() {
            // Cached user agents must not outlive the day.
            self.counter.agents.clear();
        }
        failed
    }
}

/// Opens today, and the next day shortly before it begins.
async fn open(db: &Db, site: &Site, now: Timestamp) -> Result<(), Error> {
    for at in [now, now + AHEAD_SECONDS] {
        let Some(day_to_open) = site.day_to_open(at) else { continue };
        let open_day = OpenDay { site: &site.row, date: day_to_open.date, until: KeepOpen::Over };
        match db.execute(&open_day).await? {
            DayOpening::Open(key) => site.open(&day_to_open, new_node_id()?, key),
            DayOpening::Closed => site.mark_closed(day_to_open.date),
        }
    }
    Ok(())
}

async fn seal(db: &Db, site: &Site, day: Arc<CountedDay>) -> Result<(), Error> {
    // Copying a large tally takes milliseconds, so it must not block the async runtime.
    let (counted, at) = (Arc::clone(&day), db.clock.now());
    let copied = tokio::task::spawn_blocking(move || counted.snapshot(at)).await;
    let Some(snapshot) = copied.map_err(|_| Error::Unavailable("copying the tally failed".into()))? else {
        return Ok(());
    };
    let days = [NodeTally { site: site.row.id, date: day.date, state: &snapshot.state, last: snapshot.last }];
    let answers = db.execute(&SealTallies { node: day.node, days: &days, position: None }).await?;
    if answers == SealTalliesOutcome::Days(vec![SealOutcome::Closed]) {
        let lost = day.mark_closed_elsewhere();
        site.late(lost);
        tracing::warn!(
            site = site.row.name,
            lost,
            "another process closed the day before all of it was stored"
        );
    } else {
        day.mark_sealed(&snapshot);
    }
    Ok(())
}
