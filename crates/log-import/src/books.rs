//! What an import asks of the house: keys of days, where a log was left, and to seal both together.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use analytics::{Date, DayKey};

/// Why an import can't go on. What was sealed stays sealed, and the next run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Database, keyring, or the system's random numbers.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The same log is being counted by somebody else.
    #[error("another import counts the same log: let it end, then run this again")]
    Twice,
}

/// The way into a day.
#[derive(Clone)]
pub enum DayAccess {
    /// It can be counted in, with this key.
    Open(Arc<DayKey>),
    /// It is published.
    Closed,
    /// It hasn't begun.
    ToCome,
}

/// How far a log was counted.
#[derive(Clone, Copy)]
pub struct Step<'a> {
    /// The log, by its [`head`](super::blocks::Blocks::head).
    pub head: &'a [u8],
    /// Bytes of plain text that were sealed before.
    pub from: u64,
    /// Bytes of plain text that are counted now.
    pub to: u64,
}

/// The house, as an import needs it.
pub trait DayStore: Sync {
    /// Opens a day of the site.
    ///
    /// # Errors
    /// When database or keyring is away.
    fn open(&self, date: Date) -> Result<DayAccess, Fault>;

    /// The site's day of now.
    fn today(&self) -> Date;

    /// A node's name that nobody had.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    fn node(&self) -> Result<i64, Fault>;

    /// How many bytes of plain text were counted of a log.
    ///
    /// # Errors
    /// When database or keyring is away.
    fn place(&self, head: &[u8]) -> Result<u64, Fault>;

    /// Seals what `node` counted of some days, and how far the log was read with it: all of it or nothing. Returns the days
    /// that were closed meanwhile and took nothing.
    ///
    /// # Errors
    /// When database or keyring is away, or somebody else has counted on from the same place: nothing is sealed then.
    fn seal(&self, node: i64, days: &[(Date, Vec<u8>)], step: Step<'_>) -> Result<Vec<Date>, Fault>;
}

/// The doors of all days that a log has, opened once for all workers. There are at most as many as the calendar has days.
pub struct Doors<'a, B> {
    books: &'a B,
    known: Mutex<BTreeMap<Date, (DayAccess, Instant)>>,
}

/// A door is opened again after this time, so that nobody closes the day meanwhile; well within
/// [`KEPT_OPEN`](super::house::KEPT_OPEN).
const AGAIN: Duration = Duration::from_secs(6 * 3_600);

impl<'a, B: DayStore> Doors<'a, B> {
    /// Of a site.
    pub fn of(books: &'a B) -> Self {
        Self { books, known: Mutex::default() }
    }

    /// The way into a day.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub fn door(&self, date: Date) -> Result<DayAccess, Fault> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(&date) {
            Some((door, since)) if since.elapsed() < AGAIN => Ok(door.clone()),
            _ => {
                let door = self.books.open(date)?;
                // Tomorrow it will have begun.
                if !matches!(door, DayAccess::ToCome) {
                    known.insert(date, (door.clone(), Instant::now()));
                }
                Ok(door)
            }
        }
    }

    /// A day was closed by somebody else.
    pub fn was_closed(&self, date: Date) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(date, (DayAccess::Closed, Instant::now()));
    }
}
