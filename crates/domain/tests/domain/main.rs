//! The operations, with a real store on the engine under test.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod address_changes;
mod conversations;
mod erasure;
mod interruptions;
mod kit;
mod licence_states;
mod licence_terms;
mod magic_links;
mod manual_licensing;
mod notification_kinds;
mod outbox;
mod products;
mod prove;
mod random_histories;
mod receipts;
mod renewal;
mod retention;
mod signing_keys;
mod statistics;
mod year;
