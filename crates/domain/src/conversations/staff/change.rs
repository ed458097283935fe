//! The smaller things that staff do with a thread.

use store::{Actor, Error, MessageKind, NewMessage, Operation, Thread, ThreadState, Tx, Via, Why};

use super::reply::newer;
use super::{Changed, Newer};
use crate::conversations::body::clean_line;
use crate::conversations::{Body, LONGEST_MESSAGE, clean, close_and_erase, forget, suppression};
use crate::licensing::products::note;

/// What became of a note.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Noted {
    /// It is in the thread.
    Done,
    /// There are newer messages than whoever notes has seen; nothing was written.
    Collision(Vec<Newer>),
    /// It can't be noted, and why.
    Refused(String),
    /// There is no such thread.
    NoThread,
}

/// A note of staff among themselves.
pub struct Note<'a> {
    /// Number of the thread.
    pub id: i64,
    /// What is noted.
    pub text: &'a str,
    /// How many messages whoever notes has seen; none where they don't say.
    pub seen: Option<i64>,
    /// Note it although there are newer messages.
    pub anyway: bool,
    /// Who notes.
    pub who: &'a Actor,
}

impl Operation for Note<'_> {
    const NAME: &'static str = "note";
    type Done = Noted;

    async fn act(&self, tx: &mut Tx) -> Result<Noted, Error> {
        let Some(mut thread) = tx.thread(self.id).await? else { return Ok(Noted::NoThread) };
        let text = clean(self.text, LONGEST_MESSAGE);
        if text.is_empty() {
            return Ok(Noted::Refused("there is no text".to_owned()));
        }
        if !self.anyway
            && let Some(newer) = newer(&tx.messages_of(thread.id).await?, self.seen)
        {
            return Ok(Noted::Collision(newer));
        }
        let body = Body::said(text, true).bytes()?;
        let (kind, who) = (MessageKind::Note, self.who.word());
        let new = NewMessage { thread: &thread, kind, via: Via::Desk, who, act: 0, body: &body };
        tx.add_message(&new).await?;
        thread.messages += 1;
        tx.save_thread(&mut thread).await?;
        Ok(Noted::Done)
    }
}

/// Gives a thread to a member of staff, or to nobody.
pub struct Assign<'a> {
    /// Number of the thread.
    pub id: i64,
    /// To whom.
    pub to: Option<&'a str>,
}

impl Operation for Assign<'_> {
    const NAME: &'static str = "assign thread";
    type Done = Changed;

    async fn act(&self, tx: &mut Tx) -> Result<Changed, Error> {
        let Some(mut thread) = tx.thread(self.id).await? else { return Ok(Changed::NoThread) };
        thread.assigned = clean_line(self.to.unwrap_or_default());
        tx.save_thread(&mut thread).await?;
        Ok(Changed::Done)
    }
}

/// Whether a thread is held, or was when it was closed: nobody has said that a person wrote it.
fn is_unbelieved(thread: &Thread) -> bool {
    thread.state == ThreadState::Held || (thread.state == ThreadState::Closed && thread.last_act == 0)
}

/// Opens, closes or holds a thread, or lets it wait.
pub struct SetState {
    /// Number of the thread.
    pub id: i64,
    /// How it is to stand.
    pub state: ThreadState,
}

impl Operation for SetState {
    const NAME: &'static str = "set thread's state";
    type Done = Changed;

    async fn act(&self, tx: &mut Tx) -> Result<Changed, Error> {
        let Some(mut thread) = tx.thread(self.id).await? else { return Ok(Changed::NoThread) };
        if is_unbelieved(&thread) && matches!(self.state, ThreadState::Open | ThreadState::Waiting) {
            return Ok(Changed::refused("it is held as spam or a machine's: release it first"));
        }
        if self.state == ThreadState::Closed {
            close_and_erase::close(tx, &mut thread);
        } else {
            thread.state = self.state;
            thread.closed_day = 0;
        }
        tx.save_thread(&mut thread).await?;
        Ok(Changed::Done)
    }
}

/// Puts a thread aside until a day; a day that isn't after today wakes it.
pub struct Snooze {
    /// Number of the thread.
    pub id: i64,
    /// Day, since 1970.
    pub until_day: i64,
}

impl Operation for Snooze {
    const NAME: &'static str = "snooze thread";
    type Done = Changed;

    async fn act(&self, tx: &mut Tx) -> Result<Changed, Error> {
        let Some(mut thread) = tx.thread(self.id).await? else { return Ok(Changed::NoThread) };
        if !matches!(thread.state, ThreadState::Open | ThreadState::Waiting) {
            return Ok(Changed::refused("only an open or waiting thread can be put aside"));
        }
        if self.until_day > tx.today() + 366 {
            return Ok(Changed::refused("a thread can be put aside for a year at most"));
        }
        thread.snoozed_day = if self.until_day > tx.today() { self.until_day } else { 0 };
        tx.save_thread(&mut thread).await?;
        Ok(Changed::Done)
    }
}

/// Gives a thread its tags, in place of those that it has.
pub struct Tag<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Words by which staff sort it.
    pub tags: &'a [String],
}

impl Operation for Tag<'_> {
    const NAME: &'static str = "tag thread";
    type Done = Changed;

    async fn act(&self, tx: &mut Tx) -> Result<Changed, Error> {
        let Some(mut thread) = tx.thread(self.id).await? else { return Ok(Changed::NoThread) };
        if self.tags.len() > 20 {
            return Ok(Changed::refused("a thread has at most twenty tags"));
        }
        let mut tags: Vec<String> =
            self.tags.iter().map(|t| clean_line(t)).filter(|t| !t.is_empty()).collect();
        tags.sort();
        tags.dedup();
        tx.set_tags(&mut thread, tags.join("\n").as_bytes())?;
        tx.save_thread(&mut thread).await?;
        Ok(Changed::Done)
    }
}

/// Releases a thread that was held: a person wrote it after all, and that is their act.
pub struct Release<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Who releases it.
    pub who: &'a Actor,
}

impl Operation for Release<'_> {
    const NAME: &'static str = "release thread";
    type Done = Changed;

    async fn act(&self, tx: &mut Tx) -> Result<Changed, Error> {
        let Some(mut thread) = tx.thread(self.id).await? else { return Ok(Changed::NoThread) };
        if !is_unbelieved(&thread) {
            return Ok(Changed::refused("it is not held"));
        }
        note(tx, "thread released by hand", self.who).await?;
        (thread.state, thread.closed_day) = (ThreadState::Open, 0);
        if thread.last_act == 0 {
            suppression::wrote(tx, &mut thread, None).await?;
            // They wrote when the message came, and not when staff looked at it.
            thread.last_act_day = thread.touched_day;
        }
        tx.save_thread(&mut thread).await?;
        Ok(Changed::Done)
    }
}

/// Erases a thread. The caller rolls forgettings forward then.
pub struct Erase<'a> {
    /// Number of the thread.
    pub id: i64,
    /// Who erases it.
    pub who: &'a Actor,
}

impl Operation for Erase<'_> {
    const NAME: &'static str = "erase thread";
    type Done = Changed;

    async fn act(&self, tx: &mut Tx) -> Result<Changed, Error> {
        let Some(thread) = tx.thread(self.id).await? else { return Ok(Changed::NoThread) };
        note(tx, "thread erased by hand", self.who).await?;
        forget(tx, &[thread], Why::Thread).await?;
        Ok(Changed::Done)
    }
}
