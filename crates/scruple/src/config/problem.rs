//! What is wrong with a configuration.

use std::fmt;
use toml::Value;

/// One mistake: which key, what was found, what is expected. Never the value of a secret or an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key as its writer wrote it: `server.listen`, `SCRUPLE_SERVER_LISTEN`, or a file.
    pub at: String,
    /// What is wrong there and how it becomes right.
    pub says: String,
}

/// All mistakes of a configuration; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.says)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration can't be used:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for Problems {}

/// What sort of value it is, without the value.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) | Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}

/// A text as it is, of anything else the sort.
pub(super) fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| kind(value).to_owned(), quoted)
}

/// The text in quotes, not endlessly.
pub(super) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    format!("{short:?}")
}
