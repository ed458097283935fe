//! What must hold between the rows of threads. Nothing is opened; all of it is counted.

use sqlx::{AssertSqlSafe, Row as _};

use crate::{Error, Tx};

/// How many rows threads have, and where they don't hold together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ConversationIntegrity {
    /// Threads.
    pub conversations: i64,
    /// Threads of writers of whom nothing is known: no address, no person.
    pub anonymous: i64,
    /// Messages.
    pub messages: i64,
    /// Files of messages.
    pub files: i64,
    /// Files that have no message yet.
    pub unattached: i64,
    /// Ways into threads.
    pub access: i64,
    /// Anonymous threads with an address or a person.
    pub not_anonymous: i64,
    /// Threads tied to a person who isn't there.
    pub without_person: i64,
    /// Threads that name an act that the journal doesn't.
    pub without_action: i64,
    /// Threads whose messages are not as many as they count, from 1 without gaps.
    pub miscounted: i64,
    /// Messages that lie under another slot than their thread, or have none.
    pub messages_astray: i64,
    /// Files that lie under another slot than their message, or have another thread.
    pub files_astray: i64,
    /// Files of messages whose pieces have gaps or another length in all.
    pub files_broken: i64,
    /// Pieces that lie under another slot than their file, or have none.
    pub chunks_astray: i64,
    /// Ways that lead to no thread, or into another slot than it has.
    pub access_astray: i64,
}

/// Each figure with the condition by which it is counted.
fn counts() -> [(&'static str, String); 15] {
    let overhead = keyring::OVERHEAD;
    let pieces = |what: &str| {
        format!("(SELECT COALESCE({what}, 0) FROM chunk WHERE chunk.attachment = attachment.id)")
    };
    let (bytes, number, last) =
        (pieces(&format!("SUM(length(bytes) - {overhead})")), pieces("COUNT(*)"), pieces("MAX(number) + 1"));
    let files_broken = format!("message <> 0 AND (kind = '' OR size <> {bytes} OR {number} <> {last})");
    let said = |what: &str| {
        format!("(SELECT COALESCE({what}, 0) FROM message WHERE message.conversation = conversation.id)")
    };
    let (number, last) = (said("COUNT(*)"), said("MAX(number)"));
    let of_thread = |table: &str| {
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
        ("message", of_thread("message")),
        (
            "attachment",
            "message <> 0 AND NOT EXISTS (SELECT 1 FROM message WHERE message.id = attachment.message \
             AND message.slot = attachment.slot AND message.conversation = attachment.conversation)"
                .into(),
        ),
        ("attachment", files_broken),
        (
            "chunk",
            "NOT EXISTS (SELECT 1 FROM attachment WHERE attachment.id = chunk.attachment \
             AND attachment.slot = chunk.slot)"
                .into(),
        ),
        ("conversation_access", of_thread("conversation_access")),
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
    /// Counts the rows of threads, and those that don't hold together.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn conversation_integrity(&mut self) -> Result<ConversationIntegrity, Error> {
        let mut found = [0; 15];
        for (to, count) in found.iter_mut().zip(counts()) {
            let sql = AssertSqlSafe(statement(&count));
            *to = sqlx::query(sql).fetch_one(self.flush().await?).await?.try_get(0)?;
        }
        let [threads, anonymous, messages, files, loose, ways, not_anonymous, rest @ ..] = found;
        let [without_person, without_act, miscounted, rest @ ..] = rest;
        let [messages_astray, files_astray, files_broken, chunks_astray, ways_astray] = rest;
        Ok(ConversationIntegrity {
            conversations: threads,
            anonymous,
            messages,
            files,
            unattached: loose,
            access: ways,
            not_anonymous,
            without_person,
            without_action: without_act,
            miscounted,
            messages_astray,
            files_astray,
            files_broken,
            chunks_astray,
            access_astray: ways_astray,
        })
    }
}
