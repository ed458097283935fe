//! Threads: conversations with persons, each under a slot of its own. All of their times are days.

pub(crate) mod queue;

pub use queue::Queue;

use keyring::{Opened, Permit, Slot, Tag16};
use policy::inventory::sealed::{ThreadContact, ThreadMark, ThreadSubject, ThreadTags};
use policy::purpose::Operating;
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tx::{all, column, one, run, slot, statements, words};
use crate::{Error, Tx};

words! { "thread.kind",
    /// What is known of the writer.
    ThreadKind {
        /// Nothing: whoever has the code reads on.
        Anonymous = "anonymous",
        /// An address.
        Address = "address",
        /// A person of the shop.
        Customer = "customer",
    }
}

words! { "thread.state",
    /// Whose turn it is.
    ThreadState {
        /// Staff's.
        Open = "open",
        /// The writer's.
        Waiting = "waiting",
        /// Nobody's.
        Closed = "closed",
        /// It looks like spam or a machine: staff may look.
        Held = "held",
    }
}

/// A thread's row; what is personal in it stays sealed until one of the opening verbs is used. Whoever changes a
/// field, or sets a sealed one, has it written by [`Tx::save_thread`].
#[derive(Clone)]
pub struct Thread {
    /// Random number of 40 bits.
    pub id: i64,
    /// Its own slot.
    pub slot: Slot,
    /// What is known of the writer.
    pub kind: ThreadKind,
    /// Whose turn it is.
    pub state: ThreadState,
    /// The slot of the person it is tied to; 0 for none.
    pub person: Slot,
    /// The member of staff who has it; empty for nobody.
    pub assigned: String,
    /// Day on which it wakes; 0 for none. Snoozed while this is after today.
    pub snoozed_day: i64,
    /// How many messages it has had, of all kinds.
    pub messages: i64,
    /// Day of its beginning.
    pub opened_day: i64,
    /// Day of the last message.
    pub touched_day: i64,
    /// Day on which it was closed; 0 while it isn't.
    pub closed_day: i64,
    /// Place of its last change among the changes of all threads, from 1; the store sets it.
    pub turn: i64,
    /// The licence that it is about; 0 for none.
    pub licence: i64,
    /// Another thread that staff may want to look at; 0 for none.
    pub linked: i64,
    /// The journal's line of the writer's last act; 0 for none.
    pub last_act: i64,
    /// Day of that act.
    pub last_act_day: i64,
    /// Letters since that act; where nobody proved the address, since its owner was last heard.
    pub letters_since_act: i64,
    /// The writer's address was proved.
    pub verified: bool,
    /// Why no letter may go out until the writer acts again: empty, or `bounce`, `complaint`, `stop`.
    pub stopped: String,
    pub(crate) subject: Vec<u8>,
    pub(crate) contact: Vec<u8>,
    pub(crate) tags: Vec<u8>,
    pub(crate) mark: Vec<u8>,
}

/// A thread to be begun today.
pub struct NewThread<'a> {
    /// Random number of 40 bits; one that is taken makes the deed run again.
    pub id: i64,
    /// A fresh slot, or the one under which its files lie already.
    pub slot: Slot,
    /// What is known of the writer.
    pub kind: ThreadKind,
    /// Whose turn it is.
    pub state: ThreadState,
    /// The slot of the person it is tied to; 0 for none.
    pub person: Slot,
    /// The licence that it is about; 0 for none.
    pub licence: i64,
    /// Another thread that staff may want to look at; 0 for none.
    pub linked: i64,
    /// The writer's address was proved.
    pub verified: bool,
    /// Subject, to be sealed; may be empty.
    pub subject: &'a str,
    /// Name and address, to be sealed; empty where none was given.
    pub contact: &'a [u8],
    /// The index tag of the folded address, to be sealed.
    pub mark: Option<&'a Tag16>,
}

/// All columns of threads that fit a condition.
macro_rules! thread_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, slot, kind, state, person, assigned, snoozed_day, messages, opened_day, touched_day, \
             closed_day, turn, licence, linked, last_act, last_act_day, letters_since_act, verified, stopped, \
             subject, contact, tags, mark FROM thread ",
            $condition
        )
    };
}

use thread_where;

statements! {
    ADD = "INSERT INTO thread (id, slot, kind, state, person, assigned, snoozed_day, messages, opened_day, touched_day, \
           closed_day, turn, licence, linked, last_act, last_act_day, letters_since_act, verified, stopped, subject, \
           contact, tags, mark) VALUES ($1, $2, $3, $4, $5, '', 0, 0, $6, $6, 0, \
           (SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'turn'), $7, $8, 0, 0, 0, $9, '', $10, $11, $12, $13)";
    // Who changes a thread holds this row to the end: so turns become visible in their order, and none is given twice.
    TURN = "INSERT INTO meta (name, value) VALUES ('turn', '1') ON CONFLICT (name) DO UPDATE \
            SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)";
    LAST_TURN = "SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'turn'";
    GET = thread_where!("WHERE id = $1");
    OF_SLOT = thread_where!("WHERE slot = $1");
    OF_PERSON = thread_where!("WHERE person = $1 AND person > 0 ORDER BY turn DESC");
    MARKS = "SELECT id, slot, mark FROM thread WHERE id > $1 AND person = 0 AND length(mark) > 0 ORDER BY id LIMIT 500";
    TIED_MARKS = "SELECT id, slot, mark FROM thread WHERE id > $1 AND person > 0 AND length(mark) > 0 ORDER BY id LIMIT 500";
    STOPPED_MARKS = "SELECT id, slot, mark FROM thread WHERE id > $1 AND person = 0 AND length(mark) > 0 \
                     AND stopped <> '' ORDER BY id LIMIT 500";
    WRITTEN_MARKS = "SELECT id, slot, mark FROM thread WHERE id > $1 AND person = 0 AND length(mark) > 0 \
                     AND (stopped <> '' OR letters_since_act > 0) ORDER BY id LIMIT 500";
    // A turn that isn't the one that was read means that another has changed the thread meanwhile.
    SAVE = "UPDATE thread SET kind = $3, state = $4, person = $5, assigned = $6, snoozed_day = $7, messages = $8, \
            touched_day = $9, closed_day = $10, licence = $11, linked = $12, last_act = $13, last_act_day = $14, \
            letters_since_act = $15, verified = $16, stopped = $17, subject = $18, contact = $19, tags = $20, \
            mark = $21, slot = $22, turn = $23 WHERE id = $1 AND turn = $2";
}

pub(crate) fn thread(row: &AnyRow) -> Result<Thread, Error> {
    Ok(Thread {
        id: row.try_get("id")?,
        slot: slot(row.try_get("slot")?),
        kind: ThreadKind::from_word(row.try_get("kind")?)?,
        state: ThreadState::from_word(row.try_get("state")?)?,
        person: slot(row.try_get("person")?),
        assigned: row.try_get("assigned")?,
        snoozed_day: row.try_get("snoozed_day")?,
        messages: row.try_get("messages")?,
        opened_day: row.try_get("opened_day")?,
        touched_day: row.try_get("touched_day")?,
        closed_day: row.try_get("closed_day")?,
        turn: row.try_get("turn")?,
        licence: row.try_get("licence")?,
        linked: row.try_get("linked")?,
        last_act: row.try_get("last_act")?,
        last_act_day: row.try_get("last_act_day")?,
        letters_since_act: row.try_get("letters_since_act")?,
        verified: row.try_get::<i64, _>("verified")? != 0,
        stopped: row.try_get("stopped")?,
        subject: row.try_get("subject")?,
        contact: row.try_get("contact")?,
        tags: row.try_get("tags")?,
        mark: row.try_get("mark")?,
    })
}

impl Tx {
    /// Begins a thread today.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn add_thread(&mut self, new: &NewThread<'_>) -> Result<Thread, Error> {
        let (of, today) = (new.slot, self.today());
        let subject = self.seal::<ThreadSubject>(of, new.id, new.subject.as_bytes())?;
        let contact = self.seal::<ThreadContact>(of, new.id, new.contact)?;
        let mark = self.seal::<ThreadMark>(of, new.id, new.mark.map_or(&[][..], |tag| &tag.0))?;
        run!(self, TURN)?;
        run!(
            self,
            ADD,
            new.id,
            column(of),
            new.kind.word(),
            new.state.word(),
            column(new.person),
            today,
            new.licence,
            new.linked,
            i64::from(new.verified),
            subject,
            contact,
            &[][..] as &[u8],
            mark,
        )?;
        self.thread(new.id).await?.ok_or(Error::Collided)
    }

    /// The thread of a number.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn thread(&mut self, id: i64) -> Result<Option<Thread>, Error> {
        one!(self, GET, id)?.as_ref().map(thread).transpose()
    }

    /// The thread of a slot.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn thread_of_slot(&mut self, of: Slot) -> Result<Option<Thread>, Error> {
        one!(self, OF_SLOT, column(of))?.as_ref().map(thread).transpose()
    }

    /// The threads that are tied to a person, latest change first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn threads_of_person(&mut self, person: Slot) -> Result<Vec<Thread>, Error> {
        all!(self, OF_PERSON, column(person))?.iter().map(thread).collect()
    }

    /// The threads tied to nobody whose writer's address has this tag. Opens the marks of all of them, which are
    /// keyed hashes: no line of the journal is written.
    ///
    /// # Errors
    /// When database or keyring is away, or a mark doesn't open.
    pub async fn threads_marked(&mut self, tag: &Tag16) -> Result<Vec<Thread>, Error> {
        self.marked(MARKS, tag).await
    }

    /// The threads tied to somebody for which this tag's address was given besides.
    ///
    /// # Errors
    /// When database or keyring is away, or a mark doesn't open.
    pub async fn threads_tied_with(&mut self, tag: &Tag16) -> Result<Vec<Thread>, Error> {
        self.marked(TIED_MARKS, tag).await
    }

    /// Those of [`Tx::threads_marked`] whose letters are stopped.
    ///
    /// # Errors
    /// When database or keyring is away, or a mark doesn't open.
    pub async fn threads_stopped(&mut self, tag: &Tag16) -> Result<Vec<Thread>, Error> {
        self.marked(STOPPED_MARKS, tag).await
    }

    /// Those of [`Tx::threads_marked`] whose letters are stopped, or that brought the address a letter of late.
    ///
    /// # Errors
    /// When database or keyring is away, or a mark doesn't open.
    pub async fn threads_written_to(&mut self, tag: &Tag16) -> Result<Vec<Thread>, Error> {
        self.marked(WRITTEN_MARKS, tag).await
    }

    async fn marked(&mut self, marks: &'static str, tag: &Tag16) -> Result<Vec<Thread>, Error> {
        let (mut after, mut found) = (-1, Vec::new());
        loop {
            let rows = all!(self, marks, after)?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                after = row.try_get(0)?;
                let mark: Vec<u8> = row.try_get(2)?;
                match self.open_mark(slot(row.try_get(1)?), after, &mark) {
                    Ok(opened) if opened.bytes() == tag.0 => found.push(after),
                    // Another forgetting may be under way: its thread is as good as gone.
                    Ok(_) | Err(Error::Forgotten { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        let mut threads = Vec::new();
        for id in found {
            threads.extend(self.thread(id).await?);
        }
        Ok(threads)
    }

    fn open_mark(&self, of: Slot, id: i64, mark: &[u8]) -> Result<Opened<ThreadMark>, Error> {
        self.open::<ThreadMark, _>(of, id, mark, &Permit::<Operating>::operating())?
            .ok_or(Error::Unknown("thread.mark"))
    }

    /// The index tag of the writer's address; none where no address is known. Writes no line of the journal, as
    /// [`Tx::threads_marked`].
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn mark_of(&self, of: &Thread) -> Result<Option<Tag16>, Error> {
        if of.mark.is_empty() {
            return Ok(None);
        }
        let opened = self.open_mark(of.slot, of.id, &of.mark)?;
        opened.bytes().try_into().map(|tag| Some(Tag16(tag))).map_err(|_| Error::Unknown("thread.mark"))
    }

    /// Whether the writer's address of a thread has this tag; false where none is known. Writes no line of the
    /// journal, as [`Tx::threads_marked`].
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn is_marked(&self, of: &Thread, tag: &Tag16) -> Result<bool, Error> {
        Ok(!of.mark.is_empty() && self.open_mark(of.slot, of.id, &of.mark)?.bytes() == tag.0)
    }

    /// Whether the writers' addresses of two threads are known and the same.
    ///
    /// # Errors
    /// When one was forgotten or doesn't open.
    pub fn marked_alike(&self, one: &Thread, other: &Thread) -> Result<bool, Error> {
        if one.mark.is_empty() || other.mark.is_empty() {
            return Ok(false);
        }
        let mark = self.open_mark(one.slot, one.id, &one.mark)?;
        Ok(mark.bytes() == self.open_mark(other.slot, other.id, &other.mark)?.bytes())
    }

    /// Writes a thread back as it is in hand, but for the day of its beginning, under a new turn, which is set in
    /// it too. What another has changed meanwhile is not written over: the deed runs again.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn save_thread(&mut self, of: &mut Thread) -> Result<(), Error> {
        run!(self, TURN)?;
        let turn: i64 = one!(self, LAST_TURN)?.ok_or(Error::Unknown("meta.turn"))?.try_get(0)?;
        let saved = run!(
            self,
            SAVE,
            of.id,
            of.turn,
            of.kind.word(),
            of.state.word(),
            column(of.person),
            &*of.assigned,
            of.snoozed_day,
            of.messages,
            of.touched_day,
            of.closed_day,
            of.licence,
            of.linked,
            of.last_act,
            of.last_act_day,
            of.letters_since_act,
            i64::from(of.verified),
            &*of.stopped,
            &*of.subject,
            &*of.contact,
            &*of.tags,
            &*of.mark,
            column(of.slot),
            turn,
        )?;
        if saved == 0 {
            return Err(Error::Collided);
        }
        of.turn = turn;
        Ok(())
    }

    /// Seals a subject into a thread in hand; [`Tx::save_thread`] writes it.
    ///
    /// # Errors
    /// When the keyring is away or the slot was forgotten.
    pub fn set_subject(&self, of: &mut Thread, subject: &str) -> Result<(), Error> {
        of.subject = self.seal::<ThreadSubject>(of.slot, of.id, subject.as_bytes())?;
        Ok(())
    }

    /// Seals name and address into a thread in hand; empty for none. [`Tx::save_thread`] writes it.
    ///
    /// # Errors
    /// When the keyring is away or the slot was forgotten.
    pub fn set_contact(&self, of: &mut Thread, contact: &[u8]) -> Result<(), Error> {
        of.contact = self.seal::<ThreadContact>(of.slot, of.id, contact)?;
        Ok(())
    }

    /// Seals tags into a thread in hand; empty for none. [`Tx::save_thread`] writes it.
    ///
    /// # Errors
    /// When the keyring is away or the slot was forgotten.
    pub fn set_tags(&self, of: &mut Thread, tags: &[u8]) -> Result<(), Error> {
        of.tags = self.seal::<ThreadTags>(of.slot, of.id, tags)?;
        Ok(())
    }

    /// Seals the index tag of the writer's folded address into a thread in hand. [`Tx::save_thread`] writes it.
    ///
    /// # Errors
    /// When the keyring is away or the slot was forgotten.
    pub fn set_mark(&self, of: &mut Thread, mark: Option<&Tag16>) -> Result<(), Error> {
        of.mark = self.seal::<ThreadMark>(of.slot, of.id, mark.map_or(&[][..], |tag| &tag.0))?;
        Ok(())
    }

    /// Opens the subject; `None` where there is none.
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn open_subject<P: Purpose>(
        &self,
        of: &Thread,
        leave: &Permit<P>,
    ) -> Result<Option<Opened<ThreadSubject>>, Error>
    where
        ThreadSubject: OpenFor<P>,
    {
        self.open::<ThreadSubject, P>(of.slot, of.id, &of.subject, leave)
    }

    /// Opens name and address; `None` where none was given.
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn open_contact<P: Purpose>(
        &self,
        of: &Thread,
        leave: &Permit<P>,
    ) -> Result<Option<Opened<ThreadContact>>, Error>
    where
        ThreadContact: OpenFor<P>,
    {
        self.open::<ThreadContact, P>(of.slot, of.id, &of.contact, leave)
    }

    /// Opens the tags; `None` where there are none.
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn open_tags<P: Purpose>(
        &self,
        of: &Thread,
        leave: &Permit<P>,
    ) -> Result<Option<Opened<ThreadTags>>, Error>
    where
        ThreadTags: OpenFor<P>,
    {
        self.open::<ThreadTags, P>(of.slot, of.id, &of.tags, leave)
    }
}
