//! The working state of a day: counts and sketches, in memory while the day is open.
//!
//! A process counts into its own [`Tally`], and whoever keeps it seals [`Tally::to_bytes`] under the day's slot every few
//! seconds. Sealing again replaces what the same node sealed before: a [`Day`] holds one tally for each node and keeps
//! the later of two of the same node, so nothing is added twice however often states are exchanged.

mod cells;
mod form;
mod tally;

use std::collections::BTreeMap;

pub use form::Unreadable;
pub use tally::{Apart, Limits, Tally};

/// One cell: how often, and how many people.
#[derive(Clone, PartialEq, Eq)]
pub struct Cell {
    pub(crate) views: u64,
    pub(crate) visitors: crate::Sketch,
}

impl Cell {
    pub(crate) fn empty(precision: u8) -> Self {
        Self { views: 0, visitors: crate::Sketch::new(precision) }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.views = self.views.saturating_add(other.views);
        self.visitors.merge(&other.visitors);
    }

    /// How often; exact.
    pub fn views(&self) -> u64 {
        self.views
    }

    /// How many people; see [`Sketch::count`](crate::Sketch::count).
    pub fn visitors(&self) -> u64 {
        self.visitors.count()
    }
}

/// The tallies of all nodes that count for a site on one day.
///
/// A node is one run of one process, or the runs of a process that takes up its own last sealed tally when it starts: of
/// the two tallies of a node, one must have grown out of the other. Two processes that count at the same time need two
/// names.
#[derive(Clone, Default)]
pub struct Day {
    nodes: BTreeMap<u64, Tally>,
}

impl Day {
    /// Nobody came yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what `node` counted so far. In any order, and as often as one likes.
    pub fn take(&mut self, node: u64, tally: Tally) {
        match self.nodes.get(&node) {
            Some(known) if !tally.is_later_than(known) => {}
            _ => drop(self.nodes.insert(node, tally)),
        }
    }

    /// Takes in all of another.
    pub fn join(&mut self, other: Self) {
        for (node, tally) in other.nodes {
            self.take(node, tally);
        }
    }

    /// The tally of one node, to go on counting with.
    pub fn of_node(&self, node: u64) -> Option<&Tally> {
        self.nodes.get(&node)
    }

    /// All nodes together: counts added, sketches merged.
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        for tally in self.nodes.values() {
            total.absorb(tally);
        }
        total
    }
}
