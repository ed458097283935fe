//! Tests of all routes over HTTP: responses, access and rate limits.
#![allow(clippy::unwrap_used, reason = "in a test, a missing value is a failure")]

mod collect;
mod contact;
mod contact_files;
mod erasure;
mod http;
mod kit;
mod magic_links;
mod multipart;
mod rate_limits;
mod responses;
mod rights;
mod sample_figures;
mod statistics;
