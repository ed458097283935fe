//! Open pages of persons: only a hash of the cookie is kept.

use keyring::Slot;
use sqlx::Row as _;

use crate::tx::{column, one, run, slot, statements};
use crate::{Error, Tx};

/// An open page.
#[derive(Clone, Copy)]
pub struct Session {
    /// Whose page.
    pub slot: Slot,
    /// When it ends, seconds since 1970.
    pub expires_at: i64,
    /// It has asked for a new address already.
    pub address_asked: bool,
}

statements! {
    ADD = "INSERT INTO session (tag, slot, expires_at, address_asked) VALUES ($1, $2, $3, 0)";
    GET = "SELECT slot, expires_at, address_asked FROM session WHERE tag = $1 AND expires_at > $2";
    ASK = "UPDATE session SET address_asked = 1 WHERE tag = $1 AND address_asked = 0";
    END = "DELETE FROM session WHERE tag = $1";
    END_ALL = "DELETE FROM session WHERE slot = $1";
    SWEEP = "DELETE FROM session WHERE expires_at <= $1";
}

impl Tx {
    /// Opens a page for a person.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn add_session(&mut self, tag: &[u8; 32], of: Slot, expires_at: i64) -> Result<(), Error> {
        run!(self, ADD, &tag[..], column(of), expires_at)?;
        Ok(())
    }

    /// The open page of a cookie's hash, unless it has ended.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn session(&mut self, tag: &[u8; 32]) -> Result<Option<Session>, Error> {
        let now = self.now;
        let Some(row) = one!(self, GET, &tag[..], now)? else { return Ok(None) };
        let asked: i64 = row.try_get(2)?;
        Ok(Some(Session {
            slot: slot(row.try_get(0)?),
            expires_at: row.try_get(1)?,
            address_asked: asked != 0,
        }))
    }

    /// Notes that the page has asked for a new address; false when it had already.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn session_asks_address(&mut self, tag: &[u8; 32]) -> Result<bool, Error> {
        Ok(run!(self, ASK, &tag[..])? == 1)
    }

    /// Closes a page.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn end_session(&mut self, tag: &[u8; 32]) -> Result<(), Error> {
        run!(self, END, &tag[..])?;
        Ok(())
    }

    /// Closes all pages of a person.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn end_sessions_of(&mut self, of: Slot) -> Result<(), Error> {
        run!(self, END_ALL, column(of))?;
        Ok(())
    }

    /// Deletes pages that have ended.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn sweep_sessions(&mut self) -> Result<u64, Error> {
        let now = self.now;
        run!(self, SWEEP, now)
    }
}
