//! One of the threads that count: takes blocks of lines and counts them into a tally for each day.

use std::collections::BTreeMap;
use std::sync::Arc;

use analytics::log::Unread;
use analytics::{Classifier, Clock, Date, DayKey, Dimension, Line, Outcome, Tally};
use memchr::memchr_iter;

use super::blocks::Block;
use super::books::{DayAccess, DayStore, Doors, Fault};
use super::counts::{Counts, Fresh, Why};

/// One of the threads that count.
pub struct Worker<'a> {
    classifier: &'a Classifier,
    clock: Clock<'a>,
    /// The days that are in memory.
    pub days: BTreeMap<Date, Piece>,
    /// Days that are published.
    closed: Option<Date>,
    /// What became of the lines.
    pub counts: Counts,
    /// Cells of all tallies in memory.
    cells: usize,
}

/// A day as far as this worker counted it since the day was last let go.
pub struct Piece {
    key: Arc<DayKey>,
    /// What was counted.
    pub tally: Tally,
    /// What of it isn't sealed.
    pub fresh: Fresh,
    /// How much memory it took, about, when it was last sealed.
    pub weight: usize,
    cells: usize,
    /// The tally's sequence when it was last sealed.
    sealed: u64,
}

impl<'a> Worker<'a> {
    /// Counts what `classifier` says, by the clock of the site.
    pub fn new(classifier: &'a Classifier, clock: Clock<'a>) -> Self {
        let (days, counts) = (BTreeMap::new(), Counts::default());
        Self { classifier, clock, days, closed: None, counts, cells: 0 }
    }

    /// Counts the lines of a block, and says by how many cells it has grown.
    ///
    /// # Errors
    /// When a day can't be opened. The lines of the block are then in part counted.
    pub fn count<B: DayStore>(&mut self, block: &Block, doors: &Doors<'_, B>) -> Result<usize, Fault> {
        let before = self.cells;
        let mut begin = 0;
        for (number, end) in (block.first..).zip(memchr_iter(b'\n', &block.text)) {
            self.count_line(number, &block.text[begin..end], doors)?;
            begin = end + 1;
        }
        self.cells = self.days.values_mut().map(Piece::count_cells).sum();
        Ok(self.cells.saturating_sub(before))
    }

    fn count_line<B: DayStore>(
        &mut self,
        number: u64,
        line: &[u8],
        doors: &Doors<'_, B>,
    ) -> Result<(), Fault> {
        self.counts.read += 1;
        let line = match Line::read(line) {
            Ok(line) => line,
            Err(Unread::Empty) => {
                self.counts.blank += 1;
                return Ok(());
            }
            Err(why) => {
                self.counts.unread(number, Why::Unread(why));
                return Ok(());
            }
        };
        let Some(request) = line.request() else {
            self.counts.beside += 1;
            return Ok(());
        };
        if line.host().is_some_and(|host| !self.classifier.is_own(&host)) {
            self.counts.elsewhere += 1;
            return Ok(());
        }
        // Before anything is looked up for it: who objects isn't even late.
        if request.objects() {
            self.counts.objected += 1;
            return Ok(());
        }
        let (date, hour) = self.clock.at(line.time());
        if !self.days.contains_key(&date) {
            self.open(number, date, doors)?;
        }
        let Some(piece) = self.days.get_mut(&date) else { return Ok(()) };
        match self.classifier.classify(&request, hour, &piece.key) {
            Outcome::Count(visit, visitor) => {
                piece.tally.count(&visit, visitor);
                piece.fresh.visits += 1;
                self.counts.counted += 1;
            }
            Outcome::Bot => {
                piece.tally.count_bot();
                piece.fresh.bots += 1;
                self.counts.bots += 1;
            }
            Outcome::Optout => self.counts.objected += 1,
            Outcome::Ahead => self.counts.beside += 1,
            Outcome::Refused(_) => self.counts.elsewhere += 1,
        }
        Ok(())
    }

    /// Opens the day of a line, or counts why the line is left out.
    fn open<B: DayStore>(&mut self, number: u64, date: Date, doors: &Doors<'_, B>) -> Result<(), Fault> {
        let door = if self.closed == Some(date) { DayAccess::Closed } else { doors.door(date)? };
        match door {
            DayAccess::Open(key) => drop(self.days.insert(date, Piece::new(key))),
            DayAccess::Closed => {
                self.closed = Some(date);
                self.counts.late += 1;
            }
            DayAccess::ToCome => self.counts.unread(number, Why::ToCome),
        }
        Ok(())
    }
}

impl Piece {
    /// Nothing was counted yet.
    pub fn new(key: Arc<DayKey>) -> Self {
        let (tally, fresh) = (Tally::default(), Fresh::default());
        Self { key, tally, fresh, weight: 0, cells: 0, sealed: 0 }
    }

    fn count_cells(&mut self) -> usize {
        if self.is_unsealed() {
            self.cells = Dimension::ALL.into_iter().map(|dimension| self.tally.cells(dimension)).sum();
        }
        self.cells
    }

    /// Whether anything was counted since the last sealing.
    pub fn is_unsealed(&self) -> bool {
        self.tally.sequence() > self.sealed
    }

    /// It was sealed, in so many bytes. Words and sketches of few people take several times as much in memory.
    pub fn was_sealed(&mut self, bytes: usize) {
        const OF_A_CELL: usize = 128;
        (self.fresh, self.sealed) = (Fresh::default(), self.tally.sequence());
        self.weight = bytes + OF_A_CELL * self.cells;
    }
}
