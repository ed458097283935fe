//! What a machine sends: it is kept where staff see it, it is no act, and a letter of ours that came back stops further
//! ones.

use keyring::Tag16;
use store::{Error, MessageKind, NewMessage, Thread, ThreadState, Tx, Via};

use super::{Taken, body_of};
use crate::conversations::{files, suppression};
use inbound_mail::{Incoming, Machine};

/// Adds it to the thread that it speaks of.
pub(super) async fn record(
    tx: &mut Tx,
    incoming: &Incoming,
    kind: Machine,
    mut thread: Thread,
    once: &Tag16,
) -> Result<Taken, Error> {
    // Letters are stopped, and those to the same address: the index says whose it is, and is held before any thread.
    let stops = match kind {
        Machine::Bounce { hard: true } => Some(suppression::BOUNCE),
        Machine::Complaint => Some(suppression::COMPLAINT),
        _ => None,
    };
    if !tx.take_mail(once, thread.slot).await? {
        return Ok(Taken::Before);
    }
    say(tx, incoming, &mut thread).await?;
    if let Some(why) = stops {
        suppression::stop(tx, &mut thread, why, true).await?;
        // Staff wait for an answer to a letter that nobody got.
        if thread.state == ThreadState::Waiting {
            thread.state = ThreadState::Open;
        }
    }
    tx.save_thread(&mut thread).await?;
    Ok(Taken::Recorded(thread.id))
}

/// Adds a machine's message to a thread in hand: no act.
pub(super) async fn say(tx: &mut Tx, incoming: &Incoming, thread: &mut Thread) -> Result<(), Error> {
    let mut body = body_of(incoming, false);
    if let inbound_mail::SenderClass::Machine(kind) = incoming.nature {
        word(kind).clone_into(&mut body.machine);
    }
    let ids = files::keep(tx, thread.slot, &incoming.files).await?;
    let (kind, via) = (MessageKind::Machine, Via::Mail);
    let new = NewMessage { thread, kind, via, who: "", act: 0, body: &body.bytes()? };
    let message = tx.add_message(&new).await?;
    thread.messages += 1;
    files::attach(tx, &ids, &message).await
}

fn word(kind: Machine) -> &'static str {
    match kind {
        Machine::Bounce { hard: true } => "a letter came back",
        Machine::Bounce { hard: false } => "a letter is late",
        Machine::Complaint => "a letter was called spam",
        Machine::Vacation => "nobody is there to read",
        Machine::List => "written to many",
        Machine::Loop => "a letter of ours, or another desk",
        Machine::Other(word) => word,
    }
}
