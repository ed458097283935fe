//! An element of a shared list, read without locks. Every visit reads the list and only the flusher writes it.

use std::ops::Deref;
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};

/// An element of a list. It stays valid while the list is replaced.
pub struct ListSnapshot<T> {
    all: Guard<Arc<Vec<T>>>,
    index: usize,
}

impl<T> ListSnapshot<T> {
    /// Returns the first element that matches.
    pub(super) fn of(all: &ArcSwap<Vec<T>>, day_to_open: impl FnMut(&T) -> bool) -> Option<Self> {
        let all = all.load();
        let index = all.iter().position(day_to_open)?;
        Some(Self { all, index })
    }
}

impl<T> Deref for ListSnapshot<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.all[self.index]
    }
}
