//! What one node counted on one day.

use super::{Cell, cells::Cells};
use crate::{Dimension, Kind, Visit, Visitor, dimension::Crowd};

/// Plain numbers beside the tables: what came but is no visit. Those who objected to being counted aren't here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Apart {
    /// Requests of machines.
    pub bots: u64,
    /// Visits that came after their day was closed.
    pub late: u64,
    /// Requests that were no visit of the site, or too many from one place.
    pub refused: u64,
}

/// How many cells a dimension may have on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub(super) cells: [usize; 13],
}

impl Default for Limits {
    fn default() -> Self {
        Self { cells: Dimension::ALL.map(Dimension::most_cells) }
    }
}

impl Limits {
    /// At most `most` cells in each dimension, and never more than usual.
    pub fn at_most(most: usize) -> Self {
        Self { cells: Dimension::ALL.map(|dimension| dimension.most_cells().min(most.max(1))) }
    }
}

/// Counts and sketches of one node and day: what is sealed. It holds no visit, no address, no user agent and no time finer
/// than an hour; what tells visitors apart in it is worthless once the day's key is forgotten.
#[derive(Clone, PartialEq, Eq)]
pub struct Tally {
    pub(super) sequence: u64,
    pub(super) apart: Apart,
    pub(super) crowds: [Cell; 6],
    pub(super) tables: [Cells; 13],
    pub(super) limits: Limits,
}

impl Default for Tally {
    fn default() -> Self {
        Self::within(Limits::default())
    }
}

/// The words of [`Dimension::Hour`].
pub(super) const HOURS: [&str; 24] = [
    "00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16",
    "17", "18", "19", "20", "21", "22", "23",
];

impl Tally {
    /// Nobody came yet.
    pub fn within(limits: Limits) -> Self {
        Self {
            sequence: 0,
            apart: Apart::default(),
            crowds: Crowd::ALL.map(|crowd| Cell::empty(crowd.precision())),
            tables: Dimension::ALL.map(Cells::of),
            limits,
        }
    }

    /// Counts a visit.
    pub fn count(&mut self, visit: &Visit<'_>, visitor: Visitor) {
        self.sequence += 1;
        match visit.kind() {
            Kind::View => self.count_view(visit, visitor),
            Kind::Event => self.count_in(Dimension::Event, visit.subject(), visitor, true),
            Kind::Download => self.count_in(Dimension::Download, visit.subject(), visitor, true),
            Kind::Missing => self.count_in(Dimension::Missing, visit.subject(), visitor, true),
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

    /// In the cell, and in the dimension's crowd when it `leads` the others that share that crowd.
    fn count_in(&mut self, dimension: Dimension, word: &str, visitor: Visitor, leads: bool) {
        if leads {
            let crowd = &mut self.crowds[dimension.crowd() as usize];
            crowd.views += 1;
            crowd.visitors.add(visitor.0);
        }
        let place = dimension as usize;
        self.tables[place].count(word, visitor.0, self.limits.cells[place]);
    }

    /// One more request of a machine.
    pub fn count_bot(&mut self) {
        self.sequence += 1;
        self.apart.bots += 1;
    }

    /// So many more visits that came too late.
    pub fn count_late(&mut self, visits: u64) {
        self.sequence += visits;
        self.apart.late += visits;
    }

    /// One more request that is no visit.
    pub fn count_refused(&mut self) {
        self.sequence += 1;
        self.apart.refused += 1;
    }

    /// How many requests were counted in any way; grows with each, so a keeper knows whether there is anything to seal.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// What came but is no visit.
    pub fn apart(&self) -> Apart {
        self.apart
    }

    /// The people of whom the cells of some dimensions are parts.
    pub fn crowd(&self, crowd: Crowd) -> &Cell {
        &self.crowds[crowd as usize]
    }

    /// One cell. Exact, and of however few people: for the open day's own tests, never for a page.
    pub fn cell(&self, dimension: Dimension, word: &str) -> Option<&Cell> {
        self.tables[dimension as usize].get(word)
    }

    /// How many cells a dimension has.
    pub fn cells(&self, dimension: Dimension) -> usize {
        self.tables[dimension as usize].len()
    }

    /// Views of cells that made way because there were too many.
    pub fn beyond(&self, dimension: Dimension) -> u64 {
        self.tables[dimension as usize].beyond()
    }

    pub(crate) fn sorted(&self, dimension: Dimension) -> Vec<(&str, &Cell)> {
        self.tables[dimension as usize].sorted()
    }

    /// Of two tallies of the same node, the one that counted more; should they have counted the same (a process that
    /// lost its last seconds and went on), the greater in the order of bytes, so that every node decides alike.
    pub(super) fn is_later_than(&self, other: &Self) -> bool {
        match self.sequence.cmp(&other.sequence) {
            std::cmp::Ordering::Equal => self.to_bytes() > other.to_bytes(),
            order => order.is_gt(),
        }
    }

    pub(super) fn absorb(&mut self, other: &Self) {
        self.sequence = self.sequence.saturating_add(other.sequence);
        self.apart.bots = self.apart.bots.saturating_add(other.apart.bots);
        self.apart.late = self.apart.late.saturating_add(other.apart.late);
        self.apart.refused = self.apart.refused.saturating_add(other.apart.refused);
        for (ours, theirs) in self.crowds.iter_mut().zip(&other.crowds) {
            ours.merge(theirs);
        }
        for (ours, theirs) in self.tables.iter_mut().zip(&other.tables) {
            ours.absorb(theirs);
        }
    }
}
