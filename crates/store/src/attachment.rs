//! Files of messages, in sealed chunks. A file is begun, filled and finished before its message is there; until it is
//! attached it is loose, and a loose one of yesterday is swept.

use keyring::{Opened, Permit, Slot};
use policy::inventory::sealed::{AttachmentName, ChunkBytes};
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tx::{
    execute, fetch_all, fetch_optional, random_id, slot_from_i64, slot_to_i64, statements, string_enum,
};
use crate::{Error, Message, Tx};

string_enum! { "attachment.kind",
    /// What a file is, by its contents.
    FileKind {
        /// A picture.
        Image = "image",
        /// Text.
        Text = "text",
        /// Anything else.
        Other = "other",
    }
}

/// A file's row; its name stays sealed until [`Tx::open_file_name`].
pub struct Attachment {
    /// Random row number.
    pub id: i64,
    /// Its message; 0 while it is loose.
    pub message: i64,
    /// Its thread; 0 while it is loose.
    pub conversation: i64,
    /// The thread's slot.
    pub slot: Slot,
    /// Its place in the message.
    pub number: i64,
    /// Day on which it came.
    pub day: i64,
    /// Bytes.
    pub size: i64,
    /// What it is; none until it is finished.
    pub kind: Option<FileKind>,
    name: Vec<u8>,
}

/// Bytes of every chunk of a file but the last, which may be shorter.
pub const CHUNK: usize = 65_536;

/// Chunks of so many bytes in all are written together: one way to the database and back.
const TOGETHER: i64 = 16;

statements! {
    BEGIN = "INSERT INTO attachment (id, message, conversation, slot, number, day, size, kind, name) \
             VALUES ($1, 0, 0, $2, $3, $4, 0, '', $5)";
    CHUNK_IN = "INSERT INTO chunk (attachment, number, slot, bytes) VALUES ($1, $2, $3, $4)";
    FINISH = "UPDATE attachment SET size = $2, kind = $3 WHERE id = $1 AND message = 0";
    ATTACH = "UPDATE attachment SET message = $3, conversation = $4 WHERE id = $1 AND slot = $2 AND message = 0 AND kind <> ''";
    GET = "SELECT id, message, conversation, slot, number, day, size, kind, name FROM attachment WHERE id = $1";
    OF_MESSAGE = "SELECT id, message, conversation, slot, number, day, size, kind, name FROM attachment \
                  WHERE message = $1 AND message <> 0 ORDER BY number, id";
    OF_SLOT = "SELECT id, message, conversation, slot, number, day, size, kind, name FROM attachment \
               WHERE slot = $1 AND message <> 0 ORDER BY message, number, id";
    SLOT_OF_THREAD = "SELECT slot FROM conversation WHERE id = $1";
    CHUNK_OUT = "SELECT bytes FROM chunk WHERE attachment = $1 AND number = $2 AND slot = $3";
    // A piece that was on its way while its file was dropped, or swept, has no file.
    LOOSE_SLOTS = "SELECT slot FROM (SELECT slot FROM attachment WHERE message = 0 AND day < $1 \
                   UNION SELECT slot FROM chunk WHERE NOT EXISTS \
                   (SELECT 1 FROM attachment WHERE attachment.id = chunk.attachment)) AS unattached \
                   WHERE NOT EXISTS (SELECT 1 FROM conversation WHERE conversation.slot = unattached.slot) \
                   AND NOT EXISTS (SELECT 1 FROM attachment WHERE attachment.slot = unattached.slot \
                   AND (message <> 0 OR day >= $1)) ORDER BY slot LIMIT 500";
    SWEEP_CHUNKS = "DELETE FROM chunk WHERE attachment IN (SELECT id FROM attachment WHERE message = 0 AND day < $1)";
    SWEEP = "DELETE FROM attachment WHERE message = 0 AND day < $1";
    SWEEP_ASTRAY = "DELETE FROM chunk WHERE NOT EXISTS \
                    (SELECT 1 FROM attachment WHERE attachment.id = chunk.attachment)";
    RENAME = "UPDATE attachment SET name = $2 WHERE id = $1";
    DROP_CHUNKS = "DELETE FROM chunk WHERE attachment = $1";
    DROP = "DELETE FROM attachment WHERE id = $1";
}

fn attachment(row: &AnyRow) -> Result<Attachment, Error> {
    let kind: &str = row.try_get("kind")?;
    Ok(Attachment {
        id: row.try_get("id")?,
        message: row.try_get("message")?,
        conversation: row.try_get("conversation")?,
        slot: slot_from_i64(row.try_get("slot")?),
        number: row.try_get("number")?,
        day: row.try_get("day")?,
        size: row.try_get("size")?,
        kind: if kind.is_empty() { None } else { Some(FileKind::parse(kind)?) },
        name: row.try_get("name")?,
    })
}

/// What a chunk is bound to: its file and its place there, so that none can stand for another.
pub(crate) fn chunk_binding(attachment: i64, n: i64) -> [u8; 16] {
    (i128::from(attachment) << 64 | i128::from(n)).to_be_bytes()
}

impl Tx {
    /// Begins a file of today under a slot, as number `n` of its message, and returns its row number. It is loose.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn create_attachment(&mut self, of: Slot, n: i64, name: &str) -> Result<i64, Error> {
        let (id, today) = (random_id()?, self.today());
        let name = self.seal::<AttachmentName>(of, id, name.as_bytes())?;
        execute!(self, BEGIN, id, slot_to_i64(of), n, today, name)?;
        Ok(id)
    }

    /// Adds chunk `n`, from 0, of a file: [`CHUNK`] bytes, or less and not none for the last one. Some are written
    /// together, at the latest with whatever the transaction does next.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn add_chunk(&mut self, attachment: i64, of: Slot, n: i64, bytes: &[u8]) -> Result<(), Error> {
        let bytes = self.seal_at::<ChunkBytes>(of, &chunk_binding(attachment, n), bytes)?;
        self.queue_insert(CHUNK_IN, [attachment.into(), n.into(), slot_to_i64(of).into(), bytes.into()]);
        if n % TOGETHER == TOGETHER - 1 {
            self.flush().await?;
        }
        Ok(())
    }

    /// Notes that a loose file is whole: its bytes in all, and what it is.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn finish_attachment(&mut self, id: i64, size: i64, kind: FileKind) -> Result<(), Error> {
        execute!(self, FINISH, id, size, kind.as_str())?;
        Ok(())
    }

    /// Attaches a loose, whole file that lies under `slot` to a message of the same slot; false where there is no
    /// such file.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn attach(&mut self, id: i64, of: Slot, to: &Message) -> Result<bool, Error> {
        Ok(of == to.slot && execute!(self, ATTACH, id, slot_to_i64(of), to.id, to.conversation)? == 1)
    }

    /// A file, loose or not.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn attachment(&mut self, id: i64) -> Result<Option<Attachment>, Error> {
        fetch_optional!(self, GET, id)?.as_ref().map(attachment).transpose()
    }

    /// The files of a message, in order.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn attachments_of(&mut self, message: i64) -> Result<Vec<Attachment>, Error> {
        fetch_all!(self, OF_MESSAGE, message)?.iter().map(attachment).collect()
    }

    /// The files of all messages of a thread, by message.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn attachments_of_conversation(&mut self, thread: i64) -> Result<Vec<Attachment>, Error> {
        let Some(row) = fetch_optional!(self, SLOT_OF_THREAD, thread)? else { return Ok(Vec::new()) };
        fetch_all!(self, OF_SLOT, row.try_get::<i64, _>(0)?)?.iter().map(attachment).collect()
    }

    /// Opens a file's name; `None` where it has none.
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
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

    /// Opens chunk `n`, from 0, of a file; `None` behind the last.
    ///
    /// # Errors
    /// When the database is away, or the chunk was forgotten or doesn't open.
    pub async fn open_chunk<P: Purpose>(
        &mut self,
        of: &Attachment,
        n: i64,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<ChunkBytes>>, Error>
    where
        ChunkBytes: OpenFor<P>,
    {
        let Some(row) = fetch_optional!(self, CHUNK_OUT, of.id, n, slot_to_i64(of.slot))? else {
            return Ok(None);
        };
        self.open_at::<ChunkBytes, P>(of.slot, &chunk_binding(of.id, n), row.try_get(0)?, permit)
    }

    /// Up to 500 slots of loose files from before a day, and of pieces of no file, that no thread has: to be forgotten.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn unattached_slots(&mut self, before_day: i64) -> Result<Vec<Slot>, Error> {
        fetch_all!(self, LOOSE_SLOTS, before_day)?
            .iter()
            .map(|row| Ok(slot_from_i64(row.try_get(0)?)))
            .collect()
    }

    /// Deletes loose files from before a day, whatever their slot, and pieces of no file, and says how many: a file as
    /// one, each such piece as one.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn delete_unattached_files(&mut self, before_day: i64) -> Result<u64, Error> {
        execute!(self, SWEEP_CHUNKS, before_day)?;
        let files = execute!(self, SWEEP, before_day)?;
        Ok(files + execute!(self, SWEEP_ASTRAY)?)
    }

    /// Seals another name over a file's.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn set_file_name(&mut self, of: &mut Attachment, name: &str) -> Result<(), Error> {
        of.name = self.seal::<AttachmentName>(of.slot, of.id, name.as_bytes())?;
        execute!(self, RENAME, of.id, &*of.name)?;
        Ok(())
    }

    /// Deletes a file.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn delete_attachment(&mut self, id: i64) -> Result<(), Error> {
        execute!(self, DROP_CHUNKS, id)?;
        execute!(self, DROP, id)?;
        Ok(())
    }
}
