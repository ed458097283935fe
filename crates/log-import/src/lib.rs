//! Logs of web servers, read, counted and forgotten.
//!
//! [`plain`] makes text of a file whatever it is wrapped in, [`blocks`] cuts it into whole lines and knows the place,
//! [`worker`] counts lines into a tally for each day, [`counting`] lets several workers count and seals what they counted
//! together with the place. Of a log nothing is kept but a keyed hash of its first line and how far it was counted.

pub mod blocks;
pub mod books;
pub mod counting;
pub mod counts;
pub mod house;
pub mod members;
pub mod pipe;
pub mod plain;
pub mod progress;
pub mod report;
pub mod worker;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use analytics::{Agents, Classifier, Zone};

use blocks::Blocks;
use books::{DayStore, Fault};
use counting::{Bounds, Counting};
use plain::Plain;
use progress::Progress;
use report::Told;

/// User agents that are remembered at most while logs are counted.
const AGENTS: usize = 65_536;

/// Counts files one after the other, in the order in which they are named. A file that can't be read doesn't keep the
/// others from being counted.
///
/// # Errors
/// When the house is away: what was sealed stays, and the next run goes on from there.
pub fn count_files(
    books: &impl DayStore,
    (site, hosts, zone): (&str, &[String], &Zone),
    files: &[PathBuf],
    stop: &Arc<AtomicBool>,
    progress: &Progress,
) -> Result<Vec<(String, Told)>, Fault> {
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let classifier = Classifier::new(site, &hosts, Arc::new(Agents::remembering(AGENTS)));
    let mut counting = Counting::new(books, (&classifier, zone), Bounds::default(), stop, progress)?;
    let mut told = Vec::new();
    for file in files {
        let name = file.display().to_string();
        progress.begin(&name);
        let became = if stop.load(Ordering::Relaxed) {
            Told::Untouched
        } else {
            match Plain::open(file, stop) {
                Err(why) => Told::Closed(why),
                Ok(plain) => Told::Read(counting.count(&mut Blocks::of(plain))?),
            }
        };
        told.push((name, became));
    }
    progress.end();
    Ok(told)
}
