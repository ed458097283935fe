//! Whether staff may answer a thread, and which way the answer goes: by letter, or behind the code. One place, so that
//! what the page of staff says and what happens are the same.

use keyring::Slot;
use policy::purpose::Writing;
use serde::Serialize;
use store::{Actor, BlindIndex, Conversation, ConversationState, Error, Message, MessageKind, Tx};

use super::access_code::has_access_code;
use super::limits::MAX_ACTION_AGE_DAYS;
use super::suppression::address_is_writers;
use super::{body::open_contact, number::case_of};

/// Which way an answer goes. The sentences are for staff.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "route", rename_all = "kebab-case")]
pub enum ReplyRoute {
    /// By letter; whoever has the code reads it there too.
    Email,
    /// No letter goes, and reason; it waits behind the code.
    WebOnly {
        /// Why no letter goes.
        reason: String,
    },
    /// It can't be answered, and reason.
    Impossible {
        /// Why not.
        reason: String,
    },
}

/// The person's message that an answer answers: their last.
pub(crate) fn last_of_person(messages: &[Message]) -> Option<&Message> {
    messages.iter().rfind(|m| m.kind == MessageKind::Person)
}

/// Whether letters to the person of a thread are stopped.
pub(crate) async fn is_suppressed(tx: &mut Tx, conversation: &Conversation) -> Result<bool, Error> {
    Ok(conversation.person != Slot(0)
        && tx.person(conversation.person).await?.is_some_and(|p| !p.suppression.is_empty()))
}

/// Which way an answer to a thread goes. `address`: the writer gave one.
pub(crate) async fn reply_route(
    tx: &mut Tx,
    conversation: &Conversation,
    messages: &[Message],
    address: bool,
) -> Result<ReplyRoute, Error> {
    let reason = match no_email_reason(tx, conversation, address).await? {
        None => return Ok(ReplyRoute::Email),
        Some(reason) => reason.to_owned(),
    };
    let believed = conversation.state != ConversationState::Quarantined && conversation.last_action != 0;
    let behind = believed && has_access_code(messages);
    Ok(if behind { ReplyRoute::WebOnly { reason } } else { ReplyRoute::Impossible { reason } })
}

async fn no_email_reason(
    tx: &mut Tx,
    conversation: &Conversation,
    address: bool,
) -> Result<Option<&'static str>, Error> {
    let today = tx.today();
    let reason = if conversation.state == ConversationState::Quarantined {
        "the conversation is held as spam or automatic mail; release it first"
    } else if conversation.person == Slot(0) && !address {
        "the writer gave no e-mail address"
    } else if conversation.suppression == super::suppression::BOUNCE {
        "an e-mail to this address bounced; the writer must write again first"
    } else if !conversation.suppression.is_empty() || is_suppressed(tx, conversation).await? {
        "the writer asked for no more e-mails; the writer must write again first (by e-mail, if the address was typed on the page)"
    } else if conversation.last_action == 0 {
        "no person has written; automatic mail gets no answer"
    } else if today - conversation.last_action_day > MAX_ACTION_AGE_DAYS {
        "the writer's last message is more than 30 days old; the writer must write again first"
    } else if !conversation.verified {
        return unproved_address_reason(tx, conversation).await;
    } else {
        return Ok(None);
    };
    Ok(Some(reason))
}

/// What holds back a letter to an address that nobody proved, over all threads that bear it: whoever forges or types it
/// may begin as many as they like, and its owner gets one letter of it.
async fn unproved_address_reason(
    tx: &mut Tx,
    conversation: &Conversation,
) -> Result<Option<&'static str>, Error> {
    const ONE: &str = "nobody proved this e-mail address, and it already got its one e-mail; the owner must answer that e-mail, or 30 days must pass after your last reply";
    const STOPPED: &str =
        "e-mails to this address are stopped, and no verified message from its owner arrived since";
    const DAMAGED: &str = "nobody proved this e-mail address, and a row of another conversation is damaged, so whether the address already got its one e-mail is unknown; `scruple prove` names the row";
    if got_its_email(tx, conversation).await? {
        return Ok(Some(ONE));
    }
    let Some(tag) = tx.address_tag_of(conversation)? else { return Ok(None) };
    if let Some(person) = tx.index_find(BlindIndex::Address, &tag).await?
        && tx.person(Slot(person)).await?.is_some_and(|p| !p.suppression.is_empty())
    {
        return Ok(Some(STOPPED));
    }
    let others = match tx.emailed_conversations_with_address(&tag).await {
        // Whose that one is can't be told, and it may be this address's: staff can still read, and are told reason.
        Err(Error::Damaged { .. } | Error::Unknown(_)) => return Ok(Some(DAMAGED)),
        others => others?,
    };
    for other in others.into_iter().filter(|t| t.id != conversation.id) {
        if got_its_email(tx, &other).await? {
            return Ok(Some(ONE));
        }
        // A stop counts here where the owner of the address was heard of: by proof, or by a letter that they got.
        let heard = other.verified || other.emails_since_action > 0;
        if !other.suppression.is_empty() && heard && address_is_writers(tx, &other).await? {
            return Ok(Some(STOPPED));
        }
    }
    Ok(None)
}

/// Whether a thread brought an address that nobody proved a letter, and staff answered there within the last 30 days.
async fn got_its_email(tx: &mut Tx, conversation: &Conversation) -> Result<bool, Error> {
    let lettered = !conversation.verified && conversation.emails_since_action > 0;
    Ok(lettered && tx.today() - tx.last_staff_reply_day(conversation.id).await? <= MAX_ACTION_AGE_DAYS)
}

/// To whom a letter goes: a tied person's own address before one that was given.
pub(crate) async fn recipient(
    tx: &mut Tx,
    conversation: &Conversation,
    actor: &Actor,
) -> Result<String, Error> {
    let case = case_of(conversation.id);
    if let Some(person) = tx.person(conversation.person).await? {
        let permit = tx.permit::<Writing>(conversation.person, "person.email", actor, &case).await?;
        return Ok(tx.open_email(&person, &permit)?.text().to_owned());
    }
    let permit = tx.permit::<Writing>(conversation.slot, "conversation.contact", actor, &case).await?;
    Ok(open_contact(tx, conversation, &permit)?.address.clone())
}
