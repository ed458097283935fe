//! Parsers of argument values.

use clap::ValueEnum;
use domain::api_token::Scopes;
use licence::Serial;
use message_catalogue::English as _;
use std::str::FromStr;
use store::ConversationId;

/// The number of seats of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatsArgument {
    /// This number for each unit ordered, at least 1.
    PerUnit(u16),
    /// The ordered quantity is the number of seats.
    Quantity,
}

impl FromStr for SeatsArgument {
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

/// The licence keys for several units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeysArgument {
    /// One key with all the seats.
    One,
    /// One key for each unit.
    Each,
}

/// The days before and after the end of updates in which a renewal discount is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenewalWindow {
    /// Days before the end.
    pub before: u16,
    /// Days after the end.
    pub after: u16,
}

impl FromStr for RenewalWindow {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected BEFORE..AFTER in days, such as 60..30";
        let (before, after) = text.split_once("..").ok_or(EXPECTED)?;
        let days = |text: &str| text.parse::<u16>().map_err(|_| EXPECTED);
        Ok(Self { before: days(before)?, after: days(after)? })
    }
}

/// A field of a notification, `NAME=VALUE`. Without `Debug`, because the value may be personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Field {
    /// The name, as the provider spells it.
    pub name: String,
    /// The value, which may be empty.
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

/// Parses a name: 1 to 64 characters on one line.
/// Scopes of a token, with a comma between.
pub(super) fn scopes(text: &str) -> Result<Scopes, String> {
    text.parse::<Scopes>().map_err(|unknown| unknown.english())
}

pub(super) fn name(text: &str) -> Result<String, &'static str> {
    one_line(text, 64, "expected 1 to 64 characters on one line")
}

/// Parses the name of a member of staff. Two names are reserved in the audit log.
pub(super) fn staff_name(text: &str) -> Result<String, &'static str> {
    match name(text)?.as_str() {
        "system" | "person" => {
            Err("this name is reserved: in the audit log it means the program, or the person concerned")
        }
        name => Ok(name.to_owned()),
    }
}

/// Parses a case, the reason for an access to personal data: 1 to 200 characters on one line.
pub(super) fn case(text: &str) -> Result<String, &'static str> {
    one_line(text, 200, "expected 1 to 200 characters on one line: the reason, such as a ticket number")
}

fn one_line(text: &str, limit: usize, expected: &'static str) -> Result<String, &'static str> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= limit && !text.contains(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(expected) }
}

/// Parses the provider's number of a product or an order: digits only.
pub(super) fn provider_number(text: &str) -> Result<String, &'static str> {
    let fits = (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { Ok(text.to_owned()) } else { Err("expected the provider's number: 1 to 20 digits") }
}

/// Parses a licence number of 8 symbols.
pub(super) fn licence(symbols: &str) -> Result<Serial, &'static str> {
    symbols.parse().map_err(|_| "expected a licence number of 8 symbols, such as 7K3M9QXD")
}

/// Parses the number of a conversation, 8 symbols.
pub(super) fn conversation(symbols: &str) -> Result<ConversationId, &'static str> {
    domain::conversations::parse_conversation_id(symbols)
        .ok_or("expected a conversation number of 8 symbols, such as 7K3M9QXD")
}

/// Parses a tag: 1 to 32 characters without spaces and commas.
pub(super) fn tag(text: &str) -> Result<String, &'static str> {
    let forbidden = |c: char| c.is_control() || c.is_whitespace() || c == ',';
    let fits = (1..=32).contains(&text.chars().count()) && !text.contains(forbidden);
    if fits { Ok(text.to_owned()) } else { Err("expected 1 to 32 characters without spaces and commas") }
}
