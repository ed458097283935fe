//! Queues: rows of threads, of which nothing is opened.

use keyring::Slot;
use serde::Serialize;
use store::{Conversation, Error, Tx};

use super::codename::codename;
use super::staff::show::{linked, snoozed_until};
use crate::{day, licensing::issue};

pub use store::Queue;

/// Rows of a page.
const PAGE: i64 = 100;

/// A thread in a queue.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ConversationRow {
    /// Its number.
    pub id: i64,
    /// Its number as it is shown.
    pub number: String,
    /// Its two words.
    pub name: String,
    /// `anonymous`, `address` or `customer`.
    pub kind: String,
    /// `open`, `waiting`, `closed` or `held`.
    pub state: String,
    /// Who has it; empty for nobody.
    pub assigned: String,
    /// Day until which it is snoozed; empty for none.
    pub snoozed_until: String,
    /// How many messages it has had.
    pub messages: i64,
    /// Day of its beginning.
    pub opened: String,
    /// Day of its last message.
    pub touched: String,
    /// Number of the licence that it is about; empty for none.
    pub licence: String,
    /// Number of another thread that may belong to it; empty for none.
    pub linked: String,
    /// The writer's address, or page, was proved.
    pub verified: bool,
    /// It is tied to a person of the shop.
    pub tied: bool,
    /// Why no letter goes; empty for no reason.
    pub stopped: String,
    /// Its place in the order of changes: the last of a page is what the next is asked for with.
    pub turn: i64,
}

impl ConversationRow {
    /// The row of a thread.
    #[must_use]
    pub fn of(tx: &Tx, conversation: &Conversation) -> Self {
        Self {
            id: conversation.id,
            number: issue::display_number(conversation.id),
            name: codename(conversation.id),
            kind: conversation.kind.as_str().to_owned(),
            state: conversation.state.as_str().to_owned(),
            assigned: conversation.assigned.clone(),
            snoozed_until: snoozed_until(tx, conversation),
            messages: conversation.messages,
            opened: day::text(conversation.opened_day),
            touched: day::text(conversation.last_message_day),
            licence: if conversation.licence == 0 {
                String::new()
            } else {
                issue::display_number(conversation.licence)
            },
            linked: linked(conversation),
            verified: conversation.verified,
            tied: conversation.person != Slot(0),
            stopped: conversation.suppression.clone(),
            turn: conversation.revision,
        }
    }
}

/// A page of a queue, newest change first: rows whose turn is before `before`, or the first where there is none. One
/// statement; nothing is opened.
///
/// # Errors
/// When the database is away.
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

/// The rows of some threads, those that are gone left out: for what a search found.
///
/// # Errors
/// When the database is away.
pub async fn rows(tx: &mut Tx, ids: &[i64]) -> Result<Vec<ConversationRow>, Error> {
    let mut rows = Vec::new();
    for id in ids {
        if let Some(conversation) = tx.conversation(*id).await? {
            rows.push(ConversationRow::of(tx, &conversation));
        }
    }
    Ok(rows)
}
