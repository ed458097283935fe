//! A moment in time.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::Day;

const SECONDS_A_DAY: i64 = 86_400;

/// A moment in whole seconds, as Unix time: seconds since 1970-01-01 00:00 UTC without leap seconds.
///
/// Arithmetic stops at the first and the last moment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Before all other moments.
    pub const MIN: Self = Self(i64::MIN);
    /// After all other moments.
    pub const MAX: Self = Self(i64::MAX);
    /// 1970-01-01 00:00 UTC.
    pub const UNIX_EPOCH: Self = Self(0);

    /// The moment so many seconds after 1970-01-01 00:00 UTC.
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// The number of seconds since 1970-01-01 00:00 UTC, negative before.
    pub const fn to_unix_seconds(self) -> i64 {
        self.0
    }

    /// Its day in UTC.
    pub const fn day(self) -> Day {
        Day::from_unix_days(self.0.div_euclid(SECONDS_A_DAY))
    }

    /// The number of seconds since midnight in UTC, 0 to 86,399.
    pub const fn second_of_day(self) -> i64 {
        self.0.rem_euclid(SECONDS_A_DAY)
    }
}

impl Day {
    /// Its first second in UTC.
    pub const fn midnight(self) -> Timestamp {
        Timestamp(self.to_unix_days() * SECONDS_A_DAY)
    }
}

impl From<SystemTime> for Timestamp {
    /// Fractions of a second are cut off, and times before 1970 give 1970-01-01.
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}

impl Add<i64> for Timestamp {
    type Output = Self;

    /// The moment so many seconds later.
    fn add(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

impl Sub<i64> for Timestamp {
    type Output = Self;

    /// The moment so many seconds earlier.
    fn sub(self, seconds: i64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }
}

impl Sub for Timestamp {
    type Output = i64;

    /// The number of seconds since `earlier`.
    fn sub(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Writes `YYYY-MM-DDTHH:MM:SSZ` (RFC 3339); outside of the years 0 to 9999 the number of seconds.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (day, second) = (self.day(), self.second_of_day());
        if day.midnight() + second != *self {
            return write!(f, "{}", self.0);
        }
        write!(f, "{day}T{:02}:{:02}:{:02}Z", second / 3_600, second / 60 % 60, second % 60)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}
