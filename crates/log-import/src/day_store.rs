//! The storage interface of an import: day keys, log positions, and sealing both together.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use analytics::DayKey;
use calendar::Day;

/// Why an import can't go on. Sealed counts stay, and the next run resumes there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Database, keyring, or the system's random numbers.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Another import counts the same log.
    #[error("another import is counting the same log. Wait until it ends, then run the command again")]
    ConcurrentImport,
}

#[derive(Clone)]
pub enum DayAccess {
    /// The day is open; it is counted with this key.
    Open(Arc<DayKey>),
    /// The day is published.
    Closed,
    Future,
}

/// The range of a log that is sealed in one step.
#[derive(Clone, Copy)]
pub struct SealedRange<'a> {
    /// The first line that identifies the log, see [`head`](super::blocks::Blocks::head).
    pub head: &'a [u8],
    /// Bytes of plain text that were sealed before.
    pub from: u64,
    /// Bytes of plain text that are counted now.
    pub to: u64,
}

/// What an import needs of the store.
pub trait DayStore: Sync {
    /// Opens a day of the site.
    fn open(&self, date: Day) -> Result<DayAccess, ImportError>;

    /// The current day of the site.
    fn today(&self) -> Day;

    /// Returns an unused node name.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    fn node(&self) -> Result<i64, ImportError>;

    /// How many bytes of plain text of a log were counted before.
    fn position(&self, head: &[u8]) -> Result<u64, ImportError>;

    /// Seals the tallies of `node` and the log position in one transaction: all or nothing. Returns the days that were
    /// closed meanwhile, whose tallies were not stored.
    ///
    /// # Errors
    /// When the database or the keyring is unavailable, or another import has advanced the log from the same position.
    /// Nothing is sealed then.
    fn seal(
        &self,
        node: i64,
        days: &[(Day, Vec<u8>)],
        range: SealedRange<'_>,
    ) -> Result<Vec<Day>, ImportError>;
}

/// Caches the access to each day of a log for all workers. Its size is bounded by the number of days in the log.
pub struct DayAccessCache<'a, B> {
    store: &'a B,
    cached: Mutex<BTreeMap<Day, (DayAccess, Instant)>>,
}

/// A day is opened again after this time, so that it isn't closed meanwhile. It is well within
/// [`KEEP_OPEN_SECONDS`](super::db_day_store::KEEP_OPEN_SECONDS).
const REFRESH_AFTER: Duration = Duration::from_secs(6 * 3_600);

impl<'a, B: DayStore> DayAccessCache<'a, B> {
    /// Creates an empty cache.
    pub fn new(store: &'a B) -> Self {
        Self { store, cached: Mutex::default() }
    }

    pub fn access(&self, date: Day) -> Result<DayAccess, ImportError> {
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        match cached.get(&date) {
            Some((access, since)) if since.elapsed() < REFRESH_AFTER => Ok(access.clone()),
            _ => {
                let access = self.store.open(date)?;
                // Not cached, because the day begins tomorrow.
                if !matches!(access, DayAccess::Future) {
                    cached.insert(date, (access.clone(), Instant::now()));
                }
                Ok(access)
            }
        }
    }

    /// Records that another process closed a day.
    pub fn mark_closed(&self, date: Day) {
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        cached.insert(date, (DayAccess::Closed, Instant::now()));
    }
}
