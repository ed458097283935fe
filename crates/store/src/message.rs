//! Messages of conversations.

use calendar::Day;
use keyring::{Opened, Permit, Slot};
use policy::inventory::sealed::MessageBody;
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::columns;
use crate::ids::ConversationId;
use crate::tx::{
    execute, fetch_all, fetch_optional, random_id, slot_from_i64, slot_to_i64, statements, string_enum,
};
use crate::{Conversation, Error, Tx};

string_enum! { "message.kind",
    /// Author of a message.
    MessageKind {
        /// The person who wrote to the vendor.
        Person = "person",
        /// Staff, to the person.
        Staff = "staff",
        /// An internal note of staff.
        Note = "note",
        /// An automatic message, such as a bounce or an out-of-office reply.
        Machine = "machine",
    }
}

string_enum! { "message.via",
    /// Channel of a message.
    Via {
        /// The web page.
        Web = "web",
        /// E-mail.
        Email = "email",
        /// Written by staff.
        Staff = "staff",
    }
}

/// A row of `message`. [`Tx::open_body`] opens the sealed text.
pub struct Message {
    /// Random row number.
    pub id: i64,
    pub conversation: ConversationId,
    /// The conversation's key slot.
    pub slot: Slot,
    /// Position in the conversation, from 1.
    pub number: i64,
    pub day: Day,
    /// Author of a message.
    pub kind: MessageKind,
    /// Channel of a message.
    pub via: Via,
    /// The member of staff who wrote it; empty for others.
    pub actor: String,
    /// The audit entry of the action; 0 for none.
    pub action: i64,
    body: Vec<u8>,
}

/// A message to be added today.
pub struct NewMessage<'a> {
    /// Its conversation. The caller increments the message count and saves the conversation.
    pub conversation: &'a Conversation,
    /// Author of a message.
    pub kind: MessageKind,
    /// Channel of a message.
    pub via: Via,
    /// The member of staff who wrote it; empty for others.
    pub actor: &'a str,
    /// The audit entry of the action; 0 for none.
    pub action: i64,
    /// Its text, to be sealed; may be empty if only files were sent.
    pub body: &'a [u8],
}

statements! {
    ADD = "INSERT INTO message (id, conversation, slot, number, day, kind, via, actor, action, body) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    GET = "SELECT id, conversation, slot, number, day, kind, via, actor, action, body FROM message WHERE id = $1";
    OF_CONVERSATION = "SELECT id, conversation, slot, number, day, kind, via, actor, action, body FROM message WHERE conversation = $1 ORDER BY number";
    LAST_STAFF_REPLY = "SELECT COALESCE(MAX(day), 0) FROM message WHERE conversation = $1 AND kind = 'staff'";
    NOTE = "UPDATE message SET kind = 'note', via = 'staff', actor = '', action = 0, body = $2 WHERE id = $1";
}

fn message(row: &AnyRow) -> Result<Message, Error> {
    Ok(Message {
        id: row.try_get("id")?,
        conversation: row.try_get("conversation")?,
        slot: slot_from_i64(row.try_get("slot")?),
        number: row.try_get("number")?,
        day: columns::day(row, "message.day")?,
        kind: MessageKind::parse(row.try_get("kind")?)?,
        via: Via::parse(row.try_get("via")?)?,
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        body: row.try_get("body")?,
    })
}

impl Tx {
    /// Adds a message after those that the given conversation counts. If two are added at the same time, one
    /// operation runs again.
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

    /// Returns the messages of a conversation in order.
    pub async fn messages_of(&mut self, conversation: ConversationId) -> Result<Vec<Message>, Error> {
        fetch_all!(self, OF_CONVERSATION, conversation)?.iter().map(message).collect()
    }

    /// Finds a message by its row number.
    pub async fn message(&mut self, id: i64) -> Result<Option<Message>, Error> {
        fetch_optional!(self, GET, id)?.as_ref().map(message).transpose()
    }

    /// Returns the day on which staff last replied in a conversation, if they did.
    pub async fn last_staff_reply_day(&mut self, conversation: ConversationId) -> Result<Option<Day>, Error> {
        fetch_optional!(self, LAST_STAFF_REPLY, conversation)?
            .map_or(Ok(None), |row| columns::optional_day_at(&row, 0, "message.day"))
    }

    /// Opens a message's text; `None` if it is empty.
    ///
    /// # Errors
    /// When the value was forgotten or can't be opened.
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

    /// Replaces a message with an anonymous note: author, channel and action are removed together with the text.
    pub async fn replace_with_note(&mut self, of: &Message, body: &[u8]) -> Result<(), Error> {
        let body = self.seal::<MessageBody>(of.slot, of.id, body)?;
        execute!(self, NOTE, of.id, body)?;
        Ok(())
    }
}
