//! What happens: one file for each deed. No HTTP in here, and no SQL text.
//!
//! A deed runs in one named transaction that writes rows, letters and journal together. What it refuses for a
//! reason that concerns whoever asked (a link used up, a word not typed) is part of what it returns; errors are
//! failures of database or keyring.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod address;
pub mod converse;
pub mod count;
pub mod date;
pub mod day;
pub mod doctor;
pub mod erase;
pub mod forget;
pub mod hand;
pub mod house;
pub mod issue;
pub mod keys;
pub mod letter;
pub mod page;
pub mod prove;
pub mod purchase;
pub mod receipt;
pub mod recover;
pub mod refresh;
pub mod renew;
pub mod shop;
pub mod standing;
pub mod start;
pub mod support;
pub mod sweep;
mod token;

pub use house::House;
