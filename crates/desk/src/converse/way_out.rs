//! The way out: whoever wrote closes or erases their thread, by code or by the link in a letter. What they erase is
//! gone for everybody from this transaction on, and its slot is forgotten next.

use store::{Deed, Error, Intent, LineKind, NewLine, Thread, ThreadState, Tx, WayKind, Who, Why};
use vault::Slot;

use super::answer::by_code;
use crate::token;

/// Erases a thread with its code. The caller rolls forgettings forward then.
pub struct EraseByCode<'a> {
    /// What was read of the code.
    pub tag: &'a [u8; 32],
}

impl Deed for EraseByCode<'_> {
    const NAME: &'static str = "erase thread by code";
    /// Whether there was such a thread.
    type Done = bool;

    async fn act(&self, tx: &mut Tx) -> Result<bool, Error> {
        let Some(thread) = by_code(tx, self.tag).await? else { return Ok(false) };
        forget(tx, &[thread], Why::Thread).await?;
        Ok(true)
    }
}

/// Erases a thread with the link of a letter. The caller rolls forgettings forward then.
pub struct EraseByLetter<'a> {
    /// The link's token.
    pub token: &'a str,
}

impl Deed for EraseByLetter<'_> {
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

impl Deed for CloseByLetter<'_> {
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
    match tx.way(&token::tag(token)).await?.filter(|way| way.kind == WayKind::Letter) {
        Some(way) => tx.thread(way.thread).await,
        None => Ok(None),
    }
}

/// Closes a thread in hand.
pub(crate) fn close(tx: &Tx, thread: &mut Thread) {
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
        let line = NewLine {
            kind: LineKind::Erasure,
            what: why.word(),
            who: &Who::System,
            slot: None,
            cause: 0,
            recipient: &[],
            digest: &[],
        };
        tx.note(&line).await?;
    }
    Ok(())
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
