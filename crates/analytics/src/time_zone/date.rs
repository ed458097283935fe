//! A day of the Gregorian calendar.

use std::fmt;

/// A day of the calendar, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

impl Date {
    /// Of the Gregorian calendar, years 1970 to 9999. None for a day that doesn't exist.
    pub fn of(year: i32, month: u32, day: u32) -> Option<Self> {
        let date = Self(days_before(year, month, day)?);
        (date.parts() == (year, month, day)).then_some(date)
    }

    /// Parses `2026-01-15`.
    pub fn parse(text: &str) -> Option<Self> {
        let [year, month, day] = text.split('-').collect::<Vec<_>>().try_into().ok()?;
        let digits = |part: &str, length: usize| {
            (part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| part.parse::<u32>().ok())?
        };
        Self::of(i32::try_from(digits(year, 4)?).ok()?, digits(month, 2)?, digits(day, 2)?)
    }

    /// Year, month (1 to 12) and day (1 to 31). Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    pub fn parts(self) -> (i32, u32, u32) {
        let days = i64::from(self.0) + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        (year as i32, month as u32, day as u32)
    }

    /// The Monday of its week (ISO 8601).
    pub fn monday(self) -> Self {
        // 1970-01-01 was a Thursday.
        Self(self.0 - (self.0 + 3).rem_euclid(7))
    }

    /// The first of its month.
    pub fn month(self) -> Self {
        Self(self.0 - self.parts().2 as i32 + 1)
    }

    /// The first of its year.
    pub fn year(self) -> Self {
        let (year, ..) = self.parts();
        Self(days_before(year, 1, 1).unwrap_or(self.0))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Days from 1970-01-01; None outside of 1970 to 9999 and for months and days that no month has.
pub(crate) fn days_before(year: i32, month: u32, day: u32) -> Option<i32> {
    if !(1970..=9_999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year as i32 - 719_468)
}
