//! Facts about this database, such as the id of its keyring and the highest epoch seen.

use sqlx::Row as _;

use crate::tx::{execute, fetch_optional, statements};
use crate::{Error, Store, Tx};

statements! {
    GET = "SELECT value FROM meta WHERE name = $1";
    PUT = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    // One statement, because another transaction may have written a higher epoch between a read and a write.
    RAISE = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value \
             WHERE CAST(meta.value AS BIGINT) < CAST(excluded.value AS BIGINT)";
}

impl Store {
    /// Reads a fact before the keyring is open.
    pub async fn fact(&self, name: &str) -> Result<Option<String>, Error> {
        let row = sqlx::query(GET).bind(name).fetch_optional(&self.pools.reading).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Writes a fact before the keyring is open.
    pub async fn set_fact(&self, name: &str, value: &str) -> Result<(), Error> {
        sqlx::query(PUT).bind(name).bind(value).execute(&self.pools.writing).await?;
        Ok(())
    }

    /// Returns the highest epoch of the keyring that this data has seen; 0 before the first.
    pub async fn seen_epoch(&self) -> Result<u64, Error> {
        let text = self.fact(EPOCH).await?;
        text.map_or(Ok(0), |t| t.parse().map_err(|_| Error::Unknown("meta.epoch")))
    }
}

const EPOCH: &str = "epoch";

impl Tx {
    /// Reads a fact about this database.
    pub async fn fact(&mut self, name: &str) -> Result<Option<String>, Error> {
        Ok(fetch_optional!(self, GET, name)?.map(|row| row.try_get(0)).transpose()?)
    }

    /// Writes a fact.
    pub async fn set_fact(&mut self, name: &str, value: &str) -> Result<(), Error> {
        execute!(self, PUT, name, value)?;
        Ok(())
    }

    /// Records that this data has seen the keyring at `epoch`; never lowers the value.
    pub async fn record_epoch(&mut self, epoch: u64) -> Result<(), Error> {
        execute!(self, RAISE, EPOCH, epoch.to_string())?;
        Ok(())
    }
}
