//! A day is opened: its key is made, or taken up by another node.

use analytics::{Date, DayKey, TimeZone};
use store::{Error, Operation, Site, Tx, VisitDayState};

use super::limits::GRACE_SECONDS;

/// How long a day stays open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeepOpen {
    /// Until the day is over.
    Over,
    /// At least until this second since 1970, rounded up to a whole hour so that it tells nothing finer.
    At(i64),
}

/// What became of an opening.
pub enum DayOpening {
    /// The day is open; this is its key, the same for all nodes.
    Open(DayKey),
    /// The day is closed: what comes for it is late.
    Closed,
}

/// Opens a site's day, or takes it up, and keeps it open. A day that is open stays so for as long as anybody said.
pub struct OpenDay<'a> {
    /// The site.
    pub site: &'a Site,
    /// The day of the site.
    pub date: Date,
    /// How long it stays open.
    pub until: KeepOpen,
}

impl Operation for OpenDay<'_> {
    const NAME: &'static str = "open a day";
    type Output = DayOpening;

    async fn execute(&self, tx: &mut Tx) -> Result<DayOpening, Error> {
        let over = day_end(self.site, self.date)? + GRACE_SECONDS;
        let until = match self.until {
            KeepOpen::Over => over,
            KeepOpen::At(second) => over.max((second + 3_599).div_euclid(3_600) * 3_600),
        };
        Ok(match tx.open_visit_day(self.site.id, self.date.0, until).await? {
            VisitDayState::Open { key, .. } => DayOpening::Open(key),
            VisitDayState::Closed => DayOpening::Closed,
        })
    }
}

/// The second since 1970 at which a site's day is over.
///
/// # Errors
/// When the site's time zone isn't one.
pub fn day_end(site: &Site, date: Date) -> Result<i64, Error> {
    let zone = TimeZone::named(&site.zone).ok_or(Error::Unknown("site.zone"))?;
    Ok(zone.start_of_day(Date(date.0 + 1)))
}
