//! Notifications and checkout links, with the provider's rules and against its simulator.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod card_numbers;
mod checkout_links;
mod contradictions;
mod dates;
mod dynamic_settings;
mod fields;
mod idempotency;
mod issuers;
mod kinds;
mod kit;
mod limits;
mod parsing;
mod properties;
mod retained_fields;
mod signatures;
mod tampering;
