//! Web analytics in memory: classifies visits, aggregates them and applies disclosure control (k-anonymity). Keeps the
//! promises `visitors.general` and `visitors.unidentifiable`.
//!
//! Read the modules in this order:
//!
//! 1. [`request`]: what a browser or a line of a web server's log says about one visit.
//! 2. [`classify`]: turns a request into a [`Visit`] and a [`Visitor`], and discards the rest.
//! 3. [`tally`]: counts visits and visitors of the open day.
//! 4. [`disclosure_control`]: suppresses and rounds counts when the day closes. It states the guarantee and its limits.
//! 5. [`archive`]: the binary format of published tables.
//! 6. [`log`]: parses web server logs.
//!
//! A [`Visit`] has no `Debug`, no serialized form and no comparison. Network addresses and user agents don't leave the
//! function that hashes them. No time is finer than an hour, and no two dimensions are crossed.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(unreachable_pub)]

pub mod archive;
mod campaign;
pub mod classify;
mod country;
pub mod current_visitors;
mod dimension;
pub mod disclosure_control;
mod language;
mod leb128;
pub mod log;
mod path;
mod referrer;
pub mod request;
mod screen;
mod sensitive_segments;
mod sketch;
pub mod tally;
pub mod user_agent;
mod visit;
mod visitor;

pub use archive::{ArchivedTable, TableSum};
pub use classify::{Classifier, Outcome, RefusalReason};
pub use current_visitors::CurrentVisitors;
pub use dimension::{Dimension, Population};
pub use disclosure_control::{
    DisclosureThresholds, Figures, PublishedDay, Row, Table, apply_disclosure_control,
};
pub use log::LogLine;
pub use referrer::{SourceKind, named_source};
pub use request::{Request, VisitKind};
pub use sketch::Sketch;
pub use tally::{Cell, CellLimits, DayTallies, DecodeError, Tally, UncountedRequests};
pub use user_agent::UserAgentCache;
pub use visit::Visit;
pub use visitor::{DayKey, Visitor};
