//! The working state of an open day in memory: counts and sketches.
//!
//! Each process counts into its own [`Tally`]. Every few seconds its owner seals [`Tally::to_bytes`] under the day's
//! key slot, which replaces the state that the same node sealed before. [`DayTallies`] holds one tally for each node
//! and keeps the newer of two of the same node. So nothing is counted twice, however often states are exchanged.

mod cells;
mod encoding;
mod node_tally;

use std::collections::BTreeMap;

pub use encoding::DecodeError;
pub use node_tally::{CellLimits, Tally, UncountedRequests};

/// One cell: its views and its visitors.
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

    /// Number of views; exact.
    pub fn views(&self) -> u64 {
        self.views
    }

    /// Number of visitors; see [`Sketch::count`](crate::Sketch::count).
    pub fn visitors(&self) -> u64 {
        self.visitors.count()
    }
}

/// The tallies of all nodes that count for a site on one day.
///
/// A node is one run of a process, or several runs of a process that restores its last sealed tally when it starts. Of
/// two tallies of a node, one must be a continuation of the other. Two processes that count at the same time need two
/// node names.
#[derive(Clone, Default)]
pub struct DayTallies {
    nodes: BTreeMap<u64, Tally>,
}

impl DayTallies {
    /// Creates a day without visits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Inserts the tally of `node`, unless a newer one is known. Order and repetition don't matter.
    pub fn insert(&mut self, node: u64, tally: Tally) {
        match self.nodes.get(&node) {
            Some(known) if !tally.is_newer_than(known) => {}
            _ => drop(self.nodes.insert(node, tally)),
        }
    }

    /// Inserts all tallies of another day state.
    pub fn merge(&mut self, other: Self) {
        for (node, tally) in other.nodes {
            self.insert(node, tally);
        }
    }

    /// The tally of one node, to continue counting with.
    pub fn node_tally(&self, node: u64) -> Option<&Tally> {
        self.nodes.get(&node)
    }

    /// The sum of all nodes: counts added, sketches merged.
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        for tally in self.nodes.values() {
            total.merge(tally);
        }
        total
    }
}
