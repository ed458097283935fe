//! System tests: each runs the built program as a process, on either engine.
//!
//! TESTING.md says what each module shows, and how to run the long forms.

mod canary;
mod concurrent_processes;
mod connections;
mod database_outage;
mod emails;
mod file_search;
mod kill;
pub mod kit;
mod log_imports;
mod malformed;
mod memory;
mod old_backups;
mod panic_log;
mod startup;
mod statistics_accuracy;
mod visit_counting;
mod year;
