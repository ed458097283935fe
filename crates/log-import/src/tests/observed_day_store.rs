//! A day store in memory that counts its openings, fails on purpose and interrupts the import.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use calendar::Day;

use super::*;
use crate::day_store::{DayAccess, SealedRange};

/// Passes everything on to a store in memory.
pub(crate) struct ObservedDayStore {
    pub inner: MemoryDayStore,
    /// The flag that interrupts the import.
    pub stop: Arc<AtomicBool>,
    /// Set the flag with this sealing, counted from 1.
    pub stops_at: u64,
    /// This day can't be opened.
    pub broken_day: Option<Day>,
    /// Days by which the current day has advanced.
    pub days_passed: AtomicI64,
    /// The day begins with this opening of a future day, counted from 1.
    pub midnight_at: u64,
    pub future_openings: AtomicU64,
    pub openings: Mutex<BTreeMap<Day, u64>>,
}

impl ObservedDayStore {
    pub(crate) fn new() -> Self {
        Self {
            inner: MemoryDayStore::new("UTC"),
            stop: Arc::default(),
            stops_at: u64::MAX,
            broken_day: None,
            days_passed: AtomicI64::new(0),
            midnight_at: u64::MAX,
            future_openings: AtomicU64::new(0),
            openings: Mutex::default(),
        }
    }

    /// How often each day was opened.
    pub(crate) fn openings(&self) -> Vec<(Day, u64)> {
        self.openings.lock().unwrap().clone().into_iter().collect()
    }

    pub(crate) fn import(&self, file: &Path) -> Result<LogOutcome, ImportError> {
        let bounds = Bounds { workers: 1, ..small() };
        import_into(bounds, (self, "UTC"), &self.stop, &[file]).map(|mut outcomes| outcomes.remove(0))
    }
}

impl DayStore for ObservedDayStore {
    fn open(&self, date: Day) -> Result<DayAccess, ImportError> {
        *self.openings.lock().unwrap().entry(date).or_default() += 1;
        if self.broken_day == Some(date) {
            return Err(ImportError::Store(store::Error::Conflict));
        }
        if date <= self.inner.today {
            return self.inner.open(date);
        }
        if self.future_openings.fetch_add(1, Ordering::Relaxed) + 1 >= self.midnight_at {
            self.days_passed.store(1, Ordering::Relaxed);
        }
        if date > self.today() { Ok(DayAccess::Future) } else { self.inner.open(self.inner.today) }
    }

    fn today(&self) -> Day {
        self.inner.today + self.days_passed.load(Ordering::Relaxed)
    }

    fn node(&self) -> Result<i64, ImportError> {
        self.inner.node()
    }

    fn position(&self, head: &[u8]) -> Result<u64, ImportError> {
        self.inner.position(head)
    }

    fn seal(
        &self,
        node: i64,
        days: &[(Day, Vec<u8>)],
        range: SealedRange<'_>,
    ) -> Result<Vec<Day>, ImportError> {
        let closed = self.inner.seal(node, days, range)?;
        if self.inner.seals() >= self.stops_at {
            self.stop.store(true, Ordering::Relaxed);
        }
        Ok(closed)
    }
}
