//! Counts logs one after the other in rounds. The workers count until a round is full. Then all counts are sealed at
//! once, together with the log position. An interruption at any moment loses the unsealed round only; the next run
//! resumes at the sealed position.
//!
//! Memory is bounded for any log. A round ends after a number of new cells or lines. Sealed tallies are
//! dropped when they exceed a limit. Later lines of their days are counted into a new tally under another node name,
//! and the close of the day adds both.

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use analytics::{Classifier, DayTallies};
use calendar::{CachedTimeZone, Day, TimeZone};

use super::blocks::{Block, Blocks, Resumed};
use super::counts::Counts;
use super::day_store::{DayAccess, DayAccessCache, DayStore, ImportError, SealedRange};
use super::progress::Progress;
use super::worker::{DayCount, Worker};

/// Limits on memory and on the length of a round.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Number of worker threads.
    pub workers: usize,
    /// Maximum duration of a round.
    pub round: Duration,
    /// Maximum lines of a round.
    pub lines: u64,
    /// Maximum new cells of a round.
    pub cells: usize,
    /// Maximum bytes of sealed tallies that are kept between rounds.
    pub retained_bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        let workers = thread::available_parallelism().map_or(1, usize::from).min(8);
        Self {
            workers,
            round: Duration::from_secs(5),
            lines: 1 << 20,
            cells: 400_000,
            retained_bytes: 128 << 20,
        }
    }
}

/// After so many bytes without a line of a log the file is not a log.
const MAX_BYTES_WITHOUT_LOG_LINE: u64 = 4 << 20;

/// Counts logs of one site.
pub struct LogCounter<'a, B> {
    store: &'a B,
    access_cache: DayAccessCache<'a, B>,
    workers: Vec<Worker<'a>>,
    bounds: Bounds,
    stop: &'a AtomicBool,
    progress: &'a Progress,
    node: i64,
    round: u64,
}

/// Why counting of a log ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// The whole log is counted.
    Complete,
    /// The whole log is counted, except a last line without line break.
    PartialLastLine,
    /// Nothing was counted: everything was counted before, or there is no whole line.
    NothingNew,
    /// Nothing was counted: it begins like a log that was counted before, but continues differently.
    DifferentLog,
    /// Nothing was counted: none of its first lines can be parsed.
    NotALog,
    /// The rest of the log can't be read.
    Unreadable(io::ErrorKind),
    /// The import was interrupted.
    Interrupted,
}

/// The result of counting a log.
#[derive(Debug)]
pub struct LogOutcome {
    /// Why counting ended.
    pub end_reason: EndReason,
    /// The classification of its lines.
    pub counts: Counts,
    /// Bytes of plain text that were counted before.
    pub from: u64,
}

/// The queue from which the workers take blocks.
struct BlockFeed<'a> {
    blocks: &'a mut Blocks,
    begun: Instant,
    lines: u64,
    cells: usize,
    is_log: bool,
    end_reason: Option<EndReason>,
}

impl<'a, B: DayStore> LogCounter<'a, B> {
    /// Creates a counter for a site and its time zone.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn new(
        store: &'a B,
        (classifier, zone): (&'a Classifier, &'a TimeZone),
        bounds: Bounds,
        stop: &'a AtomicBool,
        progress: &'a Progress,
    ) -> Result<Self, ImportError> {
        let workers =
            (0..bounds.workers.max(1)).map(|_| Worker::new(classifier, CachedTimeZone::new(zone))).collect();
        let (access_cache, node) = (DayAccessCache::new(store), store.node()?);
        Ok(Self { store, access_cache, workers, bounds, stop, progress, node, round: 0 })
    }

    /// Counts a log from where an earlier import stopped.
    ///
    /// # Errors
    /// When the database or the keyring is unavailable. Sealed counts stay.
    pub fn count(&mut self, blocks: &mut Blocks) -> Result<LogOutcome, ImportError> {
        let not_at_all = |end_reason| Ok(LogOutcome { end_reason, counts: Counts::default(), from: 0 });
        let head = match blocks.head() {
            Ok(Some(head)) => head,
            Ok(None) => return not_at_all(EndReason::NothingNew),
            Err(error) => return not_at_all(EndReason::Unreadable(error.kind())),
        };
        let from = self.store.position(&head)?;
        match blocks.resume_at(from) {
            Ok(Resumed::AtLineStart) => {}
            Ok(Resumed::PastEnd) => return not_at_all(EndReason::NothingNew),
            Ok(Resumed::MidLine) => return not_at_all(EndReason::DifferentLog),
            Err(error) => return not_at_all(EndReason::Unreadable(error.kind())),
        }
        let mut counts = Counts::default();
        let (mut sealed, mut late_counted) = (from, 0);
        loop {
            let end_reason = self.round(blocks, from > 0 || counts.is_log())?;
            self.workers.iter_mut().for_each(|worker| counts.add(std::mem::take(&mut worker.counts)));
            if from == 0 && is_not_a_log(end_reason, blocks, &counts) {
                return Ok(LogOutcome { end_reason: EndReason::NotALog, counts, from });
            }
            let range = SealedRange { head: &head, from: sealed, to: blocks.consumed().0 };
            // A file that may turn out not to be a log is not recorded.
            if range.to > range.from && (from > 0 || counts.is_log()) {
                self.count_late(&mut late_counted, &counts)?;
                self.seal(range, &mut counts)?;
                sealed = range.to;
            }
            if let Some(end_reason) = end_reason {
                if counts.late > late_counted {
                    self.count_late(&mut late_counted, &counts)?;
                    self.seal(SealedRange { from: sealed, ..range }, &mut counts)?;
                }
                let end_reason = if range.to == from && end_reason == EndReason::Complete {
                    EndReason::NothingNew
                } else {
                    end_reason
                };
                return Ok(LogOutcome { end_reason, counts, from });
            }
        }
    }

    /// Counts until it is time to seal, or to the end of the log and then returns the reason.
    fn round(&mut self, blocks: &mut Blocks, is_log: bool) -> Result<Option<EndReason>, ImportError> {
        let (begun, lines) = (Instant::now(), blocks.consumed().1);
        let feed = Mutex::new(BlockFeed { blocks, begun, lines, cells: 0, is_log, end_reason: None });
        let (access_cache, bounds, stop, progress) =
            (&self.access_cache, self.bounds, self.stop, self.progress);
        let work = |worker: &mut Worker<'_>| {
            let mut block = Block::default();
            loop {
                let more = lock_feed(&feed).next(&mut block, bounds, stop, progress);
                if !more {
                    return Ok::<(), ImportError>(());
                }
                let cells = worker.count(&block, access_cache).inspect_err(|_| {
                    lock_feed(&feed).end_reason = Some(EndReason::Interrupted);
                })?;
                let mut feed = lock_feed(&feed);
                feed.cells += cells;
                feed.is_log |= worker.counts.is_log();
            }
        };
        thread::scope(|scope| {
            let all: Vec<_> = self.workers.iter_mut().map(|worker| scope.spawn(|| work(worker))).collect();
            let ends = all
                .into_iter()
                .map(|one| one.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault)));
            // Collected first, so that every worker is joined.
            ends.collect::<Vec<_>>().into_iter().collect::<Result<(), ImportError>>()
        })?;
        self.round += 1;
        Ok(feed.into_inner().unwrap_or_else(PoisonError::into_inner).end_reason)
    }

    /// Late lines are counted as a number on the current day.
    fn count_late(&mut self, late_counted: &mut u64, counts: &Counts) -> Result<(), ImportError> {
        let late = counts.late - *late_counted;
        if late == 0 {
            return Ok(());
        }
        let today = self.store.today();
        if let (DayAccess::Open(key), Some(worker)) =
            (self.access_cache.access(today)?, self.workers.first_mut())
        {
            worker.days.entry(today).or_insert_with(|| DayCount::new(key)).tally.count_late(late);
        }
        *late_counted = counts.late;
        Ok(())
    }

    /// Seals new counts, and drops tallies beyond the memory limit.
    fn seal(&mut self, range: SealedRange<'_>, counts: &mut Counts) -> Result<(), ImportError> {
        let changed = |worker: &Worker<'_>| -> Vec<Day> {
            worker
                .days
                .iter()
                .filter(|(_, day_count)| day_count.is_unsealed())
                .map(|(date, _)| *date)
                .collect()
        };
        let dates: BTreeSet<Day> = self.workers.iter().flat_map(changed).collect();
        for date in &dates {
            // Refresh the access, so that the day stays open while the import runs.
            self.access_cache.access(*date)?;
        }
        let states: Vec<(Day, Vec<u8>)> = dates.iter().map(|date| (*date, self.state(*date))).collect();
        let closed = self.store.seal(self.node, &states, range)?;
        for date in closed {
            self.access_cache.mark_closed(date);
            let day_counts = self.workers.iter_mut().filter_map(|worker| worker.days.remove(&date));
            day_counts.for_each(|day_count| counts.move_to_late(day_count.unsealed));
        }
        for (date, state) in &states {
            let day_counts = self.workers.iter_mut().filter_map(|worker| worker.days.get_mut(date));
            day_counts.for_each(|day_count| day_count.mark_sealed(state.len()));
        }
        let retained_bytes: usize = self
            .workers
            .iter()
            .flat_map(|worker| worker.days.values())
            .map(|day_count| day_count.weight)
            .sum();
        if retained_bytes > self.bounds.retained_bytes {
            self.workers.iter_mut().for_each(|worker| worker.days.clear());
            self.node = self.store.node()?;
        }
        Ok(())
    }

    /// Merges all workers' counts of a day.
    fn state(&self, date: Day) -> Vec<u8> {
        let mut day_counts = self.workers.iter().filter_map(|worker| worker.days.get(&date));
        match (day_counts.next(), day_counts.next()) {
            (Some(only), None) => only.tally.to_bytes(),
            (first, second) => {
                let mut day = DayTallies::new();
                for (name, day_count) in (0..).zip(first.into_iter().chain(second).chain(day_counts)) {
                    day.insert(name, day_count.tally.clone());
                }
                day.total().to_bytes()
            }
        }
    }
}

impl BlockFeed<'_> {
    /// Reads the next block; false when the round is over.
    fn next(&mut self, block: &mut Block, bounds: Bounds, stop: &AtomicBool, progress: &Progress) -> bool {
        let (position, lines) = self.blocks.consumed();
        progress.update(lines, self.blocks.reader());
        // A round has at least one block, so that the import makes progress.
        let full = lines > self.lines
            && (lines - self.lines >= bounds.lines
                || self.cells >= bounds.cells
                || self.begun.elapsed() >= bounds.round);
        if stop.load(Ordering::Relaxed) {
            self.end_reason = Some(EndReason::Interrupted);
        } else if !self.is_log && position > MAX_BYTES_WITHOUT_LOG_LINE {
            self.end_reason = Some(EndReason::NotALog);
        }
        if full || self.end_reason.is_some() {
            return false;
        }
        match self.blocks.next(block) {
            Ok(true) => return true,
            // The interruption may have cut off a pipe, which then looks like a decompression error.
            _ if stop.load(Ordering::Relaxed) => self.end_reason = Some(EndReason::Interrupted),
            Ok(false) if self.blocks.has_partial_line() => self.end_reason = Some(EndReason::PartialLastLine),
            Ok(false) => self.end_reason = Some(EndReason::Complete),
            Err(error) => self.end_reason = Some(EndReason::Unreadable(error.kind())),
        }
        false
    }
}

/// Whether a file that was read from its beginning turned out not to be a log.
fn is_not_a_log(end_reason: Option<EndReason>, blocks: &Blocks, counts: &Counts) -> bool {
    match end_reason {
        Some(EndReason::NotALog) => true,
        Some(EndReason::Complete | EndReason::PartialLastLine) => {
            counts.is_not_a_log() || (!counts.is_log() && blocks.has_oversized_partial_line())
        }
        _ => false,
    }
}

/// A panic of a worker ends the whole import.
fn lock_feed<'a, 'b>(feed: &'a Mutex<BlockFeed<'b>>) -> MutexGuard<'a, BlockFeed<'b>> {
    feed.lock().unwrap_or_else(PoisonError::into_inner)
}
