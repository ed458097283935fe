//! Threads: conversations with persons, each under a slot of its own. All of their times are days.

pub(crate) mod queue;

pub use queue::Queue;

use keyring::{Opened, Permit, Slot, Tag16};
use policy::inventory::sealed::{
    ConversationAddressTag, ConversationContact, ConversationSubject, ConversationTags,
};
use policy::purpose::Operating;
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tx::{execute, fetch_all, fetch_optional, slot_from_i64, slot_to_i64, statements, string_enum};
use crate::{Error, Tx};

string_enum! { "conversation.kind",
    /// What is known of the writer.
    ConversationKind {
        /// Nothing: whoever has the code reads on.
        Anonymous = "anonymous",
        /// An address.
        Address = "address",
        /// A person of the shop.
        Customer = "customer",
    }
}

string_enum! { "conversation.state",
    /// Whose turn it is.
    ConversationState {
        /// Staff's.
        Open = "open",
        /// The writer's.
        Waiting = "waiting",
        /// Nobody's.
        Closed = "closed",
        /// It looks like spam or a machine: staff may look.
        Quarantined = "quarantined",
    }
}

/// A thread's row; what is personal in it stays sealed until one of the opening verbs is used. Whoever changes a
/// field, or sets a sealed one, has it written by [`Tx::save_conversation`].
#[derive(Clone)]
pub struct Conversation {
    /// Random number of 40 bits.
    pub id: i64,
    /// Its own slot.
    pub slot: Slot,
    /// What is known of the writer.
    pub kind: ConversationKind,
    /// Whose turn it is.
    pub state: ConversationState,
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
    pub last_message_day: i64,
    /// Day on which it was closed; 0 while it isn't.
    pub closed_day: i64,
    /// Place of its last change among the changes of all threads, from 1; the store sets it.
    pub revision: i64,
    /// The licence that it is about; 0 for none.
    pub licence: i64,
    /// Another thread that staff may want to look at; 0 for none.
    pub related: i64,
    /// The journal's line of the writer's last act; 0 for none.
    pub last_action: i64,
    /// Day of that act.
    pub last_action_day: i64,
    /// Letters since that act; where nobody proved the address, since its owner was last heard.
    pub emails_since_action: i64,
    /// The writer's address was proved.
    pub verified: bool,
    /// Why no letter may go out until the writer acts again: empty, or `bounce`, `complaint`, `stop`.
    pub suppression: String,
    pub(crate) subject: Vec<u8>,
    pub(crate) contact: Vec<u8>,
    pub(crate) tags: Vec<u8>,
    pub(crate) address_tag: Vec<u8>,
}

/// A thread to be begun today.
pub struct NewConversation<'a> {
    /// Random number of 40 bits; one that is taken makes the deed run again.
    pub id: i64,
    /// A fresh slot, or the one under which its files lie already.
    pub slot: Slot,
    /// What is known of the writer.
    pub kind: ConversationKind,
    /// Whose turn it is.
    pub state: ConversationState,
    /// The slot of the person it is tied to; 0 for none.
    pub person: Slot,
    /// The licence that it is about; 0 for none.
    pub licence: i64,
    /// Another thread that staff may want to look at; 0 for none.
    pub related: i64,
    /// The writer's address was proved.
    pub verified: bool,
    /// Subject, to be sealed; may be empty.
    pub subject: &'a str,
    /// Name and address, to be sealed; empty where none was given.
    pub contact: &'a [u8],
    /// The index tag of the folded address, to be sealed.
    pub address_tag: Option<&'a Tag16>,
}

/// All columns of threads that fit a condition.
macro_rules! thread_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, slot, kind, state, person, assigned, snoozed_day, messages, opened_day, last_message_day, \
             closed_day, revision, licence, related, last_action, last_action_day, emails_since_action, verified, suppression, \
             subject, contact, tags, address_tag FROM conversation ",
            $condition
        )
    };
}

use thread_where;

statements! {
    ADD = "INSERT INTO conversation (id, slot, kind, state, person, assigned, snoozed_day, messages, opened_day, last_message_day, \
           closed_day, revision, licence, related, last_action, last_action_day, emails_since_action, verified, suppression, subject, \
           contact, tags, address_tag) VALUES ($1, $2, $3, $4, $5, '', 0, 0, $6, $6, 0, \
           (SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'revision'), $7, $8, 0, 0, 0, $9, '', $10, $11, $12, $13)";
    // Who changes a thread holds this row to the end: so turns become visible in their order, and none is given twice.
    TURN = "INSERT INTO meta (name, value) VALUES ('revision', '1') ON CONFLICT (name) DO UPDATE \
            SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)";
    LAST_TURN = "SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'revision'";
    GET = thread_where!("WHERE id = $1");
    OF_SLOT = thread_where!("WHERE slot = $1");
    OF_PERSON = thread_where!("WHERE person = $1 AND person > 0 ORDER BY revision DESC");
    MARKS = "SELECT id, slot, address_tag FROM conversation WHERE id > $1 AND person = 0 AND length(address_tag) > 0 ORDER BY id LIMIT 500";
    TIED_MARKS = "SELECT id, slot, address_tag FROM conversation WHERE id > $1 AND person > 0 AND length(address_tag) > 0 ORDER BY id LIMIT 500";
    STOPPED_MARKS = "SELECT id, slot, address_tag FROM conversation WHERE id > $1 AND person = 0 AND length(address_tag) > 0 \
                     AND suppression <> '' ORDER BY id LIMIT 500";
    WRITTEN_MARKS = "SELECT id, slot, address_tag FROM conversation WHERE id > $1 AND person = 0 AND length(address_tag) > 0 \
                     AND (suppression <> '' OR emails_since_action > 0) ORDER BY id LIMIT 500";
    // A turn that isn't the one that was read means that another has changed the thread meanwhile.
    SAVE = "UPDATE conversation SET kind = $3, state = $4, person = $5, assigned = $6, snoozed_day = $7, messages = $8, \
            last_message_day = $9, closed_day = $10, licence = $11, related = $12, last_action = $13, last_action_day = $14, \
            emails_since_action = $15, verified = $16, suppression = $17, subject = $18, contact = $19, tags = $20, \
            address_tag = $21, slot = $22, revision = $23 WHERE id = $1 AND revision = $2";
}

pub(crate) fn thread(row: &AnyRow) -> Result<Conversation, Error> {
    Ok(Conversation {
        id: row.try_get("id")?,
        slot: slot_from_i64(row.try_get("slot")?),
        kind: ConversationKind::parse(row.try_get("kind")?)?,
        state: ConversationState::parse(row.try_get("state")?)?,
        person: slot_from_i64(row.try_get("person")?),
        assigned: row.try_get("assigned")?,
        snoozed_day: row.try_get("snoozed_day")?,
        messages: row.try_get("messages")?,
        opened_day: row.try_get("opened_day")?,
        last_message_day: row.try_get("last_message_day")?,
        closed_day: row.try_get("closed_day")?,
        revision: row.try_get("revision")?,
        licence: row.try_get("licence")?,
        related: row.try_get("related")?,
        last_action: row.try_get("last_action")?,
        last_action_day: row.try_get("last_action_day")?,
        emails_since_action: row.try_get("emails_since_action")?,
        verified: row.try_get::<i64, _>("verified")? != 0,
        suppression: row.try_get("suppression")?,
        subject: row.try_get("subject")?,
        contact: row.try_get("contact")?,
        tags: row.try_get("tags")?,
        address_tag: row.try_get("address_tag")?,
    })
}

impl Tx {
    /// Begins a thread today.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn add_conversation(&mut self, new: &NewConversation<'_>) -> Result<Conversation, Error> {
        let (of, today) = (new.slot, self.today());
        let subject = self.seal::<ConversationSubject>(of, new.id, new.subject.as_bytes())?;
        let contact = self.seal::<ConversationContact>(of, new.id, new.contact)?;
        let mark =
            self.seal::<ConversationAddressTag>(of, new.id, new.address_tag.map_or(&[][..], |tag| &tag.0))?;
        execute!(self, TURN)?;
        execute!(
            self,
            ADD,
            new.id,
            slot_to_i64(of),
            new.kind.as_str(),
            new.state.as_str(),
            slot_to_i64(new.person),
            today,
            new.licence,
            new.related,
            i64::from(new.verified),
            subject,
            contact,
            &[][..] as &[u8],
            mark,
        )?;
        self.conversation(new.id).await?.ok_or(Error::Conflict)
    }

    /// The thread of a number.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn conversation(&mut self, id: i64) -> Result<Option<Conversation>, Error> {
        fetch_optional!(self, GET, id)?.as_ref().map(thread).transpose()
    }

    /// The thread of a slot.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn conversation_of_slot(&mut self, of: Slot) -> Result<Option<Conversation>, Error> {
        fetch_optional!(self, OF_SLOT, slot_to_i64(of))?.as_ref().map(thread).transpose()
    }

    /// The threads that are tied to a person, latest change first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn conversations_of_person(&mut self, person: Slot) -> Result<Vec<Conversation>, Error> {
        fetch_all!(self, OF_PERSON, slot_to_i64(person))?.iter().map(thread).collect()
    }

    /// The threads tied to nobody whose writer's address has this tag. Opens the marks of all of them, which are
    /// keyed hashes: no line of the journal is written.
    ///
    /// # Errors
    /// When database or keyring is away, or a mark doesn't open.
    pub async fn conversations_with_address(&mut self, tag: &Tag16) -> Result<Vec<Conversation>, Error> {
        self.marked(MARKS, tag).await
    }

    /// The threads tied to somebody for which this tag's address was given besides.
    ///
    /// # Errors
    /// When database or keyring is away, or a mark doesn't open.
    pub async fn linked_conversations_with_address(
        &mut self,
        tag: &Tag16,
    ) -> Result<Vec<Conversation>, Error> {
        self.marked(TIED_MARKS, tag).await
    }

    /// Those of [`Tx::conversations_with_address`] whose letters are stopped.
    ///
    /// # Errors
    /// When database or keyring is away, or a mark doesn't open.
    pub async fn suppressed_conversations_with_address(
        &mut self,
        tag: &Tag16,
    ) -> Result<Vec<Conversation>, Error> {
        self.marked(STOPPED_MARKS, tag).await
    }

    /// Those of [`Tx::conversations_with_address`] whose letters are stopped, or that brought the address a letter of late.
    ///
    /// # Errors
    /// When database or keyring is away, or a mark doesn't open.
    pub async fn emailed_conversations_with_address(
        &mut self,
        tag: &Tag16,
    ) -> Result<Vec<Conversation>, Error> {
        self.marked(WRITTEN_MARKS, tag).await
    }

    async fn marked(&mut self, marks: &'static str, tag: &Tag16) -> Result<Vec<Conversation>, Error> {
        let (mut after, mut found) = (-1, Vec::new());
        loop {
            let rows = fetch_all!(self, marks, after)?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                after = row.try_get(0)?;
                let mark: Vec<u8> = row.try_get(2)?;
                match self.open_address_tag(slot_from_i64(row.try_get(1)?), after, &mark) {
                    Ok(opened) if opened.bytes() == tag.0 => found.push(after),
                    // Another forgetting may be under way: its thread is as good as gone.
                    Ok(_) | Err(Error::Forgotten { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        let mut threads = Vec::new();
        for id in found {
            threads.extend(self.conversation(id).await?);
        }
        Ok(threads)
    }

    fn open_address_tag(
        &self,
        of: Slot,
        id: i64,
        mark: &[u8],
    ) -> Result<Opened<ConversationAddressTag>, Error> {
        self.open::<ConversationAddressTag, _>(of, id, mark, &Permit::<Operating>::operating())?
            .ok_or(Error::Unknown("conversation.address_tag"))
    }

    /// The index tag of the writer's address; none where no address is known. Writes no line of the journal, as
    /// [`Tx::conversations_with_address`].
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn address_tag_of(&self, of: &Conversation) -> Result<Option<Tag16>, Error> {
        if of.address_tag.is_empty() {
            return Ok(None);
        }
        let opened = self.open_address_tag(of.slot, of.id, &of.address_tag)?;
        opened
            .bytes()
            .try_into()
            .map(|tag| Some(Tag16(tag)))
            .map_err(|_| Error::Unknown("conversation.address_tag"))
    }

    /// Whether the writer's address of a thread has this tag; false where none is known. Writes no line of the
    /// journal, as [`Tx::conversations_with_address`].
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn has_address(&self, of: &Conversation, tag: &Tag16) -> Result<bool, Error> {
        Ok(!of.address_tag.is_empty()
            && self.open_address_tag(of.slot, of.id, &of.address_tag)?.bytes() == tag.0)
    }

    /// Whether the writers' addresses of two threads are known and the same.
    ///
    /// # Errors
    /// When one was forgotten or doesn't open.
    pub fn have_same_address(&self, one: &Conversation, other: &Conversation) -> Result<bool, Error> {
        if one.address_tag.is_empty() || other.address_tag.is_empty() {
            return Ok(false);
        }
        let mark = self.open_address_tag(one.slot, one.id, &one.address_tag)?;
        Ok(mark.bytes() == self.open_address_tag(other.slot, other.id, &other.address_tag)?.bytes())
    }

    /// Writes a thread back as it is in hand, but for the day of its beginning, under a new turn, which is set in
    /// it too. What another has changed meanwhile is not written over: the deed runs again.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn save_conversation(&mut self, of: &mut Conversation) -> Result<(), Error> {
        execute!(self, TURN)?;
        let turn: i64 =
            fetch_optional!(self, LAST_TURN)?.ok_or(Error::Unknown("meta.revision"))?.try_get(0)?;
        let saved = execute!(
            self,
            SAVE,
            of.id,
            of.revision,
            of.kind.as_str(),
            of.state.as_str(),
            slot_to_i64(of.person),
            &*of.assigned,
            of.snoozed_day,
            of.messages,
            of.last_message_day,
            of.closed_day,
            of.licence,
            of.related,
            of.last_action,
            of.last_action_day,
            of.emails_since_action,
            i64::from(of.verified),
            &*of.suppression,
            &*of.subject,
            &*of.contact,
            &*of.tags,
            &*of.address_tag,
            slot_to_i64(of.slot),
            turn,
        )?;
        if saved == 0 {
            return Err(Error::Conflict);
        }
        of.revision = turn;
        Ok(())
    }

    /// Seals a subject into a thread in hand; [`Tx::save_conversation`] writes it.
    ///
    /// # Errors
    /// When the keyring is away or the slot was forgotten.
    pub fn set_subject(&self, of: &mut Conversation, subject: &str) -> Result<(), Error> {
        of.subject = self.seal::<ConversationSubject>(of.slot, of.id, subject.as_bytes())?;
        Ok(())
    }

    /// Seals name and address into a thread in hand; empty for none. [`Tx::save_conversation`] writes it.
    ///
    /// # Errors
    /// When the keyring is away or the slot was forgotten.
    pub fn set_contact(&self, of: &mut Conversation, contact: &[u8]) -> Result<(), Error> {
        of.contact = self.seal::<ConversationContact>(of.slot, of.id, contact)?;
        Ok(())
    }

    /// Seals tags into a thread in hand; empty for none. [`Tx::save_conversation`] writes it.
    ///
    /// # Errors
    /// When the keyring is away or the slot was forgotten.
    pub fn set_tags(&self, of: &mut Conversation, tags: &[u8]) -> Result<(), Error> {
        of.tags = self.seal::<ConversationTags>(of.slot, of.id, tags)?;
        Ok(())
    }

    /// Seals the index tag of the writer's folded address into a thread in hand. [`Tx::save_conversation`] writes it.
    ///
    /// # Errors
    /// When the keyring is away or the slot was forgotten.
    pub fn set_address_tag(&self, of: &mut Conversation, mark: Option<&Tag16>) -> Result<(), Error> {
        of.address_tag =
            self.seal::<ConversationAddressTag>(of.slot, of.id, mark.map_or(&[][..], |tag| &tag.0))?;
        Ok(())
    }

    /// Opens the subject; `None` where there is none.
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn open_subject<P: Purpose>(
        &self,
        of: &Conversation,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<ConversationSubject>>, Error>
    where
        ConversationSubject: OpenFor<P>,
    {
        self.open::<ConversationSubject, P>(of.slot, of.id, &of.subject, permit)
    }

    /// Opens name and address; `None` where none was given.
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn open_contact<P: Purpose>(
        &self,
        of: &Conversation,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<ConversationContact>>, Error>
    where
        ConversationContact: OpenFor<P>,
    {
        self.open::<ConversationContact, P>(of.slot, of.id, &of.contact, permit)
    }

    /// Opens the tags; `None` where there are none.
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn open_tags<P: Purpose>(
        &self,
        of: &Conversation,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<ConversationTags>>, Error>
    where
        ConversationTags: OpenFor<P>,
    {
        self.open::<ConversationTags, P>(of.slot, of.id, &of.tags, permit)
    }
}
