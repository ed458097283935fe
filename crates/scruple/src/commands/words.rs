//! The forms that arguments have.

use clap::ValueEnum;
use std::str::FromStr;

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
    domain::conversations::read_number(symbols).ok_or("expected a licence's 8 symbols, such as 7K3M9QXD")
}

/// A thread's number: 8 symbols.
pub(super) fn thread(symbols: &str) -> Result<i64, &'static str> {
    domain::conversations::read_number(symbols).ok_or("expected a thread's 8 symbols, such as 7K3M9QXD")
}

/// One to 32 characters without a blank or a comma.
pub(super) fn tag(text: &str) -> Result<String, &'static str> {
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == ',';
    let fits = (1..=32).contains(&text.chars().count()) && !text.contains(odd);
    if fits { Ok(text.to_owned()) } else { Err("expected 1 to 32 characters without blanks and commas") }
}
