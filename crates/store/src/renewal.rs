//! Renewal links that were offered: the token comes back in the notice of the order that used it.

use keyring::Slot;
use sqlx::Row as _;

use crate::tx::{execute, fetch_optional, slot_to_i64, statements};
use crate::{Error, Tx};

/// An offered renewal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Renewal {
    /// The licence that it extends.
    pub serial: i64,
    /// When the offer ends, seconds since 1970.
    pub expires_at: i64,
    /// An order has used it.
    pub used: bool,
}

statements! {
    ADD = "INSERT INTO renewal (token_hash, slot, serial, expires_at, used) VALUES ($1, $2, $3, $4, 0)";
    GET = "SELECT serial, expires_at, used FROM renewal WHERE token_hash = $1";
    USE = "UPDATE renewal SET used = 1 WHERE token_hash = $1 AND used = 0 AND expires_at > $2";
    UNBIND = "UPDATE renewal SET slot = 0 WHERE slot = $1";
    SWEEP = "DELETE FROM renewal WHERE expires_at <= $1";
}

impl Tx {
    /// Notes an offer.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn add_renewal(
        &mut self,
        tag: &[u8; 32],
        of: Slot,
        serial: i64,
        expires_at: i64,
    ) -> Result<(), Error> {
        execute!(self, ADD, &tag[..], slot_to_i64(of), serial, expires_at)?;
        Ok(())
    }

    /// The offer of a token's hash.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn renewal(&mut self, tag: &[u8; 32]) -> Result<Option<Renewal>, Error> {
        let Some(row) = fetch_optional!(self, GET, &tag[..])? else { return Ok(None) };
        let used: i64 = row.try_get(2)?;
        Ok(Some(Renewal { serial: row.try_get(0)?, expires_at: row.try_get(1)?, used: used != 0 }))
    }

    /// Uses an offer up; false when it was used or has ended.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn use_renewal(&mut self, tag: &[u8; 32]) -> Result<bool, Error> {
        let now = self.now;
        Ok(execute!(self, USE, &tag[..], now)? == 1)
    }

    /// Cuts the offers of a person who is about to be erased loose from them: the links go on working, for a new
    /// purchase that extends the licence.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn detach_renewals(&mut self, of: Slot) -> Result<(), Error> {
        execute!(self, UNBIND, slot_to_i64(of))?;
        Ok(())
    }

    /// Deletes offers that ended a day ago: until then a late notice may still name them.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn delete_expired_renewals(&mut self) -> Result<u64, Error> {
        let now = self.now;
        execute!(self, SWEEP, now - 86_400)
    }
}
