//! The figures of a site's visitors on their way out: the same to the API, to the command line and to the page. What is
//! here knows only what was published; see `analytics::publish` for what that is.

pub mod chart;
pub mod csv;
pub mod dashboard;
pub mod named;
pub mod period;
pub mod sparkline;
pub mod wording;

pub use dashboard::Dashboard;
pub use period::{Choice, Period};

use analytics::{Date, Zone};
use store::{Audience, Site};

use crate::app::App;
use crate::count::Counter;

/// How many people a row needs on each of its days.
#[must_use]
pub fn people(counter: &Counter, audience: Audience) -> u64 {
    match audience {
        Audience::Own => counter.folding().own(),
        Audience::Public => counter.folding().public(),
    }
}

/// How many people are on a site now, rounded down; from this process's memory.
#[must_use]
pub fn here(app: &App, site: &Site, audience: Audience) -> u64 {
    app.counter.now(&site.name, audience == Audience::Public, app.db.clock.now()).unwrap_or(0)
}

/// The last day that is over by the site's own clock.
#[must_use]
pub fn yesterday(site: &Site, now: i64) -> Date {
    let today = Zone::named(&site.zone).map_or(Date((now / 86_400) as i32), |zone| zone.at(now).0);
    Date(today.0 - 1)
}
