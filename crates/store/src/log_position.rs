//! Positions in server logs, so that no line is counted twice. A log is identified by a keyed hash of its first
//! bytes.

use keyring::Tag16;
use sqlx::Row as _;

use crate::tx::{execute, fetch_optional, statements};
use crate::{Error, Tx};

/// Number of days for which a position is kept after the log was last read.
const DAYS: i64 = 90;

statements! {
    GET = "SELECT read_to FROM log_position WHERE site = $1 AND file = $2";
    PUT = "INSERT INTO log_position (site, file, read_to, day) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (site, file) DO UPDATE SET read_to = excluded.read_to, day = excluded.day \
           WHERE log_position.read_to = $5";
    SWEEP = "DELETE FROM log_position WHERE day <= $1";
}

impl Tx {
    /// Returns the number of counted bytes of a log; 0 if the log is not known.
    pub async fn log_position(&mut self, site: i64, file: &Tag16) -> Result<i64, Error> {
        Ok(fetch_optional!(self, GET, site, &file.0[..])?.map_or(Ok(0), |row| row.try_get(0))?)
    }

    /// Moves a log's position from `from` to `to`. Returns false and changes nothing if the position is not `from`:
    /// another process counts the log, and the caller must roll back.
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

    /// Deletes positions of logs last read 90 days ago or earlier.
    pub async fn delete_old_log_positions(&mut self) -> Result<u64, Error> {
        let last = self.today() - DAYS;
        execute!(self, SWEEP, last)
    }
}
