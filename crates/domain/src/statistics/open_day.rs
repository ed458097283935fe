//! Opens a day: creates its key, or returns the key that another node created.

use analytics::DayKey;
use calendar::{Day, TimeZone, Timestamp};
use store::{Error, Operation, Site, Tx, VisitDayState};

use super::limits::GRACE_SECONDS;

/// How long a day stays open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeepOpen {
    /// Until the day is over, plus [`GRACE_SECONDS`].
    Over,
    /// At least until this moment, rounded up to a full hour so that no finer time is stored.
    At(Timestamp),
}

/// Outcome of [`OpenDay`].
pub enum DayOpening {
    /// The day is open, with its key, which is the same for all nodes.
    Open(DayKey),
    /// The day is closed, so further visits of it are late.
    Closed,
}

/// Opens a day of a site, or joins a day that is open, and keeps it open. The latest requested end applies.
pub struct OpenDay<'a> {
    pub site: &'a Site,
    /// The date in the time zone of the site.
    pub date: Day,
    /// How long it stays open.
    pub until: KeepOpen,
}

impl Operation for OpenDay<'_> {
    const NAME: &'static str = "open a day";
    type Output = DayOpening;

    async fn execute(&self, tx: &mut Tx) -> Result<DayOpening, Error> {
        let earliest = day_end(self.site, self.date)? + GRACE_SECONDS;
        let until = match self.until {
            KeepOpen::Over => earliest,
            KeepOpen::At(at) => earliest.max(at + (3_600 - at.second_of_day() % 3_600) % 3_600),
        };
        Ok(match tx.open_visit_day(self.site.id, self.date, until).await? {
            VisitDayState::Open { key, .. } => DayOpening::Open(key),
            VisitDayState::Closed => DayOpening::Closed,
        })
    }
}

/// Returns the moment at which a site's day ends.
///
/// # Errors
/// When the time zone of the site is unknown.
pub fn day_end(site: &Site, date: Day) -> Result<Timestamp, Error> {
    let zone = TimeZone::named(&site.zone).ok_or(Error::Unknown("site.zone"))?;
    Ok(zone.start_of_day(date + 1))
}
