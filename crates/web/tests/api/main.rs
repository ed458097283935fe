//! The desk for staff as JSON: who may pass, what it answers, and what the journal keeps of it.
#![allow(clippy::unwrap_used, reason = "what a test is made of is there, or the test fails")]

mod beside;
mod described;
mod desk_of;
#[path = "../handlers/figures.rs"]
mod figures;
mod files;
#[path = "../handlers/http.rs"]
mod http;
#[allow(dead_code)] // that of the doors, of which this uses its own part
#[path = "../handlers/kit.rs"]
mod kit;
mod refused;
mod rights;
mod searching;
mod sites;
mod story;
