//! Files of messages, in sealed chunks. A file is begun, filled and finished before its message is there; until it is
//! attached it is loose, and a loose one of yesterday is swept.

use keyring::{Opened, Permit, Slot};
use policy::inventory::sealed::{AttachmentName, ChunkBytes};
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tx::{all, column, one, random_id, run, slot, statements, words};
use crate::{Error, Message, Tx};

words! { "attachment.kind",
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
    pub thread: i64,
    /// The thread's slot.
    pub slot: Slot,
    /// Its place in the message.
    pub n: i64,
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
    BEGIN = "INSERT INTO attachment (id, message, thread, slot, n, day, size, kind, name) \
             VALUES ($1, 0, 0, $2, $3, $4, 0, '', $5)";
    CHUNK_IN = "INSERT INTO chunk (attachment, n, slot, bytes) VALUES ($1, $2, $3, $4)";
    FINISH = "UPDATE attachment SET size = $2, kind = $3 WHERE id = $1 AND message = 0";
    ATTACH = "UPDATE attachment SET message = $3, thread = $4 WHERE id = $1 AND slot = $2 AND message = 0 AND kind <> ''";
    GET = "SELECT id, message, thread, slot, n, day, size, kind, name FROM attachment WHERE id = $1";
    OF_MESSAGE = "SELECT id, message, thread, slot, n, day, size, kind, name FROM attachment \
                  WHERE message = $1 AND message <> 0 ORDER BY n, id";
    OF_SLOT = "SELECT id, message, thread, slot, n, day, size, kind, name FROM attachment \
               WHERE slot = $1 AND message <> 0 ORDER BY message, n, id";
    SLOT_OF_THREAD = "SELECT slot FROM thread WHERE id = $1";
    CHUNK_OUT = "SELECT bytes FROM chunk WHERE attachment = $1 AND n = $2 AND slot = $3";
    // A piece that was on its way while its file was dropped, or swept, has no file.
    LOOSE_SLOTS = "SELECT slot FROM (SELECT slot FROM attachment WHERE message = 0 AND day < $1 \
                   UNION SELECT slot FROM chunk WHERE NOT EXISTS \
                   (SELECT 1 FROM attachment WHERE attachment.id = chunk.attachment)) AS loose \
                   WHERE NOT EXISTS (SELECT 1 FROM thread WHERE thread.slot = loose.slot) \
                   AND NOT EXISTS (SELECT 1 FROM attachment WHERE attachment.slot = loose.slot \
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
        thread: row.try_get("thread")?,
        slot: slot(row.try_get("slot")?),
        n: row.try_get("n")?,
        day: row.try_get("day")?,
        size: row.try_get("size")?,
        kind: if kind.is_empty() { None } else { Some(FileKind::from_word(kind)?) },
        name: row.try_get("name")?,
    })
}

/// What a chunk is bound to: its file and its place there, so that none can stand for another.
pub(crate) fn place_of(attachment: i64, n: i64) -> [u8; 16] {
    (i128::from(attachment) << 64 | i128::from(n)).to_be_bytes()
}

impl Tx {
    /// Begins a file of today under a slot, as number `n` of its message, and returns its row number. It is loose.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn begin_attachment(&mut self, of: Slot, n: i64, name: &str) -> Result<i64, Error> {
        let (id, today) = (random_id()?, self.today());
        let name = self.seal::<AttachmentName>(of, id, name.as_bytes())?;
        run!(self, BEGIN, id, column(of), n, today, name)?;
        Ok(id)
    }

    /// Adds chunk `n`, from 0, of a file: [`CHUNK`] bytes, or less and not none for the last one. Some are written
    /// together, at the latest with whatever the transaction does next.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn add_chunk(&mut self, attachment: i64, of: Slot, n: i64, bytes: &[u8]) -> Result<(), Error> {
        let bytes = self.seal_at::<ChunkBytes>(of, &place_of(attachment, n), bytes)?;
        self.gather(CHUNK_IN, [attachment.into(), n.into(), column(of).into(), bytes.into()]);
        if n % TOGETHER == TOGETHER - 1 {
            self.ready().await?;
        }
        Ok(())
    }

    /// Notes that a loose file is whole: its bytes in all, and what it is.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn finish_attachment(&mut self, id: i64, size: i64, kind: FileKind) -> Result<(), Error> {
        run!(self, FINISH, id, size, kind.word())?;
        Ok(())
    }

    /// Attaches a loose, whole file that lies under `slot` to a message of the same slot; false where there is no
    /// such file.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn attach(&mut self, id: i64, of: Slot, to: &Message) -> Result<bool, Error> {
        Ok(of == to.slot && run!(self, ATTACH, id, column(of), to.id, to.thread)? == 1)
    }

    /// A file, loose or not.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn attachment(&mut self, id: i64) -> Result<Option<Attachment>, Error> {
        one!(self, GET, id)?.as_ref().map(attachment).transpose()
    }

    /// The files of a message, in order.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn attachments_of(&mut self, message: i64) -> Result<Vec<Attachment>, Error> {
        all!(self, OF_MESSAGE, message)?.iter().map(attachment).collect()
    }

    /// The files of all messages of a thread, by message.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn attachments_of_thread(&mut self, thread: i64) -> Result<Vec<Attachment>, Error> {
        let Some(row) = one!(self, SLOT_OF_THREAD, thread)? else { return Ok(Vec::new()) };
        all!(self, OF_SLOT, row.try_get::<i64, _>(0)?)?.iter().map(attachment).collect()
    }

    /// Opens a file's name; `None` where it has none.
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn open_file_name<P: Purpose>(
        &self,
        of: &Attachment,
        leave: &Permit<P>,
    ) -> Result<Option<Opened<AttachmentName>>, Error>
    where
        AttachmentName: OpenFor<P>,
    {
        self.open::<AttachmentName, P>(of.slot, of.id, &of.name, leave)
    }

    /// Opens chunk `n`, from 0, of a file; `None` behind the last.
    ///
    /// # Errors
    /// When the database is away, or the chunk was forgotten or doesn't open.
    pub async fn open_chunk<P: Purpose>(
        &mut self,
        of: &Attachment,
        n: i64,
        leave: &Permit<P>,
    ) -> Result<Option<Opened<ChunkBytes>>, Error>
    where
        ChunkBytes: OpenFor<P>,
    {
        let Some(row) = one!(self, CHUNK_OUT, of.id, n, column(of.slot))? else { return Ok(None) };
        self.open_at::<ChunkBytes, P>(of.slot, &place_of(of.id, n), row.try_get(0)?, leave)
    }

    /// Up to 500 slots of loose files from before a day, and of pieces of no file, that no thread has: to be forgotten.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn loose_slots(&mut self, before_day: i64) -> Result<Vec<Slot>, Error> {
        all!(self, LOOSE_SLOTS, before_day)?.iter().map(|row| Ok(slot(row.try_get(0)?))).collect()
    }

    /// Deletes loose files from before a day, whatever their slot, and pieces of no file, and says how many: a file as
    /// one, each such piece as one.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn sweep_loose(&mut self, before_day: i64) -> Result<u64, Error> {
        run!(self, SWEEP_CHUNKS, before_day)?;
        let files = run!(self, SWEEP, before_day)?;
        Ok(files + run!(self, SWEEP_ASTRAY)?)
    }

    /// Seals another name over a file's.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn set_file_name(&mut self, of: &mut Attachment, name: &str) -> Result<(), Error> {
        of.name = self.seal::<AttachmentName>(of.slot, of.id, name.as_bytes())?;
        run!(self, RENAME, of.id, &*of.name)?;
        Ok(())
    }

    /// Deletes a file.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn drop_attachment(&mut self, id: i64) -> Result<(), Error> {
        run!(self, DROP_CHUNKS, id)?;
        run!(self, DROP, id)?;
        Ok(())
    }
}
