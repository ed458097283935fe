//! Receipts of erasure that wait to be fetched with a pick-up code; nothing in them tells who was erased.

use sqlx::Row as _;

use crate::tx::{execute, fetch_optional, statements};
use crate::{Error, Tx};

/// A receipt that waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// The forgetting that it waits for; 0 when done.
    pub erasure_intent: i64,
    /// Day of the erasure, since 1970.
    pub day: i64,
    /// The signed text; empty while withheld.
    pub body: String,
}

statements! {
    ADD = "INSERT INTO receipt (code_hash, erasure_intent, day, body) VALUES ($1, $2, $3, $4)";
    GET = "SELECT erasure_intent, day, body FROM receipt WHERE code_hash = $1";
    READY = "UPDATE receipt SET erasure_intent = 0, body = $2 WHERE erasure_intent = $1";
    WAITING = "SELECT COUNT(*) FROM receipt WHERE erasure_intent = $1";
    SWEEP = "DELETE FROM receipt WHERE day <= $1 AND erasure_intent = 0";
}

impl Tx {
    /// Keeps a receipt under the hash of its pick-up code.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn add_receipt(&mut self, tag: &[u8; 32], receipt: &Receipt) -> Result<(), Error> {
        execute!(self, ADD, &tag[..], receipt.erasure_intent, receipt.day, &receipt.body)?;
        Ok(())
    }

    /// The receipt of a pick-up code's hash.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn receipt(&mut self, tag: &[u8; 32]) -> Result<Option<Receipt>, Error> {
        let Some(row) = fetch_optional!(self, GET, &tag[..])? else { return Ok(None) };
        Ok(Some(Receipt { erasure_intent: row.try_get(0)?, day: row.try_get(1)?, body: row.try_get(2)? }))
    }

    /// Whether a receipt waits for a forgetting.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn has_pending_receipt(&mut self, intent: i64) -> Result<bool, Error> {
        Ok(fetch_optional!(self, WAITING, intent)?.map_or(Ok(0), |row| row.try_get::<i64, _>(0))? > 0)
    }

    /// Fills in the receipts that waited for a forgetting.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn complete_receipts(&mut self, intent: i64, body: &str) -> Result<(), Error> {
        execute!(self, READY, intent, body)?;
        Ok(())
    }

    /// Deletes receipts of `day` and before that could have been fetched.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn delete_old_receipts(&mut self, day: i64) -> Result<u64, Error> {
        execute!(self, SWEEP, day)
    }
}
