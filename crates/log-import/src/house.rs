//! The house's own books: database and keyring.

use std::sync::Arc;

use analytics::{Date, Zone};
use domain::statistics::{
    GRACE_SECONDS, OpenDay, Opened, Position, Seal, SealTallies, Sealing, Seals, Until, end, file_tag, node,
    state,
};
use store::{Db, Error, Site};
use tokio::runtime::Handle;

use super::books::{DayAccess, DayStore, Fault, Step};

/// Seconds for which a past day stays open after lines of it were counted, if no import publishes it before: enough for the
/// next of several files, or for another try.
pub const KEPT_OPEN: i64 = 86_400;

/// How far the clock of the machine that wrote a log may be ahead of ours, in seconds.
const AHEAD: i64 = 60;

/// The books of one site. Asked by threads that may wait.
pub struct DbDayStore {
    db: Db,
    site: Site,
    zone: Zone,
    waiting: Handle,
}

impl DbDayStore {
    /// Of a site; within a runtime.
    ///
    /// # Errors
    /// When the site's time zone isn't one.
    pub fn of(db: Db, site: Site) -> Result<Self, Error> {
        let zone = Zone::named(&site.zone).ok_or(Error::Unknown("site.zone"))?;
        Ok(Self { db, site, zone, waiting: Handle::current() })
    }

    /// The site.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Its clock.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Its days before today that are open.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn past_days(&self) -> Result<Vec<Date>, Error> {
        let yesterday = self.zone.at(self.db.clock.now()).0.0 - 1;
        let days = self.db.read().await?.visit_days(self.site.id, 0, yesterday).await?;
        Ok(days.into_iter().filter(|day| !day.closed).map(|day| Date(day.date)).collect())
    }
}

impl DayStore for DbDayStore {
    fn open(&self, date: Date) -> Result<DayAccess, Fault> {
        let now = self.db.clock.now();
        if date > self.zone.at(now + AHEAD).0 {
            return Ok(DayAccess::ToCome);
        }
        let over = end(&self.site, date)? + GRACE_SECONDS <= now;
        let until = if over { Until::At(now + KEPT_OPEN) } else { Until::Over };
        let deed = OpenDay { site: &self.site, date, until };
        Ok(match self.waiting.block_on(self.db.write(&deed))? {
            Opened::Open(key) => DayAccess::Open(Arc::new(key)),
            Opened::Closed => DayAccess::Closed,
        })
    }

    fn today(&self) -> Date {
        self.zone.at(self.db.clock.now()).0
    }

    fn node(&self) -> Result<i64, Fault> {
        Ok(node()?)
    }

    fn place(&self, head: &[u8]) -> Result<u64, Fault> {
        let tag = file_tag(&self.db, head)?;
        let place =
            self.waiting.block_on(async { self.db.read().await?.log_position(self.site.id, &tag).await })?;
        Ok(u64::try_from(place).unwrap_or(0))
    }

    fn seal(&self, node: i64, days: &[(Date, Vec<u8>)], step: Step<'_>) -> Result<Vec<Date>, Fault> {
        let (tag, site) = (file_tag(&self.db, step.head)?, self.site.id);
        let column = |place: u64| i64::try_from(place).unwrap_or(i64::MAX);
        let position = Position { site, file: &tag, from: column(step.from), to: column(step.to) };
        // Its place commits with its counts, so whatever an import has sealed is all that it has counted.
        let now = self.db.clock.now();
        let states: Vec<_> = days.iter().map(|(date, tally)| (*date, state(now, tally.clone()))).collect();
        let sealings: Vec<_> =
            states.iter().map(|(date, state)| Sealing { site, date: *date, state, last: true }).collect();
        let deed = SealTallies { node, days: &sealings, position: Some(position) };
        match self.waiting.block_on(self.db.write(&deed))? {
            Seals::Elsewhere => Err(Fault::Twice),
            Seals::Days(answers) => {
                let closed = days.iter().zip(answers).filter(|(_, seal)| *seal == Seal::Closed);
                Ok(closed.map(|((date, _), _)| *date).collect())
            }
        }
    }
}
