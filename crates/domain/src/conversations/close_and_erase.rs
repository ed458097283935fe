//! A sender closes or erases their conversation, with the access code or with the link in an e-mail. The rows are
//! deleted in this transaction; the key slot is forgotten afterwards.

use keyring::Slot;
use policy::purpose::Erasing;
use store::{
    Actor, Conversation, ConversationAccessKind, ConversationState, ErasureIntent, ErasureReason, Error,
    Message, MessageKind, Operation, Tx, Via,
};

use super::answer_by_code::conversation_of_code;
use super::event::ConversationEvent;
use super::view::first_email_message;
use super::{body::Body, body::Contact, body::open_contact};
use crate::email;
use crate::erasure::request::audit_erasure;
use crate::token::{ConversationLink, Token};

/// Erases all that the access code of a conversation shows. The caller completes the erasure (`roll_forward`).
///
/// If the owner of the typed address continued by e-mail, their part stays. Only the link in their e-mails erases it.
pub struct EraseByCode<'a> {
    /// Lookup hash of the access code.
    pub code_hash: &'a [u8; 32],
}

impl Operation for EraseByCode<'_> {
    const NAME: &'static str = "erase conversation by access code";
    /// Whether the conversation was found.
    type Output = bool;

    async fn execute(&self, tx: &mut Tx) -> Result<bool, Error> {
        let Some(conversation) = conversation_of_code(tx, self.code_hash).await? else { return Ok(false) };
        let messages = tx.messages_of(conversation.id).await?;
        match first_email_message(&conversation, &messages) {
            Some(first) => erase_web_part(tx, conversation, &messages, first).await?,
            None => forget(tx, &[conversation], ErasureReason::Conversation).await?,
        }
        Ok(true)
    }
}

/// Erases a conversation with the link of an e-mail. The caller completes the erasure (`roll_forward`).
pub struct EraseByEmailLink<'a> {
    /// The link's token.
    pub token: &'a Token<ConversationLink>,
}

impl Operation for EraseByEmailLink<'_> {
    const NAME: &'static str = "erase conversation by e-mail link";
    /// Whether the conversation was found.
    type Output = bool;

    async fn execute(&self, tx: &mut Tx) -> Result<bool, Error> {
        let Some(conversation) = conversation_of_email_link(tx, self.token).await? else { return Ok(false) };
        forget(tx, &[conversation], ErasureReason::Conversation).await?;
        Ok(true)
    }
}

/// Closes a conversation with the link of an e-mail.
pub struct CloseByEmailLink<'a> {
    /// The link's token.
    pub token: &'a Token<ConversationLink>,
}

impl Operation for CloseByEmailLink<'_> {
    const NAME: &'static str = "close conversation by e-mail link";
    /// Whether the conversation was found.
    type Output = bool;

    async fn execute(&self, tx: &mut Tx) -> Result<bool, Error> {
        let Some(mut conversation) = conversation_of_email_link(tx, self.token).await? else {
            return Ok(false);
        };
        close(tx, &mut conversation);
        tx.save_conversation(&mut conversation).await?;
        Ok(true)
    }
}

/// Tells whether the link of an e-mail is still valid. Only reads, so that link scanners of mail servers change
/// nothing.
pub async fn email_link_is_valid(tx: &mut Tx, token: &Token<ConversationLink>) -> Result<bool, Error> {
    Ok(conversation_of_email_link(tx, token).await?.is_some())
}

async fn conversation_of_email_link(
    tx: &mut Tx,
    token: &Token<ConversationLink>,
) -> Result<Option<Conversation>, Error> {
    match tx
        .conversation_access(&token.hash())
        .await?
        .filter(|access| access.kind == ConversationAccessKind::Email)
    {
        Some(access) => tx.conversation(access.conversation).await,
        None => Ok(None),
    }
}

/// Closes a conversation; the caller saves it. The message of a quarantined one does not count as an action until
/// staff release it.
pub(crate) fn close(tx: &Tx, conversation: &mut Conversation) {
    if conversation.state == ConversationState::Quarantined {
        (conversation.last_action, conversation.last_action_day) = (0, None);
    }
    if conversation.state != ConversationState::Closed {
        conversation.closed_day = Some(tx.today());
    }
    conversation.state = ConversationState::Closed;
    conversation.snoozed_day = None;
}

/// Erases conversations. Deletes their rows, records the intent to forget their key slots, and audits each erasure
/// without naming a person.
pub(crate) async fn forget(
    tx: &mut Tx,
    conversations: &[Conversation],
    reason: ErasureReason,
) -> Result<(), Error> {
    forget_slots(tx, conversations.iter().map(|t| t.slot).collect(), reason).await?;
    for _ in conversations {
        audit_erasure(tx, reason).await?;
    }
    Ok(())
}

/// Columns that are sealed again.
const PART: &str = "conversation.subject conversation.contact conversation.tags message.body attachment.name \
                    chunk.bytes outbox.email";

/// Erases the web part of a conversation that continued by e-mail from message `first_email` on, and its access codes.
/// The rest is sealed again under a fresh slot, and the old slot is forgotten.
async fn erase_web_part(
    tx: &mut Tx,
    mut conversation: Conversation,
    messages: &[Message],
    first_email: i64,
) -> Result<(), Error> {
    let (old, fresh) = (conversation.slot, tx.keyring().allocate_slot()?);
    let permit = tx.permit::<Erasing>(old, PART, &Actor::System, "").await?;
    let is_web_part =
        |m: &Message| m.number < first_email || (m.kind == MessageKind::Person && m.via == Via::Web);
    let erased: Vec<i64> = messages.iter().filter(|m| is_web_part(m)).map(|m| m.id).collect();
    for file in tx.attachments_of_conversation(conversation.id).await? {
        if erased.contains(&file.message) {
            tx.delete_attachment(file.id).await?;
        }
    }
    email::cancel_queued(tx, old, &erased, &permit).await?;
    // From now on only the e-mails of the owner may cause e-mails to them.
    let emails = messages.iter().filter(|m| m.kind == MessageKind::Person && !is_web_part(m));
    if let Some(last) = emails.max_by_key(|m| m.day) {
        (conversation.last_action, conversation.last_action_day) = (last.action, Some(last.day));
    }
    tx.delete_conversation_access(conversation.id, ConversationAccessKind::Code).await?;
    tx.reseal_conversation(&mut conversation, fresh, |_, _| None, &permit).await?;
    let note = Body::of_event(ConversationEvent::ErasedByAuthor).bytes()?;
    for message in tx.messages_of(conversation.id).await?.iter().filter(|m| erased.contains(&m.id)) {
        tx.replace_with_note(message, &note).await?;
    }
    let mut contact = open_contact(tx, &conversation, &permit)?;
    let Contact { address: _, name } = &mut contact;
    name.clear();
    let contact = contact.bytes()?;
    tx.set_contact(&mut conversation, &contact)?;
    tx.set_subject(&mut conversation, "")?;
    tx.save_conversation(&mut conversation).await?;
    forget_slots(tx, vec![old], ErasureReason::Conversation).await?;
    audit_erasure(tx, ErasureReason::Conversation).await
}

/// Deletes the rows of slots and records the intent to forget them, without an audit entry. For slots whose remaining
/// values were sealed again under another slot.
pub(crate) async fn forget_slots(tx: &mut Tx, slots: Vec<Slot>, reason: ErasureReason) -> Result<(), Error> {
    if slots.is_empty() {
        return Ok(());
    }
    for slot in &slots {
        tx.purge_slot(*slot).await?;
    }
    let day = tx.today();
    tx.add_erasure_intent(&ErasureIntent { id: 0, slots, tombstones: Vec::new(), day, reason }).await?;
    Ok(())
}
