//! Whether staff may answer a thread, and which way the answer goes: by letter, or behind the code. One place, so that
//! what the page of staff says and what happens are the same.

use policy::purpose::Writing;
use serde::Serialize;
use store::{Error, Message, MessageKind, Thread, ThreadState, Tx, Via, Who};
use vault::Slot;

use super::{case, contact_of};

/// Days after an act in which it may cause a letter.
pub const MOST_DAYS: i64 = 30;

/// Which way an answer goes. The sentences are for staff.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "goes", rename_all = "kebab-case")]
pub enum Goes {
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
pub(crate) async fn goes(
    tx: &mut Tx,
    thread: &Thread,
    messages: &[Message],
    address: bool,
) -> Result<Goes, Error> {
    let why = match no_letter(tx, thread, address).await? {
        None => return Ok(Goes::ByLetter),
        Some(why) => why.to_owned(),
    };
    let behind = thread.state != ThreadState::Held && has_code(messages);
    Ok(if behind { Goes::BehindCode { why } } else { Goes::Nowhere { why } })
}

async fn no_letter(tx: &mut Tx, thread: &Thread, address: bool) -> Result<Option<&'static str>, Error> {
    let today = tx.today();
    let why = if thread.state == ThreadState::Held {
        "it is held as spam or a machine's: release it first"
    } else if thread.person == Slot(0) && !address {
        "the writer gave no address"
    } else if thread.stopped == super::act::BOUNCE {
        "a letter to this address came back: no further one goes until the writer writes again"
    } else if !thread.stopped.is_empty() || is_stopped(tx, thread).await? {
        "the writer wants no letters: none goes until they write again, by mail where the address was typed on the page"
    } else if thread.last_act == 0 {
        "no person has written: a machine gets no answer"
    } else if today - thread.last_act_day > MOST_DAYS {
        "the writer's last message is more than 30 days old: a letter needs a new one"
    } else if !thread.verified && thread.letters_since_act > 0 {
        "nobody proved this address: it gets one letter for each message"
    } else {
        return Ok(None);
    };
    Ok(Some(why))
}

/// To whom a letter goes: a tied person's own address before one that was given.
pub(crate) async fn recipient(tx: &mut Tx, thread: &Thread, who: &Who) -> Result<String, Error> {
    let case = case(thread.id);
    if let Some(person) = tx.person(thread.person).await? {
        let leave = tx.leave::<Writing>(thread.person, "person.email", who, &case).await?;
        return Ok(tx.open_email(&person, &leave)?.text().to_owned());
    }
    let leave = tx.leave::<Writing>(thread.slot, "thread.contact", who, &case).await?;
    Ok(contact_of(tx, thread, &leave)?.address.clone())
}
