//! Reads licence keys and public keys from arguments, files and standard input.

use super::super::files;
use super::super::outcome::CommandError;
use licence::{Day, PublicKeys};
use std::path::Path;

/// Reads the public keys in a file.
pub fn public_keys(path: &Path) -> Result<PublicKeys, CommandError> {
    PublicKeys::parse(&files::read_text(path)?)
        .map_err(|why| CommandError::misuse(format!("{}: {why}", path.display())))
}

/// Reads a licence key from an argument, or from standard input if the argument is `-`.
pub fn key_text(argument: &str) -> Result<String, CommandError> {
    let text = if argument == "-" { files::read_stdin()?.to_string() } else { argument.to_owned() };
    if text.trim().is_empty() { Err(CommandError::misuse("the licence key is empty")) } else { Ok(text) }
}

/// Converts a date into a day that licence keys can hold.
pub fn key_day(date: domain::date::Date) -> Result<Day, CommandError> {
    Day::from_date(date.year, date.month, date.day).map_err(|_| {
        CommandError::misuse(format!("{date} is out of range: keys hold {} to {}", Day::FIRST, Day::LAST))
    })
}
