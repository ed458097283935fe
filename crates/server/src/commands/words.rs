//! The forms that arguments have.

use clap::ValueEnum;
use std::fmt;
use std::str::FromStr;

/// A day, `YYYY-MM-DD` (ISO 8601), that the calendar has.
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
    /// Days since 1970-01-01 in the proleptic Gregorian calendar; years are counted from March, so that the leap day
    /// is the last.
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

/// How many seats an order gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seats {
    /// So many for each unit ordered, whatever the key's number; at least 1.
    PerUnit(u16),
    /// The ordered quantity is the number of seats.
    Quantity,
}

impl FromStr for Seats {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected quantity, or per-unit=N with N from 1 to 65535";
        match text.strip_prefix("per-unit=") {
            _ if text == "quantity" => Ok(Self::Quantity),
            Some(number) => match number.parse() {
                Ok(0) | Err(_) => Err(EXPECTED),
                Ok(number) => Ok(Self::PerUnit(number)),
            },
            None => Err(EXPECTED),
        }
    }
}

/// What a buyer of several units gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Keys {
    /// One key with all the seats.
    One,
    /// A key for each unit.
    Each,
}

/// When a renewal discount is offered: days before and after the end of updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Days before the end.
    pub before: u16,
    /// Days after the end.
    pub after: u16,
}

impl FromStr for Window {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected BEFORE..AFTER in days, such as 60..30";
        let (before, after) = text.split_once("..").ok_or(EXPECTED)?;
        let days = |text: &str| text.parse::<u16>().map_err(|_| EXPECTED);
        Ok(Self { before: days(before)?, after: days(after)? })
    }
}

/// A field of a notice, `NAME=VALUE`. No `Debug`: the value may be personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Field {
    /// The name, as the provider writes it.
    pub name: String,
    /// The value; it may be empty.
    pub value: String,
}

impl FromStr for Field {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                Ok(Self { name: name.to_owned(), value: value.to_owned() })
            }
            _ => Err("expected NAME=VALUE"),
        }
    }
}

/// One to 64 characters on one line: a name or a case that will stand in the journal.
pub(super) fn name(text: &str) -> Result<String, &'static str> {
    line(text, 64, "expected 1 to 64 characters on one line")
}

/// A name for the journal, where two words mean something else.
pub(super) fn acting(text: &str) -> Result<String, &'static str> {
    match name(text)?.as_str() {
        "system" | "person" => Err("in the journal that word means the program, or the person concerned"),
        name => Ok(name.to_owned()),
    }
}

/// One to 200 characters on one line: why a person's details are opened.
pub(super) fn case(text: &str) -> Result<String, &'static str> {
    line(text, 200, "expected 1 to 200 characters on one line: the reason, such as a ticket's number")
}

fn line(text: &str, most: usize, expected: &'static str) -> Result<String, &'static str> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= most && !text.contains(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(expected) }
}

/// The provider's number of a product or an order: digits only.
pub(super) fn provider_number(text: &str) -> Result<String, &'static str> {
    let fits = (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { Ok(text.to_owned()) } else { Err("expected the provider's number: 1 to 20 digits") }
}

/// A licence's number: 8 symbols.
pub(super) fn licence(symbols: &str) -> Result<i64, &'static str> {
    desk::converse::read_number(symbols).ok_or("expected a licence's 8 symbols, such as 7K3M9QXD")
}

/// A thread's number: 8 symbols.
pub(super) fn thread(symbols: &str) -> Result<i64, &'static str> {
    desk::converse::read_number(symbols).ok_or("expected a thread's 8 symbols, such as 7K3M9QXD")
}

/// One to 32 characters without a blank or a comma.
pub(super) fn tag(text: &str) -> Result<String, &'static str> {
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == ',';
    let fits = (1..=32).contains(&text.chars().count()) && !text.contains(odd);
    if fits { Ok(text.to_owned()) } else { Err("expected 1 to 32 characters without blanks and commas") }
}
