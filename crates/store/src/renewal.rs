//! Offered renewal links. The notification of the order that uses a link contains its token.

use calendar::Timestamp;
use keyring::Slot;
use licence::Serial;
use sqlx::Row as _;

use crate::columns;
use crate::tx::{execute, fetch_optional, slot_to_i64, statements};
use crate::{Error, Tx};

/// An offered renewal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Renewal {
    /// The licence that it extends.
    pub serial: Serial,
    /// When the offer expires.
    pub expires_at: Timestamp,
    /// Whether an order has used it.
    pub used: bool,
}

statements! {
    ADD = "INSERT INTO renewal (token_hash, slot, serial, expires_at, used) VALUES ($1, $2, $3, $4, 0)";
    GET = "SELECT serial, expires_at, used FROM renewal WHERE token_hash = $1";
    MARK_USED = "UPDATE renewal SET used = 1 WHERE token_hash = $1 AND used = 0 AND expires_at > $2";
    DETACH = "UPDATE renewal SET slot = 0 WHERE slot = $1";
    DELETE_EXPIRED = "DELETE FROM renewal WHERE expires_at <= $1";
}

impl Tx {
    /// Records an offer.
    pub async fn add_renewal(
        &mut self,
        token_hash: &[u8; 32],
        of: Slot,
        serial: Serial,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        execute!(self, ADD, &token_hash[..], slot_to_i64(of), serial, expires_at)?;
        Ok(())
    }

    /// Finds an offer by the hash of its token.
    pub async fn renewal(&mut self, token_hash: &[u8; 32]) -> Result<Option<Renewal>, Error> {
        let Some(row) = fetch_optional!(self, GET, &token_hash[..])? else { return Ok(None) };
        let used: i64 = row.try_get(2)?;
        Ok(Some(Renewal {
            serial: columns::serial_at(&row, 0, "renewal.serial")?,
            expires_at: columns::timestamp(&row, 1)?,
            used: used != 0,
        }))
    }

    /// Marks an offer as used. Returns false if it was used already or has expired.
    pub async fn use_renewal(&mut self, token_hash: &[u8; 32]) -> Result<bool, Error> {
        let now = self.now;
        Ok(execute!(self, MARK_USED, &token_hash[..], now)? == 1)
    }

    /// Detaches the offers of a person before the person's erasure. The links continue to work, for a new purchase
    /// that extends the licence.
    pub async fn detach_renewals(&mut self, of: Slot) -> Result<(), Error> {
        execute!(self, DETACH, slot_to_i64(of))?;
        Ok(())
    }

    /// Deletes offers that expired a day ago; until then a late notification may refer to them.
    pub async fn delete_expired_renewals(&mut self) -> Result<u64, Error> {
        let now = self.now;
        execute!(self, DELETE_EXPIRED, now - 86_400)
    }
}
