//! Keeps what is counted: opens the sites' days, seals what was counted on them, and lets them go when they are over.

use std::sync::Arc;
use std::time::Duration;

use domain::statistics::{
    LATE_SECONDS, OpenDay, Opened, SEAL_SECONDS, Seal, SealTallies, Sealing, Seals, Until, node,
};
use store::{Db, Error};
use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, interval};

use super::day::Day;
use super::{Counter, Site};

/// Seconds after which a site that another process added is counted.
const LEARN_SECONDS: i64 = 5;
/// Seconds for which tomorrow is opened before it begins: a database that is away at midnight costs no visit.
const AHEAD_SECONDS: i64 = 600;
/// Seconds between two lines of the log about the same trouble.
const TELL_SECONDS: i64 = 60;

/// The one that keeps a counter's days. There is one of it for each counter.
pub struct TallyFlusher {
    counter: Arc<Counter>,
    /// When the sites were read, and when days were sealed: seconds since 1970.
    learned: Option<i64>,
    sealed: Option<i64>,
}

/// Whether so many seconds have passed; also when the clock was turned back.
fn due(last: Option<i64>, now: i64, seconds: i64) -> bool {
    last.is_none_or(|last| !(last..last + seconds).contains(&now))
}

impl TallyFlusher {
    /// Of a counter.
    #[must_use]
    pub fn new(counter: Arc<Counter>) -> Self {
        Self { counter, learned: None, sealed: None }
    }

    /// Takes a turn every second until it is told to stop; then seals everything for the last time.
    pub async fn keep(mut self, db: Db, mut stop: oneshot::Receiver<()>) {
        let mut ticks = interval(Duration::from_secs(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = None;
        loop {
            tokio::select! {
                // Whoever is gone has told it as well.
                _ = &mut stop => break,
                _ = ticks.tick() => {}
            }
            if let Err(error) = self.turn(&db).await
                && due(told, db.clock.now(), TELL_SECONDS)
            {
                tracing::warn!(cause = %error, "what was counted waits to be sealed");
                told = Some(db.clock.now());
            }
        }
        if let Err(error) = self.stop(&db).await {
            tracing::error!(cause = %error, "what was counted in the last seconds could not be sealed");
        }
    }

    /// What is due now: sites are read, days opened, counts sealed, days that are over dropped.
    ///
    /// # Errors
    /// When database or keyring is away; what could be done is done, and the rest waits for the next turn.
    pub async fn turn(&mut self, db: &Db) -> Result<(), Error> {
        let now = db.clock.now();
        self.counter.rate.forget(now);
        let mut failed = Ok(());
        if due(self.learned, now, LEARN_SECONDS) {
            failed = failed.and(self.learn(db, now).await);
            self.learned = Some(now);
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

    /// A new site is there for the doors once its day is open: what came before would be lost.
    async fn learn(&self, db: &Db, now: i64) -> Result<(), Error> {
        let rows = db.read().await?.sites().await?;
        for site in self.counter.changed(rows) {
            open(db, &site, now).await?;
            self.counter.put(site);
        }
        Ok(())
    }

    /// Ends all days and seals them for the last time.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn stop(&mut self, db: &Db) -> Result<(), Error> {
        let mut failed = Ok(());
        for site in self.counter.all() {
            site.count_late(db.clock.now());
            site.end(i64::MAX, 0);
            failed = failed.and(self.seal(db, &site, i64::MAX).await);
        }
        failed
    }

    /// Each day by itself: one that can't be sealed doesn't keep the others from it, and only one copy is in memory.
    async fn seal(&self, db: &Db, site: &Site, now: i64) -> Result<(), Error> {
        let mut failed = Ok(());
        for day in site.begun(now) {
            failed = failed.and(seal(db, site, day).await);
        }
        if site.drop_gone() {
            // Whose browser says what is as old as the day.
            self.counter.agents.forget();
        }
        failed
    }
}

/// Opens today, and tomorrow when it is near.
async fn open(db: &Db, site: &Site, now: i64) -> Result<(), Error> {
    for at in [now, now + AHEAD_SECONDS] {
        let Some(wanted) = site.wanted(at) else { continue };
        let deed = OpenDay { site: &site.row, date: wanted.date, until: Until::Over };
        match db.write(&deed).await? {
            Opened::Open(key) => site.open(&wanted, node()?, key),
            Opened::Closed => site.is_closed(wanted.date),
        }
    }
    Ok(())
}

async fn seal(db: &Db, site: &Site, day: Arc<Day>) -> Result<(), Error> {
    // A large tally takes milliseconds, in which others want to be answered.
    let (counted, at) = (Arc::clone(&day), db.clock.now());
    let copied = tokio::task::spawn_blocking(move || counted.copy(at)).await;
    let Some(copy) = copied.map_err(|_| Error::Away("the count stopped".into()))? else { return Ok(()) };
    let days = [Sealing { site: site.row.id, date: day.date, state: &copy.state, last: copy.last }];
    let answers = db.write(&SealTallies { node: day.node, days: &days, position: None }).await?;
    if answers == Seals::Days(vec![Seal::Closed]) {
        let lost = day.closed();
        site.late(lost);
        tracing::warn!(site = site.row.name, lost, "a day was closed before all of it was sealed");
    } else {
        day.sealed(&copy);
    }
    Ok(())
}
