//! Whether staff may answer a thread, and which way the answer goes: by letter, or behind the code. One place, so that
//! what the page of staff says and what happens are the same.

use keyring::Slot;
use policy::purpose::Writing;
use serde::Serialize;
use store::{Actor, BlindIndex, Error, Message, MessageKind, Thread, ThreadState, Tx, Via};

use super::suppression::has_own_address;
use super::{case, contact_of};

/// Days after an act in which it may cause a letter.
pub const MOST_DAYS: i64 = 30;

/// Which way an answer goes. The sentences are for staff.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "goes", rename_all = "kebab-case")]
pub enum ReplyRoute {
    /// By letter; whoever has the code reads it there too.
    ByLetter,
    /// No letter goes, and why; it waits behind the code.
    BehindCode {
        /// Why no letter goes.
        why: String,
    },
    /// It can't be answered, and why.
    Nowhere {
        /// Why not.
        why: String,
    },
}

/// Whether whoever wrote has a code: all who wrote on the page have one.
pub(crate) fn has_code(messages: &[Message]) -> bool {
    messages.iter().any(|m| m.kind == MessageKind::Person && m.via == Via::Page)
}

/// The person's message that an answer answers: their last.
pub(crate) fn answered(messages: &[Message]) -> Option<&Message> {
    messages.iter().rfind(|m| m.kind == MessageKind::Person)
}

/// Whether letters to the person of a thread are stopped.
pub(crate) async fn is_stopped(tx: &mut Tx, thread: &Thread) -> Result<bool, Error> {
    Ok(thread.person != Slot(0) && tx.person(thread.person).await?.is_some_and(|p| !p.stopped.is_empty()))
}

/// Which way an answer to a thread goes. `address`: the writer gave one.
pub(crate) async fn reply_route(
    tx: &mut Tx,
    thread: &Thread,
    messages: &[Message],
    address: bool,
) -> Result<ReplyRoute, Error> {
    let why = match no_letter(tx, thread, address).await? {
        None => return Ok(ReplyRoute::ByLetter),
        Some(why) => why.to_owned(),
    };
    let believed = thread.state != ThreadState::Held && thread.last_act != 0;
    let behind = believed && has_code(messages);
    Ok(if behind { ReplyRoute::BehindCode { why } } else { ReplyRoute::Nowhere { why } })
}

async fn no_letter(tx: &mut Tx, thread: &Thread, address: bool) -> Result<Option<&'static str>, Error> {
    let today = tx.today();
    let why = if thread.state == ThreadState::Held {
        "it is held as spam or a machine's: release it first"
    } else if thread.person == Slot(0) && !address {
        "the writer gave no address"
    } else if thread.stopped == super::suppression::BOUNCE {
        "a letter to this address came back: no further one goes until the writer writes again"
    } else if !thread.stopped.is_empty() || is_stopped(tx, thread).await? {
        "the writer wants no letters: none goes until they write again, by mail where the address was typed on the page"
    } else if thread.last_act == 0 {
        "no person has written: a machine gets no answer"
    } else if today - thread.last_act_day > MOST_DAYS {
        "the writer's last message is more than 30 days old: a letter needs a new one"
    } else if !thread.verified {
        return unproved(tx, thread).await;
    } else {
        return Ok(None);
    };
    Ok(Some(why))
}

/// What holds back a letter to an address that nobody proved, over all threads that bear it: whoever forges or types it
/// may begin as many as they like, and its owner gets one letter of it.
async fn unproved(tx: &mut Tx, thread: &Thread) -> Result<Option<&'static str>, Error> {
    const ONE: &str = "nobody proved this address, and it got its one letter: a further one goes when its owner answers \
                       that, or 30 days after your last answer";
    const STOPPED: &str = "letters to this address are stopped, and nobody proved that its owner wrote since";
    const DAMAGED: &str = "nobody proved this address, and whether it got its one letter can't be told: a row of another \
                           thread is damaged, which `scruple prove` names";
    if is_written_to(tx, thread).await? {
        return Ok(Some(ONE));
    }
    let Some(tag) = tx.mark_of(thread)? else { return Ok(None) };
    if let Some(person) = tx.index_find(BlindIndex::Address, &tag).await?
        && tx.person(Slot(person)).await?.is_some_and(|p| !p.stopped.is_empty())
    {
        return Ok(Some(STOPPED));
    }
    let others = match tx.threads_written_to(&tag).await {
        // Whose that one is can't be told, and it may be this address's: staff can still read, and are told why.
        Err(Error::Damaged { .. } | Error::Unknown(_)) => return Ok(Some(DAMAGED)),
        others => others?,
    };
    for other in others.into_iter().filter(|t| t.id != thread.id) {
        if is_written_to(tx, &other).await? {
            return Ok(Some(ONE));
        }
        // A stop counts here where the owner of the address was heard of: by proof, or by a letter that they got.
        let heard = other.verified || other.letters_since_act > 0;
        if !other.stopped.is_empty() && heard && has_own_address(tx, &other).await? {
            return Ok(Some(STOPPED));
        }
    }
    Ok(None)
}

/// Whether a thread brought an address that nobody proved a letter, and staff answered there within the last 30 days.
async fn is_written_to(tx: &mut Tx, thread: &Thread) -> Result<bool, Error> {
    let lettered = !thread.verified && thread.letters_since_act > 0;
    Ok(lettered && tx.today() - tx.answered_on(thread.id).await? <= MOST_DAYS)
}

/// To whom a letter goes: a tied person's own address before one that was given.
pub(crate) async fn recipient(tx: &mut Tx, thread: &Thread, who: &Actor) -> Result<String, Error> {
    let case = case(thread.id);
    if let Some(person) = tx.person(thread.person).await? {
        let leave = tx.leave::<Writing>(thread.person, "person.email", who, &case).await?;
        return Ok(tx.open_email(&person, &leave)?.text().to_owned());
    }
    let leave = tx.leave::<Writing>(thread.slot, "thread.contact", who, &case).await?;
    Ok(contact_of(tx, thread, &leave)?.address.clone())
}
