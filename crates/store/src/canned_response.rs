//! Canned responses of staff. They hold placeholders and no personal data.

use sqlx::Row as _;

use crate::tx::{execute, fetch_all, statements};
use crate::{Error, Tx};

statements! {
    ALL = "SELECT name, body FROM canned_response ORDER BY name";
    SET = "INSERT INTO canned_response (name, body) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET body = excluded.body";
    DROP = "DELETE FROM canned_response WHERE name = $1";
}

impl Tx {
    /// Returns all responses, name and text, by name.
    pub async fn canned_responses(&mut self) -> Result<Vec<(String, String)>, Error> {
        fetch_all!(self, ALL)?.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// Adds a response, or replaces its text.
    pub async fn set_canned_response(&mut self, name: &str, body: &str) -> Result<(), Error> {
        execute!(self, SET, name, body)?;
        Ok(())
    }

    /// Deletes a response. Returns false if none has that name.
    pub async fn delete_canned_response(&mut self, name: &str) -> Result<bool, Error> {
        Ok(execute!(self, DROP, name)? == 1)
    }
}
