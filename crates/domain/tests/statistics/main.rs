//! Visits are counted, days closed, figures read: through a real store on either engine.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod backup;
mod closing;
mod logs;
mod queries;
mod rollups;
mod singling_out;
mod sites;
mod website;
