//! Messages of threads.

use keyring::{Opened, Permit, Slot};
use policy::inventory::sealed::MessageBody;
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tx::{all, column, one, random_id, run, slot, statements, words};
use crate::{Error, Thread, Tx};

words! { "message.kind",
    /// Who speaks.
    MessageKind {
        /// The person who wrote to us.
        Person = "person",
        /// Staff, to the person.
        Staff = "staff",
        /// Staff, among themselves.
        Note = "note",
        /// A machine: a bounce, an absence.
        Machine = "machine",
    }
}

words! { "message.via",
    /// How it came.
    Via {
        /// By the page.
        Page = "page",
        /// By mail.
        Mail = "mail",
        /// Staff wrote it.
        Desk = "desk",
    }
}

/// A message's row; its text stays sealed until [`Tx::open_body`].
pub struct Message {
    /// Random row number.
    pub id: i64,
    /// Its thread.
    pub thread: i64,
    /// The thread's slot.
    pub slot: Slot,
    /// Its place in the thread, from 1.
    pub n: i64,
    /// Day, since 1970.
    pub day: i64,
    /// Who speaks.
    pub kind: MessageKind,
    /// How it came.
    pub via: Via,
    /// The member of staff who wrote it; empty for others.
    pub who: String,
    /// The journal's line of the act; 0 for none.
    pub act: i64,
    body: Vec<u8>,
}

/// A message to be added today.
pub struct NewMessage<'a> {
    /// Its thread; the caller counts it there and saves the thread.
    pub thread: &'a Thread,
    /// Who speaks.
    pub kind: MessageKind,
    /// How it came.
    pub via: Via,
    /// The member of staff who wrote it; empty for others.
    pub who: &'a str,
    /// The journal's line of the act; 0 for none.
    pub act: i64,
    /// Its text, to be sealed; may be empty where only files were sent.
    pub body: &'a [u8],
}

statements! {
    ADD = "INSERT INTO message (id, thread, slot, n, day, kind, via, who, act, body) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    GET = "SELECT id, thread, slot, n, day, kind, via, who, act, body FROM message WHERE id = $1";
    OF_THREAD = "SELECT id, thread, slot, n, day, kind, via, who, act, body FROM message WHERE thread = $1 ORDER BY n";
    ANSWERED = "SELECT COALESCE(MAX(day), 0) FROM message WHERE thread = $1 AND kind = 'staff'";
    NOTE = "UPDATE message SET kind = 'note', via = 'desk', who = '', act = 0, body = $2 WHERE id = $1";
    BODY = "UPDATE message SET body = $2 WHERE id = $1";
}

fn message(row: &AnyRow) -> Result<Message, Error> {
    Ok(Message {
        id: row.try_get("id")?,
        thread: row.try_get("thread")?,
        slot: slot(row.try_get("slot")?),
        n: row.try_get("n")?,
        day: row.try_get("day")?,
        kind: MessageKind::from_word(row.try_get("kind")?)?,
        via: Via::from_word(row.try_get("via")?)?,
        who: row.try_get("who")?,
        act: row.try_get("act")?,
        body: row.try_get("body")?,
    })
}

impl Tx {
    /// Adds a message behind those that the thread in hand counts. Two at once don't both become the next: one
    /// deed runs again.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn add_message(&mut self, new: &NewMessage<'_>) -> Result<Message, Error> {
        let (id, of) = (random_id()?, new.thread.slot);
        let message = Message {
            id,
            thread: new.thread.id,
            slot: of,
            n: new.thread.messages + 1,
            day: self.today(),
            kind: new.kind,
            via: new.via,
            who: new.who.to_owned(),
            act: new.act,
            body: self.seal::<MessageBody>(of, id, new.body)?,
        };
        run!(
            self,
            ADD,
            id,
            message.thread,
            column(of),
            message.n,
            message.day,
            message.kind.word(),
            message.via.word(),
            new.who,
            message.act,
            &*message.body,
        )?;
        Ok(message)
    }

    /// The messages of a thread, in order.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn messages_of(&mut self, thread: i64) -> Result<Vec<Message>, Error> {
        all!(self, OF_THREAD, thread)?.iter().map(message).collect()
    }

    /// A message by its row number.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn message(&mut self, id: i64) -> Result<Option<Message>, Error> {
        one!(self, GET, id)?.as_ref().map(message).transpose()
    }

    /// The day on which staff last answered in a thread; 0 for never.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn answered_on(&mut self, thread: i64) -> Result<i64, Error> {
        one!(self, ANSWERED, thread)?.map_or(Ok(0), |row| Ok(row.try_get(0)?))
    }

    /// Opens a message's text; `None` where it is empty.
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn open_body<P: Purpose>(
        &self,
        of: &Message,
        leave: &Permit<P>,
    ) -> Result<Option<Opened<MessageBody>>, Error>
    where
        MessageBody: OpenFor<P>,
    {
        self.open::<MessageBody, P>(of.slot, of.id, &of.body, leave)
    }

    /// Leaves a note in a message's place, of nobody: who said it, how and when they acted goes with what was said.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn leave_note(&mut self, of: &Message, body: &[u8]) -> Result<(), Error> {
        let body = self.seal::<MessageBody>(of.slot, of.id, body)?;
        run!(self, NOTE, of.id, body)?;
        Ok(())
    }

    /// Seals another text over a message's.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn set_body(&mut self, of: &mut Message, body: &[u8]) -> Result<(), Error> {
        of.body = self.seal::<MessageBody>(of.slot, of.id, body)?;
        run!(self, BODY, of.id, &*of.body)?;
        Ok(())
    }
}
