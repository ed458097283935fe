//! The way out: whoever wrote closes or erases their thread, by code or by the link in a letter. What they erase is
//! gone for everybody from this transaction on, and its slot is forgotten next.

use keyring::Slot;
use policy::purpose::Erasing;
use store::{
    Actor, Conversation, ConversationAccessKind, ConversationState, ErasureIntent, ErasureReason, Error,
    Message, MessageKind, Operation, Tx, Via,
};

use super::answer_by_code::conversation_of_code;
use super::view::first_email_message;
use super::{body::Body, body::open_contact};
use crate::erasure::request::audit_erasure;
use crate::{email, token};

/// Erases a thread with its code: all that the code shows. Where whoever has the typed address went on by mail, what
/// they wrote is theirs, as it is theirs to read: it stays, and only the link in their letters erases it. The caller
/// rolls forgettings forward then.
pub struct EraseByCode<'a> {
    /// What was read of the code.
    pub tag: &'a [u8; 32],
}

impl Operation for EraseByCode<'_> {
    const NAME: &'static str = "erase conversation by access code";
    /// Whether there was such a thread.
    type Output = bool;

    async fn execute(&self, tx: &mut Tx) -> Result<bool, Error> {
        let Some(conversation) = conversation_of_code(tx, self.tag).await? else { return Ok(false) };
        let messages = tx.messages_of(conversation.id).await?;
        match first_email_message(&conversation, &messages) {
            Some(mails) => erase_web_part(tx, conversation, &messages, mails).await?,
            None => forget(tx, &[conversation], ErasureReason::Conversation).await?,
        }
        Ok(true)
    }
}

/// Erases a thread with the link of a letter. The caller rolls forgettings forward then.
pub struct EraseByEmailLink<'a> {
    /// The link's token.
    pub token: &'a str,
}

impl Operation for EraseByEmailLink<'_> {
    const NAME: &'static str = "erase conversation by e-mail link";
    /// Whether there was such a thread.
    type Output = bool;

    async fn execute(&self, tx: &mut Tx) -> Result<bool, Error> {
        let Some(conversation) = conversation_of_email_link(tx, self.token).await? else { return Ok(false) };
        forget(tx, &[conversation], ErasureReason::Conversation).await?;
        Ok(true)
    }
}

/// Closes a thread with the link of a letter.
pub struct CloseByEmailLink<'a> {
    /// The link's token.
    pub token: &'a str,
}

impl Operation for CloseByEmailLink<'_> {
    const NAME: &'static str = "close conversation by e-mail link";
    /// Whether there was such a thread.
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

/// Whether the link of a letter still leads to a thread: what its page shows. Reads only, so that mail scanners change
/// nothing.
///
/// # Errors
/// When the database is away.
pub async fn email_link_is_valid(tx: &mut Tx, token: &str) -> Result<bool, Error> {
    Ok(conversation_of_email_link(tx, token).await?.is_some())
}

async fn conversation_of_email_link(tx: &mut Tx, token: &str) -> Result<Option<Conversation>, Error> {
    match tx
        .conversation_access(&token::token_hash(token))
        .await?
        .filter(|way| way.kind == ConversationAccessKind::Email)
    {
        Some(way) => tx.conversation(way.conversation).await,
        None => Ok(None),
    }
}

/// Closes a thread in hand. One that is held stays unbelieved: its act is none until staff release it.
pub(crate) fn close(tx: &Tx, conversation: &mut Conversation) {
    if conversation.state == ConversationState::Quarantined {
        (conversation.last_action, conversation.last_action_day) = (0, 0);
    }
    if conversation.state != ConversationState::Closed {
        conversation.closed_day = tx.today();
    }
    conversation.state = ConversationState::Closed;
    conversation.snoozed_day = 0;
}

/// Forgets threads: their rows go now, so that nobody finds them any more, and the intent is written to forget their
/// slots. The journal says that it happened, and not to whom.
pub(crate) async fn forget(
    tx: &mut Tx,
    conversations: &[Conversation],
    why: ErasureReason,
) -> Result<(), Error> {
    forget_slots(tx, conversations.iter().map(|t| t.slot).collect(), why).await?;
    for _ in conversations {
        audit_erasure(tx, why).await?;
    }
    Ok(())
}

const PART: &str = "conversation.subject conversation.contact conversation.tags message.body attachment.name chunk.bytes outbox.email";

/// What stands in the place of what was erased.
const ERASED: &str = "Erased by the person who wrote on the contact page.";

/// Forgets what was said on the page in a thread that went on by mail from message `mails` on, and all ways in by code:
/// what stays is sealed anew, and the slot under which the whole lay is forgotten.
async fn erase_web_part(
    tx: &mut Tx,
    mut conversation: Conversation,
    messages: &[Message],
    mails: i64,
) -> Result<(), Error> {
    let (old, fresh) = (conversation.slot, tx.keyring().allocate_slot()?);
    let permit = tx.permit::<Erasing>(old, PART, &Actor::System, "").await?;
    let reply_route = |m: &Message| m.number < mails || (m.kind == MessageKind::Person && m.via == Via::Web);
    let gone: Vec<i64> = messages.iter().filter(|m| reply_route(m)).map(|m| m.id).collect();
    for file in tx.attachments_of_conversation(conversation.id).await? {
        if gone.contains(&file.message) {
            tx.delete_attachment(file.id).await?;
        }
    }
    email::cancel_queued(tx, old, &gone, &permit).await?;
    // Only their own mails may cause letters to them from here on.
    let theirs = messages.iter().filter(|m| m.kind == MessageKind::Person && !reply_route(m));
    if let Some(last) = theirs.max_by_key(|m| m.day) {
        (conversation.last_action, conversation.last_action_day) = (last.action, last.day);
    }
    tx.delete_conversation_access(conversation.id, ConversationAccessKind::Code).await?;
    tx.reseal_conversation(&mut conversation, fresh, |_, _| None, &permit).await?;
    let note = Body::of_text(ERASED.to_owned(), false).bytes()?;
    for message in tx.messages_of(conversation.id).await?.iter().filter(|m| gone.contains(&m.id)) {
        tx.replace_with_note(message, &note).await?;
    }
    let mut contact = open_contact(tx, &conversation, &permit)?;
    contact.name.clear();
    let contact = contact.bytes()?;
    tx.set_contact(&mut conversation, &contact)?;
    tx.set_subject(&mut conversation, "")?;
    tx.save_conversation(&mut conversation).await?;
    forget_slots(tx, vec![old], ErasureReason::Conversation).await?;
    audit_erasure(tx, ErasureReason::Conversation).await
}

/// The same without a line: for slots from which everything that stays was sealed anew.
pub(crate) async fn forget_slots(tx: &mut Tx, slots: Vec<Slot>, why: ErasureReason) -> Result<(), Error> {
    if slots.is_empty() {
        return Ok(());
    }
    for slot in &slots {
        tx.purge_slot(*slot).await?;
    }
    let day = tx.today();
    tx.add_erasure_intent(&ErasureIntent { id: 0, slots, tombstones: Vec::new(), day, reason: why }).await?;
    Ok(())
}
