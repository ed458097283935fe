//! Receipts of erasure, collected with a pick-up code. They do not identify the erased person.

use calendar::Day;
use sqlx::Row as _;

use crate::columns;
use crate::tx::{execute, fetch_optional, statements};
use crate::{Error, Tx};

/// A row of `receipt`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// The erasure that the receipt waits for; 0 when it is complete.
    pub erasure_intent: i64,
    /// Day of the erasure.
    pub day: Day,
    /// The signed text; empty while it is withheld.
    pub body: String,
}

statements! {
    ADD = "INSERT INTO receipt (code_hash, erasure_intent, day, body) VALUES ($1, $2, $3, $4)";
    GET = "SELECT erasure_intent, day, body FROM receipt WHERE code_hash = $1";
    COMPLETE = "UPDATE receipt SET erasure_intent = 0, body = $2 WHERE erasure_intent = $1";
    WAITING = "SELECT COUNT(*) FROM receipt WHERE erasure_intent = $1";
    DELETE_OLD = "DELETE FROM receipt WHERE day <= $1 AND erasure_intent = 0";
}

impl Tx {
    /// Stores a receipt under the hash of its pick-up code.
    pub async fn add_receipt(&mut self, code_hash: &[u8; 32], receipt: &Receipt) -> Result<(), Error> {
        execute!(self, ADD, &code_hash[..], receipt.erasure_intent, receipt.day, &receipt.body)?;
        Ok(())
    }

    /// Finds a receipt by the hash of its pick-up code.
    pub async fn receipt(&mut self, code_hash: &[u8; 32]) -> Result<Option<Receipt>, Error> {
        let Some(row) = fetch_optional!(self, GET, &code_hash[..])? else { return Ok(None) };
        Ok(Some(Receipt {
            erasure_intent: row.try_get(0)?,
            day: columns::day(&row, "receipt.day")?,
            body: row.try_get(2)?,
        }))
    }

    /// Returns whether a receipt waits for an erasure.
    pub async fn has_pending_receipt(&mut self, intent: i64) -> Result<bool, Error> {
        Ok(fetch_optional!(self, WAITING, intent)?.map_or(Ok(0), |row| row.try_get::<i64, _>(0))? > 0)
    }

    /// Completes the receipts that waited for an erasure.
    pub async fn complete_receipts(&mut self, intent: i64, body: &str) -> Result<(), Error> {
        execute!(self, COMPLETE, intent, body)?;
        Ok(())
    }

    /// Deletes completed receipts of `day` and before.
    pub async fn delete_old_receipts(&mut self, day: Day) -> Result<u64, Error> {
        execute!(self, DELETE_OLD, day)
    }
}
