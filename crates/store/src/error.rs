//! What can go wrong below a deed. A deed's own refusals (wrong word typed, licence revoked) are not errors: they
//! are part of what it returns.
//!
//! `Display` is for the operator's log and names no value; doors answer by [`Error::away`], never by its text.

use std::fmt::Debug;

/// A failure of database or keyring.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database can't be reached or refused; trying later may help.
    #[error("the database is away: {0}")]
    Unavailable(String),
    /// The database answered that a statement can't be done; a fault of ours or of the schema.
    #[error("the database refused: {0}")]
    Refused(String),
    /// Two transactions stood in each other's way; the write door tries again by itself.
    #[error("transactions collided")]
    Conflict,
    /// The keyring failed: says what to do.
    #[error(transparent)]
    Keyring(#[from] keyring::KeyringError),
    /// A sealed value doesn't open although its slot lives: damage or forgery.
    #[error("{column} does not open although it should: the row was damaged or moved")]
    Damaged {
        /// Table and column.
        column: String,
    },
    /// The value's slot was forgotten; whoever asks must treat the row as gone.
    #[error("{column} was forgotten")]
    Forgotten {
        /// Table and column.
        column: String,
    },
    /// A row holds what the program never writes.
    #[error("{0} holds what this version does not know: was it written by a newer one?")]
    Unknown(&'static str),
    /// The schema is newer than the program.
    #[error(
        "the database has schema {found}, this program knows {known}: use the newer program that wrote it, or restore a backup from before"
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
    /// Whether trying again later may help (503), as opposed to a fault that stays (500).
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Conflict | Self::Keyring(_))
    }

    /// The database's address isn't one; its text stays out, for it may hold a password.
    pub(crate) fn invalid_url() -> Self {
        Self::Folder("data.database is no URL of the form postgres://name@host/database".into())
    }

    /// No random numbers: nothing can be made without them.
    pub(crate) fn no_randomness() -> Self {
        Self::Unavailable("the system gives no random numbers".into())
    }

    /// By the engine's code: five characters from PostgreSQL (SQLSTATE), a number from SQLite (its extended result
    /// codes; the kind is in the lowest byte).
    fn of_code(code: &str) -> Self {
        let away = || Self::Unavailable(format!("code {code}"));
        match code {
            // Serialisation failure, deadlock, and both engines' uniqueness, which means that another transaction was
            // first and a second look will see it; so does a table that is there already.
            "40001" | "40P01" | "23505" | "42P07" | "1555" | "2067" => Self::Conflict,
            // Waited too long for a lock; idle for too long; system errors.
            "55P03" | "25P03" => away(),
            // Classes of lost connections, exhausted resources, an operator's intervention, system errors.
            _ if code.len() == 5 && ["08", "53", "57", "58"].contains(&&code[..2]) => away(),
            _ => match code.parse::<u32>().map(|n| n & 0xff) {
                // Busy, locked.
                Ok(5 | 6) if code.len() < 5 => Self::Conflict,
                // Input and output, disk full, file gone.
                Ok(10 | 13 | 14) if code.len() < 5 => away(),
                _ => Self::Refused(format!("code {code}")),
            },
        }
    }
}

impl From<keyring::OpenError> for Error {
    /// From sealing, where only the keyring and a forgotten slot can be in the way.
    fn from(error: keyring::OpenError) -> Self {
        match error {
            keyring::OpenError::Keyring(e) => Self::Keyring(e),
            _ => Self::Forgotten { column: "a slot that was to be sealed under".into() },
        }
    }
}

impl From<sqlx::Error> for Error {
    /// Texts of the drivers may quote values, so only the kind and the engine's code are taken over.
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(e) => Self::of_code(&e.code().unwrap_or_default()),
            sqlx::Error::Io(e) => Self::Unavailable(e.kind().to_string()),
            sqlx::Error::PoolTimedOut => Self::Unavailable("no connection became free".into()),
            sqlx::Error::PoolClosed => Self::Unavailable("the pool is closed".into()),
            sqlx::Error::Tls(_) => Self::Unavailable("TLS failed".into()),
            // Of the connection's address only: nothing else of ours is configuration to the driver.
            sqlx::Error::Configuration(_) => Self::invalid_url(),
            sqlx::Error::Protocol(_) => Self::Unavailable("the connection broke".into()),
            sqlx::Error::WorkerCrashed => Self::Unavailable("the driver stopped".into()),
            sqlx::Error::ColumnDecode { index, .. } => {
                Self::Refused(format!("column {index} has another type"))
            }
            _ => Self::Refused("a statement does not fit the schema".into()),
        }
    }
}
