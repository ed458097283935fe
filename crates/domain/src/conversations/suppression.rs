//! What somebody's message means for letters: it is the act that may cause one, and it ends a stop. And what a stop
//! means: none goes until they act again.

use keyring::{Slot, Tag16};
use policy::purpose::Writing;
use store::{Actor, BlindIndex, Error, Thread, Tx};

use super::{contact_of, reply_route::has_code};
use crate::email::{self, Act};
use crate::licensing::purchase::address_tag;

/// The fact that tells whether letters were ever stopped: the day on which they last were.
const STOPPED: &str = "letters stopped";

/// Why no letter may go.
pub(crate) const BOUNCE: &str = "bounce";
pub(crate) const COMPLAINT: &str = "complaint";
pub(crate) const STOP: &str = "stop";

/// Notes that somebody wrote; the caller saves the thread. Where the address is proved by it, threads of the same
/// address that were stopped are stopped no longer.
pub(crate) async fn wrote(tx: &mut Tx, thread: &mut Thread, proved: Option<&Tag16>) -> Result<i64, Error> {
    let line = email::act(tx, Act::WroteToUs, thread.slot, 0).await?;
    // Whoever only has the code need not be who asked for no more letters: what comes by the code lifts no such wish.
    let theirs = thread.person != Slot(0) || proved.is_some();
    acted(tx, thread, line, theirs);
    if thread.person != Slot(0) {
        tx.set_stopped(thread.person, "").await?;
        for other in tx.threads_of_person(thread.person).await? {
            go_on(tx, thread.id, other).await?;
        }
    }
    // To look for them walks all threads, so it is done only where letters were ever stopped.
    if let Some(tag) = proved
        && tx.fact(STOPPED).await?.is_some()
    {
        for other in tx.threads_stopped(tag).await? {
            go_on(tx, thread.id, other).await?;
        }
    }
    Ok(line)
}

fn acted(tx: &Tx, thread: &mut Thread, line: i64, theirs: bool) {
    thread.last_act = line;
    thread.last_act_day = tx.today();
    if theirs {
        thread.letters_since_act = 0;
    }
    if theirs || !is_wish(&thread.stopped) {
        thread.stopped.clear();
    }
}

/// A stop that somebody asked for; a letter that came back is none.
fn is_wish(stopped: &str) -> bool {
    matches!(stopped, COMPLAINT | STOP)
}

/// Notes why letters stop. That one came back doesn't hide that none is wanted.
fn note_stop(thread: &mut Thread, why: &str) {
    if !is_wish(&thread.stopped) || is_wish(why) {
        why.clone_into(&mut thread.stopped);
    }
}

async fn go_on(tx: &mut Tx, but: i64, mut other: Thread) -> Result<(), Error> {
    if other.id != but && !other.stopped.is_empty() {
        other.stopped.clear();
        tx.save_thread(&mut other).await?;
    }
    Ok(())
}

/// Notes, on a person's slot, that their writing is answered with the link to their page: the act that causes it.
pub(crate) async fn wrote_about(tx: &mut Tx, person: Slot, thread: &Thread) -> Result<i64, Error> {
    email::act(tx, Act::IsSentLink, person, thread.last_act).await
}

/// Stops all letters of a thread until its writer acts again, and drops those that wait; the caller saves the thread.
/// `spread` takes the other threads of the same address along, but not those of one that was typed with a code: it could
/// be anybody's, and whoever typed it must not be able to silence them.
pub(crate) async fn stop(tx: &mut Tx, thread: &mut Thread, why: &str, spread: bool) -> Result<(), Error> {
    note_stop(thread, why);
    tx.drop_letters_of(thread.slot).await?;
    let today = tx.today();
    tx.set_fact(STOPPED, &today.to_string()).await?;
    if !spread || !has_own_address(tx, thread).await? {
        return Ok(());
    }
    let tag;
    if thread.person == Slot(0) {
        let leave = tx.leave::<Writing>(thread.slot, "thread.contact", &Actor::System, "").await?;
        let contact = contact_of(tx, thread, &leave)?;
        if contact.address.is_empty() {
            return Ok(());
        }
        tag = address_tag(tx.vault(), &contact.address)?;
    } else {
        let Some(person) = tx.person(thread.person).await? else { return Ok(()) };
        let leave = tx.leave::<Writing>(thread.person, "person.email", &Actor::System, "").await?;
        tag = address_tag(tx.vault(), tx.open_email(&person, &leave)?.text())?;
    }
    stop_all(tx, thread.id, &tag, why).await
}

/// Whether the address of a thread is that of who wrote into it, as far as anybody knows: the mail came from there, or it
/// was proved. One that was typed on the page is not.
pub(crate) async fn has_own_address(tx: &mut Tx, thread: &Thread) -> Result<bool, Error> {
    Ok(thread.person != Slot(0) || thread.verified || !has_code(&tx.messages_of(thread.id).await?))
}

/// Stops all letters to an address but those of one thread, which the caller has in hand.
pub(crate) async fn stop_all(tx: &mut Tx, but: i64, tag: &Tag16, why: &str) -> Result<(), Error> {
    let mut others = tx.threads_marked(tag).await?;
    if let Some(person) = tx.index_find(BlindIndex::Address, tag).await?.map(Slot) {
        tx.set_stopped(person, why).await?;
        tx.drop_letters_of(person).await?;
        others.extend(tx.threads_of_person(person).await?);
    }
    for mut other in others.into_iter().filter(|t| t.id != but) {
        note_stop(&mut other, why);
        tx.drop_letters_of(other.slot).await?;
        tx.save_thread(&mut other).await?;
    }
    Ok(())
}
