//! Messages of threads.

use keyring::{Opened, Permit, Slot};
use policy::inventory::sealed::MessageBody;
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tx::{
    execute, fetch_all, fetch_optional, random_id, slot_from_i64, slot_to_i64, statements, string_enum,
};
use crate::{Conversation, Error, Tx};

string_enum! { "message.kind",
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

string_enum! { "message.via",
    /// How it came.
    Via {
        /// By the page.
        Web = "web",
        /// By mail.
        Email = "email",
        /// Staff wrote it.
        Staff = "staff",
    }
}

/// A message's row; its text stays sealed until [`Tx::open_body`].
pub struct Message {
    /// Random row number.
    pub id: i64,
    /// Its thread.
    pub conversation: i64,
    /// The thread's slot.
    pub slot: Slot,
    /// Its place in the thread, from 1.
    pub number: i64,
    /// Day, since 1970.
    pub day: i64,
    /// Who speaks.
    pub kind: MessageKind,
    /// How it came.
    pub via: Via,
    /// The member of staff who wrote it; empty for others.
    pub actor: String,
    /// The journal's line of the act; 0 for none.
    pub action: i64,
    body: Vec<u8>,
}

/// A message to be added today.
pub struct NewMessage<'a> {
    /// Its thread; the caller counts it there and saves the thread.
    pub conversation: &'a Conversation,
    /// Who speaks.
    pub kind: MessageKind,
    /// How it came.
    pub via: Via,
    /// The member of staff who wrote it; empty for others.
    pub actor: &'a str,
    /// The journal's line of the act; 0 for none.
    pub action: i64,
    /// Its text, to be sealed; may be empty where only files were sent.
    pub body: &'a [u8],
}

statements! {
    ADD = "INSERT INTO message (id, conversation, slot, number, day, kind, via, actor, action, body) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    GET = "SELECT id, conversation, slot, number, day, kind, via, actor, action, body FROM message WHERE id = $1";
    OF_THREAD = "SELECT id, conversation, slot, number, day, kind, via, actor, action, body FROM message WHERE conversation = $1 ORDER BY number";
    ANSWERED = "SELECT COALESCE(MAX(day), 0) FROM message WHERE conversation = $1 AND kind = 'staff'";
    NOTE = "UPDATE message SET kind = 'note', via = 'staff', actor = '', action = 0, body = $2 WHERE id = $1";
    BODY = "UPDATE message SET body = $2 WHERE id = $1";
}

fn message(row: &AnyRow) -> Result<Message, Error> {
    Ok(Message {
        id: row.try_get("id")?,
        conversation: row.try_get("conversation")?,
        slot: slot_from_i64(row.try_get("slot")?),
        number: row.try_get("number")?,
        day: row.try_get("day")?,
        kind: MessageKind::parse(row.try_get("kind")?)?,
        via: Via::parse(row.try_get("via")?)?,
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
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
        let (id, of) = (random_id()?, new.conversation.slot);
        let message = Message {
            id,
            conversation: new.conversation.id,
            slot: of,
            number: new.conversation.messages + 1,
            day: self.today(),
            kind: new.kind,
            via: new.via,
            actor: new.actor.to_owned(),
            action: new.action,
            body: self.seal::<MessageBody>(of, id, new.body)?,
        };
        execute!(
            self,
            ADD,
            id,
            message.conversation,
            slot_to_i64(of),
            message.number,
            message.day,
            message.kind.as_str(),
            message.via.as_str(),
            new.actor,
            message.action,
            &*message.body,
        )?;
        Ok(message)
    }

    /// The messages of a thread, in order.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn messages_of(&mut self, thread: i64) -> Result<Vec<Message>, Error> {
        fetch_all!(self, OF_THREAD, thread)?.iter().map(message).collect()
    }

    /// A message by its row number.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn message(&mut self, id: i64) -> Result<Option<Message>, Error> {
        fetch_optional!(self, GET, id)?.as_ref().map(message).transpose()
    }

    /// The day on which staff last answered in a thread; 0 for never.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn last_staff_reply_day(&mut self, thread: i64) -> Result<i64, Error> {
        fetch_optional!(self, ANSWERED, thread)?.map_or(Ok(0), |row| Ok(row.try_get(0)?))
    }

    /// Opens a message's text; `None` where it is empty.
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn open_body<P: Purpose>(
        &self,
        of: &Message,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<MessageBody>>, Error>
    where
        MessageBody: OpenFor<P>,
    {
        self.open::<MessageBody, P>(of.slot, of.id, &of.body, permit)
    }

    /// Leaves a note in a message's place, of nobody: who said it, how and when they acted goes with what was said.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn replace_with_note(&mut self, of: &Message, body: &[u8]) -> Result<(), Error> {
        let body = self.seal::<MessageBody>(of.slot, of.id, body)?;
        execute!(self, NOTE, of.id, body)?;
        Ok(())
    }

    /// Seals another text over a message's.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn set_body(&mut self, of: &mut Message, body: &[u8]) -> Result<(), Error> {
        of.body = self.seal::<MessageBody>(of.slot, of.id, body)?;
        execute!(self, BODY, of.id, &*of.body)?;
        Ok(())
    }
}
