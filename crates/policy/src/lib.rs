//! The vendor's privacy policy as a program.
//!
//! Four lists, and nothing else in the project may add to them unseen:
//!
//! - [`promise`]: what the vendor promises, each with the id by which code, proof, page and tests call it;
//! - [`purpose`]: why a personal value may be opened. A closed list, as types: there is no purpose "marketing",
//!   so a use for it does not compile;
//! - [`contact`]: what a person can give when they write, and where it lies;
//! - [`inventory`]: every table and column, what it holds, why, for how long, and for which purposes it opens.
//!
//! The crate does no I/O and knows no other crate.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod contact;
pub mod inventory;
pub mod promise;
pub mod purpose;

pub use inventory::{Column, Field, Holds, OnForgetting, OpenFor, Table};
pub use promise::Promise;
pub use purpose::Purpose;
