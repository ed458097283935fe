//! Credentials of a conversation: access codes, tokens in e-mails, and tokens of merged conversations. The table
//! holds only hashes.

use calendar::Day;
use keyring::Slot;
use sqlx::Row as _;

use crate::ids::ConversationId;
use crate::tx::{execute, fetch_optional, slot_from_i64, slot_to_i64, statements, string_enum};
use crate::{Error, Tx};

string_enum! { "conversation_access.kind",
    /// Kind of credential, which decides what it permits.
    ConversationAccessKind {
        /// Access code: permits reading and writing.
        Code = "code",
        /// Token of an e-mail: permits closing and erasing the conversation, not reading it.
        Email = "email",
        /// Token of a conversation that was merged into this one.
        Merged = "merged",
    }
}

/// A valid credential of a conversation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConversationAccess {
    pub conversation: ConversationId,
    /// The conversation's key slot.
    pub slot: Slot,
    /// What it permits.
    pub kind: ConversationAccessKind,
}

statements! {
    ADD = "INSERT INTO conversation_access (token_hash, conversation, slot, kind, expires_day) VALUES ($1, $2, $3, $4, $5)";
    GET = "SELECT conversation, slot, kind FROM conversation_access WHERE token_hash = $1 AND (expires_day = 0 OR expires_day > $2)";
    DELETE = "DELETE FROM conversation_access WHERE slot = (SELECT slot FROM conversation WHERE id = $1) AND kind = $2";
    DELETE_EXPIRED = "DELETE FROM conversation_access WHERE expires_day > 0 AND expires_day <= $1";
}

impl Tx {
    /// Adds a credential. It expires on `expires_day`, if there is one.
    pub async fn add_conversation_access(
        &mut self,
        token_hash: &[u8; 32],
        conversation: ConversationId,
        of: Slot,
        kind: ConversationAccessKind,
        expires_day: Option<Day>,
    ) -> Result<(), Error> {
        execute!(self, ADD, &token_hash[..], conversation, slot_to_i64(of), kind.as_str(), expires_day)?;
        Ok(())
    }

    /// Finds a credential by its hash, unless it has expired.
    pub async fn conversation_access(
        &mut self,
        token_hash: &[u8; 32],
    ) -> Result<Option<ConversationAccess>, Error> {
        let today = self.today();
        let Some(row) = fetch_optional!(self, GET, &token_hash[..], today)? else { return Ok(None) };
        Ok(Some(ConversationAccess {
            conversation: row.try_get(0)?,
            slot: slot_from_i64(row.try_get(1)?),
            kind: ConversationAccessKind::parse(row.try_get(2)?)?,
        }))
    }

    /// Deletes a conversation's credentials of one kind.
    pub async fn delete_conversation_access(
        &mut self,
        conversation: ConversationId,
        kind: ConversationAccessKind,
    ) -> Result<(), Error> {
        execute!(self, DELETE, conversation, kind.as_str())?;
        Ok(())
    }

    /// Deletes expired credentials.
    pub async fn delete_expired_conversation_access(&mut self) -> Result<u64, Error> {
        let today = self.today();
        execute!(self, DELETE_EXPIRED, today)
    }
}
