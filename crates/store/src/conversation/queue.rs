//! Rows of threads as queues and for sweeping: each one statement, and nothing is opened.

use sqlx::{AssertSqlSafe, Row as _};

use super::{Conversation, thread, thread_where};
use crate::tx::{fetch_all, statements};
use crate::{Error, Tx};

/// Which threads staff look at. A thread is snoozed while its day is after today.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Queue<'a> {
    /// Open ones of a member of staff that are not snoozed.
    Mine(&'a str),
    /// Open ones of nobody that are not snoozed.
    Unassigned,
    /// Open ones that are not snoozed.
    Open,
    /// Ones that wait for the writer and are not snoozed.
    Waiting,
    /// Open and waiting ones that are snoozed.
    Snoozed,
    /// Ones that look like spam or a machine.
    Quarantined,
    /// Closed ones.
    Closed,
}

statements! {
    MINE = thread_where!("WHERE state = 'open' AND assigned = $4 AND snoozed_day <= $1 AND revision < $2 \
            ORDER BY revision DESC LIMIT $3");
    AWAKE = thread_where!("WHERE state = $4 AND snoozed_day <= $1 AND revision < $2 ORDER BY revision DESC LIMIT $3");
    SNOOZED = thread_where!("WHERE state IN ('open', 'waiting') AND snoozed_day > 0 AND snoozed_day > $1 \
               AND revision < $2 ORDER BY revision DESC LIMIT $3");
    IN_STATE = thread_where!("WHERE state = $3 AND revision < $1 ORDER BY revision DESC LIMIT $2");
    DUE = thread_where!("WHERE closed_day > 0 AND ((kind <> 'anonymous' AND closed_day <= $1) \
           OR (kind = 'anonymous' AND closed_day <= $2)) ORDER BY closed_day, id LIMIT 500");
    TO_CLOSE = thread_where!("WHERE state IN ('waiting', 'quarantined') AND last_message_day <= $1 ORDER BY id LIMIT 500");
    AFTER = thread_where!("WHERE revision > $1 ORDER BY revision LIMIT 500");
    COUNTS = "SELECT state, COUNT(*) FROM conversation GROUP BY state ORDER BY state";
}

/// Which of these are there. The numbers are numbers, so nothing but numbers gets into the text.
fn living(ids: &[i64]) -> String {
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    format!("SELECT id FROM conversation WHERE id IN ({}) ORDER BY id", ids.join(", "))
}

/// All statements of this file.
#[cfg(test)]
pub(crate) fn all_statements() -> impl Iterator<Item = String> {
    STATEMENTS.iter().map(|&sql| sql.to_owned()).chain([living(&[1, 2])])
}

impl Tx {
    /// Up to `limit` threads of a queue whose turn is before `before` (`i64::MAX` for the first page), newest turn
    /// first. Nothing is opened.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn queue(
        &mut self,
        of: &Queue<'_>,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Conversation>, Error> {
        let today = self.today();
        let rows = match of {
            Queue::Mine(staff) => fetch_all!(self, MINE, today, before, limit, *staff)?,
            Queue::Unassigned => fetch_all!(self, MINE, today, before, limit, "")?,
            Queue::Open => fetch_all!(self, AWAKE, today, before, limit, "open")?,
            Queue::Waiting => fetch_all!(self, AWAKE, today, before, limit, "waiting")?,
            Queue::Snoozed => fetch_all!(self, SNOOZED, today, before, limit)?,
            Queue::Quarantined => fetch_all!(self, IN_STATE, before, limit, "held")?,
            Queue::Closed => fetch_all!(self, IN_STATE, before, limit, "closed")?,
        };
        rows.iter().map(thread).collect()
    }

    /// Up to 500 closed threads that were closed on the first day or before, the second for anonymous ones.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn conversations_past_retention(
        &mut self,
        closed_by: i64,
        anonymous_by: i64,
    ) -> Result<Vec<Conversation>, Error> {
        fetch_all!(self, DUE, closed_by, anonymous_by)?.iter().map(thread).collect()
    }

    /// Up to 500 waiting or held threads without a message since that day: nobody awaits one any more.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn inactive_conversations(&mut self, touched_by: i64) -> Result<Vec<Conversation>, Error> {
        fetch_all!(self, TO_CLOSE, touched_by)?.iter().map(thread).collect()
    }

    /// Up to 500 threads that changed after a turn, in the order of their changes. A turn is never given twice and
    /// none becomes visible after a later one: who has seen turn n has missed nothing before it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn conversations_changed_after(&mut self, turn: i64) -> Result<Vec<Conversation>, Error> {
        fetch_all!(self, AFTER, turn)?.iter().map(thread).collect()
    }

    /// Which of these threads are still there, by number.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn existing_conversations(&mut self, ids: &[i64]) -> Result<Vec<i64>, Error> {
        let mut there = Vec::new();
        for some in ids.chunks(500) {
            let rows = sqlx::query(AssertSqlSafe(living(some))).fetch_all(self.flush().await?).await?;
            for row in &rows {
                there.push(row.try_get(0)?);
            }
        }
        Ok(there)
    }

    /// How many threads are in which state.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn count_conversations(&mut self) -> Result<Vec<(String, i64)>, Error> {
        fetch_all!(self, COUNTS)?.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}
