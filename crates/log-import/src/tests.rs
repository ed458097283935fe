//! Counts logs into a store in memory, where a sealing can be made to fail.

mod blocks;
mod compressed;
mod database;
mod file_order;
mod interruptions;
mod lines;
mod memory_day_store;
mod observed_day_store;
mod readers;
mod report;
mod stops;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use analytics::{Classifier, UserAgentCache};
use calendar::TimeZone;

use super::blocks::Blocks;
use super::counts::Counts;
use super::day_store::{DayStore, ImportError};
use super::log_counter::{Bounds, EndReason, LogCounter, LogOutcome};
use super::log_reader::LogReader;
use super::progress::Progress;
use memory_day_store::MemoryDayStore;

/// The user agent of a person.
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// Small limits, so that a short log takes many rounds.
fn small() -> Bounds {
    Bounds {
        workers: 2,
        round: Duration::from_secs(60),
        lines: 100,
        cells: 1_000_000,
        retained_bytes: 1 << 20,
    }
}

/// Counts files into the store, in blocks of 4 kB.
fn import_within(
    bounds: Bounds,
    store: &MemoryDayStore,
    files: &[&Path],
) -> Result<Vec<LogOutcome>, ImportError> {
    import_into(bounds, (store, store.zone), &Arc::default(), files)
}

/// The same with a store of any kind, its time zone, and a flag that interrupts the import.
fn import_into(
    bounds: Bounds,
    (store, zone): (&impl DayStore, &str),
    stop: &Arc<AtomicBool>,
    files: &[&Path],
) -> Result<Vec<LogOutcome>, ImportError> {
    let zone = TimeZone::named(zone).unwrap();
    let classifier = Classifier::new("vendor", &["vendor.example"], Arc::new(UserAgentCache::default()));
    let progress = Progress::disabled();
    let mut log_counter = LogCounter::new(store, (&classifier, &zone), bounds, stop, &progress)?;
    let open = |file: &&Path| LogReader::open(file, stop).unwrap_or_else(|why| panic!("{why}"));
    files.iter().map(|file| log_counter.count(&mut Blocks::with_block_size(4_096, open(file)))).collect()
}

fn import(store: &MemoryDayStore, file: &Path) -> LogOutcome {
    import_within(small(), store, &[file]).unwrap().remove(0)
}

/// A file with this text in a temporary folder.
fn file_of(text: impl AsRef<[u8]>) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.log");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

/// A varied log of so many lines over so many days from 2026-03-27 on, in order.
fn log(lines: usize, days: usize) -> String {
    let mut text = String::new();
    for n in 0..lines {
        let mixed = (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
        let person = mixed % 60;
        let second = n * days * 86_400 / lines;
        let date = (calendar::Day::from_date(2026, 3, 27).unwrap() + (second / 86_400) as i64).to_date();
        let month = if date.1 == 3 { "Mar" } else { "Apr" };
        let (hour, minute, second) = (second / 3_600 % 24, second / 60 % 60, second % 60);
        let (path, status) = match mixed % 11 {
            0 => (format!("/setup-{}.exe", mixed % 3), 200),
            1 => (format!("/gone/{}", mixed % 5), 404),
            2 => ("/style.css".to_owned(), 200),
            _ => (format!("/docs/page-{}", mixed % 40), 200),
        };
        let agent = if person.is_multiple_of(7) {
            "Googlebot/2.1 (+http://www.google.com/bot.html)".to_owned()
        } else {
            format!(
                "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
                100 + person % 40
            )
        };
        let referrer = ["-", "https://www.google.com/", "https://blog.example.net/"][mixed as usize % 3];
        text += &format!(
            "84.1.2.{person} - - [{:02}/{month}/{}:{hour:02}:{minute:02}:{second:02} +0000] \"GET {path} HTTP/1.1\" {status} 512 \
             \"{referrer}\" \"{agent}\"\n",
            date.2, date.0
        );
    }
    text
}

fn count_lines(counts: &Counts) -> Counts {
    Counts { first_skipped: Vec::new(), ..counts.clone() }
}
