//! A day of the Gregorian calendar.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, ToSpan as _};

const UNIX_EPOCH: Date = date(1970, 1, 1);
/// 0000-01-01 and 9999-12-31, in days since 1970-01-01.
const FIRST: i32 = -719_528;
const LAST: i32 = 2_932_896;

/// A day of the Gregorian calendar, from 0000-01-01 to 9999-12-31. It has no time zone.
///
/// Arithmetic stops at the first and the last day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(
    /// Days since 1970-01-01, within [`FIRST`] and [`LAST`].
    i32,
);

/// Why a text is not a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayError {
    /// It is not written as `2026-12-31`.
    Format,
    /// Its month is not 01 to 12.
    Month,
    /// Its month has no such day.
    DayOfMonth,
}

impl Day {
    /// 0000-01-01.
    pub const MIN: Self = Self(FIRST);
    /// 9999-12-31.
    pub const MAX: Self = Self(LAST);
    /// 1970-01-01.
    pub const UNIX_EPOCH: Self = Self(0);

    /// The day that is `days` days after 1970-01-01; [`MIN`](Self::MIN) or [`MAX`](Self::MAX) beyond these.
    pub const fn from_unix_days(days: i64) -> Self {
        if days < FIRST as i64 {
            Self::MIN
        } else if days > LAST as i64 {
            Self::MAX
        } else {
            Self(days as i32)
        }
    }

    /// The number of days since 1970-01-01, negative before.
    pub const fn to_unix_days(self) -> i64 {
        self.0 as i64
    }

    /// The day of a date: month 1 to 12, day of the month 1 to 31. `None` if there is no such date, or no such [`Day`].
    pub fn from_date(year: i32, month: u32, day: u32) -> Option<Self> {
        let date = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
        (0..=9_999).contains(&year).then(|| Self::from_civil(date))
    }

    /// Year, month (1 to 12) and day of the month (1 to 31).
    pub fn to_date(self) -> (i32, u32, u32) {
        let date = self.to_civil();
        (date.year().into(), date.month().unsigned_abs().into(), date.day().unsigned_abs().into())
    }

    /// Its year.
    pub fn year(self) -> i32 {
        self.to_civil().year().into()
    }

    /// The Monday of its week (ISO 8601).
    pub fn monday(self) -> Self {
        self - i64::from(self.to_civil().weekday().to_monday_zero_offset())
    }

    /// The first day of its month.
    pub fn first_of_month(self) -> Self {
        Self::from_civil(self.to_civil().first_of_month())
    }

    /// The first day of its year.
    pub fn first_of_year(self) -> Self {
        Self::from_civil(self.to_civil().first_of_year())
    }

    /// The same day of the month, so many calendar months later. Where that month has no such day, its last day.
    pub fn plus_months(self, months: i64) -> Self {
        // Ten thousand years of months; a span holds a few more.
        let months = months.clamp(-120_000, 120_000);
        Self::from_civil(self.to_civil().saturating_add(months.months()))
    }

    /// Each day from this one to `last`, both included.
    pub fn through(self, last: Self) -> impl DoubleEndedIterator<Item = Self> + Clone {
        (self.0..=last.0).map(Self)
    }

    pub(crate) fn to_civil(self) -> Date {
        UNIX_EPOCH.saturating_add(SignedDuration::from_hours(24 * self.to_unix_days()))
    }

    fn from_civil(date: Date) -> Self {
        Self::from_unix_days(UNIX_EPOCH.duration_until(date).as_hours() / 24)
    }
}

impl Add<i64> for Day {
    type Output = Self;

    /// The day so many days later.
    fn add(self, days: i64) -> Self {
        Self::from_unix_days(self.to_unix_days().saturating_add(days))
    }
}

impl Sub<i64> for Day {
    type Output = Self;

    /// The day so many days earlier.
    fn sub(self, days: i64) -> Self {
        Self::from_unix_days(self.to_unix_days().saturating_sub(days))
    }
}

impl Sub for Day {
    type Output = i64;

    /// The number of days since `earlier`.
    fn sub(self, earlier: Self) -> i64 {
        self.to_unix_days() - earlier.to_unix_days()
    }
}

/// Writes `YYYY-MM-DD`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.to_date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Day({self})")
    }
}

/// Parses `YYYY-MM-DD`, exactly as `Display` writes it.
impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
            return Err(DayError::Format);
        };
        let (year, month) = (number(&[y1, y2, y3, y4])?, number(&[m1, m2])?);
        let day = number(&[d1, d2])?;
        if !(1..=12).contains(&month) {
            return Err(DayError::Month);
        }
        Self::from_date(year.cast_signed(), month, day).ok_or(DayError::DayOfMonth)
    }
}

fn number(digits: &[u8]) -> Result<u32, DayError> {
    digits.iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'9' => Ok(number * 10 + u32::from(digit - b'0')),
        _ => Err(DayError::Format),
    })
}

impl fmt::Display for DayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format => "expected a day such as 2026-12-31",
            Self::Month => "there are months 01 to 12",
            Self::DayOfMonth => "that month has no such day",
        })
    }
}

impl std::error::Error for DayError {}
