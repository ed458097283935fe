//! Sealing a thread anew, so that its old slot can be forgotten: with a passage taken out, or into another thread.
//! What lies in backups under the old slot is unreadable from then on.

use keyring::{Permit, Slot};
use policy::inventory::sealed::{
    AttachmentName, ChunkBytes, LetterContent, MessageBody, ThreadContact, ThreadMark, ThreadSubject,
    ThreadTags,
};
use policy::purpose::Erasing;
use policy::{Field, OpenFor};
use sqlx::Row as _;

use crate::attachment::place_of;
use crate::tx::{all, column, run, statements};
use crate::{Actor, Attachment, AuditKind, Error, Message, NewAuditEntry, Thread, Tx};

/// The change that the journal tells, on the new slot, of each act that may still cause a letter; its cause is the line
/// of the act, which stays with the old slot.
pub const RESEALED: &str = "thread sealed anew";

statements! {
    MESSAGE = "UPDATE message SET thread = $2, slot = $3, n = n + $4, body = $5 WHERE id = $1";
    FILE = "UPDATE attachment SET thread = $2, slot = $3, name = $4 WHERE id = $1";
    CHUNKS = "SELECT n FROM chunk WHERE attachment = $1 ORDER BY n";
    CHUNK = "UPDATE chunk SET slot = $3, bytes = $4 WHERE attachment = $1 AND n = $2";
    WAYS = "UPDATE way SET thread = $2, slot = $3 WHERE slot = $1";
    TAKEN = "UPDATE taken SET slot = $2 WHERE slot = $1";
    LETTER = "UPDATE outbox SET slot = $2, letter = $3 WHERE id = $1";
    LINKED = "UPDATE thread SET linked = CASE WHEN id = $2 THEN 0 ELSE $2 END WHERE linked = $1 AND linked > 0";
    // A turn that isn't the one that was read means that another has changed the thread meanwhile.
    DROP = "DELETE FROM thread WHERE id = $1 AND turn = $2";
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
    pub async fn reseal_thread(
        &mut self,
        of: &mut Thread,
        to: Slot,
        mut edit: impl FnMut(&Message, &str) -> Option<String> + Send,
        leave: &Permit<Erasing>,
    ) -> Result<(), Error> {
        let old = of.slot;
        let goal = Goal { thread: of.id, slot: to, shift: 0 };
        self.move_rows(of, goal, &mut edit, leave).await?;
        of.subject = self.anew::<ThreadSubject>(old, to, &of.id.to_be_bytes(), &of.subject, leave)?;
        of.contact = self.anew::<ThreadContact>(old, to, &of.id.to_be_bytes(), &of.contact, leave)?;
        of.tags = self.anew::<ThreadTags>(old, to, &of.id.to_be_bytes(), &of.tags, leave)?;
        of.mark = self.anew::<ThreadMark>(old, to, &of.id.to_be_bytes(), &of.mark, leave)?;
        of.slot = to;
        self.save_thread(of).await?;
        self.delete_rows_of(old).await?;
        Ok(())
    }

    /// Moves everything of a thread into another, its messages behind those that are there, and saves that one:
    /// with its messages counted, touched on the later day, and with the later act. The row of the thread that was
    /// moved is gone, with its subject, contact and tags; nothing lies under its slot: the caller has it forgotten.
    ///
    /// # Errors
    /// When database or keyring is away, or a value doesn't open.
    pub async fn merge_thread(
        &mut self,
        from: &Thread,
        into: &mut Thread,
        leave: &Permit<Erasing>,
    ) -> Result<(), Error> {
        let goal = Goal { thread: into.id, slot: into.slot, shift: into.messages };
        self.move_rows(from, goal, &mut |_, _| None, leave).await?;
        run!(self, LINKED, from.id, into.id)?;
        if run!(self, DROP, from.id, from.turn)? == 0 {
            return Err(Error::Collided);
        }
        into.messages += from.messages;
        into.touched_day = into.touched_day.max(from.touched_day);
        if into.linked == from.id {
            into.linked = 0;
        }
        if from.last_act_day > into.last_act_day {
            into.last_act = from.last_act;
            into.last_act_day = from.last_act_day;
            into.letters_since_act = from.letters_since_act;
        }
        self.save_thread(into).await?;
        self.delete_rows_of(from.slot).await?;
        Ok(())
    }

    async fn move_rows(
        &mut self,
        from: &Thread,
        to: Goal,
        edit: &mut (dyn FnMut(&Message, &str) -> Option<String> + Send),
        leave: &Permit<Erasing>,
    ) -> Result<(), Error> {
        for message in self.messages_of(from.id).await? {
            let body = self.edited(&message, to.slot, edit, leave)?;
            run!(self, MESSAGE, message.id, to.thread, column(to.slot), to.shift, body)?;
        }
        for file in self.attachments_of_thread(from.id).await? {
            self.move_file(&file, to, leave).await?;
        }
        run!(self, WAYS, column(from.slot), to.thread, column(to.slot))?;
        run!(self, TAKEN, column(from.slot), column(to.slot))?;
        let mut acts = self.move_letters(from.slot, to.slot, leave).await?;
        acts.extend([from.last_act].into_iter().filter(|act| *act != 0));
        acts.sort_unstable();
        acts.dedup();
        for cause in acts {
            let (kind, slot) = (AuditKind::Change, Some(to.slot));
            let (what, who) = (RESEALED, &Actor::System);
            self.note(&NewAuditEntry { kind, what, who, slot, cause, recipient: &[], digest: &[] }).await?;
        }
        Ok(())
    }

    fn edited(
        &self,
        of: &Message,
        to: Slot,
        edit: &mut (dyn FnMut(&Message, &str) -> Option<String> + Send),
        leave: &Permit<Erasing>,
    ) -> Result<Vec<u8>, Error> {
        let Some(body) = self.open_body(of, leave)? else { return Ok(Vec::new()) };
        match edit(of, body.text()) {
            Some(other) => self.seal::<MessageBody>(to, of.id, other.as_bytes()),
            None => self.seal::<MessageBody>(to, of.id, body.bytes()),
        }
    }

    async fn move_file(&mut self, of: &Attachment, to: Goal, leave: &Permit<Erasing>) -> Result<(), Error> {
        let name = match self.open_file_name(of, leave)? {
            Some(name) => self.seal::<AttachmentName>(to.slot, of.id, name.bytes())?,
            None => Vec::new(),
        };
        run!(self, FILE, of.id, to.thread, column(to.slot), name)?;
        // One at a time: files are large.
        for row in all!(self, CHUNKS, of.id)? {
            let n: i64 = row.try_get(0)?;
            let Some(bytes) = self.open_chunk(of, n, leave).await? else { continue };
            let bytes = self.seal_at::<ChunkBytes>(to.slot, &place_of(of.id, n), bytes.bytes())?;
            run!(self, CHUNK, of.id, n, column(to.slot), bytes)?;
        }
        Ok(())
    }

    /// Moves waiting letters and says which acts caused them.
    async fn move_letters(
        &mut self,
        from: Slot,
        to: Slot,
        leave: &Permit<Erasing>,
    ) -> Result<Vec<i64>, Error> {
        let mut acts = Vec::new();
        for letter in self.letters_of(from).await? {
            let content = match self.open_letter(&letter, leave)? {
                Some(content) => self.seal::<LetterContent>(to, letter.id, content.bytes())?,
                None => Vec::new(),
            };
            run!(self, LETTER, letter.id, column(to), content)?;
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
        leave: &Permit<Erasing>,
    ) -> Result<Vec<u8>, Error> {
        match self.open_at::<F, Erasing>(from, row, sealed.to_vec(), leave)? {
            Some(value) => self.seal_at::<F>(to, row, value.bytes()),
            None => Ok(Vec::new()),
        }
    }
}
