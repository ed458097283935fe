//! The operations of Scruple, one file each. This crate holds no HTTP and no SQL.
//!
//! An operation runs in one named transaction that writes rows, e-mails and audit log together. A refusal that the
//! person can understand (a used magic link, a wrong confirmation word) is a variant of the operation's output. An
//! error is a failure of the database or the keyring; `# Errors` names further reasons only.
#![forbid(unsafe_code)]
#![deny(unreachable_pub)]

pub mod api_token;
mod audit;
pub mod compliance;
pub mod conversations;
pub mod counter;
pub mod day;
pub mod email;
pub mod erasure;
pub mod licensing;
pub mod lookup;
pub mod portal;
mod random;
pub mod settings;
pub mod startup;
pub mod statistics;
pub mod token;

pub use settings::VendorSettings;
