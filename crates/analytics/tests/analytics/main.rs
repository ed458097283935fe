//! Visits in memory: classified, counted, closed, and attacked.

mod archive;
mod canary;
mod cell_boundaries;
mod classification;
mod disclosure_boundaries;
mod log_tables;
mod logs;
mod referrers;
mod singling_out;
mod site;
mod sketches;
mod tallies;
mod user_agents;
mod year;
