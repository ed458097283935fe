//! What happens: one file for each deed. No HTTP in here, and no SQL text.
//!
//! A deed runs in one named transaction that writes rows, letters and journal together. What it refuses for a
//! reason that concerns whoever asked (a link used up, a word not typed) is part of what it returns; errors are
//! failures of database or keyring.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod compliance;
pub mod conversations;
pub mod date;
pub mod day;
pub mod email;
pub mod erasure;
pub mod licensing;
pub mod lookup;
pub mod portal;
pub mod settings;
pub mod start;
pub mod statistics;
mod token;

pub use settings::VendorSettings;
