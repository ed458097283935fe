//! Tests of the staff API: access, responses, and entries of the audit log.
#![allow(clippy::unwrap_used, reason = "in a test, a missing value is a failure")]

mod client;
mod conversations;
mod customer;
mod description;
mod files;
#[path = "../handlers/http.rs"]
mod http;
#[allow(dead_code)] // shared with the other test binary, which uses more of it
#[path = "../handlers/kit.rs"]
mod kit;
mod refused;
mod rights;
#[path = "../handlers/sample_figures.rs"]
mod sample_figures;
mod search;
mod sites;
