//! What somebody's message means for letters: it is the act that may cause one, and it ends a stop. And what a stop
//! means: none goes until they act again.

use keyring::{Slot, Tag16};
use policy::purpose::Writing;
use store::{Actor, BlindIndex, Conversation, Error, Tx};

use super::{access_code::has_access_code, body::open_contact};
use crate::email::action::{self, Action};
use crate::licensing::purchase::address_tag;

/// The fact that tells whether letters were ever stopped: the day on which they last were.
const STOPPED: &str = "emails stopped";

/// Why no letter may go.
pub(crate) const BOUNCE: &str = "bounce";
pub(crate) const COMPLAINT: &str = "complaint";
pub(crate) const STOP: &str = "stop";

/// Notes that somebody wrote; the caller saves the thread. Where the address is proved by it, threads of the same
/// address that were stopped are stopped no longer.
pub(crate) async fn record_message(
    tx: &mut Tx,
    conversation: &mut Conversation,
    proved: Option<&Tag16>,
) -> Result<i64, Error> {
    let line = action::record_action(tx, Action::SentMessage, conversation.slot, 0).await?;
    // Whoever only has the code need not be who asked for no more letters: what comes by the code lifts no such wish.
    let theirs = conversation.person != Slot(0) || proved.is_some();
    record_action(tx, conversation, line, theirs);
    if conversation.person != Slot(0) {
        tx.set_suppression(conversation.person, "").await?;
        for other in tx.conversations_of_person(conversation.person).await? {
            lift_stop(tx, conversation.id, other).await?;
        }
    }
    // To look for them walks all threads, so it is done only where letters were ever stopped.
    if let Some(tag) = proved
        && tx.fact(STOPPED).await?.is_some()
    {
        for other in tx.suppressed_conversations_with_address(tag).await? {
            lift_stop(tx, conversation.id, other).await?;
        }
    }
    Ok(line)
}

fn record_action(tx: &Tx, conversation: &mut Conversation, line: i64, theirs: bool) {
    conversation.last_action = line;
    conversation.last_action_day = tx.today();
    if theirs {
        conversation.emails_since_action = 0;
    }
    if theirs || !is_request(&conversation.suppression) {
        conversation.suppression.clear();
    }
}

/// A stop that somebody asked for; a letter that came back is none.
fn is_request(stopped: &str) -> bool {
    matches!(stopped, COMPLAINT | STOP)
}

/// Notes why letters stop. That one came back doesn't hide that none is wanted.
fn set_stop_reason(conversation: &mut Conversation, why: &str) {
    if !is_request(&conversation.suppression) || is_request(why) {
        why.clone_into(&mut conversation.suppression);
    }
}

async fn lift_stop(tx: &mut Tx, but: i64, mut other: Conversation) -> Result<(), Error> {
    if other.id != but && !other.suppression.is_empty() {
        other.suppression.clear();
        tx.save_conversation(&mut other).await?;
    }
    Ok(())
}

/// Notes, on a person's slot, that their writing is answered with the link to their page: the act that causes it.
pub(crate) async fn record_link_request(
    tx: &mut Tx,
    person: Slot,
    conversation: &Conversation,
) -> Result<i64, Error> {
    action::record_action(tx, Action::AnsweredWithMagicLink, person, conversation.last_action).await
}

/// Stops all letters of a thread until its writer acts again, and drops those that wait; the caller saves the thread.
/// `spread` takes the other threads of the same address along, but not those of one that was typed with a code: it could
/// be anybody's, and whoever typed it must not be able to silence them.
pub(crate) async fn stop(
    tx: &mut Tx,
    conversation: &mut Conversation,
    why: &str,
    spread: bool,
) -> Result<(), Error> {
    set_stop_reason(conversation, why);
    tx.delete_outbox_of(conversation.slot).await?;
    let today = tx.today();
    tx.set_fact(STOPPED, &today.to_string()).await?;
    if !spread || !address_is_writers(tx, conversation).await? {
        return Ok(());
    }
    let tag;
    if conversation.person == Slot(0) {
        let permit =
            tx.permit::<Writing>(conversation.slot, "conversation.contact", &Actor::System, "").await?;
        let contact = open_contact(tx, conversation, &permit)?;
        if contact.address.is_empty() {
            return Ok(());
        }
        tag = address_tag(tx.keyring(), &contact.address)?;
    } else {
        let Some(person) = tx.person(conversation.person).await? else { return Ok(()) };
        let permit = tx.permit::<Writing>(conversation.person, "person.email", &Actor::System, "").await?;
        tag = address_tag(tx.keyring(), tx.open_email(&person, &permit)?.text())?;
    }
    stop_emails_to(tx, conversation.id, &tag, why).await
}

/// Whether the address of a thread is that of who wrote into it, as far as anybody knows: the mail came from there, or it
/// was proved. One that was typed on the page is not.
pub(crate) async fn address_is_writers(tx: &mut Tx, conversation: &Conversation) -> Result<bool, Error> {
    Ok(conversation.person != Slot(0)
        || conversation.verified
        || !has_access_code(&tx.messages_of(conversation.id).await?))
}

/// Stops all letters to an address but those of one thread, which the caller has in hand.
pub(crate) async fn stop_emails_to(tx: &mut Tx, but: i64, tag: &Tag16, why: &str) -> Result<(), Error> {
    let mut others = tx.conversations_with_address(tag).await?;
    if let Some(person) = tx.index_find(BlindIndex::Address, tag).await?.map(Slot) {
        tx.set_suppression(person, why).await?;
        tx.delete_outbox_of(person).await?;
        others.extend(tx.conversations_of_person(person).await?);
    }
    for mut other in others.into_iter().filter(|t| t.id != but) {
        set_stop_reason(&mut other, why);
        tx.delete_outbox_of(other.slot).await?;
        tx.save_conversation(&mut other).await?;
    }
    Ok(())
}
