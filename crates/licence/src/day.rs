//! The day of a key.

use core::{fmt, num::NonZeroU16, str::FromStr};

use crate::OutOfRange;

/// Days from 1970-01-01 to 2024-01-01.
const EPOCH_IN_UNIX_DAYS: i64 = 19_723;
const EPOCH_YEAR: u16 = 2024;
const SECONDS_OF_A_DAY: i64 = 86_400;

/// A day of the Gregorian calendar: the number of days since 2024-01-01, from 1 (2024-01-02) to 65,535
/// (2203-06-07).
///
/// The number 0 is not a day: in a key it means "no limit", which is [`Term::Forever`](crate::Term::Forever).
/// Days have no time zone. The caller that converts a clock chooses it; Unix time gives days of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(NonZeroU16);

impl Day {
    /// 2024-01-02, number 1.
    pub const FIRST: Self = Self(NonZeroU16::MIN);
    /// 2203-06-07, number 65,535.
    pub const LAST: Self = Self(NonZeroU16::MAX);

    /// The day with this number; `None` for 0.
    pub const fn from_number(number: u16) -> Option<Self> {
        match NonZeroU16::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number of days since 2024-01-01, never 0.
    pub const fn number(self) -> u16 {
        self.0.get()
    }

    /// The day that is `days` days after 1970-01-01.
    ///
    /// # Errors
    /// [`OutOfRange::Day`] before [`FIRST`](Self::FIRST) and after [`LAST`](Self::LAST).
    pub fn from_unix_days(days: i64) -> Result<Self, OutOfRange> {
        let number = days.checked_sub(EPOCH_IN_UNIX_DAYS).ok_or(OutOfRange::Day)?;
        u16::try_from(number).ok().and_then(Self::from_number).ok_or(OutOfRange::Day)
    }

    /// The day of UTC on which a Unix time in seconds falls.
    ///
    /// # Errors
    /// [`OutOfRange::Day`] before [`FIRST`](Self::FIRST) and after [`LAST`](Self::LAST): such a clock is wrong.
    pub fn from_unix_seconds(seconds: i64) -> Result<Self, OutOfRange> {
        Self::from_unix_days(seconds.div_euclid(SECONDS_OF_A_DAY))
    }

    /// The number of days since 1970-01-01.
    pub fn to_unix_days(self) -> i64 {
        i64::from(self.number()) + EPOCH_IN_UNIX_DAYS
    }

    /// The day of a date: month 1 to 12, day of the month 1 to 31.
    ///
    /// # Errors
    /// [`OutOfRange::Day`] when there is no such date, and before [`FIRST`](Self::FIRST) and after [`LAST`](Self::LAST).
    pub fn from_date(year: u16, month: u8, day: u8) -> Result<Self, OutOfRange> {
        let is_date = (1..=12).contains(&month) && (1..=length_of_month(year, month)).contains(&day);
        if year < EPOCH_YEAR || !is_date {
            return Err(OutOfRange::Day);
        }
        let months: u32 = (1..month).map(|earlier| u32::from(length_of_month(year, earlier))).sum();
        let number = days_before(year) - days_before(EPOCH_YEAR) + months + u32::from(day) - 1;
        u16::try_from(number).ok().and_then(Self::from_number).ok_or(OutOfRange::Day)
    }

    /// Year, month (1 to 12) and day of the month (1 to 31).
    pub fn to_date(self) -> (u16, u8, u8) {
        let since_year_1 = days_before(EPOCH_YEAR) + u32::from(self.number());
        // No year has more than 366 days, so this is at most one year too early within the range of a key.
        let mut year = EPOCH_YEAR + self.number() / 366;
        while days_before(year + 1) <= since_year_1 {
            year += 1;
        }
        let mut rest = since_year_1 - days_before(year);
        let mut month = 1;
        while rest >= u32::from(length_of_month(year, month)) {
            rest -= u32::from(length_of_month(year, month));
            month += 1;
        }
        // `rest` is less than the length of a month.
        (year, month, rest as u8 + 1)
    }

    /// The day `days` days later.
    ///
    /// # Errors
    /// [`OutOfRange::Day`] after [`LAST`](Self::LAST).
    pub fn later_by(self, days: u16) -> Result<Self, OutOfRange> {
        self.0.checked_add(days).map(Self).ok_or(OutOfRange::Day)
    }
}

/// Writes `YYYY-MM-DD`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.to_date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Parses `YYYY-MM-DD`, exactly as `Display` writes it.
impl FromStr for Day {
    type Err = OutOfRange;

    fn from_str(text: &str) -> Result<Self, OutOfRange> {
        let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
            return Err(OutOfRange::Day);
        };
        let year = number(&[y1, y2, y3, y4])?;
        // Two digits are at most 99.
        Self::from_date(year, number(&[m1, m2])? as u8, number(&[d1, d2])? as u8)
    }
}

fn number(digits: &[u8]) -> Result<u16, OutOfRange> {
    digits.iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'9' => Ok(number * 10 + u16::from(digit - b'0')),
        _ => Err(OutOfRange::Day),
    })
}

const fn is_leap(year: u16) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

const fn length_of_month(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 0001-01-01 to the first of January of `year`.
const fn days_before(year: u16) -> u32 {
    let whole = year as u32 - 1;
    whole * 365 + whole / 4 - whole / 100 + whole / 400
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn days_count_from_2024_01_01_which_is_not_a_day_of_a_key() {
        assert_eq!(Day::from_date(2024, 1, 1), Err(OutOfRange::Day));
        assert_eq!(Day::from_date(2024, 1, 2), Ok(Day::FIRST));
        assert_eq!(Day::FIRST.number(), 1);
        assert_eq!(Day::from_number(0), None);
        assert_eq!(Day::LAST.to_string(), "2203-06-07");
        assert_eq!(Day::from_date(2203, 6, 8), Err(OutOfRange::Day));
    }

    #[test]
    fn every_day_has_the_date_after_the_previous_day() {
        let mut before = (2024, 1, 1);
        for number in 1..=u16::MAX {
            let day = Day::from_number(number).unwrap();
            let date = day.to_date();
            let (year, month, of_month) = before;
            let expected = if of_month < length_of_month(year, month) {
                (year, month, of_month + 1)
            } else if month < 12 {
                (year, month + 1, 1)
            } else {
                (year + 1, 1, 1)
            };
            assert_eq!(date, expected);
            assert_eq!(Day::from_date(date.0, date.1, date.2), Ok(day));
            assert_eq!(Day::from_unix_days(day.to_unix_days()), Ok(day));
            before = date;
        }
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        for (year, month, day) in [
            (2025, 2, 29),
            (2100, 2, 29),
            (2025, 4, 31),
            (2025, 0, 1),
            (2025, 13, 1),
            (2025, 1, 0),
            (0, 1, 1),
        ] {
            assert_eq!(Day::from_date(year, month, day), Err(OutOfRange::Day), "{year}-{month}-{day}");
        }
        assert!(Day::from_date(2028, 2, 29).is_ok());
    }

    #[test]
    fn unix_time_gives_days_of_utc() {
        assert_eq!(Day::from_unix_seconds(1_704_153_599), Err(OutOfRange::Day));
        assert_eq!(Day::from_unix_seconds(1_704_153_600), Ok(Day::FIRST));
        assert_eq!(Day::from_unix_seconds(1_767_225_600).unwrap().to_string(), "2026-01-01");
        for wrong in [i64::MIN, -1, 0, i64::MAX] {
            assert_eq!(Day::from_unix_seconds(wrong), Err(OutOfRange::Day));
            assert_eq!(Day::from_unix_days(wrong), Err(OutOfRange::Day));
        }
    }

    #[test]
    fn a_date_is_read_only_in_its_written_form() {
        assert_eq!("2026-03-01".parse(), Day::from_date(2026, 3, 1));
        for text in [
            "",
            "2026-3-1",
            "2026/03/01",
            "+026-03-01",
            "2026-03-01 ",
            "99999-01-01",
            "2026-99-01",
            "é26-03-01",
        ] {
            assert_eq!(text.parse::<Day>(), Err(OutOfRange::Day), "{text}");
        }
    }

    #[test]
    fn a_grace_period_cannot_run_past_the_last_day() {
        assert_eq!(Day::FIRST.later_by(14).unwrap().to_string(), "2024-01-16");
        assert_eq!(Day::LAST.later_by(1), Err(OutOfRange::Day));
    }
}
