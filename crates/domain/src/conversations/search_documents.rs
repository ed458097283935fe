//! What the search of staff reads: the text of threads that are not closed, once for each change. It stays in memory;
//! what is found is looked up among the living rows before it is shown.

use std::collections::BTreeSet;

use policy::purpose::Finding;
use store::{Actor, Conversation, ConversationState, Error, Operation, Tx};
use zeroize::Zeroizing;

use super::{body::Body, body::open_contact};
use crate::licensing::issue;

/// The text of a thread for the search, in small letters; empty where it is not to be found any more.
pub struct SearchDocument {
    /// Number of the thread.
    pub id: i64,
    /// Its turn: the highest that was read is where the next reading goes on.
    pub turn: i64,
    /// What is searched.
    pub text: Zeroizing<String>,
}

/// Reads up to 500 threads that changed after a turn; the next reading goes on at the last one's. None: there are no
/// further changes.
pub struct LoadSearchDocuments {
    /// The turn.
    pub after: i64,
}

const ALL: &str = "conversation.subject conversation.contact conversation.tags message.body attachment.name";

impl Operation for LoadSearchDocuments {
    const NAME: &'static str = "load search documents";
    type Output = Vec<SearchDocument>;

    async fn execute(&self, tx: &mut Tx) -> Result<Vec<SearchDocument>, Error> {
        let conversations = tx.conversations_changed_after(self.after).await?;
        if conversations.is_empty() {
            return Ok(Vec::new());
        }
        let permit = tx.permit_unattributed::<Finding>(ALL, &Actor::System).await?;
        let mut texts = Vec::with_capacity(conversations.len());
        let was = unsearchable_conversations(tx).await?;
        let mut damaged = was.clone();
        for conversation in conversations {
            let text = match read(tx, &conversation, &permit).await {
                // Forgotten between the search and the look.
                Err(Error::Forgotten { .. }) => Zeroizing::new(String::new()),
                // One damaged row must not keep staff from finding all others: the doctor names its thread.
                Err(Error::Damaged { .. } | Error::Unknown(_)) => {
                    damaged.insert(conversation.id);
                    texts.push(SearchDocument {
                        id: conversation.id,
                        turn: conversation.revision,
                        text: Zeroizing::default(),
                    });
                    continue;
                }
                read => read?,
            };
            damaged.remove(&conversation.id);
            texts.push(SearchDocument { id: conversation.id, turn: conversation.revision, text });
        }
        if damaged != was {
            let numbers: Vec<String> = damaged.iter().map(i64::to_string).collect();
            tx.set_fact(DAMAGED, &numbers.join(" ")).await?;
        }
        Ok(texts)
    }
}

/// The fact that names the threads that the search could not read.
const DAMAGED: &str = "search left out";

/// Numbers of the threads that the search could not read, for a value in them doesn't open.
pub(crate) async fn unsearchable_conversations(tx: &mut Tx) -> Result<BTreeSet<i64>, Error> {
    let known = tx.fact(DAMAGED).await?.unwrap_or_default();
    let mut living = BTreeSet::new();
    for id in known.split(' ').filter_map(|id| id.parse().ok()) {
        if tx.conversation(id).await?.is_some() {
            living.insert(id);
        }
    }
    Ok(living)
}

/// Notes that a member of staff searched; not for what.
pub struct AuditSearch<'a> {
    /// Who.
    pub actor: &'a Actor,
}

impl Operation for AuditSearch<'_> {
    const NAME: &'static str = "audit search";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.permit_unattributed::<Finding>(ALL, self.actor).await?;
        Ok(())
    }
}

async fn read(
    tx: &mut Tx,
    conversation: &Conversation,
    permit: &keyring::Permit<Finding>,
) -> Result<Zeroizing<String>, Error> {
    if conversation.state == ConversationState::Closed {
        return Ok(Zeroizing::new(String::new()));
    }
    let mut parts: Vec<Zeroizing<String>> = Vec::new();
    let mut add = |text: &str| parts.push(Zeroizing::new(text.to_lowercase()));
    add(&issue::display_number(conversation.id));
    add(&super::codename(conversation.id));
    if let Some(subject) = tx.open_subject(conversation, permit)? {
        add(subject.text());
    }
    let contact = open_contact(tx, conversation, permit)?;
    add(&contact.address);
    add(&contact.name);
    if let Some(tags) = tx.open_tags(conversation, permit)? {
        add(tags.text());
    }
    for message in tx.messages_of(conversation.id).await? {
        let body = Body::open(tx, &message, permit)?;
        add(&body.text);
    }
    for file in tx.attachments_of_conversation(conversation.id).await? {
        if let Some(name) = tx.open_file_name(&file, permit)? {
            add(name.text());
        }
    }
    // Room for all of it from the start: a text that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(parts.iter().map(|p| p.len() + 1).sum()));
    for part in parts {
        text.push_str(&part);
        text.push('\n');
    }
    Ok(text)
}

/// What somebody typed into the search, folded as the texts are.
#[must_use]
pub fn normalize_query(typed: &str) -> Zeroizing<String> {
    Zeroizing::new(typed.trim().to_lowercase())
}
