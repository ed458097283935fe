//! The reply route: whether staff may reply to a conversation, and whether by e-mail or on the web page. Page and
//! reply both use this module, so that they agree.

use calendar::Day;
use keyring::Slot;
use policy::purpose::Writing;
use store::{
    Actor, BlindIndex, Conversation, ConversationState, Error, Message, MessageKind, Person, Suppression, Tx,
};

use super::access_code::has_access_code;
use super::limits::MAX_ACTION_AGE_DAYS;
use super::suppression::sender_owns_address;
use super::{body::open_contact, number::case_of};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReplyRoute {
    /// By e-mail. The holder of an access code also reads it on the web page.
    Email,
    /// No e-mail is sent; the reply waits on the web page behind the access code.
    WebOnly {
        /// Why no e-mail is sent.
        reason: NoEmailReason,
    },
    /// No reply is possible.
    Impossible {
        /// Why no e-mail is sent.
        reason: NoEmailReason,
    },
}

/// Why a reply causes no e-mail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoEmailReason {
    /// The conversation is held as spam or automatic mail.
    Held,
    /// The sender gave no e-mail address.
    NoAddress,
    /// An e-mail to the address bounced.
    Bounced,
    /// The sender asked for no more e-mails.
    StoppedBySender,
    /// No person has written, only machines.
    NoPerson,
    /// The sender's last message is more than [`MAX_ACTION_AGE_DAYS`] old.
    LastMessageTooOld,
    /// The address is not proved, and it already got its one e-mail.
    UnprovedAddressLimit,
    /// The owner of the address stopped e-mails, and no verified message from them arrived since.
    StoppedByOwner,
    /// A row of another conversation is damaged. So it is unknown whether the unproved address got its one e-mail.
    OtherConversationDamaged,
}

/// Returns the message that a reply answers: the last of the person.
pub(crate) fn last_of_person(messages: &[Message]) -> Option<&Message> {
    messages.iter().rfind(|m| m.kind == MessageKind::Person)
}

/// Returns the customer to whom a conversation is linked.
pub(crate) async fn customer_of(tx: &mut Tx, conversation: &Conversation) -> Result<Option<Person>, Error> {
    match conversation.person {
        Some(slot) => tx.person(slot).await,
        None => Ok(None),
    }
}

/// Tells whether e-mails to the customer of a conversation are stopped.
pub(crate) async fn is_suppressed(tx: &mut Tx, conversation: &Conversation) -> Result<bool, Error> {
    Ok(customer_of(tx, conversation).await?.is_some_and(|person| person.suppression.is_some()))
}

/// Returns the route of a reply. `address` tells whether the sender gave an e-mail address.
pub(crate) async fn reply_route(
    tx: &mut Tx,
    conversation: &Conversation,
    messages: &[Message],
    address: bool,
) -> Result<ReplyRoute, Error> {
    let Some(reason) = no_email_reason(tx, conversation, address).await? else {
        return Ok(ReplyRoute::Email);
    };
    let is_from_person =
        conversation.state != ConversationState::Quarantined && conversation.last_action != 0;
    let waits_on_web = is_from_person && has_access_code(messages);
    Ok(if waits_on_web { ReplyRoute::WebOnly { reason } } else { ReplyRoute::Impossible { reason } })
}

async fn no_email_reason(
    tx: &mut Tx,
    conversation: &Conversation,
    address: bool,
) -> Result<Option<NoEmailReason>, Error> {
    let today = tx.today();
    let reason = if conversation.state == ConversationState::Quarantined {
        NoEmailReason::Held
    } else if conversation.person.is_none() && !address {
        NoEmailReason::NoAddress
    } else if conversation.suppression == Some(Suppression::Bounce) {
        NoEmailReason::Bounced
    } else if conversation.suppression.is_some() || is_suppressed(tx, conversation).await? {
        NoEmailReason::StoppedBySender
    } else if conversation.last_action == 0 {
        NoEmailReason::NoPerson
    } else if !acted_recently(conversation, today) {
        NoEmailReason::LastMessageTooOld
    } else if !conversation.verified {
        return unproved_address_reason(tx, conversation).await;
    } else {
        return Ok(None);
    };
    Ok(Some(reason))
}

/// Returns why an unproved address gets no further e-mail. Counts over all conversations with the address. A sender
/// can forge or type it in many of them, but its owner gets one e-mail.
async fn unproved_address_reason(
    tx: &mut Tx,
    conversation: &Conversation,
) -> Result<Option<NoEmailReason>, Error> {
    if got_email_recently(tx, conversation).await? {
        return Ok(Some(NoEmailReason::UnprovedAddressLimit));
    }
    let Some(tag) = tx.address_tag_of(conversation)? else { return Ok(None) };
    if let Some(person) = tx.index_find(BlindIndex::Address, &tag).await?
        && tx.person(Slot(person)).await?.is_some_and(|p| p.suppression.is_some())
    {
        return Ok(Some(NoEmailReason::StoppedByOwner));
    }
    let others = match tx.emailed_conversations_with_address(&tag).await {
        // The damaged conversation may have this address. Staff can still read this one, and the reason names the
        // problem.
        Err(Error::Damaged { .. } | Error::Unknown(_)) => {
            return Ok(Some(NoEmailReason::OtherConversationDamaged));
        }
        others => others?,
    };
    for other in others.into_iter().filter(|t| t.id != conversation.id) {
        if got_email_recently(tx, &other).await? {
            return Ok(Some(NoEmailReason::UnprovedAddressLimit));
        }
        // A suppression counts if it came from the owner of the address: they proved it, or got an e-mail there.
        let owner_reached = other.verified || other.emails_since_action > 0;
        if other.suppression.is_some() && owner_reached && sender_owns_address(tx, &other).await? {
            return Ok(Some(NoEmailReason::StoppedByOwner));
        }
    }
    Ok(None)
}

/// Tells whether an unproved address got an e-mail in a conversation where staff replied within the last 30 days.
async fn got_email_recently(tx: &mut Tx, conversation: &Conversation) -> Result<bool, Error> {
    let got_email = !conversation.verified && conversation.emails_since_action > 0;
    let replied = tx.last_staff_reply_day(conversation.id).await?;
    Ok(got_email && replied.is_some_and(|day| tx.today() - day <= MAX_ACTION_AGE_DAYS))
}

/// Returns the recipient of an e-mail: the address of the linked customer, or else the one that the sender gave.
pub(crate) async fn recipient(
    tx: &mut Tx,
    conversation: &Conversation,
    actor: &Actor,
) -> Result<String, Error> {
    let case = case_of(conversation.id);
    if let Some(person) = customer_of(tx, conversation).await? {
        let permit = tx.permit::<Writing>(person.slot, "person.email", actor, &case).await?;
        return Ok(tx.open_email(&person, &permit)?.text().to_owned());
    }
    let permit = tx.permit::<Writing>(conversation.slot, "conversation.contact", actor, &case).await?;
    Ok(open_contact(tx, conversation, &permit)?.address.clone())
}

/// Tells whether the sender's last action is recent enough to cause an e-mail.
pub(super) fn acted_recently(conversation: &Conversation, today: Day) -> bool {
    conversation.last_action != 0
        && conversation.last_action_day.is_some_and(|day| today - day <= MAX_ACTION_AGE_DAYS)
}
