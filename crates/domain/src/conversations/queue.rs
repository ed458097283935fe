//! Queues of conversations. Their rows open no sealed value.

use serde::Serialize;
use store::{Conversation, ConversationId, Error, Suppression, Tx};

use super::codename::codename;
use super::staff::show::{related_number, snoozed_until};

pub use store::Queue;

/// Rows of a page if no limit is given.
const PAGE: i64 = 100;

/// A conversation in a queue.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ConversationRow {
    pub id: ConversationId,
    /// The number as displayed.
    pub number: String,
    /// The codename.
    pub name: String,
    /// `anonymous`, `address` or `customer`.
    pub kind: String,
    /// `open`, `waiting`, `closed` or `quarantined`.
    pub state: String,
    /// The member of staff to whom it is assigned; empty for none.
    pub assigned: String,
    /// Day until which it is snoozed; empty for none.
    pub snoozed_until: String,
    /// Number of messages.
    pub messages: i64,
    /// Day of the first message.
    pub opened: String,
    /// Day of its last message.
    pub last_message: String,
    /// Number of the licence that it is about; empty for none.
    pub licence: String,
    /// Number of another conversation that may belong to it; empty for none.
    pub related: String,
    /// The sender proved an e-mail address or was signed in to the portal.
    pub verified: bool,
    /// It is linked to a customer.
    pub has_customer: bool,
    /// Why e-mails are stopped: `bounce`, `complaint` or `stop`; empty if they are not.
    pub suppression: String,
    /// Revision: position in the order of changes. The next page starts before the revision of the last row.
    pub revision: i64,
}

impl ConversationRow {
    /// Creates the row of a conversation.
    #[must_use]
    pub fn of(tx: &Tx, conversation: &Conversation) -> Self {
        Self {
            id: conversation.id,
            number: conversation.id.to_string(),
            name: codename(conversation.id),
            kind: conversation.kind.as_str().to_owned(),
            state: conversation.state.as_str().to_owned(),
            assigned: conversation.assigned.clone(),
            snoozed_until: snoozed_until(tx, conversation),
            messages: conversation.messages,
            opened: conversation.opened_day.to_string(),
            last_message: conversation.last_message_day.to_string(),
            licence: conversation.licence.map(|serial| serial.to_string()).unwrap_or_default(),
            related: related_number(conversation),
            verified: conversation.verified,
            has_customer: conversation.person.is_some(),
            suppression: conversation.suppression.map(Suppression::as_str).unwrap_or_default().to_owned(),
            revision: conversation.revision,
        }
    }
}

/// Returns a page of a queue, latest change first: rows with a revision below `before`, or the first page if `before`
/// is `None`. Runs one statement and opens no sealed value.
pub async fn queue(
    tx: &mut Tx,
    of: &Queue<'_>,
    before: Option<i64>,
    limit: Option<i64>,
) -> Result<Vec<ConversationRow>, Error> {
    let limit = limit.unwrap_or(PAGE).clamp(1, PAGE * 10);
    let conversations = tx.queue(of, before.unwrap_or(i64::MAX), limit).await?;
    Ok(conversations.iter().map(|conversation| ConversationRow::of(tx, conversation)).collect())
}

/// Returns the rows of some conversations, such as search results. Conversations that no longer exist are left out.
pub async fn rows(tx: &mut Tx, ids: &[ConversationId]) -> Result<Vec<ConversationRow>, Error> {
    let mut rows = Vec::new();
    for id in ids {
        if let Some(conversation) = tx.conversation(*id).await? {
            rows.push(ConversationRow::of(tx, &conversation));
        }
    }
    Ok(rows)
}
