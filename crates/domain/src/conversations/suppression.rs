//! Suppression: whether e-mails to an address are stopped, because of a bounce, a complaint or a request.
//!
//! A new message of a person is an action that may cause an e-mail, and it ends a suppression.

use keyring::{Slot, Tag16};
use policy::purpose::Writing;
use store::{Actor, BlindIndex, Conversation, ConversationId, Error, Suppression, Tx};

use super::{access_code::has_access_code, body::open_contact};
use crate::email::action::{self, Action};
use crate::licensing::purchase::address_tag;

/// Name of the fact with the last day on which e-mails were stopped. It is missing if they never were.
const STOPPED: &str = "emails stopped";

/// Records a message of a person as an action and returns its audit entry. The caller saves the conversation. If the
/// message proves an address, suppressions of other conversations with that address end.
pub(crate) async fn record_message(
    tx: &mut Tx,
    conversation: &mut Conversation,
    proved: Option<&Tag16>,
) -> Result<i64, Error> {
    let action = action::record_action(tx, Action::SentMessage, conversation.slot, 0).await?;
    // The holder of an access code may not own the address, so a message by code ends no suppression that was
    // requested.
    let is_owner = conversation.person.is_some() || proved.is_some();
    set_last_action(tx, conversation, action, is_owner);
    if let Some(person) = conversation.person {
        tx.set_suppression(person, None).await?;
        for other in tx.conversations_of_person(person).await? {
            lift_stop(tx, conversation.id, other).await?;
        }
    }
    // The search reads all conversations, so it runs only if e-mails were ever stopped.
    if let Some(tag) = proved
        && tx.fact(STOPPED).await?.is_some()
    {
        for other in tx.suppressed_conversations_with_address(tag).await? {
            lift_stop(tx, conversation.id, other).await?;
        }
    }
    Ok(action)
}

fn set_last_action(tx: &Tx, conversation: &mut Conversation, action: i64, is_owner: bool) {
    conversation.last_action = action;
    conversation.last_action_day = Some(tx.today());
    if is_owner {
        conversation.emails_since_action = 0;
    }
    if is_owner || !conversation.suppression.is_some_and(Suppression::is_request) {
        conversation.suppression = None;
    }
}

/// Sets the reason of a suppression. A bounce does not replace a request.
fn set_stop_reason(conversation: &mut Conversation, reason: Suppression) {
    if !conversation.suppression.is_some_and(Suppression::is_request) || reason.is_request() {
        conversation.suppression = Some(reason);
    }
}

async fn lift_stop(tx: &mut Tx, except: ConversationId, mut other: Conversation) -> Result<(), Error> {
    if other.id != except && other.suppression.is_some() {
        other.suppression = None;
        tx.save_conversation(&mut other).await?;
    }
    Ok(())
}

/// Records that a person's message is answered with a magic link: the action that causes this e-mail.
pub(crate) async fn record_link_request(
    tx: &mut Tx,
    person: Slot,
    conversation: &Conversation,
) -> Result<i64, Error> {
    action::record_action(tx, Action::AnsweredWithMagicLink, person, conversation.last_action).await
}

/// Stops all e-mails of a conversation until its sender acts again, and deletes queued ones. The caller saves the
/// conversation.
///
/// `same_address` also stops the other conversations of the address. It has no effect if the holder of an access code
/// only typed the address. The address may belong to another person, whom the sender must not be able to silence.
pub(crate) async fn stop(
    tx: &mut Tx,
    conversation: &mut Conversation,
    reason: Suppression,
    same_address: bool,
) -> Result<(), Error> {
    set_stop_reason(conversation, reason);
    tx.delete_outbox_of(conversation.slot).await?;
    let today = crate::day::to_fact(tx.today());
    tx.set_fact(STOPPED, &today).await?;
    if !same_address || !sender_owns_address(tx, conversation).await? {
        return Ok(());
    }
    let tag = if let Some(slot) = conversation.person {
        let Some(person) = tx.person(slot).await? else { return Ok(()) };
        let permit = tx.permit::<Writing>(slot, "person.email", &Actor::System, "").await?;
        address_tag(tx.keyring(), tx.open_email(&person, &permit)?.text())?
    } else {
        let permit =
            tx.permit::<Writing>(conversation.slot, "conversation.contact", &Actor::System, "").await?;
        let contact = open_contact(tx, conversation, &permit)?;
        if contact.address.is_empty() {
            return Ok(());
        }
        address_tag(tx.keyring(), &contact.address)?
    };
    stop_emails_to(tx, conversation.id, &tag, reason).await
}

/// Tells whether the sender of a conversation owns its address, as far as that is known. The mail came from there, or
/// the address was proved. An address that was typed on the web does not count.
pub(crate) async fn sender_owns_address(tx: &mut Tx, conversation: &Conversation) -> Result<bool, Error> {
    Ok(conversation.person.is_some()
        || conversation.verified
        || !has_access_code(&tx.messages_of(conversation.id).await?))
}

/// Stops all e-mails to an address, except those of the conversation `except`, which the caller saves itself.
pub(crate) async fn stop_emails_to(
    tx: &mut Tx,
    except: ConversationId,
    tag: &Tag16,
    reason: Suppression,
) -> Result<(), Error> {
    let mut others = tx.conversations_with_address(tag).await?;
    if let Some(person) = tx.index_find(BlindIndex::Address, tag).await?.map(Slot) {
        tx.set_suppression(person, Some(reason)).await?;
        tx.delete_outbox_of(person).await?;
        others.extend(tx.conversations_of_person(person).await?);
    }
    for mut other in others.into_iter().filter(|t| t.id != except) {
        set_stop_reason(&mut other, reason);
        tx.delete_outbox_of(other.slot).await?;
        tx.save_conversation(&mut other).await?;
    }
    Ok(())
}
