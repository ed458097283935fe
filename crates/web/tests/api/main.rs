//! Tests of the staff API: access, responses, and entries of the audit log.
#![allow(clippy::unwrap_used, reason = "in a test, a missing value is a failure")]

mod client;
mod conversations;
mod customer;
mod description;
#[path = "../handlers/figures.rs"]
mod figures;
mod files;
#[path = "../handlers/http.rs"]
mod http;
#[allow(dead_code)] // shared with the other test binary, which uses more of it
#[path = "../handlers/kit.rs"]
mod kit;
mod refused;
mod rights;
mod search;
mod sites;
