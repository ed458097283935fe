//! Idempotency keys of notifications without a person: those of erased orders, and declines that arrived before
//! their order. The tags are keyed hashes. Their key belongs to a year and is forgotten after the retention period,
//! and then the tags are deleted too.

use keyring::Tag16;
use sqlx::Row as _;

use crate::tx::{execute, fetch_all, fetch_optional, statements};
use crate::{Error, Tx};

statements! {
    ADD_PROCESSED = "INSERT INTO processed_notification (tag, year) VALUES ($1, $2) ON CONFLICT (tag) DO NOTHING";
    GET_PROCESSED = "SELECT year FROM processed_notification WHERE tag = $1";
    ADD_EARLY = "INSERT INTO early_notification (tag, year) VALUES ($1, $2) ON CONFLICT (tag) DO NOTHING";
    EARLY_AMONG = "SELECT tag FROM early_notification WHERE tag IN ($1, $2, $3)";
    DELETE_PROCESSED = "DELETE FROM processed_notification WHERE year <= $1";
    DELETE_EARLY = "DELETE FROM early_notification WHERE year <= $1";
}

impl Tx {
    /// Records a notification of an erased order as processed. Returns whether it was new.
    pub async fn add_processed_notification(&mut self, tag: &Tag16, year: i64) -> Result<bool, Error> {
        Ok(execute!(self, ADD_PROCESSED, &tag.0[..], year)? > 0)
    }

    /// Returns whether a notification of an erased order was processed.
    pub async fn is_processed_notification(&mut self, tag: &Tag16) -> Result<bool, Error> {
        Ok(fetch_optional!(self, GET_PROCESSED, &tag.0[..])?.is_some())
    }

    /// Records that an order item was declined before its order was known.
    pub async fn add_early_notification(&mut self, tag: &Tag16, year: i64) -> Result<(), Error> {
        execute!(self, ADD_EARLY, &tag.0[..], year)?;
        Ok(())
    }

    /// Returns which of three tags of an order item were recorded before the order was known.
    pub async fn early_notifications_among(&mut self, tags: &[Tag16; 3]) -> Result<Vec<Tag16>, Error> {
        let [one, two, three] = tags;
        let rows = fetch_all!(self, EARLY_AMONG, &one.0[..], &two.0[..], &three.0[..])?;
        let found: Vec<Vec<u8>> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        Ok(tags.iter().filter(|tag| found.iter().any(|c| c[..] == tag.0)).copied().collect())
    }

    /// Deletes the tags of `year` and before.
    pub async fn delete_notification_tags(&mut self, year: i64) -> Result<u64, Error> {
        Ok(execute!(self, DELETE_PROCESSED, year)? + execute!(self, DELETE_EARLY, year)?)
    }
}
