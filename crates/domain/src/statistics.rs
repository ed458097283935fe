//! Visitor statistics: counts visits (`visitors.general`) without identifying visitors (`visitors.unidentifiable`).
//!
//! A server calls these operations in this order:
//! 1. [`AddSite`] and [`EditSite`]. `Tx::sites` of `store` reads the sites.
//! 2. [`OpenDay`] returns the key of a site's day, or says that the day is closed. The server counts visits in memory
//!    with this key.
//! 3. [`SealTallies`] stores what one node has counted so far, sealed under the day's key slot. The same transaction
//!    stores how far a log was read ([`LogPosition`], [`log_tag`]). A day that was closed meanwhile answers
//!    [`SealOutcome::Closed`]: its visits are late.
//! 4. [`close_due`] publishes the days that are over and forgets their slots. It runs every minute. [`close_days`]
//!    closes past days at once when all their visits are counted (at the end of an import).
//! 5. [`Annotate`] writes notes on the chart. `Tx::site_notes` reads them.
//!
//! Published figures are read in one query for any range: [`read_figures`] (labels with their numbers), [`read_series`]
//! (a point for each step) and [`read_exclusions`] (requests that are no visit, and missing time). All three take a
//! transaction of `Db::read`.
//!
//! # Duties of a node
//!
//! A node is one run of one process. Its id is a random number ([`new_node_id`]). A node seals an open day once right
//! after opening it, so that a crash before the first visit is noticed. It seals again every [`SEAL_SECONDS`] when it
//! has counted something. It seals a last time with `last` set when it stops counting: at [`LATE_SECONDS`] after
//! midnight, or at shutdown. A node that did not set `last` and was silent for [`QUIET_SECONDS`] has crashed. The day
//! then records that the seconds since its last seal may be missing. An import always sets `last`: its position commits
//! with its counts, so nothing can be missing.

mod annotation;
mod close_day;
pub mod limits;
mod missing;
mod open_day;
mod query;
pub mod range_cover;
pub(crate) mod rollup;
mod seal_tallies;
mod site;

pub use annotation::{Annotate, AnnotateOutcome, AnnotationRefusal};
pub use close_day::{CloseDay, CloseOutcome, CloseTrigger, ClosedDays, close_days, close_due};
pub use limits::{
    GRACE_SECONDS, LATE_SECONDS, MAX_HOSTS, MAX_HOURLY_DAYS, MAX_NOTE_CHARS, MAX_SITES, QUIET_SECONDS,
    SEAL_SECONDS,
};
pub(crate) use missing::record_missing;
pub use open_day::{DayOpening, KeepOpen, OpenDay, day_end};
pub use query::{
    DateRange, Exclusions, FiguresPage, FiguresQuery, Point, SeriesQuery, Step, read_exclusions,
    read_figures, read_series,
};
pub use seal_tallies::{
    LogPosition, NodeTally, SealOutcome, SealTallies, SealTalliesOutcome, log_tag, new_node_id, tally_state,
};
pub use site::{AddSite, EditSite, SiteOutcome, SiteRefusal};
