//! Mail of automated senders. It is stored for staff and is no action of a person. A bounce or complaint stops further
//! e-mails.

use keyring::Tag16;
use store::{Conversation, ConversationState, Error, MessageKind, NewMessage, Suppression, Tx, Via};

use super::{ReceiveOutcome, body_of};
use crate::conversations::event::ConversationEvent;
use crate::conversations::{attachments, suppression};
use inbound_mail::{AutomatedSender, IncomingEmail};

/// Adds an automatic message to the conversation that it names.
pub(super) async fn record_automatic_mail(
    tx: &mut Tx,
    incoming: &IncomingEmail,
    kind: AutomatedSender,
    mut conversation: Conversation,
    idempotency_key: &Tag16,
) -> Result<ReceiveOutcome, Error> {
    // A hard bounce or a complaint stops e-mails of this conversation and to the same address.
    let stop_reason = match kind {
        AutomatedSender::Bounce { hard: true } => Some(Suppression::Bounce),
        AutomatedSender::Complaint => Some(Suppression::Complaint),
        _ => None,
    };
    if !tx.record_processed_mail(idempotency_key, conversation.slot).await? {
        return Ok(ReceiveOutcome::Duplicate);
    }
    add_automatic_message(tx, incoming, &mut conversation).await?;
    if let Some(reason) = stop_reason {
        suppression::stop(tx, &mut conversation, reason, true).await?;
        // Staff wait for an answer to an e-mail that did not arrive.
        if conversation.state == ConversationState::Waiting {
            conversation.state = ConversationState::Open;
        }
    }
    tx.save_conversation(&mut conversation).await?;
    Ok(ReceiveOutcome::Recorded(conversation.id))
}

/// Adds an automatic message to a conversation, which the caller saves. It is no action.
pub(super) async fn add_automatic_message(
    tx: &mut Tx,
    incoming: &IncomingEmail,
    conversation: &mut Conversation,
) -> Result<(), Error> {
    let mut body = body_of(incoming, false);
    if let inbound_mail::SenderClass::Automated(kind) = incoming.sender_class {
        body.event = Some(ConversationEvent::Automated(kind));
    }
    let ids = attachments::store(tx, conversation.slot, &incoming.files).await?;
    let (kind, via) = (MessageKind::Machine, Via::Email);
    let new = NewMessage { conversation, kind, via, actor: "", action: 0, body: &body.bytes()? };
    let message = tx.add_message(&new).await?;
    conversation.messages += 1;
    attachments::attach(tx, &ids, &message).await
}
