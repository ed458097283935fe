//! Errors of the layers below an operation. An operation's own refusals, such as a wrong confirmation word or a
//! revoked licence, are part of its output.
//!
//! `Display` is meant for the operator's log and holds no personal value. Handlers answer by
//! [`Error::is_unavailable`], never by the text.

use std::fmt::Debug;

/// A failure of the database or the keyring.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database can't be reached, or rejected the connection; a later attempt may succeed.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The database rejected a statement: a bug in the program, or a fault of the schema.
    #[error("the database rejected a statement: {0}")]
    Refused(String),
    /// Two transactions conflicted; [`Db::execute`](crate::Db::execute) tries again.
    #[error("transactions conflicted")]
    Conflict,
    /// The keyring failed; the text says what to do.
    #[error(transparent)]
    Keyring(#[from] keyring::KeyringError),
    /// A sealed value can't be opened although its key slot exists: it is damaged or forged.
    #[error("{column} can't be opened although it should: the row was damaged or moved")]
    Damaged {
        /// Table and column.
        column: String,
    },
    /// The value's key slot was forgotten; the caller must treat the row as deleted.
    #[error("{column} was forgotten")]
    Forgotten {
        /// Table and column.
        column: String,
    },
    /// A row holds a value that the program never writes.
    #[error("{0} holds a value that this version does not know; a newer version may have written it")]
    Unknown(&'static str),
    /// The schema is newer than the program.
    #[error(
        "the database has schema {found}, but this program knows only {known}: use the newer program that wrote it, or restore an earlier backup"
    )]
    SchemaTooNew {
        /// Version in the database.
        found: i64,
        /// Newest version that this program knows.
        known: i64,
    },
    /// The folder or file can't be used.
    #[error("{0}")]
    Folder(String),
}

impl Error {
    /// Returns whether a later attempt may succeed (503), as opposed to a permanent fault (500).
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Conflict | Self::Keyring(_))
    }

    /// The database URL is invalid. The message omits it, because it may hold a password.
    pub(crate) fn invalid_url() -> Self {
        Self::Folder("data.database is no URL of the form postgres://name@host/database".into())
    }

    /// The system provides no random numbers; nothing can be created without them.
    #[must_use]
    pub fn no_randomness() -> Self {
        Self::Unavailable("the system provides no random numbers".into())
    }

    /// Classifies an error by the engine's code: five characters from PostgreSQL (SQLSTATE), or a number from SQLite
    /// (extended result code with the kind in the lowest byte).
    fn of_code(code: &str) -> Self {
        let away = || Self::Unavailable(format!("code {code}"));
        match code {
            // Serialisation failure, deadlock, unique violation on either engine, or an existing table. Another
            // transaction was first, and a second attempt will see its result.
            "40001" | "40P01" | "23505" | "42P07" | "1555" | "2067" => Self::Conflict,
            // No column may be NULL, on either engine.
            "1299" | "23502" => Self::Refused("an INSERT leaves out a column".into()),
            // Lock timeout and idle timeout.
            "55P03" | "25P03" => away(),
            // Classes of lost connections, exhausted resources, operator intervention and system errors.
            _ if code.len() == 5 && ["08", "53", "57", "58"].contains(&&code[..2]) => away(),
            _ => match code.parse::<u32>().map(|n| n & 0xff) {
                // Busy or locked.
                Ok(5 | 6) if code.len() < 5 => Self::Conflict,
                // Input or output error, full disk, missing file.
                Ok(10 | 13 | 14) if code.len() < 5 => away(),
                _ => Self::Refused(format!("code {code}")),
            },
        }
    }
}

impl From<keyring::OpenError> for Error {
    /// Converts an error of sealing, which only a failing keyring or a forgotten slot can cause.
    fn from(error: keyring::OpenError) -> Self {
        match error {
            keyring::OpenError::Keyring(e) => Self::Keyring(e),
            _ => Self::Forgotten { column: "a slot that was to be sealed under".into() },
        }
    }
}

impl From<sqlx::Error> for Error {
    /// Messages of the drivers may quote values, so only the kind and the engine's code are kept.
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(e) => Self::of_code(&e.code().unwrap_or_default()),
            sqlx::Error::Io(e) => Self::Unavailable(e.kind().to_string()),
            sqlx::Error::PoolTimedOut => Self::Unavailable("timed out waiting for a free connection".into()),
            sqlx::Error::PoolClosed => Self::Unavailable("the pool is closed".into()),
            sqlx::Error::Tls(_) => Self::Unavailable("TLS failed".into()),
            // Only the database URL can cause this error.
            sqlx::Error::Configuration(_) => Self::invalid_url(),
            sqlx::Error::Protocol(_) => Self::Unavailable("the connection was lost".into()),
            sqlx::Error::WorkerCrashed => Self::Unavailable("the driver stopped".into()),
            sqlx::Error::ColumnDecode { index, .. } => {
                Self::Refused(format!("column {index} has another type"))
            }
            _ => Self::Refused("a statement does not fit the schema".into()),
        }
    }
}
