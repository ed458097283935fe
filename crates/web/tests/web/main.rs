//! All routes over HTTP, and the staff API.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api;
mod handlers;
mod http;
mod kit;
mod notification_queue;
mod sample_figures;
