//! A day of a site while it is open: its key, and what this process counts on it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use analytics::{Date, DayKey, Tally};
use domain::statistics::state;

/// An open day. The key leaves the memory with it.
pub(super) struct Day {
    pub(super) date: Date,
    /// Another number for each day that is opened, so that nothing sealed before is written over.
    pub(super) node: i64,
    key: DayKey,
    book: Mutex<Book>,
}

struct Book {
    tally: Tally,
    /// The tally's sequence when it was last sealed; none before the first time.
    sealed: Option<u64>,
    /// Nothing is counted any more.
    ended: bool,
    /// This was sealed too.
    gone: bool,
}

/// A tally on its way under the day's slot.
pub(super) struct Copy {
    pub(super) state: Vec<u8>,
    pub(super) last: bool,
    sequence: u64,
}

impl Day {
    pub(super) fn new(date: Date, node: i64, key: DayKey) -> Self {
        let book = Book { tally: Tally::default(), sealed: None, ended: false, gone: false };
        Self { date, node, key, book: Mutex::new(book) }
    }

    pub(super) fn key(&self) -> &DayKey {
        &self.key
    }

    /// A thread that panicked while it counted left whole numbers behind, of which one may lack.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts, unless the day has ended here.
    pub(super) fn count(&self, one: impl FnOnce(&mut Tally)) -> bool {
        let mut book = self.book();
        if !book.ended {
            one(&mut book.tally);
        }
        !book.ended
    }

    /// From here on nothing is counted.
    pub(super) fn end(&self) {
        self.book().ended = true;
    }

    /// Whether nothing is counted any more.
    pub(super) fn has_ended(&self) -> bool {
        self.book().ended
    }

    /// What is to be sealed at second `at`: nothing where nothing changed.
    pub(super) fn copy(&self, at: i64) -> Option<Copy> {
        let mut book = self.book();
        let sequence = book.tally.sequence();
        if book.ended && book.sealed.is_none() && sequence == 0 {
            // Nobody knows of this node, and nobody needs to.
            book.gone = true;
        }
        let due = if book.ended { !book.gone } else { book.sealed != Some(sequence) };
        due.then(|| Copy { state: state(at, book.tally.to_bytes()), last: book.ended, sequence })
    }

    /// It was sealed.
    pub(super) fn sealed(&self, copy: &Copy) {
        let mut book = self.book();
        book.sealed = Some(copy.sequence);
        book.gone = copy.last;
    }

    /// The day was closed by another before this was sealed. Says how much is lost by that.
    pub(super) fn closed(&self) -> u64 {
        let mut book = self.book();
        (book.ended, book.gone) = (true, true);
        book.tally.sequence().saturating_sub(book.sealed.unwrap_or(0))
    }

    /// Whether the last was sealed, so that it can go.
    pub(super) fn is_gone(&self) -> bool {
        self.book().gone
    }
}
