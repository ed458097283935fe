//! Visitors counted without being known: `visitors.general` and `visitors.unidentifiable`.
//!
//! Read in this order: [`request`] is what a browser or a line of a server's log says; [`classify`] turns it into a
//! [`Visit`] and a [`Visitor`] and lets the rest go; [`day`] counts; [`mod@publish`] folds and rounds at the close of the
//! day and says what that guarantees and where the guarantee ends; [`archive`] is the form in which figures are kept;
//! [`log`] reads servers' logs.
//!
//! What isn't here: a visit that could be printed, written down or compared (no `Debug`, no form), an address or user
//! agent behind the function that hashes them, a time finer than an hour, and any crossing of two dimensions.
#![forbid(unsafe_code)]

pub mod agent;
pub mod archive;
mod campaign;
pub mod classify;
mod country;
pub mod day;
mod dimension;
mod language;
pub mod log;
pub mod now;
mod number;
mod path;
pub mod publish;
mod referrer;
pub mod request;
mod screen;
mod secret;
mod sketch;
mod visit;
mod visitor;
pub mod zone;

pub use agent::Agents;
pub use archive::{Archived, Sum};
pub use classify::{Classifier, Outcome, Refusal};
pub use day::{Apart, Cell, Day, Limits, Tally, Unreadable};
pub use dimension::{Crowd, Dimension};
pub use log::Line;
pub use now::Now;
pub use publish::{DisclosureThresholds, Figures, Published, Row, Table, publish};
pub use referrer::{Source, named as named_source};
pub use request::{Kind, Request};
pub use sketch::Sketch;
pub use visit::Visit;
pub use visitor::{DayKey, Visitor};
pub use zone::{Clock, Date, Zone};
