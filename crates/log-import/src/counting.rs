//! Counting one log after the other, in rounds: the workers count until enough waits to be sealed, then all of it is sealed
//! at once with the place up to which the log was read. A stop at any moment loses the round and nothing else.
//!
//! What is in memory is bounded whatever a log holds. A round ends when so many cells or lines are new; tallies of
//! days that are sealed are let go when together they are too heavy, and what comes for these days later is counted into
//! a fresh tally under another node's name, which the close of the day adds to the first.

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use analytics::{Classifier, Clock, Date, Day, Zone};

use super::blocks::{Block, Blocks, Went};
use super::books::{DayAccess, DayStore, Doors, Fault, Step};
use super::counts::Counts;
use super::progress::Progress;
use super::worker::{Piece, Worker};

/// What is held in memory at most.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Threads that count.
    pub workers: usize,
    /// How long a round takes.
    pub round: Duration,
    /// Lines of a round.
    pub lines: u64,
    /// New cells of a round.
    pub cells: usize,
    /// Bytes that sealed tallies may take between rounds.
    pub held: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        let workers = thread::available_parallelism().map_or(1, usize::from).min(8);
        Self { workers, round: Duration::from_secs(5), lines: 1 << 20, cells: 400_000, held: 128 << 20 }
    }
}

/// Bytes without a single line of a log, after which a file is none.
const NO_LOG: u64 = 4 << 20;

/// Counts logs of one site.
pub struct Counting<'a, B> {
    books: &'a B,
    doors: Doors<'a, B>,
    workers: Vec<Worker<'a>>,
    bounds: Bounds,
    stop: &'a AtomicBool,
    progress: &'a Progress,
    node: i64,
    round: u64,
}

/// How far a log was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// To its end.
    Whole,
    /// To its end, behind which stands a line without one.
    BeforeRest,
    /// Not at all: there is nothing in it that wasn't counted before, or not one whole line.
    NothingNew,
    /// Not at all: it begins as a log that was counted before and goes on otherwise.
    Another,
    /// Not at all: none of its first lines can be read.
    NoLog,
    /// It can't be read any further.
    Unreadable(io::ErrorKind),
    /// As far as it was when all was stopped.
    Stopped,
}

/// What became of a log.
#[derive(Debug)]
pub struct Counted {
    /// How far it was counted.
    pub ended: Ended,
    /// What became of its lines.
    pub counts: Counts,
    /// Bytes of plain text that had been counted before.
    pub from: u64,
}

/// What the workers take blocks from.
struct Feed<'a> {
    blocks: &'a mut Blocks,
    begun: Instant,
    lines: u64,
    cells: usize,
    is_log: bool,
    ended: Option<Ended>,
}

impl<'a, B: DayStore> Counting<'a, B> {
    /// Of a site with its clock.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn new(
        books: &'a B,
        (classifier, zone): (&'a Classifier, &'a Zone),
        bounds: Bounds,
        stop: &'a AtomicBool,
        progress: &'a Progress,
    ) -> Result<Self, Fault> {
        let workers = (0..bounds.workers.max(1)).map(|_| Worker::new(classifier, Clock::of(zone))).collect();
        let (doors, node) = (Doors::of(books), books.node()?);
        Ok(Self { books, doors, workers, bounds, stop, progress, node, round: 0 })
    }

    /// Counts a log from where it was left.
    ///
    /// # Errors
    /// When the house is away: what was sealed stays.
    pub fn count(&mut self, blocks: &mut Blocks) -> Result<Counted, Fault> {
        let not_at_all = |ended| Ok(Counted { ended, counts: Counts::default(), from: 0 });
        let head = match blocks.head() {
            Ok(Some(head)) => head,
            Ok(None) => return not_at_all(Ended::NothingNew),
            Err(error) => return not_at_all(Ended::Unreadable(error.kind())),
        };
        let from = self.books.place(&head)?;
        match blocks.go_on(from) {
            Ok(Went::On) => {}
            Ok(Went::Nowhere) => return not_at_all(Ended::NothingNew),
            Ok(Went::Astray) => return not_at_all(Ended::Another),
            Err(error) => return not_at_all(Ended::Unreadable(error.kind())),
        }
        let mut counts = Counts::default();
        let (mut sealed, mut noted) = (from, 0);
        loop {
            let ended = self.round(blocks, from > 0 || counts.is_log())?;
            self.workers.iter_mut().for_each(|worker| counts.add(std::mem::take(&mut worker.counts)));
            if from == 0 && is_no_log(ended, blocks, &counts) {
                return Ok(Counted { ended: Ended::NoLog, counts, from });
            }
            let step = Step { head: &head, from: sealed, to: blocks.handed_out().0 };
            // What may still turn out to be no log isn't remembered.
            if step.to > step.from && (from > 0 || counts.is_log()) {
                self.note_late(&mut noted, &counts)?;
                self.seal(step, &mut counts)?;
                sealed = step.to;
            }
            if let Some(ended) = ended {
                if counts.late > noted {
                    self.note_late(&mut noted, &counts)?;
                    self.seal(Step { from: sealed, ..step }, &mut counts)?;
                }
                let ended = if step.to == from && ended == Ended::Whole { Ended::NothingNew } else { ended };
                return Ok(Counted { ended, counts, from });
            }
        }
    }

    /// Counts until it is time to seal, or to the end, and then says which.
    fn round(&mut self, blocks: &mut Blocks, is_log: bool) -> Result<Option<Ended>, Fault> {
        let (begun, lines) = (Instant::now(), blocks.handed_out().1);
        let feed = Mutex::new(Feed { blocks, begun, lines, cells: 0, is_log, ended: None });
        let (doors, bounds, stop, progress) = (&self.doors, self.bounds, self.stop, self.progress);
        let work = |worker: &mut Worker<'_>| {
            let mut block = Block::default();
            loop {
                let more = locked(&feed).next(&mut block, bounds, stop, progress);
                if !more {
                    return Ok::<(), Fault>(());
                }
                let cells = worker.count(&block, doors).inspect_err(|_| {
                    locked(&feed).ended = Some(Ended::Stopped);
                })?;
                let mut feed = locked(&feed);
                feed.cells += cells;
                feed.is_log |= worker.counts.is_log();
            }
        };
        thread::scope(|scope| {
            let all: Vec<_> = self.workers.iter_mut().map(|worker| scope.spawn(|| work(worker))).collect();
            let ends = all
                .into_iter()
                .map(|one| one.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault)));
            // Every one of them is waited for.
            ends.collect::<Vec<_>>().into_iter().collect::<Result<(), Fault>>()
        })?;
        self.round += 1;
        Ok(feed.into_inner().unwrap_or_else(PoisonError::into_inner).ended)
    }

    /// Lines that came too late are a number of the day on which they came.
    fn note_late(&mut self, noted: &mut u64, counts: &Counts) -> Result<(), Fault> {
        let late = counts.late - *noted;
        if late == 0 {
            return Ok(());
        }
        let today = self.books.today();
        if let (DayAccess::Open(key), Some(worker)) = (self.doors.door(today)?, self.workers.first_mut()) {
            worker.days.entry(today).or_insert_with(|| Piece::new(key)).tally.count_late(late);
        }
        *noted = counts.late;
        Ok(())
    }

    /// Seals what is new, and lets go of what is too much.
    fn seal(&mut self, step: Step<'_>, counts: &mut Counts) -> Result<(), Fault> {
        let changed = |worker: &Worker<'_>| -> Vec<Date> {
            worker.days.iter().filter(|(_, piece)| piece.is_unsealed()).map(|(date, _)| *date).collect()
        };
        let dates: BTreeSet<Date> = self.workers.iter().flat_map(changed).collect();
        for date in &dates {
            // So that the day stays open for as long as this takes.
            self.doors.door(*date)?;
        }
        let states: Vec<(Date, Vec<u8>)> = dates.iter().map(|date| (*date, self.state(*date))).collect();
        let closed = self.books.seal(self.node, &states, step)?;
        for date in closed {
            self.doors.was_closed(date);
            let pieces = self.workers.iter_mut().filter_map(|worker| worker.days.remove(&date));
            pieces.for_each(|piece| counts.too_late(piece.fresh));
        }
        for (date, state) in &states {
            let pieces = self.workers.iter_mut().filter_map(|worker| worker.days.get_mut(date));
            pieces.for_each(|piece| piece.was_sealed(state.len()));
        }
        let held: usize =
            self.workers.iter().flat_map(|worker| worker.days.values()).map(|piece| piece.weight).sum();
        if held > self.bounds.held {
            self.workers.iter_mut().for_each(|worker| worker.days.clear());
            self.node = self.books.node()?;
        }
        Ok(())
    }

    /// What all workers counted of a day.
    fn state(&self, date: Date) -> Vec<u8> {
        let mut pieces = self.workers.iter().filter_map(|worker| worker.days.get(&date));
        match (pieces.next(), pieces.next()) {
            (Some(only), None) => only.tally.to_bytes(),
            (first, second) => {
                let mut day = Day::new();
                for (name, piece) in (0..).zip(first.into_iter().chain(second).chain(pieces)) {
                    day.take(name, piece.tally.clone());
                }
                day.total().to_bytes()
            }
        }
    }
}

impl Feed<'_> {
    /// The next block; false when the round is over.
    fn next(&mut self, block: &mut Block, bounds: Bounds, stop: &AtomicBool, progress: &Progress) -> bool {
        let (place, lines) = self.blocks.handed_out();
        progress.tell(lines, self.blocks.plain());
        // A round has one block at least, or nothing would ever come to an end.
        let full = lines > self.lines
            && (lines - self.lines >= bounds.lines
                || self.cells >= bounds.cells
                || self.begun.elapsed() >= bounds.round);
        if stop.load(Ordering::Relaxed) {
            self.ended = Some(Ended::Stopped);
        } else if !self.is_log && place > NO_LOG {
            self.ended = Some(Ended::NoLog);
        }
        if full || self.ended.is_some() {
            return false;
        }
        match self.blocks.next(block) {
            Ok(true) => return true,
            // A pipe was cut off by the stop, and what unpacks it may be startled.
            _ if stop.load(Ordering::Relaxed) => self.ended = Some(Ended::Stopped),
            Ok(false) if self.blocks.has_rest() => self.ended = Some(Ended::BeforeRest),
            Ok(false) => self.ended = Some(Ended::Whole),
            Err(error) => self.ended = Some(Ended::Unreadable(error.kind())),
        }
        false
    }
}

/// Whether a file that was read from its beginning turned out to be none.
fn is_no_log(ended: Option<Ended>, blocks: &Blocks, counts: &Counts) -> bool {
    match ended {
        Some(Ended::NoLog) => true,
        Some(Ended::Whole | Ended::BeforeRest) => {
            counts.is_no_log() || (!counts.is_log() && blocks.has_too_long_a_rest())
        }
        _ => false,
    }
}

/// A worker that panicked takes the whole import with it.
fn locked<'a, 'b>(feed: &'a Mutex<Feed<'b>>) -> MutexGuard<'a, Feed<'b>> {
    feed.lock().unwrap_or_else(PoisonError::into_inner)
}
