//! An open day of a site: its key, and what this process counts on it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use analytics::{DayKey, Tally};
use calendar::{Day, Timestamp};
use domain::statistics::tally_state;

/// An open day. When it is dropped, its key is wiped from memory.
pub(super) struct CountedDay {
    pub(super) date: Day,
    /// A different number each time a day is opened, so that no earlier tally is overwritten.
    pub(super) node: i64,
    key: DayKey,
    tally: Mutex<TallyState>,
}

struct TallyState {
    tally: Tally,
    /// The tally's sequence number when it was last stored. `None` before the first time.
    sealed: Option<u64>,
    /// Nothing more is counted.
    ended: bool,
    /// The last tally was stored too.
    finished: bool,
}

/// A copy of a tally to be encrypted and stored.
pub(super) struct TallySnapshot {
    pub(super) state: Vec<u8>,
    pub(super) last: bool,
    sequence: u64,
}

impl CountedDay {
    pub(super) fn new(date: Day, node: i64, key: DayKey) -> Self {
        let state = TallyState { tally: Tally::default(), sealed: None, ended: false, finished: false };
        Self { date, node, key, tally: Mutex::new(state) }
    }

    pub(super) fn key(&self) -> &DayKey {
        &self.key
    }

    /// Locks the tally. A thread that panicked while counting leaves valid numbers, of which at most one is missing.
    fn lock(&self) -> MutexGuard<'_, TallyState> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts, unless the day has ended. Returns whether it counted.
    pub(super) fn count(&self, one: impl FnOnce(&mut Tally)) -> bool {
        let mut state = self.lock();
        if !state.ended {
            one(&mut state.tally);
        }
        !state.ended
    }

    /// Stops counting.
    pub(super) fn end(&self) {
        self.lock().ended = true;
    }

    /// Returns whether counting has stopped.
    pub(super) fn has_ended(&self) -> bool {
        self.lock().ended
    }

    /// Returns the tally to be stored at this moment, or `None` if nothing changed.
    pub(super) fn snapshot(&self, at: Timestamp) -> Option<TallySnapshot> {
        let mut state = self.lock();
        let sequence = state.tally.sequence();
        if state.ended && state.sealed.is_none() && sequence == 0 {
            // Nothing was counted or stored under this node number, so nothing has to be.
            state.finished = true;
        }
        let due = if state.ended { !state.finished } else { state.sealed != Some(sequence) };
        due.then(|| TallySnapshot {
            state: tally_state(at, state.tally.to_bytes()),
            last: state.ended,
            sequence,
        })
    }

    /// Records that a snapshot was stored.
    pub(super) fn mark_sealed(&self, snapshot: &TallySnapshot) {
        let mut state = self.lock();
        state.sealed = Some(snapshot.sequence);
        state.finished = snapshot.last;
    }

    /// Records that another process closed the day before this tally was stored. Returns how many counts are lost.
    pub(super) fn mark_closed_elsewhere(&self) -> u64 {
        let mut state = self.lock();
        (state.ended, state.finished) = (true, true);
        state.tally.sequence().saturating_sub(state.sealed.unwrap_or(0))
    }

    /// Returns whether the last tally was stored, so that the day can be dropped.
    pub(super) fn is_finished(&self) -> bool {
        self.lock().finished
    }
}
