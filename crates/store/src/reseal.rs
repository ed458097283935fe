//! Sealing a thread anew, so that its old slot can be forgotten: with a passage taken out, or into another thread.
//! What lies in backups under the old slot is unreadable from then on.

use keyring::{Permit, Slot};
use policy::inventory::sealed::{
    AttachmentName, ChunkBytes, ConversationAddressTag, ConversationContact, ConversationSubject,
    ConversationTags, EmailContent, MessageBody,
};
use policy::purpose::Erasing;
use policy::{Field, OpenFor};
use sqlx::Row as _;

use crate::attachment::chunk_binding;
use crate::tx::{execute, fetch_all, slot_to_i64, statements};
use crate::{Actor, Attachment, AuditKind, Conversation, Error, Message, NewAuditEntry, Tx};

/// The change that the journal tells, on the new slot, of each act that may still cause a letter; its cause is the line
/// of the act, which stays with the old slot.
pub const RESEALED: &str = "conversation resealed";

statements! {
    MESSAGE = "UPDATE message SET conversation = $2, slot = $3, number = number + $4, body = $5 WHERE id = $1";
    FILE = "UPDATE attachment SET conversation = $2, slot = $3, name = $4 WHERE id = $1";
    CHUNKS = "SELECT number FROM chunk WHERE attachment = $1 ORDER BY number";
    CHUNK = "UPDATE chunk SET slot = $3, bytes = $4 WHERE attachment = $1 AND number = $2";
    WAYS = "UPDATE conversation_access SET conversation = $2, slot = $3 WHERE slot = $1";
    TAKEN = "UPDATE processed_mail SET slot = $2 WHERE slot = $1";
    LETTER = "UPDATE outbox SET slot = $2, email = $3 WHERE id = $1";
    LINKED = "UPDATE conversation SET related = CASE WHEN id = $2 THEN 0 ELSE $2 END WHERE related = $1 AND related > 0";
    // A turn that isn't the one that was read means that another has changed the thread meanwhile.
    DROP = "DELETE FROM conversation WHERE id = $1 AND revision = $2";
}

/// Where a thread's rows go.
#[derive(Clone, Copy)]
struct Goal {
    thread: i64,
    slot: Slot,
    /// By how much the messages' places grow.
    shift: i64,
}

impl Tx {
    /// Seals everything of a thread anew under a fresh slot, `edit` giving another text for a message where there
    /// is to be one, and saves the thread in hand. Number, ways and taken mails stay. Nothing lies under the old
    /// slot then, not even files that were loose: the caller has it forgotten.
    ///
    /// # Errors
    /// When database or keyring is away, or a value doesn't open.
    pub async fn reseal_conversation(
        &mut self,
        of: &mut Conversation,
        to: Slot,
        mut edit: impl FnMut(&Message, &str) -> Option<String> + Send,
        permit: &Permit<Erasing>,
    ) -> Result<(), Error> {
        let old = of.slot;
        let goal = Goal { thread: of.id, slot: to, shift: 0 };
        self.move_rows(of, goal, &mut edit, permit).await?;
        of.subject = self.anew::<ConversationSubject>(old, to, &of.id.to_be_bytes(), &of.subject, permit)?;
        of.contact = self.anew::<ConversationContact>(old, to, &of.id.to_be_bytes(), &of.contact, permit)?;
        of.tags = self.anew::<ConversationTags>(old, to, &of.id.to_be_bytes(), &of.tags, permit)?;
        of.address_tag =
            self.anew::<ConversationAddressTag>(old, to, &of.id.to_be_bytes(), &of.address_tag, permit)?;
        of.slot = to;
        self.save_conversation(of).await?;
        self.purge_slot(old).await?;
        Ok(())
    }

    /// Moves everything of a thread into another, its messages behind those that are there, and saves that one:
    /// with its messages counted, touched on the later day, and with the later act. The row of the thread that was
    /// moved is gone, with its subject, contact and tags; nothing lies under its slot: the caller has it forgotten.
    ///
    /// # Errors
    /// When database or keyring is away, or a value doesn't open.
    pub async fn merge_conversation(
        &mut self,
        from: &Conversation,
        into: &mut Conversation,
        permit: &Permit<Erasing>,
    ) -> Result<(), Error> {
        let goal = Goal { thread: into.id, slot: into.slot, shift: into.messages };
        self.move_rows(from, goal, &mut |_, _| None, permit).await?;
        execute!(self, LINKED, from.id, into.id)?;
        if execute!(self, DROP, from.id, from.revision)? == 0 {
            return Err(Error::Conflict);
        }
        into.messages += from.messages;
        into.last_message_day = into.last_message_day.max(from.last_message_day);
        if into.related == from.id {
            into.related = 0;
        }
        if from.last_action_day > into.last_action_day {
            into.last_action = from.last_action;
            into.last_action_day = from.last_action_day;
            into.emails_since_action = from.emails_since_action;
        }
        self.save_conversation(into).await?;
        self.purge_slot(from.slot).await?;
        Ok(())
    }

    async fn move_rows(
        &mut self,
        from: &Conversation,
        to: Goal,
        edit: &mut (dyn FnMut(&Message, &str) -> Option<String> + Send),
        permit: &Permit<Erasing>,
    ) -> Result<(), Error> {
        for message in self.messages_of(from.id).await? {
            let body = self.edited(&message, to.slot, edit, permit)?;
            execute!(self, MESSAGE, message.id, to.thread, slot_to_i64(to.slot), to.shift, body)?;
        }
        for file in self.attachments_of_conversation(from.id).await? {
            self.move_file(&file, to, permit).await?;
        }
        execute!(self, WAYS, slot_to_i64(from.slot), to.thread, slot_to_i64(to.slot))?;
        execute!(self, TAKEN, slot_to_i64(from.slot), slot_to_i64(to.slot))?;
        let mut acts = self.move_letters(from.slot, to.slot, permit).await?;
        acts.extend([from.last_action].into_iter().filter(|act| *act != 0));
        acts.sort_unstable();
        acts.dedup();
        for cause in acts {
            let (kind, slot) = (AuditKind::Change, Some(to.slot));
            let (what, actor) = (RESEALED, &Actor::System);
            self.append_audit(&NewAuditEntry {
                kind,
                name: what,
                actor,
                slot,
                cause,
                recipient: &[],
                digest: &[],
            })
            .await?;
        }
        Ok(())
    }

    fn edited(
        &self,
        of: &Message,
        to: Slot,
        edit: &mut (dyn FnMut(&Message, &str) -> Option<String> + Send),
        permit: &Permit<Erasing>,
    ) -> Result<Vec<u8>, Error> {
        let Some(body) = self.open_body(of, permit)? else { return Ok(Vec::new()) };
        match edit(of, body.text()) {
            Some(other) => self.seal::<MessageBody>(to, of.id, other.as_bytes()),
            None => self.seal::<MessageBody>(to, of.id, body.bytes()),
        }
    }

    async fn move_file(&mut self, of: &Attachment, to: Goal, permit: &Permit<Erasing>) -> Result<(), Error> {
        let name = match self.open_file_name(of, permit)? {
            Some(name) => self.seal::<AttachmentName>(to.slot, of.id, name.bytes())?,
            None => Vec::new(),
        };
        execute!(self, FILE, of.id, to.thread, slot_to_i64(to.slot), name)?;
        // One at a time: files are large.
        for row in fetch_all!(self, CHUNKS, of.id)? {
            let n: i64 = row.try_get(0)?;
            let Some(bytes) = self.open_chunk(of, n, permit).await? else { continue };
            let bytes = self.seal_at::<ChunkBytes>(to.slot, &chunk_binding(of.id, n), bytes.bytes())?;
            execute!(self, CHUNK, of.id, n, slot_to_i64(to.slot), bytes)?;
        }
        Ok(())
    }

    /// Moves waiting letters and says which acts caused them.
    async fn move_letters(
        &mut self,
        from: Slot,
        to: Slot,
        permit: &Permit<Erasing>,
    ) -> Result<Vec<i64>, Error> {
        let mut acts = Vec::new();
        for letter in self.outbox_of(from).await? {
            let content = match self.open_outbox_email(&letter, permit)? {
                Some(content) => self.seal::<EmailContent>(to, letter.id, content.bytes())?,
                None => Vec::new(),
            };
            execute!(self, LETTER, letter.id, slot_to_i64(to), content)?;
            acts.push(letter.cause);
        }
        Ok(acts)
    }

    fn anew<F: Field + OpenFor<Erasing>>(
        &self,
        from: Slot,
        to: Slot,
        row: &[u8],
        sealed: &[u8],
        permit: &Permit<Erasing>,
    ) -> Result<Vec<u8>, Error> {
        match self.open_at::<F, Erasing>(from, row, sealed.to_vec(), permit)? {
            Some(value) => self.seal_at::<F>(to, row, value.bytes()),
            None => Ok(Vec::new()),
        }
    }
}
