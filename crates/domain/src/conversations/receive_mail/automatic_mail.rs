//! What a machine sends: it is kept where staff see it, it is no act, and a letter of ours that came back stops further
//! ones.

use keyring::Tag16;
use store::{Conversation, ConversationState, Error, MessageKind, NewMessage, Tx, Via};

use super::{ReceiveOutcome, body_of};
use crate::conversations::{attachments, suppression};
use inbound_mail::{AutomatedSender, IncomingEmail};

/// Adds it to the thread that it speaks of.
pub(super) async fn record_automatic_mail(
    tx: &mut Tx,
    incoming: &IncomingEmail,
    kind: AutomatedSender,
    mut conversation: Conversation,
    once: &Tag16,
) -> Result<ReceiveOutcome, Error> {
    // Letters are stopped, and those to the same address: the index says whose it is, and is held before any thread.
    let stops = match kind {
        AutomatedSender::Bounce { hard: true } => Some(suppression::BOUNCE),
        AutomatedSender::Complaint => Some(suppression::COMPLAINT),
        _ => None,
    };
    if !tx.record_processed_mail(once, conversation.slot).await? {
        return Ok(ReceiveOutcome::Before);
    }
    add_automatic_message(tx, incoming, &mut conversation).await?;
    if let Some(why) = stops {
        suppression::stop(tx, &mut conversation, why, true).await?;
        // Staff wait for an answer to a letter that nobody got.
        if conversation.state == ConversationState::Waiting {
            conversation.state = ConversationState::Open;
        }
    }
    tx.save_conversation(&mut conversation).await?;
    Ok(ReceiveOutcome::Recorded(conversation.id))
}

/// Adds a machine's message to a thread in hand: no act.
pub(super) async fn add_automatic_message(
    tx: &mut Tx,
    incoming: &IncomingEmail,
    conversation: &mut Conversation,
) -> Result<(), Error> {
    let mut body = body_of(incoming, false);
    if let inbound_mail::SenderClass::Automated(kind) = incoming.sender_class {
        word(kind).clone_into(&mut body.machine);
    }
    let ids = attachments::keep(tx, conversation.slot, &incoming.files).await?;
    let (kind, via) = (MessageKind::Machine, Via::Email);
    let new = NewMessage { conversation, kind, via, actor: "", action: 0, body: &body.bytes()? };
    let message = tx.add_message(&new).await?;
    conversation.messages += 1;
    attachments::attach(tx, &ids, &message).await
}

fn word(kind: AutomatedSender) -> &'static str {
    match kind {
        AutomatedSender::Bounce { hard: true } => "an e-mail bounced",
        AutomatedSender::Bounce { hard: false } => "an e-mail is delayed",
        AutomatedSender::Complaint => "an e-mail was reported as spam",
        AutomatedSender::Vacation => "automatic out-of-office reply",
        AutomatedSender::List => "mailing list",
        AutomatedSender::Loop => "mail loop with our own or another support system",
        AutomatedSender::Other(word) => word,
    }
}
