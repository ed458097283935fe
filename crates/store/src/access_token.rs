//! Ways into a thread: a code, a letter's link, the token of a thread that was merged into it. Only hashes are kept.

use keyring::Slot;
use sqlx::Row as _;

use crate::tx::{execute, fetch_optional, slot_from_i64, slot_to_i64, statements, string_enum};
use crate::{Error, Tx};

string_enum! { "conversation_access.kind",
    /// What a way is made of, and so what it is good for.
    ConversationAccessKind {
        /// The code: reads and writes.
        Code = "code",
        /// A letter's link: closes and erases, reads nothing.
        Email = "email",
        /// The token of a thread that was merged into this one.
        Merged = "merged",
    }
}

/// A way that leads somewhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConversationAccess {
    /// The thread.
    pub conversation: i64,
    /// The thread's slot.
    pub slot: Slot,
    /// What it is good for.
    pub kind: ConversationAccessKind,
}

statements! {
    ADD = "INSERT INTO conversation_access (token_hash, conversation, slot, kind, expires_day) VALUES ($1, $2, $3, $4, $5)";
    GET = "SELECT conversation, slot, kind FROM conversation_access WHERE token_hash = $1 AND (expires_day = 0 OR expires_day > $2)";
    DROP = "DELETE FROM conversation_access WHERE slot = (SELECT slot FROM conversation WHERE id = $1) AND kind = $2";
    SWEEP = "DELETE FROM conversation_access WHERE expires_day > 0 AND expires_day <= $1";
}

impl Tx {
    /// Adds a way; it leads nowhere from `expires_day` on, 0 for never.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn add_conversation_access(
        &mut self,
        tag: &[u8; 32],
        thread: i64,
        of: Slot,
        kind: ConversationAccessKind,
        expires_day: i64,
    ) -> Result<(), Error> {
        execute!(self, ADD, &tag[..], thread, slot_to_i64(of), kind.as_str(), expires_day)?;
        Ok(())
    }

    /// Where a way leads, if it does today.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn conversation_access(&mut self, tag: &[u8; 32]) -> Result<Option<ConversationAccess>, Error> {
        let today = self.today();
        let Some(row) = fetch_optional!(self, GET, &tag[..], today)? else { return Ok(None) };
        Ok(Some(ConversationAccess {
            conversation: row.try_get(0)?,
            slot: slot_from_i64(row.try_get(1)?),
            kind: ConversationAccessKind::parse(row.try_get(2)?)?,
        }))
    }

    /// Deletes a thread's ways of a kind.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn delete_conversation_access(
        &mut self,
        thread: i64,
        kind: ConversationAccessKind,
    ) -> Result<(), Error> {
        execute!(self, DROP, thread, kind.as_str())?;
        Ok(())
    }

    /// Deletes ways that lead nowhere any more.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn delete_expired_conversation_access(&mut self) -> Result<u64, Error> {
        let today = self.today();
        execute!(self, SWEEP, today)
    }
}
