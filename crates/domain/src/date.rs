//! Calendar dates as people write them.

use std::fmt;
use std::str::FromStr;

/// A valid calendar date, written `YYYY-MM-DD` (ISO 8601).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// 0 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl FromStr for Date {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected a day such as 2026-12-31";
        let digits = text
            .bytes()
            .enumerate()
            .all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() });
        if !digits || text.len() != 10 {
            return Err(EXPECTED);
        }
        let number = |part: &str| part.parse::<u16>().map_err(|_| EXPECTED);
        let (year, month, day) = (number(&text[..4])?, number(&text[5..7])?, number(&text[8..])?);
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return Err("there are months 01 to 12"),
        };
        if day == 0 || day > days {
            return Err("that month has no such day");
        }
        let byte = |number: u16| u8::try_from(number).map_err(|_| EXPECTED);
        Ok(Self { year, month: byte(month)?, day: byte(day)? })
    }
}

impl Date {
    /// Converts to days since 1970-01-01 in the proleptic Gregorian calendar. The calculation counts years from
    /// March, so that the leap day comes last.
    #[must_use]
    pub fn unix_day(self) -> i64 {
        let (year, month, day) = (i64::from(self.year), i64::from(self.month), i64::from(self.day));
        let year = if month <= 2 { year - 1 } else { year };
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}
