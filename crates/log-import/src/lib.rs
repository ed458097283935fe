//! Imports the logs of web servers into the statistics.
//!
//! [`log_reader`] reads plain text from a file or a pipe, compressed or not. [`blocks`] splits it into whole lines and
//! tracks the position. [`worker`] counts lines into a tally for each day. [`log_counter`] runs several workers and
//! seals their counts together with the position. Of a log only a keyed hash of its first line and the position are
//! kept.
#![deny(unreachable_pub)]

pub mod blocks;
pub mod counts;
pub mod day_store;
pub mod db_day_store;
pub mod gzip_members;
pub mod interruptible_pipe;
pub mod log_counter;
pub mod log_reader;
pub mod progress;
pub mod report;
pub mod worker;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use analytics::{Classifier, UserAgentCache};
use calendar::TimeZone;

use blocks::Blocks;
use day_store::{DayStore, ImportError};
use log_counter::{Bounds, LogCounter};
use log_reader::LogReader;
use progress::Progress;
use report::FileOutcome;

/// Capacity of the user agent cache.
const AGENTS: usize = 65_536;

/// Counts files in the given order. A file that can't be read doesn't stop the others.
///
/// # Errors
/// When the database or the keyring is unavailable. Sealed counts stay, and the next run resumes there.
pub fn count_files(
    store: &impl DayStore,
    (site, hosts, zone): (&str, &[String], &TimeZone),
    files: &[PathBuf],
    stop: &Arc<AtomicBool>,
    progress: &Progress,
) -> Result<Vec<(String, FileOutcome)>, ImportError> {
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let classifier = Classifier::new(site, &hosts, Arc::new(UserAgentCache::with_capacity(AGENTS)));
    let mut log_counter = LogCounter::new(store, (&classifier, zone), Bounds::default(), stop, progress)?;
    let mut outcomes = Vec::new();
    for file in files {
        let name = file.display().to_string();
        progress.start_file(&name);
        let outcome = if stop.load(Ordering::Relaxed) {
            FileOutcome::NotStarted
        } else {
            match LogReader::open(file, stop) {
                Err(why) => FileOutcome::NotOpened(why),
                Ok(log_reader) => FileOutcome::Counted(log_counter.count(&mut Blocks::new(log_reader))?),
            }
        };
        outcomes.push((name, outcome));
    }
    progress.end();
    Ok(outcomes)
}
