//! The keyring, compared with a model, stopped at every write, and attacked with every version of every file.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "a test replaces the audit log")]

mod boundaries;
mod concurrency;
mod index_and_addresses;
mod kit;
mod lifecycle;
mod model;
mod old_copies;
mod power_cuts;
mod records_model;
mod refusals;
mod sealing;
mod transfer;
