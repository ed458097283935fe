//! Visits are counted, days closed and figures read, with a real store on the engine under test.

mod backup;
mod closing;
mod logs;
mod queries;
mod rollups;
mod singling_out;
mod sites;
mod time_zones;
pub mod website;
