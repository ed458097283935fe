//! Reads licence keys and public keys from arguments, files and standard input.

use super::super::files;
use super::super::outcome::CommandError;
use calendar::Day;
use licence::PublicKeys;
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

/// Converts a day into the form of licence keys.
pub fn key_day(day: Day) -> Result<licence::Day, CommandError> {
    licence::Day::from_unix_days(day.to_unix_days()).map_err(|_| {
        let (first, last) = (licence::Day::FIRST, licence::Day::LAST);
        CommandError::misuse(format!("{day} is out of range: keys hold {first} to {last}"))
    })
}
