//! Visits are counted, days closed and figures read, with a real store on the engine under test.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod backup;
mod closing;
mod logs;
mod queries;
mod rollups;
mod singling_out;
mod sites;
mod website;
