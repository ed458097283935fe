//! Somebody comes back with their code and writes again.

use store::{ConversationAccessKind, Error, Operation, Thread, ThreadState, Tx, Via};

use super::start::say;
use super::{Body, LONGEST_MESSAGE, clean, files, suppression};

/// A further message, by code.
pub struct Answer<'a> {
    /// What was read of the code.
    pub tag: &'a [u8; 32],
    /// What is said.
    pub message: &'a str,
    /// Files that were uploaded before, under the thread's slot.
    pub files: &'a [i64],
    /// It looks like spam: staff may look.
    pub held: bool,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answered {
    /// It is in the thread.
    Done,
    /// No thread has this code.
    NoThread,
    /// It can't be taken, and why; for whoever wrote.
    Refused(&'static str),
}

impl Operation for Answer<'_> {
    const NAME: &'static str = "answer by code";
    type Done = Answered;

    async fn act(&self, tx: &mut Tx) -> Result<Answered, Error> {
        let Some(mut thread) = by_code(tx, self.tag).await? else { return Ok(Answered::NoThread) };
        if self.message.trim().is_empty() && self.files.is_empty() {
            return Ok(Answered::Refused("there is no message"));
        }
        if self.message.chars().count() > LONGEST_MESSAGE {
            return Ok(Answered::Refused("the message is too long: it has at most 100,000 characters"));
        }
        if let Some(why) = files::too_many(tx, self.files).await? {
            return Ok(Answered::Refused(why));
        }
        let text = clean(self.message, LONGEST_MESSAGE);
        let (thanks, stops) = (inbound_mail::is_thanks(&text), inbound_mail::is_stop(&text, ""));
        let body = Body::said(text, thread.person != keyring::Slot(0));
        say(tx, &mut thread, Via::Page, &body, self.files).await?;
        if stops {
            suppression::stop(tx, &mut thread, suppression::STOP, false).await?;
        } else if !thanks || !self.files.is_empty() {
            wake(&mut thread);
        }
        if self.held {
            thread.state = ThreadState::Held;
            thread.closed_day = 0;
        }
        tx.save_thread(&mut thread).await?;
        Ok(Answered::Done)
    }
}

/// The thread that a code opens.
pub(super) async fn by_code(tx: &mut Tx, tag: &[u8; 32]) -> Result<Option<Thread>, Error> {
    match tx.way(tag).await?.filter(|way| way.kind == ConversationAccessKind::Code) {
        Some(way) => tx.thread(way.thread).await,
        None => Ok(None),
    }
}

/// It is staff's turn again, unless the thread is held.
pub(super) fn wake(thread: &mut Thread) {
    if thread.state != ThreadState::Held {
        thread.state = ThreadState::Open;
        thread.closed_day = 0;
    }
    thread.snoozed_day = 0;
}
