//! Daily counters of notifications. What is not kept is counted, never recorded.

use calendar::Day;
use sqlx::Row as _;

use crate::tx::{execute, fetch_all, statements};
use crate::{Error, Tx};

statements! {
    ADD = "INSERT INTO counter (day, name, total) VALUES ($1, $2, $3) \
           ON CONFLICT (day, name) DO UPDATE SET total = counter.total + excluded.total";
    SINCE = "SELECT name, CAST(SUM(total) AS BIGINT) FROM counter WHERE day >= $1 GROUP BY name ORDER BY name";
}

impl Tx {
    /// Adds `n` to today's value of a counter.
    pub async fn add_to_counter(&mut self, name: &str, n: i64) -> Result<(), Error> {
        let day = self.today();
        execute!(self, ADD, day, name, n)?;
        Ok(())
    }

    /// Returns the sum of each counter since a day.
    pub async fn counters_since(&mut self, day: Day) -> Result<Vec<(String, i64)>, Error> {
        fetch_all!(self, SINCE, day)?.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}
