//! A day store in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use analytics::{DayKey, DayTallies, DisclosureThresholds, PublishedDay, Tally, apply_disclosure_control};
use calendar::Day;

use crate::day_store::{DayAccess, DayStore, ImportError, SealedRange};

/// Sealed tallies and positions, and when the next sealing fails.
pub(super) struct MemoryDayStore {
    pub zone: &'static str,
    pub today: Day,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tallies: BTreeMap<(Day, i64), Vec<u8>>,
    positions: BTreeMap<Vec<u8>, u64>,
    closed: BTreeSet<Day>,
    /// A day that another process closes before the given sealing.
    closing: Option<(u64, Day)>,
    nodes: i64,
    seals: u64,
    fails_after: Option<u64>,
}

impl MemoryDayStore {
    /// A site in a time zone, on 2026-05-01.
    pub(super) fn new(zone: &'static str) -> Self {
        Self { zone, today: Day::from_date(2026, 5, 1).unwrap(), state: Mutex::default() }
    }

    /// The next `seals` sealings succeed, and the one after them fails.
    pub(crate) fn fail_after(&self, seals: Option<u64>) {
        let mut state = self.state.lock().unwrap();
        state.fails_after = seals.map(|more| state.seals + more);
    }

    pub(super) fn seals(&self) -> u64 {
        self.state.lock().unwrap().seals
    }

    /// Number of stored tallies of all days and nodes.
    pub(super) fn tallies(&self) -> usize {
        self.state.lock().unwrap().tallies.len()
    }

    pub(super) fn close(&self, date: Day) {
        self.state.lock().unwrap().closed.insert(date);
    }

    /// The day is closed just before the sealing after the next `seals`.
    pub(crate) fn close_before(&self, seals: u64, date: Day) {
        let mut state = self.state.lock().unwrap();
        state.closing = Some((state.seals + seals, date));
    }

    /// The exact counts: tallies of all days in their order.
    pub(super) fn days(&self) -> Vec<(Day, Tally)> {
        let state = self.state.lock().unwrap();
        let mut days: BTreeMap<Day, DayTallies> = BTreeMap::new();
        for ((date, node), state) in &state.tallies {
            days.entry(*date).or_default().insert(node.cast_unsigned(), Tally::from_bytes(state).unwrap());
        }
        days.into_iter().map(|(date, day)| (date, day.total())).collect()
    }

    /// The figures that would be published.
    pub(super) fn figures(&self) -> Vec<(Day, PublishedDay)> {
        let days = self.days().into_iter();
        days.map(|(date, tally)| (date, apply_disclosure_control(&tally, DisclosureThresholds::default())))
            .collect()
    }
}

impl DayStore for MemoryDayStore {
    fn open(&self, date: Day) -> Result<DayAccess, ImportError> {
        if date > self.today {
            return Ok(DayAccess::Future);
        }
        if self.state.lock().unwrap().closed.contains(&date) {
            return Ok(DayAccess::Closed);
        }
        let mut key = [7; 32];
        key[..8].copy_from_slice(&date.to_unix_days().to_le_bytes());
        Ok(DayAccess::Open(Arc::new(DayKey::new(key))))
    }

    fn today(&self) -> Day {
        self.today
    }

    fn node(&self) -> Result<i64, ImportError> {
        let mut state = self.state.lock().unwrap();
        state.nodes += 1;
        Ok(state.nodes)
    }

    fn position(&self, head: &[u8]) -> Result<u64, ImportError> {
        Ok(self.state.lock().unwrap().positions.get(head).copied().unwrap_or(0))
    }

    fn seal(
        &self,
        node: i64,
        days: &[(Day, Vec<u8>)],
        range: SealedRange<'_>,
    ) -> Result<Vec<Day>, ImportError> {
        let mut state = self.state.lock().unwrap();
        if state.fails_after == Some(state.seals)
            || state.positions.get(range.head).copied().unwrap_or(0) != range.from
        {
            return Err(ImportError::ConcurrentImport);
        }
        if let Some((_, date)) = state.closing.filter(|(seals, _)| *seals == state.seals) {
            state.closed.insert(date);
        }
        state.seals += 1;
        state.positions.insert(range.head.to_vec(), range.to);
        let mut refused = Vec::new();
        for (date, tally) in days {
            if state.closed.contains(date) {
                refused.push(*date);
            } else {
                state.tallies.insert((*date, node), tally.clone());
            }
        }
        Ok(refused)
    }
}
