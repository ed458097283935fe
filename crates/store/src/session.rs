//! Sessions of signed-in persons. The table holds only a hash of the session cookie.

use calendar::Timestamp;
use keyring::Slot;
use sqlx::Row as _;

use crate::columns;
use crate::tx::{execute, fetch_optional, slot_from_i64, slot_to_i64, statements};
use crate::{Error, Tx};

#[derive(Clone, Copy)]
pub struct Session {
    /// The person's key slot.
    pub slot: Slot,
    /// When it expires.
    pub expires_at: Timestamp,
    /// Whether it has requested a change of address.
    pub address_change_requested: bool,
}

statements! {
    ADD = "INSERT INTO session (token_hash, slot, expires_at, address_change_requested) VALUES ($1, $2, $3, 0)";
    GET = "SELECT slot, expires_at, address_change_requested FROM session WHERE token_hash = $1 AND expires_at > $2";
    REQUEST_ADDRESS_CHANGE = "UPDATE session SET address_change_requested = 1 WHERE token_hash = $1 AND address_change_requested = 0";
    END = "DELETE FROM session WHERE token_hash = $1";
    END_ALL = "DELETE FROM session WHERE slot = $1";
    DELETE_EXPIRED = "DELETE FROM session WHERE expires_at <= $1";
}

impl Tx {
    /// Starts a session for a person.
    pub async fn add_session(
        &mut self,
        token_hash: &[u8; 32],
        of: Slot,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        execute!(self, ADD, &token_hash[..], slot_to_i64(of), expires_at)?;
        Ok(())
    }

    /// Finds the session of a cookie's hash, unless it has expired.
    pub async fn session(&mut self, token_hash: &[u8; 32]) -> Result<Option<Session>, Error> {
        let now = self.now;
        let Some(row) = fetch_optional!(self, GET, &token_hash[..], now)? else { return Ok(None) };
        let requested: i64 = row.try_get(2)?;
        Ok(Some(Session {
            slot: slot_from_i64(row.try_get(0)?),
            expires_at: columns::timestamp(&row, 1)?,
            address_change_requested: requested != 0,
        }))
    }

    /// Records that the session requests a change of address. Returns false if it did so before.
    pub async fn request_address_change(&mut self, token_hash: &[u8; 32]) -> Result<bool, Error> {
        Ok(execute!(self, REQUEST_ADDRESS_CHANGE, &token_hash[..])? == 1)
    }

    pub async fn end_session(&mut self, token_hash: &[u8; 32]) -> Result<(), Error> {
        execute!(self, END, &token_hash[..])?;
        Ok(())
    }

    /// Ends all sessions of a person.
    pub async fn end_sessions_of(&mut self, of: Slot) -> Result<(), Error> {
        execute!(self, END_ALL, slot_to_i64(of))?;
        Ok(())
    }

    pub async fn delete_expired_sessions(&mut self) -> Result<u64, Error> {
        let now = self.now;
        execute!(self, DELETE_EXPIRED, now)
    }
}
