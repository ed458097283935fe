//! Implements [`DayStore`] with the database and the keyring.

use std::sync::Arc;

use calendar::{Day, TimeZone};
use domain::statistics::{
    DayOpening, GRACE_SECONDS, KeepOpen, LogPosition, NodeTally, OpenDay, SealOutcome, SealTallies,
    SealTalliesOutcome, day_end, log_tag, new_node_id, tally_state,
};
use store::{Db, Error, Site};
use tokio::runtime::Handle;

use super::day_store::{DayAccess, DayStore, ImportError, SealedRange};

/// Seconds for which a past day stays open after lines of it were counted, unless an import publishes it before: long
/// enough for the next of several files, or for a retry.
pub const KEEP_OPEN_SECONDS: i64 = 86_400;

/// Maximum clock skew of the machine that wrote a log, in seconds ahead of ours.
const MAX_CLOCK_SKEW_SECONDS: i64 = 60;

/// The day store of one site, for blocking threads.
pub struct DbDayStore {
    db: Db,
    site: Site,
    zone: TimeZone,
    runtime: Handle,
}

impl DbDayStore {
    /// Opens the store of a site. Call it within a runtime.
    ///
    /// # Errors
    /// When the site's time zone is unknown.
    pub fn new(db: Db, site: Site) -> Result<Self, Error> {
        let zone = TimeZone::named(&site.zone).ok_or(Error::Unknown("site.zone"))?;
        Ok(Self { db, site, zone, runtime: Handle::current() })
    }

    pub fn site(&self) -> &Site {
        &self.site
    }

    /// The site's time zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The open days of the site before today.
    pub async fn past_days(&self) -> Result<Vec<Day>, Error> {
        let yesterday = self.today() - 1;
        let days = self.db.read().await?.visit_days(self.site.id, Day::UNIX_EPOCH, yesterday).await?;
        Ok(days.into_iter().filter(|day| !day.closed).map(|day| day.date).collect())
    }
}

impl DayStore for DbDayStore {
    fn open(&self, date: Day) -> Result<DayAccess, ImportError> {
        let now = self.db.clock.now();
        if date > self.zone.day_and_hour(now + MAX_CLOCK_SKEW_SECONDS).0 {
            return Ok(DayAccess::Future);
        }
        let over = day_end(&self.site, date)? + GRACE_SECONDS <= now;
        let until = if over { KeepOpen::At(now + KEEP_OPEN_SECONDS) } else { KeepOpen::Over };
        let operation = OpenDay { site: &self.site, date, until };
        Ok(match self.runtime.block_on(self.db.execute(&operation))? {
            DayOpening::Open(key) => DayAccess::Open(Arc::new(key)),
            DayOpening::Closed => DayAccess::Closed,
        })
    }

    fn today(&self) -> Day {
        self.zone.day_and_hour(self.db.clock.now()).0
    }

    fn node(&self) -> Result<i64, ImportError> {
        Ok(new_node_id()?)
    }

    fn position(&self, head: &[u8]) -> Result<u64, ImportError> {
        let tag = log_tag(&self.db, head)?;
        let position =
            self.runtime.block_on(async { self.db.read().await?.log_position(self.site.id, &tag).await })?;
        Ok(u64::try_from(position).unwrap_or(0))
    }

    fn seal(
        &self,
        node: i64,
        days: &[(Day, Vec<u8>)],
        range: SealedRange<'_>,
    ) -> Result<Vec<Day>, ImportError> {
        let (tag, site) = (log_tag(&self.db, range.head)?, self.site.id);
        let column = |position: u64| i64::try_from(position).unwrap_or(i64::MAX);
        let position = LogPosition { site, file: &tag, from: column(range.from), to: column(range.to) };
        // The log position commits in the same transaction as the counts.
        let now = self.db.clock.now();
        let states: Vec<_> =
            days.iter().map(|(date, tally)| (*date, tally_state(now, tally.clone()))).collect();
        let sealings: Vec<_> =
            states.iter().map(|(date, state)| NodeTally { site, date: *date, state, last: true }).collect();
        let operation = SealTallies { node, days: &sealings, position: Some(position) };
        match self.runtime.block_on(self.db.execute(&operation))? {
            SealTalliesOutcome::CountedElsewhere => Err(ImportError::ConcurrentImport),
            SealTalliesOutcome::Days(answers) => {
                let closed = days.iter().zip(answers).filter(|(_, seal)| *seal == SealOutcome::Closed);
                Ok(closed.map(|((date, _), _)| *date).collect())
            }
        }
    }
}
