//! Attached files, stored in sealed chunks. A file is created, filled and finished before its message exists. Until
//! then it is unattached, and retention runs delete unattached files of earlier days.

use calendar::Day;
use keyring::{Opened, Permit, Slot};
use policy::inventory::sealed::{AttachmentName, ChunkBytes};
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::columns;
use crate::ids::ConversationId;
use crate::tx::{
    execute, fetch_all, fetch_optional, random_id, slot_from_i64, slot_to_i64, statements, string_enum,
};
use crate::{Error, Message, Tx};

string_enum! { "attachment.kind",
    /// Type of a file, decided by its content.
    FileKind {
        Image = "image",
        /// Plain text.
        Text = "text",
        /// Any other content.
        Other = "other",
    }
}

/// A row of `attachment`. [`Tx::open_file_name`] opens the sealed name.
pub struct Attachment {
    /// Random row number.
    pub id: i64,
    /// Its message; 0 while it is unattached.
    pub message: i64,
    /// Its conversation; 0 while it is unattached.
    pub conversation: ConversationId,
    /// The conversation's key slot.
    pub slot: Slot,
    /// Position in the message.
    pub number: i64,
    /// Day on which it arrived.
    pub day: Day,
    /// Size in bytes.
    pub size: i64,
    /// Its type; `None` until the upload is finished.
    pub kind: Option<FileKind>,
    name: Vec<u8>,
}

/// Size in bytes of each chunk except the last, which may be shorter.
pub const CHUNK: usize = 65_536;

/// Number of chunks written by one statement, to save round trips.
const CHUNKS_PER_STATEMENT: i64 = 16;

statements! {
    CREATE = "INSERT INTO attachment (id, message, conversation, slot, number, day, size, kind, name) \
             VALUES ($1, 0, 0, $2, $3, $4, 0, '', $5)";
    ADD_CHUNK = "INSERT INTO chunk (attachment, number, slot, bytes) VALUES ($1, $2, $3, $4)";
    FINISH = "UPDATE attachment SET size = $2, kind = $3 WHERE id = $1 AND message = 0";
    ATTACH = "UPDATE attachment SET message = $3, conversation = $4 WHERE id = $1 AND slot = $2 AND message = 0 AND kind <> ''";
    GET = "SELECT id, message, conversation, slot, number, day, size, kind, name FROM attachment WHERE id = $1";
    OF_MESSAGE = "SELECT id, message, conversation, slot, number, day, size, kind, name FROM attachment \
                  WHERE message = $1 AND message <> 0 ORDER BY number, id";
    OF_SLOT = "SELECT id, message, conversation, slot, number, day, size, kind, name FROM attachment \
               WHERE slot = $1 AND message <> 0 ORDER BY message, number, id";
    SLOT_OF_CONVERSATION = "SELECT slot FROM conversation WHERE id = $1";
    GET_CHUNK = "SELECT bytes FROM chunk WHERE attachment = $1 AND number = $2 AND slot = $3";
    // A chunk whose file was deleted during the upload belongs to no file.
    UNATTACHED_SLOTS = "SELECT slot FROM (SELECT slot FROM attachment WHERE message = 0 AND day < $1 \
                   UNION SELECT slot FROM chunk WHERE NOT EXISTS \
                   (SELECT 1 FROM attachment WHERE attachment.id = chunk.attachment)) AS unattached \
                   WHERE NOT EXISTS (SELECT 1 FROM conversation WHERE conversation.slot = unattached.slot) \
                   AND NOT EXISTS (SELECT 1 FROM attachment WHERE attachment.slot = unattached.slot \
                   AND (message <> 0 OR day >= $1)) ORDER BY slot LIMIT 500";
    DELETE_UNATTACHED_CHUNKS = "DELETE FROM chunk WHERE attachment IN (SELECT id FROM attachment WHERE message = 0 AND day < $1)";
    DELETE_EXPIRED = "DELETE FROM attachment WHERE message = 0 AND day < $1";
    DELETE_ORPHANED_CHUNKS = "DELETE FROM chunk WHERE NOT EXISTS \
                    (SELECT 1 FROM attachment WHERE attachment.id = chunk.attachment)";
    RENAME = "UPDATE attachment SET name = $2 WHERE id = $1";
    DELETE_CHUNKS = "DELETE FROM chunk WHERE attachment = $1";
    DELETE = "DELETE FROM attachment WHERE id = $1";
}

fn attachment(row: &AnyRow) -> Result<Attachment, Error> {
    let kind: &str = row.try_get("kind")?;
    Ok(Attachment {
        id: row.try_get("id")?,
        message: row.try_get("message")?,
        conversation: row.try_get("conversation")?,
        slot: slot_from_i64(row.try_get("slot")?),
        number: row.try_get("number")?,
        day: columns::day(row, "attachment.day")?,
        size: row.try_get("size")?,
        kind: if kind.is_empty() { None } else { Some(FileKind::parse(kind)?) },
        name: row.try_get("name")?,
    })
}

/// Associated data of a chunk: its file and its position, so that no chunk can replace another.
pub(crate) fn chunk_binding(attachment: i64, n: i64) -> [u8; 16] {
    (i128::from(attachment) << 64 | i128::from(n)).to_be_bytes()
}

impl Tx {
    /// Creates an unattached file of today under a key slot, as number `n` of its message. Returns its row number.
    pub async fn create_attachment(&mut self, slot: Slot, n: i64, name: &str) -> Result<i64, Error> {
        let (id, today) = (random_id()?, self.today());
        let name = self.seal::<AttachmentName>(slot, id, name.as_bytes())?;
        execute!(self, CREATE, id, slot_to_i64(slot), n, today, name)?;
        Ok(id)
    }

    /// Adds chunk `n` of a file, counted from 0. It holds [`CHUNK`] bytes; the last chunk may hold fewer, but not
    /// none. Chunks are written in batches, at the latest before the transaction's next statement.
    pub async fn add_chunk(
        &mut self,
        attachment: i64,
        slot: Slot,
        n: i64,
        bytes: &[u8],
    ) -> Result<(), Error> {
        let bytes = self.seal_at::<ChunkBytes>(slot, &chunk_binding(attachment, n), bytes)?;
        self.queue_insert(ADD_CHUNK, [attachment.into(), n.into(), slot_to_i64(slot).into(), bytes.into()]);
        if n % CHUNKS_PER_STATEMENT == CHUNKS_PER_STATEMENT - 1 {
            self.flush().await?;
        }
        Ok(())
    }

    /// Marks an unattached file as complete, with its size and type.
    pub async fn finish_attachment(&mut self, id: i64, size: i64, kind: FileKind) -> Result<(), Error> {
        execute!(self, FINISH, id, size, kind.as_str())?;
        Ok(())
    }

    /// Attaches a complete, unattached file to a message of the same key slot. Returns false if there is no such
    /// file.
    pub async fn attach(&mut self, id: i64, slot: Slot, to: &Message) -> Result<bool, Error> {
        Ok(slot == to.slot && execute!(self, ATTACH, id, slot_to_i64(slot), to.id, to.conversation)? == 1)
    }

    /// Finds a file by its row number, attached or not.
    pub async fn attachment(&mut self, id: i64) -> Result<Option<Attachment>, Error> {
        fetch_optional!(self, GET, id)?.as_ref().map(attachment).transpose()
    }

    /// Returns the files of a message in order.
    pub async fn attachments_of(&mut self, message: i64) -> Result<Vec<Attachment>, Error> {
        fetch_all!(self, OF_MESSAGE, message)?.iter().map(attachment).collect()
    }

    /// Returns the files of all messages of a conversation, by message.
    pub async fn attachments_of_conversation(
        &mut self,
        conversation: ConversationId,
    ) -> Result<Vec<Attachment>, Error> {
        let Some(row) = fetch_optional!(self, SLOT_OF_CONVERSATION, conversation)? else {
            return Ok(Vec::new());
        };
        fetch_all!(self, OF_SLOT, row.try_get::<i64, _>(0)?)?.iter().map(attachment).collect()
    }

    /// Opens a file's name; `None` if it has none.
    ///
    /// # Errors
    /// When the value was forgotten or can't be opened.
    pub fn open_file_name<P: Purpose>(
        &self,
        of: &Attachment,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<AttachmentName>>, Error>
    where
        AttachmentName: OpenFor<P>,
    {
        self.open::<AttachmentName, P>(of.slot, of.id, &of.name, permit)
    }

    /// Opens chunk `n` of a file, counted from 0; `None` after the last one.
    ///
    /// # Errors
    /// When the database is unavailable, or the chunk was forgotten or can't be opened.
    pub async fn open_chunk<P: Purpose>(
        &mut self,
        of: &Attachment,
        n: i64,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<ChunkBytes>>, Error>
    where
        ChunkBytes: OpenFor<P>,
    {
        let Some(row) = fetch_optional!(self, GET_CHUNK, of.id, n, slot_to_i64(of.slot))? else {
            return Ok(None);
        };
        self.open_at::<ChunkBytes, P>(of.slot, &chunk_binding(of.id, n), row.try_get(0)?, permit)
    }

    /// Returns up to 500 key slots, to be forgotten, that hold only unattached files from before a day, or chunks
    /// without a file.
    pub async fn unattached_slots(&mut self, before_day: Day) -> Result<Vec<Slot>, Error> {
        fetch_all!(self, UNATTACHED_SLOTS, before_day)?
            .iter()
            .map(|row| Ok(slot_from_i64(row.try_get(0)?)))
            .collect()
    }

    /// Deletes unattached files from before a day and chunks without a file. Returns the number of files plus the
    /// number of such chunks.
    pub async fn delete_unattached_files(&mut self, before_day: Day) -> Result<u64, Error> {
        execute!(self, DELETE_UNATTACHED_CHUNKS, before_day)?;
        let files = execute!(self, DELETE_EXPIRED, before_day)?;
        Ok(files + execute!(self, DELETE_ORPHANED_CHUNKS)?)
    }

    /// Replaces a file's sealed name.
    pub async fn set_file_name(&mut self, of: &mut Attachment, name: &str) -> Result<(), Error> {
        of.name = self.seal::<AttachmentName>(of.slot, of.id, name.as_bytes())?;
        execute!(self, RENAME, of.id, &*of.name)?;
        Ok(())
    }

    /// Deletes a file.
    pub async fn delete_attachment(&mut self, id: i64) -> Result<(), Error> {
        execute!(self, DELETE_CHUNKS, id)?;
        execute!(self, DELETE, id)?;
        Ok(())
    }
}
