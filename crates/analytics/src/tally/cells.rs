//! The cells of one dimension. Their number is bounded; cells with the fewest visitors are evicted.

use std::collections::HashMap;

use foldhash::quality::RandomState;

use super::Cell;
use crate::Dimension;

/// Cells by the counted value.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Cells {
    /// Keyed by the hasher's own random key, because strangers choose the values.
    by_value: HashMap<Box<str>, Cell, RandomState>,
    /// Views of evicted cells.
    evicted_views: u64,
    precision: u8,
}

impl Cells {
    pub(crate) fn of(dimension: Dimension) -> Self {
        Self { by_value: HashMap::default(), evicted_views: 0, precision: dimension.precision() }
    }

    /// Counts a view of `value` by a visitor. Beyond `max_cells` cells it evicts a tenth of them, those with the
    /// fewest visitors. So a flood of invented values evicts itself, not the pages that people read.
    pub(crate) fn count(&mut self, value: &str, visitor: u64, max_cells: usize) {
        if let Some(cell) = self.by_value.get_mut(value) {
            cell.views += 1;
            cell.visitors.add(visitor);
            return;
        }
        if self.by_value.len() >= max_cells {
            self.evict_smallest((max_cells / 10).max(1));
        }
        let mut cell = Cell::empty(self.precision);
        cell.views = 1;
        cell.visitors.add(visitor);
        self.by_value.insert(value.into(), cell);
    }

    fn evict_smallest(&mut self, count: usize) {
        let people = |cell: &Cell| cell.visitors.exact_count().unwrap_or(usize::MAX);
        let mut order: Vec<(usize, u64, &str)> =
            self.by_value.iter().map(|(value, cell)| (people(cell), cell.views, &**value)).collect();
        if count < order.len() {
            order.select_nth_unstable(count);
        }
        // Collected first, because the values are borrowed.
        let leaving: Vec<Box<str>> = order.iter().take(count).map(|(_, _, value)| (*value).into()).collect();
        for value in leaving {
            let left = self.by_value.remove(&value).map_or(0, |cell| cell.views);
            self.evicted_views = self.evicted_views.saturating_add(left);
        }
    }

    /// Adds all cells of another node. The bound applies to each node alone.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.evicted_views = self.evicted_views.saturating_add(other.evicted_views);
        for (value, theirs) in &other.by_value {
            match self.by_value.get_mut(value) {
                Some(ours) => ours.merge(theirs),
                None => drop(self.by_value.insert(value.clone(), theirs.clone())),
            }
        }
    }

    /// Values and cells in any order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Cell)> {
        self.by_value.iter().map(|(value, cell)| (&**value, cell))
    }

    /// Values and cells, sorted by value.
    pub(crate) fn sorted(&self) -> Vec<(&str, &Cell)> {
        let mut cells: Vec<_> = self.iter().collect();
        cells.sort_unstable_by_key(|(value, _)| *value);
        cells
    }

    pub(crate) fn get(&self, value: &str) -> Option<&Cell> {
        self.by_value.get(value)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_value.len()
    }

    pub(crate) fn evicted_views(&self) -> u64 {
        self.evicted_views
    }

    pub(crate) fn restore(&mut self, evicted_views: u64, value: &str, cell: Cell) {
        self.evicted_views = evicted_views;
        self.by_value.insert(value.into(), cell);
    }

    pub(crate) fn restore_evicted_views(&mut self, evicted_views: u64) {
        self.evicted_views = evicted_views;
    }
}
