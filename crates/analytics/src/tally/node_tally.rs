//! What one node counted on one day.

use super::{Cell, cells::Cells};
use crate::{Dimension, Visit, VisitKind, Visitor, dimension::Population};

/// Numbers of requests that are not visits. Visitors who opted out are not counted here either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UncountedRequests {
    /// Requests of bots.
    pub bots: u64,
    /// Visits that came after their day was closed.
    pub late: u64,
    /// Requests that are not a visit of the site, or too many from one address.
    pub refused: u64,
}

/// Maximum number of cells of each dimension on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellLimits {
    pub(super) cells: [usize; 13],
}

impl Default for CellLimits {
    fn default() -> Self {
        Self { cells: Dimension::ALL.map(Dimension::max_cells) }
    }
}

impl CellLimits {
    /// At most `max_cells` cells in each dimension, and never more than the default.
    pub fn with_max_cells(max_cells: usize) -> Self {
        Self { cells: Dimension::ALL.map(|dimension| dimension.max_cells().min(max_cells.max(1))) }
    }
}

/// The counts and sketches of one node and day; this is sealed. It holds no visit, address or user agent, and no time
/// finer than an hour. Its visitor pseudonyms mean nothing once the day's key is forgotten.
#[derive(Clone, PartialEq, Eq)]
pub struct Tally {
    pub(super) sequence: u64,
    pub(super) uncounted: UncountedRequests,
    pub(super) populations: [Cell; 6],
    pub(super) tables: [Cells; 13],
    pub(super) limits: CellLimits,
}

impl Default for Tally {
    fn default() -> Self {
        Self::with_limits(CellLimits::default())
    }
}

/// The values of [`Dimension::Hour`].
pub(super) const HOURS: [&str; 24] = [
    "00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16",
    "17", "18", "19", "20", "21", "22", "23",
];

impl Tally {
    /// Creates an empty tally with limits.
    pub fn with_limits(limits: CellLimits) -> Self {
        Self {
            sequence: 0,
            uncounted: UncountedRequests::default(),
            populations: Population::ALL.map(|population| Cell::empty(population.precision())),
            tables: Dimension::ALL.map(Cells::of),
            limits,
        }
    }

    /// Counts a visit.
    pub fn count(&mut self, visit: &Visit<'_>, visitor: Visitor) {
        self.sequence += 1;
        match visit.kind() {
            VisitKind::View => self.count_view(visit, visitor),
            VisitKind::Event => self.count_in(Dimension::Event, visit.subject(), visitor, true),
            VisitKind::Download => self.count_in(Dimension::Download, visit.subject(), visitor, true),
            VisitKind::Missing => self.count_in(Dimension::Missing, visit.subject(), visitor, true),
        }
    }

    fn count_view(&mut self, visit: &Visit<'_>, visitor: Visitor) {
        self.count_in(Dimension::Page, visit.subject(), visitor, true);
        self.count_in(Dimension::Country, visit.country(), visitor, false);
        self.count_in(Dimension::Language, visit.language(), visitor, false);
        self.count_in(Dimension::Browser, visit.browser(), visitor, false);
        self.count_in(Dimension::System, visit.system(), visitor, false);
        self.count_in(Dimension::Screen, visit.screen(), visitor, false);
        self.count_in(Dimension::Hour, HOURS[usize::from(visit.hour)], visitor, false);
        if visit.is_entry() {
            self.count_in(Dimension::Entry, visit.subject(), visitor, true);
            if let Some(referrer) = visit.referrer() {
                self.count_in(Dimension::Referrer, referrer, visitor, false);
            }
        }
        if let Some(campaign) = visit.campaign() {
            self.count_in(Dimension::Campaign, campaign, visitor, true);
        }
    }

    /// Counts in a cell, and in the dimension's population if `counts_population`. That is true for the one dimension
    /// that also counts the shared total (population).
    fn count_in(&mut self, dimension: Dimension, value: &str, visitor: Visitor, counts_population: bool) {
        if counts_population {
            let population = &mut self.populations[dimension.population() as usize];
            population.views += 1;
            population.visitors.add(visitor.0);
        }
        let index = dimension as usize;
        self.tables[index].count(value, visitor.0, self.limits.cells[index]);
    }

    /// Counts a request of a bot.
    pub fn count_bot(&mut self) {
        self.sequence += 1;
        self.uncounted.bots += 1;
    }

    /// Counts visits that came too late.
    pub fn count_late(&mut self, visits: u64) {
        self.sequence += visits;
        self.uncounted.late += visits;
    }

    /// Counts a request that is not a visit.
    pub fn count_refused(&mut self) {
        self.sequence += 1;
        self.uncounted.refused += 1;
    }

    /// Number of requests counted in any way. It grows with each, so it tells whether there is anything new to seal.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Requests that are not visits.
    pub fn uncounted(&self) -> UncountedRequests {
        self.uncounted
    }

    /// The population of which some dimensions' cells are parts.
    pub fn population(&self, population: Population) -> &Cell {
        &self.populations[population as usize]
    }

    /// One exact cell, of however few visitors: for the day's own processing and tests, never for a page.
    pub fn cell(&self, dimension: Dimension, value: &str) -> Option<&Cell> {
        self.tables[dimension as usize].get(value)
    }

    /// Number of cells of a dimension.
    pub fn cells(&self, dimension: Dimension) -> usize {
        self.tables[dimension as usize].len()
    }

    /// Views of cells that were evicted because the table was full.
    pub fn evicted_views(&self, dimension: Dimension) -> u64 {
        self.tables[dimension as usize].evicted_views()
    }

    pub(crate) fn sorted(&self, dimension: Dimension) -> Vec<(&str, &Cell)> {
        self.tables[dimension as usize].sorted()
    }

    /// Whether this tally of a node is newer than another: it counted more requests. A process that lost its last
    /// seconds and went on may have counted equally many. Then the greater bytes win, so that every node decides
    /// alike.
    pub(super) fn is_newer_than(&self, other: &Self) -> bool {
        match self.sequence.cmp(&other.sequence) {
            std::cmp::Ordering::Equal => self.to_bytes() > other.to_bytes(),
            order => order.is_gt(),
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.sequence = self.sequence.saturating_add(other.sequence);
        self.uncounted.bots = self.uncounted.bots.saturating_add(other.uncounted.bots);
        self.uncounted.late = self.uncounted.late.saturating_add(other.uncounted.late);
        self.uncounted.refused = self.uncounted.refused.saturating_add(other.uncounted.refused);
        for (ours, theirs) in self.populations.iter_mut().zip(&other.populations) {
            ours.merge(theirs);
        }
        for (ours, theirs) in self.tables.iter_mut().zip(&other.tables) {
            ours.merge(theirs);
        }
    }
}
