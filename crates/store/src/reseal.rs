//! Resealing of conversations under another key slot, so that the old slot can be forgotten: to redact a passage, or
//! to merge conversations. Data under the old slot then becomes unreadable in backups.

use keyring::{Permit, Slot};
use policy::inventory::sealed::{
    AttachmentName, ChunkBytes, ConversationAddressTag, ConversationContact, ConversationSubject,
    ConversationTags, EmailContent, MessageBody,
};
use policy::purpose::Erasing;
use policy::{Field, OpenFor};
use sqlx::Row as _;

use crate::attachment::chunk_binding;
use crate::ids::ConversationId;
use crate::tx::{execute, fetch_all, slot_to_i64, statements};
use crate::{Actor, Attachment, AuditKind, Conversation, Error, Message, NewAuditEntry, Tx};

/// Name of the audit entry, on the new slot, for each action that may still cause an e-mail. Its cause is the entry
/// of the action, which keeps the old slot.
pub const RESEALED: &str = "conversation resealed";

statements! {
    MESSAGE = "UPDATE message SET conversation = $2, slot = $3, number = number + $4, body = $5 WHERE id = $1";
    FILE = "UPDATE attachment SET conversation = $2, slot = $3, name = $4 WHERE id = $1";
    CHUNKS = "SELECT number FROM chunk WHERE attachment = $1 ORDER BY number";
    CHUNK = "UPDATE chunk SET slot = $3, bytes = $4 WHERE attachment = $1 AND number = $2";
    ACCESS = "UPDATE conversation_access SET conversation = $2, slot = $3 WHERE slot = $1";
    PROCESSED_MAIL = "UPDATE processed_mail SET slot = $2 WHERE slot = $1";
    EMAIL = "UPDATE outbox SET slot = $2, email = $3 WHERE id = $1";
    RELATED = "UPDATE conversation SET related = CASE WHEN id = $2 THEN 0 ELSE $2 END WHERE related = $1 AND related > 0";
    // A different revision means that another transaction has changed the conversation since it was read.
    DELETE = "DELETE FROM conversation WHERE id = $1 AND revision = $2";
}

/// Destination of a conversation's rows.
#[derive(Clone, Copy)]
struct Destination {
    conversation: ConversationId,
    slot: Slot,
    /// Offset added to the messages' positions.
    shift: i64,
}

impl Tx {
    /// Reseals everything of a conversation under a fresh key slot and saves the conversation. `edit` may return
    /// another text for a message. Number, access codes and records of processed mail stay. No row stays under the
    /// old slot, not even unattached files; the caller has it forgotten.
    ///
    /// # Errors
    /// When the database or the keyring is unavailable, or a value can't be opened.
    pub async fn reseal_conversation(
        &mut self,
        of: &mut Conversation,
        to: Slot,
        mut edit: impl FnMut(&Message, &str) -> Option<String> + Send,
        permit: &Permit<Erasing>,
    ) -> Result<(), Error> {
        let old = of.slot;
        let destination = Destination { conversation: of.id, slot: to, shift: 0 };
        self.move_rows(of, destination, &mut edit, permit).await?;
        of.subject = self.reseal_value::<ConversationSubject>(
            old,
            to,
            &of.id.number().to_be_bytes(),
            &of.subject,
            permit,
        )?;
        of.contact = self.reseal_value::<ConversationContact>(
            old,
            to,
            &of.id.number().to_be_bytes(),
            &of.contact,
            permit,
        )?;
        of.tags =
            self.reseal_value::<ConversationTags>(old, to, &of.id.number().to_be_bytes(), &of.tags, permit)?;
        of.address_tag = self.reseal_value::<ConversationAddressTag>(
            old,
            to,
            &of.id.number().to_be_bytes(),
            &of.address_tag,
            permit,
        )?;
        of.slot = to;
        self.save_conversation(of).await?;
        self.purge_slot(old).await?;
        Ok(())
    }

    /// Merges a conversation into another and saves the other. Its messages follow the existing ones, and the later
    /// last action is kept. The merged conversation's row is deleted with its subject, contact and tags. No row stays
    /// under its slot; the caller has it forgotten.
    ///
    /// # Errors
    /// When the database or the keyring is unavailable, or a value can't be opened.
    pub async fn merge_conversation(
        &mut self,
        from: &Conversation,
        into: &mut Conversation,
        permit: &Permit<Erasing>,
    ) -> Result<(), Error> {
        let destination = Destination { conversation: into.id, slot: into.slot, shift: into.messages };
        self.move_rows(from, destination, &mut |_, _| None, permit).await?;
        execute!(self, RELATED, from.id, into.id)?;
        if execute!(self, DELETE, from.id, from.revision)? == 0 {
            return Err(Error::Conflict);
        }
        into.messages += from.messages;
        into.last_message_day = into.last_message_day.max(from.last_message_day);
        if into.related == Some(from.id) {
            into.related = None;
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
        to: Destination,
        edit: &mut (dyn FnMut(&Message, &str) -> Option<String> + Send),
        permit: &Permit<Erasing>,
    ) -> Result<(), Error> {
        for message in self.messages_of(from.id).await? {
            let body = self.edited(&message, to.slot, edit, permit)?;
            execute!(self, MESSAGE, message.id, to.conversation, slot_to_i64(to.slot), to.shift, body)?;
        }
        for file in self.attachments_of_conversation(from.id).await? {
            self.move_file(&file, to, permit).await?;
        }
        execute!(self, ACCESS, slot_to_i64(from.slot), to.conversation, slot_to_i64(to.slot))?;
        execute!(self, PROCESSED_MAIL, slot_to_i64(from.slot), slot_to_i64(to.slot))?;
        let mut actions = self.move_emails(from.slot, to.slot, permit).await?;
        actions.extend([from.last_action].into_iter().filter(|action| *action != 0));
        actions.sort_unstable();
        actions.dedup();
        for cause in actions {
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

    async fn move_file(
        &mut self,
        of: &Attachment,
        to: Destination,
        permit: &Permit<Erasing>,
    ) -> Result<(), Error> {
        let name = match self.open_file_name(of, permit)? {
            Some(name) => self.seal::<AttachmentName>(to.slot, of.id, name.bytes())?,
            None => Vec::new(),
        };
        execute!(self, FILE, of.id, to.conversation, slot_to_i64(to.slot), name)?;
        // One at a time, because files are large.
        for row in fetch_all!(self, CHUNKS, of.id)? {
            let n: i64 = row.try_get(0)?;
            let Some(bytes) = self.open_chunk(of, n, permit).await? else { continue };
            let bytes = self.seal_at::<ChunkBytes>(to.slot, &chunk_binding(of.id, n), bytes.bytes())?;
            execute!(self, CHUNK, of.id, n, slot_to_i64(to.slot), bytes)?;
        }
        Ok(())
    }

    /// Moves queued e-mails and returns the actions that caused them.
    async fn move_emails(
        &mut self,
        from: Slot,
        to: Slot,
        permit: &Permit<Erasing>,
    ) -> Result<Vec<i64>, Error> {
        let mut actions = Vec::new();
        for email in self.outbox_of(from).await? {
            let content = match self.open_outbox_email(&email, permit)? {
                Some(content) => self.seal::<EmailContent>(to, email.id, content.bytes())?,
                None => Vec::new(),
            };
            execute!(self, EMAIL, email.id, slot_to_i64(to), content)?;
            actions.push(email.cause);
        }
        Ok(actions)
    }

    fn reseal_value<F: Field + OpenFor<Erasing>>(
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
