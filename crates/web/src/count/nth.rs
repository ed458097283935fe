//! One of several things that every visit reads and one keeper writes: nobody waits, and nobody counts who is reading.

use std::ops::Deref;
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};

/// One of a list, for as long as it is looked at, whatever the list has become meanwhile.
pub struct ListSnapshot<T> {
    all: Guard<Arc<Vec<T>>>,
    nth: usize,
}

impl<T> ListSnapshot<T> {
    /// The first that is wanted.
    pub(super) fn of(all: &ArcSwap<Vec<T>>, wanted: impl FnMut(&T) -> bool) -> Option<Self> {
        let all = all.load();
        let nth = all.iter().position(wanted)?;
        Some(Self { all, nth })
    }
}

impl<T> Deref for ListSnapshot<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.all[self.nth]
    }
}
