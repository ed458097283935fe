//! Keyed marks of notices whose person isn't here: those of erased orders that have acted, and declines that came
//! before their order. The key is of a year and is forgotten after the horizon; then the marks go too.

use keyring::Tag16;
use sqlx::Row as _;

use crate::tx::{execute, fetch_all, fetch_optional, statements};
use crate::{Error, Tx};

statements! {
    ADD_ACTED = "INSERT INTO processed_notification (tag, year) VALUES ($1, $2) ON CONFLICT (tag) DO NOTHING";
    HAS_ACTED = "SELECT year FROM processed_notification WHERE tag = $1";
    ADD_EARLY = "INSERT INTO early_notification (tag, year) VALUES ($1, $2) ON CONFLICT (tag) DO NOTHING";
    EARLY_AMONG = "SELECT tag FROM early_notification WHERE tag IN ($1, $2, $3)";
    DROP_ACTED = "DELETE FROM processed_notification WHERE year <= $1";
    DROP_EARLY = "DELETE FROM early_notification WHERE year <= $1";
}

impl Tx {
    /// Marks a notice of an erased order as acted; says whether it was the first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn add_processed_notification(&mut self, tag: &Tag16, year: i64) -> Result<bool, Error> {
        Ok(execute!(self, ADD_ACTED, &tag.0[..], year)? > 0)
    }

    /// Whether a notice of an erased order has acted.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn is_processed_notification(&mut self, tag: &Tag16) -> Result<bool, Error> {
        Ok(fetch_optional!(self, HAS_ACTED, &tag.0[..])?.is_some())
    }

    /// Marks an order item as declined before it was known.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn add_early_notification(&mut self, tag: &Tag16, year: i64) -> Result<(), Error> {
        execute!(self, ADD_EARLY, &tag.0[..], year)?;
        Ok(())
    }

    /// Which of three marks of an order item came before it was known.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn early_notifications_among(&mut self, tags: &[Tag16; 3]) -> Result<Vec<Tag16>, Error> {
        let [one, two, three] = tags;
        let rows = fetch_all!(self, EARLY_AMONG, &one.0[..], &two.0[..], &three.0[..])?;
        let came: Vec<Vec<u8>> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        Ok(tags.iter().filter(|tag| came.iter().any(|c| c[..] == tag.0)).copied().collect())
    }

    /// Drops the marks of `year` and before.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn delete_notification_tags(&mut self, year: i64) -> Result<u64, Error> {
        Ok(execute!(self, DROP_ACTED, year)? + execute!(self, DROP_EARLY, year)?)
    }
}
