//! Visitors are counted (`visitors.general`) and none is known (`visitors.unidentifiable`).
//!
//! What a server does, in this order:
//! 1. [`AddSite`], [`EditSite`]; `store`'s `Tx::sites` reads them.
//! 2. [`OpenDay`] gives the key of a site's day, or says that the day is closed. Visits are counted in memory with it.
//! 3. [`SealTallies`] writes what one node has counted so far under the day's slot; with it, in the same transaction, how
//!    far a log was read ([`Position`], [`file_tag`]). A day that was closed meanwhile answers [`Seal::Closed`]: what
//!    was counted for it is late.
//! 4. [`close_due`] publishes the days that are over and forgets their slots: a job of every minute. [`close_days`] does
//!    it at once for past days of which all has been counted (the end of an import).
//! 5. [`Annotate`] writes notes; `Tx::notes` reads them.
//!
//! What is published is read in one look, of any range and as fast for ten years as for a month: [`figures`] (words with
//! their numbers), [`series`] (a point for each step), [`aside`] (what came but is no visit, and what is missing). All
//! three take a transaction of `Db::read`.
//!
//! # A node's care
//!
//! A node is one run of one process: a random number ([`node`]). It seals an open day once right after opening it, so that
//! a stop before the first visit is seen, then every [`SEAL_SECONDS`] where something was counted, and once more with
//! `last` set when it will count no more: at [`LATE_SECONDS`] after midnight, or when it stops. Whoever didn't and fell
//! silent for [`QUIET_SECONDS`] has crashed, and the day says that the seconds since its last seal may be missing. An
//! import sets `last` always: its position commits with its counts, so nothing can be missing.

mod close;
mod note;
mod open;
pub mod range_cover;
mod read;
mod restored;
mod rollup;
mod seal;
mod site;

pub use close::{CloseDay, Closed, Closing, When, close_days, close_due};
pub use note::{Annotate, Noted};
pub use open::{OpenDay, Opened, Until, end};
pub use read::{Aside, Point, Range, ReadFigures, ReadSeries, Reading, Step, aside, figures, series};
pub(crate) use restored::note_missing;
pub(crate) use rollup::steps;
pub use seal::{Position, Seal, SealTallies, Sealing, Seals, file_tag, node, state};
pub use site::{AddSite, EditSite, Sited};

/// Seconds between two seals of a node that counts.
pub const SEAL_SECONDS: i64 = 5;
/// Seconds after a day's end during which late visits are still counted for it.
pub const LATE_SECONDS: i64 = 60;
/// Seconds after a day's end at which it may be closed: late visits, and time for the last seals.
pub const GRACE_SECONDS: i64 = 90;
/// Seconds after its last seal at which a node that set no `last` is taken for crashed.
pub const QUIET_SECONDS: i64 = 120;
/// Sites of one installation, at most: each takes its share of memory while its day is open.
pub const MOST_SITES: usize = 100;
/// Hosts of one site, at most.
pub const MOST_HOSTS: usize = 20;
/// Characters of a note, at most.
pub const LONGEST_NOTE: usize = 200;
/// Days of which a series shows single hours, at most.
pub const MOST_HOURLY_DAYS: i32 = 62;
