//! The vendor's privacy policy as data and types.
//!
//! Four lists, to which nothing else in the project may add:
//!
//! - [`promise`]: the vendor's public promises. Code, proof, privacy page and tests refer to them by id.
//! - [`purpose`]: the purposes for which a personal value may be opened (purpose limitation, GDPR Art. 5(1)(b)).
//!   The list is closed, as types. There is no purpose "marketing", so such a use does not compile.
//! - [`contact`]: the fields of the contact form, and the columns that store them.
//! - [`inventory`]: the data inventory. It lists every table and column: content, reason, storage period, and the
//!   purposes for which the column opens.
//!
//! The crate does no I/O and depends on no other crate.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(unreachable_pub)]

pub mod contact;
pub mod inventory;
pub mod promise;
pub mod purpose;

pub use inventory::{Column, Field, Holds, OnForgetting, OpenFor, Table};
pub use promise::Promise;
pub use purpose::Purpose;
