//! A worker thread of an import.

use std::collections::BTreeMap;
use std::sync::Arc;

use analytics::log::LineError;
use analytics::{Classifier, DayKey, Dimension, LogLine, Outcome, Tally};
use calendar::{CachedTimeZone, Day};
use memchr::memchr_iter;

use super::blocks::Block;
use super::counts::{Counts, SkipReason, UnsealedCounts};
use super::day_store::{DayAccess, DayAccessCache, DayStore, ImportError};

/// Counts the lines of blocks into one tally for each day.
pub struct Worker<'a> {
    classifier: &'a Classifier,
    clock: CachedTimeZone<'a>,
    /// The days in memory.
    pub days: BTreeMap<Day, DayCount>,
    /// The last published day that was seen.
    closed: Option<Day>,
    /// The classification of the lines.
    pub counts: Counts,
    /// Cells of all tallies in memory.
    cells: usize,
}

/// What this worker counted of a day since the day was last dropped from memory.
pub struct DayCount {
    key: Arc<DayKey>,
    pub tally: Tally,
    /// The lines of it that are not sealed.
    pub unsealed: UnsealedCounts,
    /// Its approximate memory in bytes when it was last sealed.
    pub weight: usize,
    cells: usize,
    /// The tally's sequence when it was last sealed.
    sealed: u64,
}

impl<'a> Worker<'a> {
    /// Creates a worker with the site's classifier and time zone.
    pub fn new(classifier: &'a Classifier, clock: CachedTimeZone<'a>) -> Self {
        let (days, counts) = (BTreeMap::new(), Counts::default());
        Self { classifier, clock, days, closed: None, counts, cells: 0 }
    }

    /// Counts the lines of a block. Returns the number of new cells.
    ///
    /// # Errors
    /// When a day can't be opened. Some lines of the block are counted then.
    pub fn count<B: DayStore>(
        &mut self,
        block: &Block,
        access_cache: &DayAccessCache<'_, B>,
    ) -> Result<usize, ImportError> {
        let before = self.cells;
        let mut begin = 0;
        for (number, end) in (block.first..).zip(memchr_iter(b'\n', &block.text)) {
            self.count_line(number, &block.text[begin..end], access_cache)?;
            begin = end + 1;
        }
        self.cells = self.days.values_mut().map(DayCount::count_cells).sum();
        Ok(self.cells.saturating_sub(before))
    }

    fn count_line<B: DayStore>(
        &mut self,
        number: u64,
        line: &[u8],
        access_cache: &DayAccessCache<'_, B>,
    ) -> Result<(), ImportError> {
        self.counts.read += 1;
        let line = match LogLine::parse(line) {
            Ok(line) => line,
            Err(LineError::Empty) => {
                self.counts.blank += 1;
                return Ok(());
            }
            Err(why) => {
                self.counts.skip(number, SkipReason::Unparsable(why));
                return Ok(());
            }
        };
        let Some(request) = line.request() else {
            self.counts.not_pages += 1;
            return Ok(());
        };
        if line.host().is_some_and(|host| !self.classifier.is_own_host(&host)) {
            self.counts.other_hosts += 1;
            return Ok(());
        }
        // Checked before the day is opened: an opted-out request isn't even counted as late.
        if request.has_opted_out() {
            self.counts.opted_out += 1;
            return Ok(());
        }
        let (date, hour) = self.clock.day_and_hour(line.time());
        if !self.days.contains_key(&date) {
            self.open(number, date, access_cache)?;
        }
        let Some(day_count) = self.days.get_mut(&date) else { return Ok(()) };
        match self.classifier.classify(&request, hour, &day_count.key) {
            Outcome::Count(visit, visitor) => {
                day_count.tally.count(&visit, visitor);
                day_count.unsealed.visits += 1;
                self.counts.counted += 1;
            }
            Outcome::Bot => {
                day_count.tally.count_bot();
                day_count.unsealed.bots += 1;
                self.counts.bots += 1;
            }
            Outcome::OptedOut => self.counts.opted_out += 1,
            Outcome::Prefetch => self.counts.not_pages += 1,
            Outcome::Refused(_) => self.counts.other_hosts += 1,
        }
        Ok(())
    }

    /// Opens the day of a line, or counts why the line is skipped.
    fn open<B: DayStore>(
        &mut self,
        number: u64,
        date: Day,
        access_cache: &DayAccessCache<'_, B>,
    ) -> Result<(), ImportError> {
        let access = if self.closed == Some(date) { DayAccess::Closed } else { access_cache.access(date)? };
        match access {
            DayAccess::Open(key) => drop(self.days.insert(date, DayCount::new(key))),
            DayAccess::Closed => {
                self.closed = Some(date);
                self.counts.late += 1;
            }
            DayAccess::Future => self.counts.skip(number, SkipReason::InFuture),
        }
        Ok(())
    }
}

impl DayCount {
    /// Creates an empty count.
    pub fn new(key: Arc<DayKey>) -> Self {
        let (tally, unsealed) = (Tally::default(), UnsealedCounts::default());
        Self { key, tally, unsealed, weight: 0, cells: 0, sealed: 0 }
    }

    fn count_cells(&mut self) -> usize {
        if self.is_unsealed() {
            self.cells = Dimension::ALL.into_iter().map(|dimension| self.tally.cells(dimension)).sum();
        }
        self.cells
    }

    /// Whether anything was counted since the last sealing.
    pub(crate) fn is_unsealed(&self) -> bool {
        self.tally.sequence() > self.sealed
    }

    /// Records a sealing of so many bytes. In memory, values and small sketches take several times as much.
    pub fn mark_sealed(&mut self, bytes: usize) {
        const BYTES_PER_CELL: usize = 128;
        (self.unsealed, self.sealed) = (UnsealedCounts::default(), self.tally.sequence());
        self.weight = bytes + BYTES_PER_CELL * self.cells;
    }
}
