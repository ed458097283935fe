//! The cells of one dimension: a bounded number, and those with the fewest people make way.

use std::collections::HashMap;

use foldhash::quality::RandomState;

use super::Cell;
use crate::Dimension;

/// Cells by the word that is counted.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Cells {
    /// Keyed by the hasher's own random key: words come from strangers.
    by_word: HashMap<Box<str>, Cell, RandomState>,
    /// Views of cells that made way.
    beyond: u64,
    precision: u8,
}

impl Cells {
    pub(crate) fn of(dimension: Dimension) -> Self {
        Self { by_word: HashMap::default(), beyond: 0, precision: dimension.precision() }
    }

    /// Counts a view of `word` by a visitor. Beyond `most` cells, a tenth of them makes way: those with the fewest
    /// people, so that a flood of invented words drives out itself and no page that people read.
    pub(crate) fn count(&mut self, word: &str, visitor: u64, most: usize) {
        if let Some(cell) = self.by_word.get_mut(word) {
            cell.views += 1;
            cell.visitors.add(visitor);
            return;
        }
        if self.by_word.len() >= most {
            self.make_way((most / 10).max(1));
        }
        let mut cell = Cell::empty(self.precision);
        cell.views = 1;
        cell.visitors.add(visitor);
        self.by_word.insert(word.into(), cell);
    }

    fn make_way(&mut self, fewest: usize) {
        let people = |cell: &Cell| cell.visitors.few().unwrap_or(usize::MAX);
        let mut order: Vec<(usize, u64, &str)> =
            self.by_word.iter().map(|(word, cell)| (people(cell), cell.views, &**word)).collect();
        if fewest < order.len() {
            order.select_nth_unstable(fewest);
        }
        // Read before anything is taken out, since the words are borrowed.
        let leaving: Vec<Box<str>> = order.iter().take(fewest).map(|(_, _, word)| (*word).into()).collect();
        for word in leaving {
            let left = self.by_word.remove(&word).map_or(0, |cell| cell.views);
            self.beyond = self.beyond.saturating_add(left);
        }
    }

    /// Adds the cells of another node, all of them: the bound is each node's own.
    pub(crate) fn absorb(&mut self, other: &Self) {
        self.beyond = self.beyond.saturating_add(other.beyond);
        for (word, theirs) in &other.by_word {
            match self.by_word.get_mut(word) {
                Some(ours) => ours.merge(theirs),
                None => drop(self.by_word.insert(word.clone(), theirs.clone())),
            }
        }
    }

    /// Words and cells in any order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Cell)> {
        self.by_word.iter().map(|(word, cell)| (&**word, cell))
    }

    /// Words and cells in the order of the words.
    pub(crate) fn sorted(&self) -> Vec<(&str, &Cell)> {
        let mut cells: Vec<_> = self.iter().collect();
        cells.sort_unstable_by_key(|(word, _)| *word);
        cells
    }

    pub(crate) fn get(&self, word: &str) -> Option<&Cell> {
        self.by_word.get(word)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_word.len()
    }

    pub(crate) fn beyond(&self) -> u64 {
        self.beyond
    }

    pub(crate) fn restore(&mut self, beyond: u64, word: &str, cell: Cell) {
        self.beyond = beyond;
        self.by_word.insert(word.into(), cell);
    }

    pub(crate) fn restore_beyond(&mut self, beyond: u64) {
        self.beyond = beyond;
    }
}
