//! The way out: whoever wrote closes or erases their thread, by code or by the link in a letter. What they erase is
//! gone for everybody from this transaction on, and its slot is forgotten next.

use keyring::Slot;
use policy::purpose::Erasing;
use store::{
    Actor, ConversationAccessKind, Error, Intent, Message, MessageKind, Operation, Thread, ThreadState, Tx,
    Via, Why,
};

use super::answer::by_code;
use super::view::by_mail_from;
use super::{Body, contact_of};
use crate::erasure::intent::note_erasure;
use crate::{email, token};

/// Erases a thread with its code: all that the code shows. Where whoever has the typed address went on by mail, what
/// they wrote is theirs, as it is theirs to read: it stays, and only the link in their letters erases it. The caller
/// rolls forgettings forward then.
pub struct EraseByCode<'a> {
    /// What was read of the code.
    pub tag: &'a [u8; 32],
}

impl Operation for EraseByCode<'_> {
    const NAME: &'static str = "erase thread by code";
    /// Whether there was such a thread.
    type Done = bool;

    async fn act(&self, tx: &mut Tx) -> Result<bool, Error> {
        let Some(thread) = by_code(tx, self.tag).await? else { return Ok(false) };
        let messages = tx.messages_of(thread.id).await?;
        match by_mail_from(&thread, &messages) {
            Some(mails) => forget_part(tx, thread, &messages, mails).await?,
            None => forget(tx, &[thread], Why::Thread).await?,
        }
        Ok(true)
    }
}

/// Erases a thread with the link of a letter. The caller rolls forgettings forward then.
pub struct EraseByLetter<'a> {
    /// The link's token.
    pub token: &'a str,
}

impl Operation for EraseByLetter<'_> {
    const NAME: &'static str = "erase thread by letter";
    /// Whether there was such a thread.
    type Done = bool;

    async fn act(&self, tx: &mut Tx) -> Result<bool, Error> {
        let Some(thread) = by_letter(tx, self.token).await? else { return Ok(false) };
        forget(tx, &[thread], Why::Thread).await?;
        Ok(true)
    }
}

/// Closes a thread with the link of a letter.
pub struct CloseByLetter<'a> {
    /// The link's token.
    pub token: &'a str,
}

impl Operation for CloseByLetter<'_> {
    const NAME: &'static str = "close thread by letter";
    /// Whether there was such a thread.
    type Done = bool;

    async fn act(&self, tx: &mut Tx) -> Result<bool, Error> {
        let Some(mut thread) = by_letter(tx, self.token).await? else { return Ok(false) };
        close(tx, &mut thread);
        tx.save_thread(&mut thread).await?;
        Ok(true)
    }
}

/// Whether the link of a letter still leads to a thread: what its page shows. Reads only, so that mail scanners change
/// nothing.
///
/// # Errors
/// When the database is away.
pub async fn letter_is_open(tx: &mut Tx, token: &str) -> Result<bool, Error> {
    Ok(by_letter(tx, token).await?.is_some())
}

async fn by_letter(tx: &mut Tx, token: &str) -> Result<Option<Thread>, Error> {
    match tx.way(&token::tag(token)).await?.filter(|way| way.kind == ConversationAccessKind::Letter) {
        Some(way) => tx.thread(way.thread).await,
        None => Ok(None),
    }
}

/// Closes a thread in hand. One that is held stays unbelieved: its act is none until staff release it.
pub(crate) fn close(tx: &Tx, thread: &mut Thread) {
    if thread.state == ThreadState::Held {
        (thread.last_act, thread.last_act_day) = (0, 0);
    }
    if thread.state != ThreadState::Closed {
        thread.closed_day = tx.today();
    }
    thread.state = ThreadState::Closed;
    thread.snoozed_day = 0;
}

/// Forgets threads: their rows go now, so that nobody finds them any more, and the intent is written to forget their
/// slots. The journal says that it happened, and not to whom.
pub(crate) async fn forget(tx: &mut Tx, threads: &[Thread], why: Why) -> Result<(), Error> {
    forget_quietly(tx, threads.iter().map(|t| t.slot).collect(), why).await?;
    for _ in threads {
        note_erasure(tx, why).await?;
    }
    Ok(())
}

const PART: &str =
    "thread.subject thread.contact thread.tags message.body attachment.name chunk.bytes outbox.letter";

/// What stands in the place of what was erased.
const ERASED: &str = "Erased by who wrote on the page.";

/// Forgets what was said on the page in a thread that went on by mail from message `mails` on, and all ways in by code:
/// what stays is sealed anew, and the slot under which the whole lay is forgotten.
async fn forget_part(tx: &mut Tx, mut thread: Thread, messages: &[Message], mails: i64) -> Result<(), Error> {
    let (old, fresh) = (thread.slot, tx.vault().take_slot()?);
    let leave = tx.leave::<Erasing>(old, PART, &Actor::System, "").await?;
    let reply_route = |m: &Message| m.n < mails || (m.kind == MessageKind::Person && m.via == Via::Page);
    let gone: Vec<i64> = messages.iter().filter(|m| reply_route(m)).map(|m| m.id).collect();
    for file in tx.attachments_of_thread(thread.id).await? {
        if gone.contains(&file.message) {
            tx.drop_attachment(file.id).await?;
        }
    }
    email::unwanted(tx, old, &gone, &leave).await?;
    // Only their own mails may cause letters to them from here on.
    let theirs = messages.iter().filter(|m| m.kind == MessageKind::Person && !reply_route(m));
    if let Some(last) = theirs.max_by_key(|m| m.day) {
        (thread.last_act, thread.last_act_day) = (last.act, last.day);
    }
    tx.drop_ways(thread.id, ConversationAccessKind::Code).await?;
    tx.reseal_thread(&mut thread, fresh, |_, _| None, &leave).await?;
    let note = Body::said(ERASED.to_owned(), false).bytes()?;
    for message in tx.messages_of(thread.id).await?.iter().filter(|m| gone.contains(&m.id)) {
        tx.leave_note(message, &note).await?;
    }
    let mut contact = contact_of(tx, &thread, &leave)?;
    contact.name.clear();
    let contact = contact.bytes()?;
    tx.set_contact(&mut thread, &contact)?;
    tx.set_subject(&mut thread, "")?;
    tx.save_thread(&mut thread).await?;
    forget_quietly(tx, vec![old], Why::Thread).await?;
    note_erasure(tx, Why::Thread).await
}

/// The same without a line: for slots from which everything that stays was sealed anew.
pub(crate) async fn forget_quietly(tx: &mut Tx, slots: Vec<Slot>, why: Why) -> Result<(), Error> {
    if slots.is_empty() {
        return Ok(());
    }
    for slot in &slots {
        tx.delete_rows_of(*slot).await?;
    }
    let day = tx.today();
    tx.add_intent(&Intent { id: 0, slots, tombstones: Vec::new(), day, why }).await?;
    Ok(())
}
