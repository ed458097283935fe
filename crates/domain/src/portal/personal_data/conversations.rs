//! A person's conversations, with all messages and the notes of staff.

use keyring::Permit;
use policy::purpose::Access;
use serde::Serialize;
use store::{Attachment, Conversation, ConversationId, Error, Message, MessageKind, Suppression, Tx};

use super::ReadPersonalData;
use crate::conversations::body::{Body, Contact, open_contact};
use crate::conversations::codename::codename;
use crate::conversations::view::{FileView, files_of, forgotten_on};

/// A conversation, as the person sees it. No `Debug`: it holds personal data.
#[derive(Serialize)]
pub struct ConversationData {
    /// Its number as displayed.
    pub number: String,
    /// Its number.
    pub id: ConversationId,
    /// The codename, two words by which staff call it.
    pub name: String,
    /// `open`, `waiting`, `closed` or `quarantined`.
    pub state: String,
    /// Subject; may be empty.
    pub subject: String,
    /// The address that was given with it; empty for none.
    pub address: String,
    /// The name that was given with it; empty for none.
    pub writer: String,
    /// Tags of staff.
    pub tags: Vec<String>,
    /// Why no e-mail is sent; empty for no reason.
    pub stopped: String,
    /// Day on which it is erased; empty while it isn't closed.
    pub forgotten_on: String,
    pub messages: Vec<MessageData>,
    /// Queued e-mails of it.
    pub queued_emails: usize,
    /// Accesses to it, from the audit log.
    pub accesses: Vec<super::AccessRecord>,
}

/// A message, as the person sees it.
#[derive(Serialize)]
pub struct MessageData {
    /// Its number in the conversation.
    pub n: i64,
    /// `you`, `staff`, `note` (of staff among themselves) or `machine`.
    pub from: &'static str,
    pub day: String,
    /// The text, or what the program recorded instead. Of a machine's message only the class of the machine, since a
    /// stranger may have sent it.
    pub text: String,
    /// The quoted text.
    pub quoted: String,
    pub signature: String,
    pub files: Vec<FileView>,
}

const COLUMNS: &str = "conversation.subject conversation.contact conversation.tags message.body attachment.name outbox.email audit_entry.case_text";

/// Reads the conversations of the person.
pub(super) async fn read_conversations(
    tx: &mut Tx,
    read: &ReadPersonalData<'_>,
) -> Result<Vec<ConversationData>, Error> {
    let mut conversations = Vec::new();
    for conversation in tx.conversations_of_person(read.slot).await? {
        let entries = tx.audit_entries_of(conversation.slot).await?;
        let permit = tx.permit::<Access>(conversation.slot, COLUMNS, read.actor, read.case).await?;
        let accesses = super::accesses(tx, entries, &permit)?;
        conversations.push(conversation_data(tx, read, &conversation, accesses, &permit).await?);
    }
    Ok(conversations)
}

async fn conversation_data(
    tx: &mut Tx,
    read: &ReadPersonalData<'_>,
    conversation: &Conversation,
    accesses: Vec<super::AccessRecord>,
    permit: &Permit<Access>,
) -> Result<ConversationData, Error> {
    let contact = open_contact(tx, conversation, permit)?;
    let Contact { address, name } = &contact;
    let files = tx.attachments_of_conversation(conversation.id).await?;
    let all = tx.messages_of(conversation.id).await?;
    let messages = all
        .iter()
        .map(|message| message_data(tx, read, message, &files, permit))
        .collect::<Result<Vec<_>, Error>>()?;
    let tags = tx.open_tags(conversation, permit)?;
    Ok(ConversationData {
        number: conversation.id.to_string(),
        id: conversation.id,
        name: codename(conversation.id),
        state: conversation.state.as_str().to_owned(),
        subject: tx.open_subject(conversation, permit)?.map(|s| s.text().to_owned()).unwrap_or_default(),
        address: address.clone(),
        writer: name.clone(),
        tags: tags.map(|t| t.text().lines().map(str::to_owned).collect()).unwrap_or_default(),
        stopped: conversation.suppression.map(Suppression::as_str).unwrap_or_default().to_owned(),
        forgotten_on: forgotten_on(read.settings, conversation),
        messages,
        queued_emails: tx.outbox_of(conversation.slot).await?.len(),
        accesses,
    })
}

fn message_data(
    tx: &Tx,
    read: &ReadPersonalData<'_>,
    message: &Message,
    files: &[Attachment],
    permit: &Permit<Access>,
) -> Result<MessageData, Error> {
    let body = Body::open(tx, message, permit)?;
    let (n, day) = (message.number, message.day.to_string());
    let event = body.event.as_ref().map(read.describe);
    let from = match message.kind {
        MessageKind::Person => "you",
        MessageKind::Staff => "staff",
        MessageKind::Note => "note",
        MessageKind::Machine => {
            let (text, quoted, signature) = (event.unwrap_or_default(), String::new(), String::new());
            return Ok(MessageData { n, from: "machine", day, text, quoted, signature, files: Vec::new() });
        }
    };
    let text = event.unwrap_or_else(|| body.text.clone());
    let (quoted, signature) = (body.quoted.clone(), body.signature.clone());
    Ok(MessageData { n, from, day, text, quoted, signature, files: files_of(tx, message, files, permit)? })
}
