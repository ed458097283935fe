//! A house in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use analytics::{Date, Day, DayKey, DisclosureThresholds, Published, Tally, publish};

use crate::books::{DayAccess, DayStore, Fault, Step};

/// What was sealed, and when the next sealing fails.
pub struct Ledger {
    pub zone: &'static str,
    pub today: Date,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    tallies: BTreeMap<(Date, i64), Vec<u8>>,
    places: BTreeMap<Vec<u8>, u64>,
    closed: BTreeSet<Date>,
    /// Days that are closed by somebody else before so many sealings more.
    closing: Option<(u64, Date)>,
    nodes: i64,
    seals: u64,
    fails_after: Option<u64>,
}

impl Ledger {
    /// Of a site in a time zone, on 2026-05-01.
    pub fn new(zone: &'static str) -> Self {
        Self { zone, today: Date::of(2026, 5, 1).unwrap(), kept: Mutex::default() }
    }

    /// So many sealings succeed from now on, and the next one fails.
    pub fn fail_after(&self, seals: Option<u64>) {
        let mut kept = self.kept.lock().unwrap();
        kept.fails_after = seals.map(|more| kept.seals + more);
    }

    pub fn seals(&self) -> u64 {
        self.kept.lock().unwrap().seals
    }

    /// Tallies that are kept, of all days and nodes.
    pub fn tallies(&self) -> usize {
        self.kept.lock().unwrap().tallies.len()
    }

    pub fn close(&self, date: Date) {
        self.kept.lock().unwrap().closed.insert(date);
    }

    /// The day is closed just before the sealing after the next `seals`.
    pub fn close_before(&self, seals: u64, date: Date) {
        let mut kept = self.kept.lock().unwrap();
        kept.closing = Some((kept.seals + seals, date));
    }

    /// All that was counted, exactly: tallies of all days in their order.
    pub fn days(&self) -> Vec<(Date, Tally)> {
        let kept = self.kept.lock().unwrap();
        let mut days: BTreeMap<Date, Day> = BTreeMap::new();
        for ((date, node), state) in &kept.tallies {
            days.entry(*date).or_default().take(node.cast_unsigned(), Tally::from_bytes(state).unwrap());
        }
        days.into_iter().map(|(date, day)| (date, day.total())).collect()
    }

    /// What would be published.
    pub fn figures(&self) -> Vec<(Date, Published)> {
        let days = self.days().into_iter();
        days.map(|(date, tally)| (date, publish(&tally, DisclosureThresholds::default()))).collect()
    }
}

impl DayStore for Ledger {
    fn open(&self, date: Date) -> Result<DayAccess, Fault> {
        if date > self.today {
            return Ok(DayAccess::ToCome);
        }
        if self.kept.lock().unwrap().closed.contains(&date) {
            return Ok(DayAccess::Closed);
        }
        let mut key = [7; 32];
        key[..4].copy_from_slice(&date.0.to_le_bytes());
        Ok(DayAccess::Open(Arc::new(DayKey::new(key))))
    }

    fn today(&self) -> Date {
        self.today
    }

    fn node(&self) -> Result<i64, Fault> {
        let mut kept = self.kept.lock().unwrap();
        kept.nodes += 1;
        Ok(kept.nodes)
    }

    fn place(&self, head: &[u8]) -> Result<u64, Fault> {
        Ok(self.kept.lock().unwrap().places.get(head).copied().unwrap_or(0))
    }

    fn seal(&self, node: i64, days: &[(Date, Vec<u8>)], step: Step<'_>) -> Result<Vec<Date>, Fault> {
        let mut kept = self.kept.lock().unwrap();
        if kept.fails_after == Some(kept.seals)
            || kept.places.get(step.head).copied().unwrap_or(0) != step.from
        {
            return Err(Fault::Twice);
        }
        if let Some((_, date)) = kept.closing.filter(|(seals, _)| *seals == kept.seals) {
            kept.closed.insert(date);
        }
        kept.seals += 1;
        kept.places.insert(step.head.to_vec(), step.to);
        let mut refused = Vec::new();
        for (date, state) in days {
            if kept.closed.contains(date) {
                refused.push(*date);
            } else {
                kept.tallies.insert((*date, node), state.clone());
            }
        }
        Ok(refused)
    }
}
