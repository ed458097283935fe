//! Presents visitor statistics: shared by the API, the command line and the pages. This module sees only published figures
//! (see `analytics::apply_disclosure_control` for disclosure control).

pub mod chart;
pub mod csv;
pub mod dashboard;
pub mod format;
pub mod labels;
pub mod period;
pub mod sparkline;

pub use dashboard::Dashboard;
pub use period::{Choice, Period};

use calendar::{Day, TimeZone, Timestamp};
use store::{Audience, Site};

use crate::app::App;
use crate::visit_counter::Counter;

/// Returns the number of people that a row needs on each day (k-anonymity).
#[must_use]
pub fn min_people(counter: &Counter, audience: Audience) -> u64 {
    match audience {
        Audience::Own => counter.thresholds().staff(),
        Audience::Public => counter.thresholds().public(),
    }
}

/// Returns how many people are on a site now, rounded down. This process counts only its own visits.
#[must_use]
pub fn visitors_now(app: &App, site: &Site, audience: Audience) -> u64 {
    app.counter.visitors_now(&site.name, audience == Audience::Public, app.db.clock.now()).unwrap_or(0)
}

/// Returns the last day that is over in the site's time zone.
#[must_use]
pub fn yesterday(site: &Site, now: Timestamp) -> Day {
    TimeZone::named(&site.zone).map_or(now.day(), |zone| zone.day_and_hour(now).0) - 1
}
