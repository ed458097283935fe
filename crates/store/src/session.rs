//! Open pages of persons: only a hash of the cookie is kept.

use keyring::Slot;
use sqlx::Row as _;

use crate::tx::{execute, fetch_optional, slot_from_i64, slot_to_i64, statements};
use crate::{Error, Tx};

/// An open page.
#[derive(Clone, Copy)]
pub struct Session {
    /// Whose page.
    pub slot: Slot,
    /// When it ends, seconds since 1970.
    pub expires_at: i64,
    /// It has asked for a new address already.
    pub address_change_requested: bool,
}

statements! {
    ADD = "INSERT INTO session (token_hash, slot, expires_at, address_change_requested) VALUES ($1, $2, $3, 0)";
    GET = "SELECT slot, expires_at, address_change_requested FROM session WHERE token_hash = $1 AND expires_at > $2";
    ASK = "UPDATE session SET address_change_requested = 1 WHERE token_hash = $1 AND address_change_requested = 0";
    END = "DELETE FROM session WHERE token_hash = $1";
    END_ALL = "DELETE FROM session WHERE slot = $1";
    SWEEP = "DELETE FROM session WHERE expires_at <= $1";
}

impl Tx {
    /// Opens a page for a person.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn add_session(&mut self, tag: &[u8; 32], of: Slot, expires_at: i64) -> Result<(), Error> {
        execute!(self, ADD, &tag[..], slot_to_i64(of), expires_at)?;
        Ok(())
    }

    /// The open page of a cookie's hash, unless it has ended.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn session(&mut self, tag: &[u8; 32]) -> Result<Option<Session>, Error> {
        let now = self.now;
        let Some(row) = fetch_optional!(self, GET, &tag[..], now)? else { return Ok(None) };
        let asked: i64 = row.try_get(2)?;
        Ok(Some(Session {
            slot: slot_from_i64(row.try_get(0)?),
            expires_at: row.try_get(1)?,
            address_change_requested: asked != 0,
        }))
    }

    /// Notes that the page has asked for a new address; false when it had already.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn request_address_change(&mut self, tag: &[u8; 32]) -> Result<bool, Error> {
        Ok(execute!(self, ASK, &tag[..])? == 1)
    }

    /// Closes a page.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn end_session(&mut self, tag: &[u8; 32]) -> Result<(), Error> {
        execute!(self, END, &tag[..])?;
        Ok(())
    }

    /// Closes all pages of a person.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn end_sessions_of(&mut self, of: Slot) -> Result<(), Error> {
        execute!(self, END_ALL, slot_to_i64(of))?;
        Ok(())
    }

    /// Deletes pages that have ended.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn delete_expired_sessions(&mut self) -> Result<u64, Error> {
        let now = self.now;
        execute!(self, SWEEP, now)
    }
}
