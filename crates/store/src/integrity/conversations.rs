//! Integrity of conversations: relations that must hold between their rows. The checks count rows and open nothing.

use sqlx::{AssertSqlSafe, Row as _};

use crate::{Error, Tx};

/// Numbers of rows of conversations, and of rows that violate a relation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ConversationIntegrity {
    pub conversations: i64,
    /// Conversations whose sender is unknown: no address and no person.
    pub anonymous: i64,
    pub messages: i64,
    /// Files of messages.
    pub files: i64,
    /// Unattached files.
    pub unattached: i64,
    /// Access codes and tokens.
    pub access: i64,
    /// Anonymous conversations with an address or a person.
    pub not_anonymous: i64,
    /// Conversations linked to a person who does not exist.
    pub without_person: i64,
    /// Conversations whose last action is missing from the audit log.
    pub without_action: i64,
    /// Conversations whose messages are not numbered from 1 without gaps, or differ from the stored number.
    pub miscounted: i64,
    /// Messages under another key slot than their conversation, or without one.
    pub mismatched_messages: i64,
    /// Files under another key slot than their message, or with another conversation.
    pub mismatched_files: i64,
    /// Files of messages whose chunks have gaps, or another total size.
    pub incomplete_files: i64,
    /// Chunks under another key slot than their file, or without one.
    pub mismatched_chunks: i64,
    /// Access codes and tokens without a conversation, or under another key slot.
    pub mismatched_access: i64,
}

/// Returns the table and condition of each number in [`ConversationIntegrity`].
fn counts() -> [(&'static str, String); 15] {
    let overhead = keyring::OVERHEAD;
    let pieces = |what: &str| {
        format!("(SELECT COALESCE({what}, 0) FROM chunk WHERE chunk.attachment = attachment.id)")
    };
    let (bytes, number, last) =
        (pieces(&format!("SUM(length(bytes) - {overhead})")), pieces("COUNT(*)"), pieces("MAX(number) + 1"));
    let incomplete_files = format!("message <> 0 AND (kind = '' OR size <> {bytes} OR {number} <> {last})");
    let message_aggregate = |what: &str| {
        format!("(SELECT COALESCE({what}, 0) FROM message WHERE message.conversation = conversation.id)")
    };
    let (number, last) = (message_aggregate("COUNT(*)"), message_aggregate("MAX(number)"));
    let without_conversation = |table: &str| {
        format!(
            "NOT EXISTS (SELECT 1 FROM conversation WHERE conversation.id = {table}.conversation AND conversation.slot = {table}.slot)"
        )
    };
    let anonymous = "kind = 'anonymous'";
    [
        ("conversation", "0 = 0".into()),
        ("conversation", anonymous.into()),
        ("message", "0 = 0".into()),
        ("attachment", "message <> 0".into()),
        ("attachment", "message = 0".into()),
        ("conversation_access", "0 = 0".into()),
        ("conversation", format!("{anonymous} AND (person <> 0 OR length(contact) > 0 OR length(address_tag) > 0)")),
        (
            "conversation",
            "person <> 0 AND NOT EXISTS (SELECT 1 FROM person WHERE person.slot = conversation.person)".into(),
        ),
        (
            "conversation",
            "last_action <> 0 AND NOT EXISTS (SELECT 1 FROM audit_entry WHERE audit_entry.id = conversation.last_action \
             AND audit_entry.kind = 'action')"
                .into(),
        ),
        ("conversation", format!("messages <> {number} OR messages <> {last}")),
        ("message", without_conversation("message")),
        (
            "attachment",
            "message <> 0 AND NOT EXISTS (SELECT 1 FROM message WHERE message.id = attachment.message \
             AND message.slot = attachment.slot AND message.conversation = attachment.conversation)"
                .into(),
        ),
        ("attachment", incomplete_files),
        (
            "chunk",
            "NOT EXISTS (SELECT 1 FROM attachment WHERE attachment.id = chunk.attachment \
             AND attachment.slot = chunk.slot)"
                .into(),
        ),
        ("conversation_access", without_conversation("conversation_access")),
    ]
}

fn statement((table, condition): &(&'static str, String)) -> String {
    format!("SELECT COUNT(*) FROM {table} WHERE {condition}")
}

/// All statements of this file.
#[cfg(test)]
pub(super) fn all_statements() -> impl Iterator<Item = String> {
    counts().into_iter().map(|count| statement(&count))
}

impl Tx {
    /// Counts the rows of conversations, and the rows that violate a relation.
    pub async fn conversation_integrity(&mut self) -> Result<ConversationIntegrity, Error> {
        let mut found = [0; 15];
        for (values, count) in found.iter_mut().zip(counts()) {
            let sql = AssertSqlSafe(statement(&count));
            *values = sqlx::query(sql).fetch_one(self.flush().await?).await?.try_get(0)?;
        }
        let [conversations, anonymous, messages, files, unattached, access, not_anonymous, rest @ ..] = found;
        let [without_person, without_action, miscounted, rest @ ..] = rest;
        let [mismatched_messages, mismatched_files, incomplete_files, mismatched_chunks, mismatched_access] =
            rest;
        Ok(ConversationIntegrity {
            conversations,
            anonymous,
            messages,
            files,
            unattached,
            access,
            not_anonymous,
            without_person,
            without_action,
            miscounted,
            mismatched_messages,
            mismatched_files,
            incomplete_files,
            mismatched_chunks,
            mismatched_access,
        })
    }
}
