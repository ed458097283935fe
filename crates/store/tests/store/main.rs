//! The store on whichever engine is under test.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ahead;
mod backing_up;
mod connecting;
mod doors;
mod errors;
mod files;
mod forgetting;
mod index;
mod inventory;
mod journal;

mod resealing;
mod restoring;
mod schema;
mod sealing;
mod shop;
mod threads;
mod ties;
mod visit_audit;
mod visit_days;
mod visits;
