//! Documents of the staff search: the text of conversations that are not closed, loaded once for each change. They
//! stay in memory. Search results are looked up in the database again before they are shown.

use std::collections::BTreeSet;

use policy::purpose::Finding;
use store::{Actor, Conversation, ConversationId, ConversationState, Error, Operation, Tx};
use zeroize::Zeroizing;

use super::{body::Body, body::Contact, body::open_contact};

/// Lower-case text of a conversation for the search; empty if the conversation must no longer be found.
pub struct SearchDocument {
    pub id: ConversationId,
    /// Revision of the conversation. The next load starts after the highest revision.
    pub revision: i64,
    /// The searched text.
    pub text: Zeroizing<String>,
}

/// Loads up to 500 conversations that changed after a revision. The next load starts after the last of them. An empty
/// result means that there are no further changes.
pub struct LoadSearchDocuments {
    /// The revision.
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
        let known_damaged = unsearchable_conversations(tx).await?;
        let mut damaged = known_damaged.clone();
        for conversation in conversations {
            let text = match load_text(tx, &conversation, &permit).await {
                // The key was forgotten after the rows were read.
                Err(Error::Forgotten { .. }) => Zeroizing::new(String::new()),
                // A damaged row must not hide all other conversations from staff. `doctor` names its conversation.
                Err(Error::Damaged { .. } | Error::Unknown(_)) => {
                    damaged.insert(conversation.id);
                    texts.push(SearchDocument {
                        id: conversation.id,
                        revision: conversation.revision,
                        text: Zeroizing::default(),
                    });
                    continue;
                }
                text => text?,
            };
            damaged.remove(&conversation.id);
            texts.push(SearchDocument { id: conversation.id, revision: conversation.revision, text });
        }
        if damaged != known_damaged {
            let numbers: Vec<String> = damaged.iter().map(|id| id.number().to_string()).collect();
            tx.set_fact(DAMAGED, &numbers.join(" ")).await?;
        }
        Ok(texts)
    }
}

/// Name of the fact that lists the conversations that the search could not read.
const DAMAGED: &str = "search left out";

/// Returns the ids of conversations that the search could not read because a value does not open.
pub(crate) async fn unsearchable_conversations(tx: &mut Tx) -> Result<BTreeSet<ConversationId>, Error> {
    let fact = tx.fact(DAMAGED).await?.unwrap_or_default();
    let mut existing = BTreeSet::new();
    for id in fact.split(' ').filter_map(|id| id.parse().ok()).map(ConversationId::new) {
        if tx.conversation(id).await?.is_some() {
            existing.insert(id);
        }
    }
    Ok(existing)
}

/// Audits that a member of staff searched, without the query.
pub struct AuditSearch<'a> {
    /// The member of staff.
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

async fn load_text(
    tx: &mut Tx,
    conversation: &Conversation,
    permit: &keyring::Permit<Finding>,
) -> Result<Zeroizing<String>, Error> {
    if conversation.state == ConversationState::Closed {
        return Ok(Zeroizing::new(String::new()));
    }
    let mut parts: Vec<Zeroizing<String>> = Vec::new();
    let mut add = |text: &str| parts.push(Zeroizing::new(text.to_lowercase()));
    add(&conversation.id.to_string());
    add(&super::codename(conversation.id));
    if let Some(subject) = tx.open_subject(conversation, permit)? {
        add(subject.text());
    }
    let contact = open_contact(tx, conversation, permit)?;
    let Contact { address, name } = &contact;
    add(address);
    add(name);
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
    // The buffer has its full size from the start, because a buffer that grows leaves copies in memory.
    let mut text = Zeroizing::new(String::with_capacity(parts.iter().map(|p| p.len() + 1).sum()));
    for part in parts {
        text.push_str(&part);
        text.push('\n');
    }
    Ok(text)
}
