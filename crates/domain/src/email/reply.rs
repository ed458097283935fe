//! The content of a reply of staff. It is read from the message when the e-mail is claimed, so that redacted or
//! erased text is not sent.

use keyring::{Permit, Slot};
use policy::purpose::Writing;
use store::{ConversationState, Error, MessageKind, NewMessage, OutboxEmail, Tx, Via};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::EmailContent;
use super::delivery_failure::DeliveryFailure;
use crate::conversations::body::Body;
use crate::conversations::{ConversationEvent, reply_token};

/// The content of a reply, besides recipient and link. No `Debug`: it holds personal data.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct ReplyContent {
    /// The subject of the conversation. Empty where there is none, or where it is not proved that the recipient
    /// wrote it.
    pub subject: String,
    pub text: String,
    /// The text of the answered message, where staff chose to quote it and its sender is verified; otherwise empty.
    pub quoted: String,
    /// The token of the reply address and of the Message-ID, which is `r.TOKEN.N@domain`.
    pub token: String,
    /// The number of the message in its conversation: the N of its Message-ID.
    pub n: i64,
    /// The N of the reply before it in this conversation; 0 for none.
    pub previous: i64,
    /// The Message-ID of the answered message, without angle brackets; empty where it did not come by e-mail.
    pub in_reply_to: String,
    /// The Message-IDs before that one, oldest first, without angle brackets.
    pub references: Vec<String>,
    /// Day of the person's last message, `YYYY-MM-DD`: the reason for this e-mail.
    pub wrote_on: String,
    /// The person wrote by e-mail, not on the page.
    pub by_mail: bool,
}

/// Records in the conversation, for staff, that a reply could not be sent.
pub(super) async fn record_unsent(tx: &mut Tx, of: Slot, why: DeliveryFailure) -> Result<(), Error> {
    let Some(mut conversation) = tx.conversation_of_slot(of).await? else { return Ok(()) };
    let body = Body::of_event(ConversationEvent::Unsent(why));
    let (kind, via, body) = (MessageKind::Machine, Via::Staff, body.bytes()?);
    tx.add_message(&NewMessage { conversation: &conversation, kind, via, actor: "", action: 0, body: &body })
        .await?;
    conversation.messages += 1;
    if conversation.state == ConversationState::Waiting {
        conversation.state = ConversationState::Open;
    }
    tx.save_conversation(&mut conversation).await
}

/// Opens the content of a queued reply; `None` where it must no longer be sent.
pub(super) async fn load(
    tx: &mut Tx,
    next: &OutboxEmail,
    content: &EmailContent,
    permit: &Permit<Writing>,
) -> Result<Option<ReplyContent>, Error> {
    let Some(conversation) = tx.conversation_of_slot(next.slot).await? else { return Ok(None) };
    if conversation.suppression.is_some()
        || crate::conversations::reply_route::is_suppressed(tx, &conversation).await?
    {
        return Ok(None);
    }
    let messages = tx.messages_of(conversation.id).await?;
    let Some(staff_message) = messages.iter().find(|m| m.id == content.message) else { return Ok(None) };
    let body = Body::open(tx, staff_message, permit)?;
    let mut reply = ReplyContent {
        subject: String::new(),
        text: body.text.clone(),
        quoted: String::new(),
        token: reply_token(tx.keyring(), conversation.id)?,
        n: staff_message.number,
        previous: 0,
        in_reply_to: String::new(),
        references: Vec::new(),
        wrote_on: String::new(),
        by_mail: false,
    };
    if conversation.verified {
        reply.subject =
            tx.open_subject(&conversation, permit)?.map(|o| o.text().to_owned()).unwrap_or_default();
    }
    let before = messages.iter().filter(|m| m.number < staff_message.number && m.kind == MessageKind::Staff);
    reply.previous = before.map(|m| m.number).max().unwrap_or(0);
    if let Some(answered) = messages.iter().find(|m| m.id == content.answers) {
        let answered_body = Body::open(tx, answered, permit)?;
        reply.wrote_on = answered.day.to_string();
        reply.by_mail = answered.via == Via::Email;
        reply.in_reply_to = answered_body.message_id.clone();
        if answered_body.verified {
            reply.references = answered_body.references.clone();
            if content.quote {
                reply.quoted = answered_body.text.clone();
            }
        }
    }
    Ok(Some(reply))
}
