//! How far servers' logs were counted, so that no line is counted twice. A log is known by a keyed hash of its beginning.

use keyring::Tag16;
use sqlx::Row as _;

use crate::tx::{execute, fetch_optional, statements};
use crate::{Error, Tx};

/// Days for which a log is known after it was last read.
const DAYS: i64 = 90;

statements! {
    GET = "SELECT read_to FROM log_position WHERE site = $1 AND file = $2";
    PUT = "INSERT INTO log_position (site, file, read_to, day) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (site, file) DO UPDATE SET read_to = excluded.read_to, day = excluded.day \
           WHERE log_position.read_to = $5";
    SWEEP = "DELETE FROM log_position WHERE day <= $1";
}

impl Tx {
    /// How many bytes of a log were counted; 0 where it isn't known.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn log_position(&mut self, site: i64, file: &Tag16) -> Result<i64, Error> {
        Ok(fetch_optional!(self, GET, site, &file.0[..])?.map_or(Ok(0), |row| row.try_get(0))?)
    }

    /// Notes that a log was counted on from one byte to another. False, and nothing noted, where it isn't at `from`:
    /// somebody else counts it, and what goes with this must not be kept.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn save_log_position(
        &mut self,
        site: i64,
        file: &Tag16,
        from: i64,
        to: i64,
    ) -> Result<bool, Error> {
        let today = self.today();
        Ok(execute!(self, PUT, site, &file.0[..], to, today, from)? == 1)
    }

    /// Forgets logs that were last read 90 days ago or earlier.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn delete_old_log_positions(&mut self) -> Result<u64, Error> {
        let last = self.today() - DAYS;
        execute!(self, SWEEP, last)
    }
}
