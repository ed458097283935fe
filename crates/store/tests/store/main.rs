//! The store on the engine under test.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod audit_log;
mod backup;
mod blind_index;
mod connecting;
mod conversation_integrity;
mod conversations;
mod damaged_rows;
mod errors;
mod files;
mod fixtures;
mod forgetting;
mod inventory;
mod licences;
mod links_and_sessions;
mod orders_and_persons;
mod outbox;
mod prefetch;
mod records;
mod resealing;
mod restore;
mod schema;
mod sealing;
mod transactions;
mod visit_days;
mod visit_integrity;
mod visits;
