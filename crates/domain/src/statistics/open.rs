//! A day is opened: its key is made, or taken up by another node.

use analytics::{Date, DayKey, Zone};
use store::{Error, Opening, Operation, Site, Tx};

use super::GRACE_SECONDS;

/// How long a day stays open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Until {
    /// Until the day is over.
    Over,
    /// At least until this second since 1970, rounded up to a whole hour so that it tells nothing finer.
    At(i64),
}

/// What became of an opening.
pub enum Opened {
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
    pub until: Until,
}

impl Operation for OpenDay<'_> {
    const NAME: &'static str = "open a day";
    type Done = Opened;

    async fn act(&self, tx: &mut Tx) -> Result<Opened, Error> {
        let over = end(self.site, self.date)? + GRACE_SECONDS;
        let until = match self.until {
            Until::Over => over,
            Until::At(second) => over.max((second + 3_599).div_euclid(3_600) * 3_600),
        };
        Ok(match tx.open_visit_day(self.site.id, self.date.0, until).await? {
            Opening::Open { key, .. } => Opened::Open(key),
            Opening::Closed => Opened::Closed,
        })
    }
}

/// The second since 1970 at which a site's day is over.
///
/// # Errors
/// When the site's time zone isn't one.
pub fn end(site: &Site, date: Date) -> Result<i64, Error> {
    let zone = Zone::named(&site.zone).ok_or(Error::Unknown("site.zone"))?;
    Ok(zone.begin(Date(date.0 + 1)))
}
