//! Conversations, each under a key slot of its own. Times are whole days.

pub(crate) mod queue;
mod record;

pub use queue::Queue;
pub use record::{Conversation, ConversationKind, ConversationState, NewConversation};

use keyring::{Opened, Permit, Slot, Tag16};
use policy::inventory::sealed::{
    ConversationAddressTag, ConversationContact, ConversationSubject, ConversationTags,
};
use policy::purpose::Operating;
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::columns;
use crate::tx::{
    execute, fetch_all, fetch_optional, optional_slot_from_i64, optional_slot_to_i64, slot_from_i64,
    slot_to_i64, statements,
};
use crate::{Error, Tx};

/// Selects all columns of conversations that match a condition.
macro_rules! conversation_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, slot, kind, state, person, assigned, snoozed_day, messages, opened_day, last_message_day, \
             closed_day, revision, licence, related, last_action, last_action_day, emails_since_action, verified, suppression, \
             subject, contact, tags, address_tag FROM conversation ",
            $condition
        )
    };
}

use crate::ids::ConversationId;
use crate::suppression::suppression;
use conversation_where;

statements! {
    ADD = "INSERT INTO conversation (id, slot, kind, state, person, assigned, snoozed_day, messages, opened_day, last_message_day, \
           closed_day, revision, licence, related, last_action, last_action_day, emails_since_action, verified, suppression, subject, \
           contact, tags, address_tag) VALUES ($1, $2, $3, $4, $5, '', 0, 0, $6, $6, 0, \
           (SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'revision'), $7, $8, 0, 0, 0, $9, '', $10, $11, $12, $13)";
    // A transaction that changes a conversation locks this row until its end. So revisions become visible in order,
    // and none is used twice.
    NEXT_REVISION = "INSERT INTO meta (name, value) VALUES ('revision', '1') ON CONFLICT (name) DO UPDATE \
            SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)";
    LAST_REVISION = "SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'revision'";
    GET = conversation_where!("WHERE id = $1");
    OF_SLOT = conversation_where!("WHERE slot = $1");
    OF_PERSON = conversation_where!("WHERE person = $1 AND person > 0 ORDER BY revision DESC");
    ADDRESS_TAGS = "SELECT id, slot, address_tag FROM conversation WHERE id > $1 AND person = 0 AND length(address_tag) > 0 ORDER BY id LIMIT 500";
    LINKED_ADDRESS_TAGS = "SELECT id, slot, address_tag FROM conversation WHERE id > $1 AND person > 0 AND length(address_tag) > 0 ORDER BY id LIMIT 500";
    SUPPRESSED_ADDRESS_TAGS = "SELECT id, slot, address_tag FROM conversation WHERE id > $1 AND person = 0 AND length(address_tag) > 0 \
                     AND suppression <> '' ORDER BY id LIMIT 500";
    EMAILED_ADDRESS_TAGS = "SELECT id, slot, address_tag FROM conversation WHERE id > $1 AND person = 0 AND length(address_tag) > 0 \
                     AND (suppression <> '' OR emails_since_action > 0) ORDER BY id LIMIT 500";
    // A different revision means that another transaction has changed the conversation since it was read.
    SAVE = "UPDATE conversation SET kind = $3, state = $4, person = $5, assigned = $6, snoozed_day = $7, messages = $8, \
            last_message_day = $9, closed_day = $10, licence = $11, related = $12, last_action = $13, last_action_day = $14, \
            emails_since_action = $15, verified = $16, suppression = $17, subject = $18, contact = $19, tags = $20, \
            address_tag = $21, slot = $22, revision = $23 WHERE id = $1 AND revision = $2";
}

pub(crate) fn conversation_from_row(row: &AnyRow) -> Result<Conversation, Error> {
    Ok(Conversation {
        id: row.try_get("id")?,
        slot: slot_from_i64(row.try_get("slot")?),
        kind: ConversationKind::parse(row.try_get("kind")?)?,
        state: ConversationState::parse(row.try_get("state")?)?,
        person: optional_slot_from_i64(row.try_get("person")?),
        assigned: row.try_get("assigned")?,
        snoozed_day: columns::optional_day(row, "conversation.snoozed_day")?,
        messages: row.try_get("messages")?,
        opened_day: columns::day(row, "conversation.opened_day")?,
        last_message_day: columns::day(row, "conversation.last_message_day")?,
        closed_day: columns::optional_day(row, "conversation.closed_day")?,
        revision: row.try_get("revision")?,
        licence: columns::optional_serial(row, "conversation.licence")?,
        related: columns::optional_id(row, "conversation.related")?,
        last_action: row.try_get("last_action")?,
        last_action_day: columns::optional_day(row, "conversation.last_action_day")?,
        emails_since_action: row.try_get("emails_since_action")?,
        verified: row.try_get::<i64, _>("verified")? != 0,
        suppression: suppression(row)?,
        subject: row.try_get("subject")?,
        contact: row.try_get("contact")?,
        tags: row.try_get("tags")?,
        address_tag: row.try_get("address_tag")?,
    })
}

impl Tx {
    /// Starts a conversation today.
    pub async fn add_conversation(&mut self, new: &NewConversation<'_>) -> Result<Conversation, Error> {
        let (conversation, today) = (new.slot, self.today());
        let subject = self.seal::<ConversationSubject>(conversation, new.id, new.subject.as_bytes())?;
        let contact = self.seal::<ConversationContact>(conversation, new.id, new.contact)?;
        let address_tag = self.seal::<ConversationAddressTag>(
            conversation,
            new.id,
            new.address_tag.map_or(&[][..], |tag| &tag.0),
        )?;
        execute!(self, NEXT_REVISION)?;
        execute!(
            self,
            ADD,
            new.id,
            slot_to_i64(conversation),
            new.kind.as_str(),
            new.state.as_str(),
            optional_slot_to_i64(new.person),
            today,
            new.licence,
            new.related,
            i64::from(new.verified),
            subject,
            contact,
            &[][..] as &[u8],
            address_tag,
        )?;
        self.conversation(new.id).await?.ok_or(Error::Conflict)
    }

    /// Finds a conversation by its number.
    pub async fn conversation(&mut self, id: ConversationId) -> Result<Option<Conversation>, Error> {
        fetch_optional!(self, GET, id)?.as_ref().map(conversation_from_row).transpose()
    }

    /// Finds the conversation of a key slot.
    pub async fn conversation_of_slot(&mut self, conversation: Slot) -> Result<Option<Conversation>, Error> {
        fetch_optional!(self, OF_SLOT, slot_to_i64(conversation))?
            .as_ref()
            .map(conversation_from_row)
            .transpose()
    }

    /// Returns the conversations linked to a person, last changed first.
    pub async fn conversations_of_person(&mut self, person: Slot) -> Result<Vec<Conversation>, Error> {
        fetch_all!(self, OF_PERSON, slot_to_i64(person))?.iter().map(conversation_from_row).collect()
    }

    /// Returns the conversations that are linked to no person and whose sender's address has this tag. It opens the
    /// address tags of all such conversations. These are keyed hashes, so no audit entry is needed.
    ///
    /// # Errors
    /// When the database or the keyring is unavailable, or a tag can't be opened.
    pub async fn conversations_with_address(&mut self, tag: &Tag16) -> Result<Vec<Conversation>, Error> {
        self.find_by_address_tag(ADDRESS_TAGS, tag).await
    }

    /// Returns the conversations that are linked to a person and for which this tag's address was given as well.
    ///
    /// # Errors
    /// When the database or the keyring is unavailable, or a tag can't be opened.
    pub async fn linked_conversations_with_address(
        &mut self,
        tag: &Tag16,
    ) -> Result<Vec<Conversation>, Error> {
        self.find_by_address_tag(LINKED_ADDRESS_TAGS, tag).await
    }

    /// Like [`Tx::conversations_with_address`], but only those with suppressed e-mails.
    ///
    /// # Errors
    /// When the database or the keyring is unavailable, or a tag can't be opened.
    pub async fn suppressed_conversations_with_address(
        &mut self,
        tag: &Tag16,
    ) -> Result<Vec<Conversation>, Error> {
        self.find_by_address_tag(SUPPRESSED_ADDRESS_TAGS, tag).await
    }

    /// Like [`Tx::conversations_with_address`], but only those with suppressed e-mails, or with an e-mail sent since
    /// the last action.
    ///
    /// # Errors
    /// When the database or the keyring is unavailable, or a tag can't be opened.
    pub async fn emailed_conversations_with_address(
        &mut self,
        tag: &Tag16,
    ) -> Result<Vec<Conversation>, Error> {
        self.find_by_address_tag(EMAILED_ADDRESS_TAGS, tag).await
    }

    async fn find_by_address_tag(
        &mut self,
        statement: &'static str,
        tag: &Tag16,
    ) -> Result<Vec<Conversation>, Error> {
        let (mut after, mut found) = (ConversationId::new(-1), Vec::new());
        loop {
            let rows = fetch_all!(self, statement, after)?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                after = row.try_get(0)?;
                let address_tag: Vec<u8> = row.try_get(2)?;
                match self.open_address_tag(slot_from_i64(row.try_get(1)?), after, &address_tag) {
                    Ok(opened) if opened.bytes() == tag.0 => found.push(after),
                    // Another erasure may be in progress; its conversation counts as deleted.
                    Ok(_) | Err(Error::Forgotten { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        let mut conversations = Vec::new();
        for id in found {
            conversations.extend(self.conversation(id).await?);
        }
        Ok(conversations)
    }

    fn open_address_tag(
        &self,
        conversation: Slot,
        id: ConversationId,
        address_tag: &[u8],
    ) -> Result<Opened<ConversationAddressTag>, Error> {
        self.open::<ConversationAddressTag, _>(
            conversation,
            id,
            address_tag,
            &Permit::<Operating>::operating(),
        )?
        .ok_or(Error::Unknown("conversation.address_tag"))
    }

    /// Returns the index tag of the sender's address; `None` if no address is known. Like
    /// [`Tx::conversations_with_address`], it needs no audit entry.
    ///
    /// # Errors
    /// When the value was forgotten or can't be opened.
    pub fn address_tag_of(&self, conversation: &Conversation) -> Result<Option<Tag16>, Error> {
        if conversation.address_tag.is_empty() {
            return Ok(None);
        }
        let opened = self.open_address_tag(conversation.slot, conversation.id, &conversation.address_tag)?;
        opened
            .bytes()
            .try_into()
            .map(|tag| Some(Tag16(tag)))
            .map_err(|_| Error::Unknown("conversation.address_tag"))
    }

    /// Returns whether the sender's address has this tag; false if no address is known. Like
    /// [`Tx::conversations_with_address`], it needs no audit entry.
    ///
    /// # Errors
    /// When the value was forgotten or can't be opened.
    pub fn has_address(&self, conversation: &Conversation, tag: &Tag16) -> Result<bool, Error> {
        Ok(!conversation.address_tag.is_empty()
            && self.open_address_tag(conversation.slot, conversation.id, &conversation.address_tag)?.bytes()
                == tag.0)
    }

    /// Returns whether two conversations have the same known address.
    ///
    /// # Errors
    /// When a value was forgotten or can't be opened.
    pub fn have_same_address(&self, one: &Conversation, other: &Conversation) -> Result<bool, Error> {
        if one.address_tag.is_empty() || other.address_tag.is_empty() {
            return Ok(false);
        }
        let address_tag = self.open_address_tag(one.slot, one.id, &one.address_tag)?;
        Ok(address_tag.bytes() == self.open_address_tag(other.slot, other.id, &other.address_tag)?.bytes())
    }

    /// Writes a conversation's fields under a new revision, except the day of its start. It does not overwrite a
    /// concurrent change: the operation runs again.
    pub async fn save_conversation(&mut self, conversation: &mut Conversation) -> Result<(), Error> {
        execute!(self, NEXT_REVISION)?;
        let revision: i64 =
            fetch_optional!(self, LAST_REVISION)?.ok_or(Error::Unknown("meta.revision"))?.try_get(0)?;
        let saved = execute!(
            self,
            SAVE,
            conversation.id,
            conversation.revision,
            conversation.kind.as_str(),
            conversation.state.as_str(),
            optional_slot_to_i64(conversation.person),
            &*conversation.assigned,
            conversation.snoozed_day,
            conversation.messages,
            conversation.last_message_day,
            conversation.closed_day,
            conversation.licence,
            conversation.related,
            conversation.last_action,
            conversation.last_action_day,
            conversation.emails_since_action,
            i64::from(conversation.verified),
            conversation.suppression,
            &*conversation.subject,
            &*conversation.contact,
            &*conversation.tags,
            &*conversation.address_tag,
            slot_to_i64(conversation.slot),
            revision,
        )?;
        if saved == 0 {
            return Err(Error::Conflict);
        }
        conversation.revision = revision;
        Ok(())
    }

    /// Seals a subject into `conversation`; [`Tx::save_conversation`] writes it.
    ///
    /// # Errors
    /// When the keyring is unavailable or the slot was forgotten.
    pub fn set_subject(&self, conversation: &mut Conversation, subject: &str) -> Result<(), Error> {
        conversation.subject =
            self.seal::<ConversationSubject>(conversation.slot, conversation.id, subject.as_bytes())?;
        Ok(())
    }

    /// Seals name and address into `conversation`; empty for none. [`Tx::save_conversation`] writes them.
    ///
    /// # Errors
    /// When the keyring is unavailable or the slot was forgotten.
    pub fn set_contact(&self, conversation: &mut Conversation, contact: &[u8]) -> Result<(), Error> {
        conversation.contact =
            self.seal::<ConversationContact>(conversation.slot, conversation.id, contact)?;
        Ok(())
    }

    /// Seals tags into `conversation`; empty for none. [`Tx::save_conversation`] writes them.
    ///
    /// # Errors
    /// When the keyring is unavailable or the slot was forgotten.
    pub fn set_tags(&self, conversation: &mut Conversation, tags: &[u8]) -> Result<(), Error> {
        conversation.tags = self.seal::<ConversationTags>(conversation.slot, conversation.id, tags)?;
        Ok(())
    }

    /// Seals the index tag of the sender's normalised address into `conversation`. [`Tx::save_conversation`] writes it.
    ///
    /// # Errors
    /// When the keyring is unavailable or the slot was forgotten.
    pub fn set_address_tag(
        &self,
        conversation: &mut Conversation,
        address_tag: Option<&Tag16>,
    ) -> Result<(), Error> {
        conversation.address_tag = self.seal::<ConversationAddressTag>(
            conversation.slot,
            conversation.id,
            address_tag.map_or(&[][..], |tag| &tag.0),
        )?;
        Ok(())
    }

    /// Opens the subject; `None` if there is none.
    ///
    /// # Errors
    /// When the value was forgotten or can't be opened.
    pub fn open_subject<P: Purpose>(
        &self,
        conversation: &Conversation,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<ConversationSubject>>, Error>
    where
        ConversationSubject: OpenFor<P>,
    {
        self.open::<ConversationSubject, P>(conversation.slot, conversation.id, &conversation.subject, permit)
    }

    /// Opens name and address; `None` if none was given.
    ///
    /// # Errors
    /// When the value was forgotten or can't be opened.
    pub fn open_contact<P: Purpose>(
        &self,
        conversation: &Conversation,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<ConversationContact>>, Error>
    where
        ConversationContact: OpenFor<P>,
    {
        self.open::<ConversationContact, P>(conversation.slot, conversation.id, &conversation.contact, permit)
    }

    /// Opens the tags; `None` if there are none.
    ///
    /// # Errors
    /// When the value was forgotten or can't be opened.
    pub fn open_tags<P: Purpose>(
        &self,
        conversation: &Conversation,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<ConversationTags>>, Error>
    where
        ConversationTags: OpenFor<P>,
    {
        self.open::<ConversationTags, P>(conversation.slot, conversation.id, &conversation.tags, permit)
    }
}
