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
    Away(String),
    /// The database answered that a statement can't be done; a fault of ours or of the schema.
    #[error("the database refused: {0}")]
    Refused(String),
    /// Two transactions stood in each other's way; the write door tries again by itself.
    #[error("transactions collided")]
    Collided,
    /// The keyring failed: says what to do.
    #[error(transparent)]
    Keyring(#[from] vault::KeyringError),
    /// A sealed value doesn't open although its slot lives: damage or forgery.
    #[error("{place} does not open although it should: the row was damaged or moved")]
    Damaged {
        /// Table and column.
        place: String,
    },
    /// The value's slot was forgotten; whoever asks must treat the row as gone.
    #[error("{place} was forgotten")]
    Forgotten {
        /// Table and column.
        place: String,
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
    pub fn away(&self) -> bool {
        matches!(self, Self::Away(_) | Self::Collided | Self::Keyring(_))
    }
}

impl From<vault::OpenError> for Error {
    /// From sealing, where only the keyring and a forgotten slot can be in the way.
    fn from(error: vault::OpenError) -> Self {
        match error {
            vault::OpenError::Keyring(e) => Self::Keyring(e),
            _ => Self::Forgotten { place: "a slot that was to be sealed under".into() },
        }
    }
}

impl From<sqlx::Error> for Error {
    /// Texts of the drivers may quote values, so only the kind and the engine's code are taken over.
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(e) => {
                let code = e.code().unwrap_or_default().into_owned();
                match code.as_str() {
                    // PostgreSQL: serialisation failure, deadlock; SQLite: busy, busy snapshot, locked; both engines'
                    // uniqueness, which means that another transaction was first and a second look will see it.
                    "40001" | "40P01" | "5" | "517" | "6" | "23505" | "1555" | "2067" => Self::Collided,
                    // PostgreSQL: too many connections, shutting down, starting up; SQLite: disk full, I/O error.
                    "53300" | "57P01" | "57P02" | "57P03" | "13" => Self::Away(format!("code {code}")),
                    _ if code.starts_with("08") => Self::Away(format!("code {code}")),
                    _ => Self::Refused(format!("code {code}")),
                }
            }
            sqlx::Error::Io(e) => Self::Away(e.kind().to_string()),
            sqlx::Error::PoolTimedOut => Self::Away("no connection became free".into()),
            sqlx::Error::PoolClosed => Self::Away("the pool is closed".into()),
            sqlx::Error::Tls(_) => Self::Away("TLS failed".into()),
            sqlx::Error::WorkerCrashed => Self::Away("the driver stopped".into()),
            sqlx::Error::ColumnDecode { index, .. } => {
                Self::Refused(format!("column {index} has another type"))
            }
            _ => Self::Refused("a statement does not fit the schema".into()),
        }
    }
}
