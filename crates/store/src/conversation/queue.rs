//! Queues of conversations, for staff and for retention. Each is one statement and opens nothing.

use calendar::Day;
use sqlx::{AssertSqlSafe, Row as _};

use super::{Conversation, conversation_from_row, conversation_where};
use crate::ids::ConversationId;
use crate::tx::{fetch_all, statements};
use crate::{Error, Tx};

/// A queue of conversations. A conversation is snoozed while its `snoozed_day` is after today.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Queue<'a> {
    /// Open, assigned to a member of staff, not snoozed.
    Mine(&'a str),
    /// Open, not assigned, not snoozed.
    Unassigned,
    /// Open and not snoozed.
    Open,
    /// Waiting for the sender and not snoozed.
    Waiting,
    /// Open or waiting, and snoozed.
    Snoozed,
    /// Quarantined as possible spam or automatic messages.
    Quarantined,
    Closed,
}

statements! {
    MINE = conversation_where!("WHERE state = 'open' AND assigned = $4 AND snoozed_day <= $1 AND revision < $2 \
            ORDER BY revision DESC LIMIT $3");
    AWAKE = conversation_where!("WHERE state = $4 AND snoozed_day <= $1 AND revision < $2 ORDER BY revision DESC LIMIT $3");
    SNOOZED = conversation_where!("WHERE state IN ('open', 'waiting') AND snoozed_day > 0 AND snoozed_day > $1 \
               AND revision < $2 ORDER BY revision DESC LIMIT $3");
    IN_STATE = conversation_where!("WHERE state = $3 AND revision < $1 ORDER BY revision DESC LIMIT $2");
    DUE = conversation_where!("WHERE closed_day > 0 AND ((kind <> 'anonymous' AND closed_day <= $1) \
           OR (kind = 'anonymous' AND closed_day <= $2)) ORDER BY closed_day, id LIMIT 500");
    TO_CLOSE = conversation_where!("WHERE state IN ('waiting', 'quarantined') AND last_message_day <= $1 ORDER BY id LIMIT 500");
    AFTER = conversation_where!("WHERE revision > $1 ORDER BY revision LIMIT 500");
}

/// Builds the statement that returns which of these conversations exist. Only numbers are inserted into the text.
fn existing(ids: &[ConversationId]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| id.number().to_string()).collect();
    format!("SELECT id FROM conversation WHERE id IN ({}) ORDER BY id", ids.join(", "))
}

/// All statements of this file.
#[cfg(test)]
pub(crate) fn all_statements() -> impl Iterator<Item = String> {
    STATEMENTS
        .iter()
        .map(|&sql| sql.to_owned())
        .chain([existing(&[ConversationId::new(1), ConversationId::new(2)])])
}

impl Tx {
    /// Returns up to `limit` conversations of a queue with a revision below `before` (`i64::MAX` for the first page),
    /// newest revision first. It opens nothing.
    pub async fn queue(
        &mut self,
        queue: &Queue<'_>,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Conversation>, Error> {
        let today = self.today();
        let rows = match queue {
            Queue::Mine(staff) => fetch_all!(self, MINE, today, before, limit, *staff)?,
            Queue::Unassigned => fetch_all!(self, MINE, today, before, limit, "")?,
            Queue::Open => fetch_all!(self, AWAKE, today, before, limit, "open")?,
            Queue::Waiting => fetch_all!(self, AWAKE, today, before, limit, "waiting")?,
            Queue::Snoozed => fetch_all!(self, SNOOZED, today, before, limit)?,
            Queue::Quarantined => fetch_all!(self, IN_STATE, before, limit, "quarantined")?,
            Queue::Closed => fetch_all!(self, IN_STATE, before, limit, "closed")?,
        };
        rows.iter().map(conversation_from_row).collect()
    }

    /// Returns up to 500 conversations that were closed on `closed_by` or before; for anonymous ones on
    /// `anonymous_by` or before.
    pub async fn conversations_past_retention(
        &mut self,
        closed_by: Day,
        anonymous_by: Day,
    ) -> Result<Vec<Conversation>, Error> {
        fetch_all!(self, DUE, closed_by, anonymous_by)?.iter().map(conversation_from_row).collect()
    }

    /// Returns up to 500 waiting or quarantined conversations without a message since that day.
    pub async fn inactive_conversations(&mut self, inactive_since: Day) -> Result<Vec<Conversation>, Error> {
        fetch_all!(self, TO_CLOSE, inactive_since)?.iter().map(conversation_from_row).collect()
    }

    /// Returns up to 500 conversations that changed after a revision, in the order of their changes. No revision is
    /// used twice, and none becomes visible after a later one. A reader of revision n has therefore missed no earlier
    /// change.
    pub async fn conversations_changed_after(&mut self, revision: i64) -> Result<Vec<Conversation>, Error> {
        fetch_all!(self, AFTER, revision)?.iter().map(conversation_from_row).collect()
    }

    /// Returns which of these conversations exist, by number.
    pub async fn existing_conversations(
        &mut self,
        ids: &[ConversationId],
    ) -> Result<Vec<ConversationId>, Error> {
        let mut existing_ids = Vec::new();
        for some in ids.chunks(500) {
            let rows = sqlx::query(AssertSqlSafe(existing(some))).fetch_all(self.flush().await?).await?;
            for row in &rows {
                existing_ids.push(row.try_get(0)?);
            }
        }
        Ok(existing_ids)
    }
}
