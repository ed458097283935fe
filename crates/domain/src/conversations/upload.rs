//! Files on their way in: each piece is sealed in a small transaction of its own under the slot of the thread that
//! will have them. What is never attached is forgotten the next day.

use keyring::Slot;
use store::{Error, FileKind, Operation, Tx};

use super::answer_by_code::conversation_of_code;
use super::attachments::file_name;

/// Under what a file is to lie.
#[derive(Clone, Copy)]
pub enum UploadTarget<'a> {
    /// A thread that will begin: a fresh slot.
    New,
    /// The slot of a file that was uploaded for the same message.
    Slot(Slot),
    /// The thread of a code.
    Code(&'a [u8; 32]),
}

/// A file that is coming in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PendingFile {
    /// Its number.
    pub id: i64,
    /// Under which slot it lies.
    pub slot: Slot,
}

/// Begins a file.
pub struct StartUpload<'a> {
    /// Under what.
    pub place: UploadTarget<'a>,
    /// Its place in the message, from 0.
    pub n: i64,
    /// Its name.
    pub name: &'a str,
}

impl Operation for StartUpload<'_> {
    const NAME: &'static str = "start upload";
    /// None where no thread has the code, or it was erased meanwhile.
    type Output = Option<PendingFile>;

    async fn execute(&self, tx: &mut Tx) -> Result<Option<PendingFile>, Error> {
        let slot = match self.place {
            UploadTarget::New => tx.keyring().allocate_slot()?,
            UploadTarget::Slot(slot) => slot,
            UploadTarget::Code(tag) => match conversation_of_code(tx, tag).await? {
                Some(conversation) => conversation.slot,
                None => return Ok(None),
            },
        };
        match tx.create_attachment(slot, self.n, &file_name(self.name)).await {
            Err(Error::Forgotten { .. }) => Ok(None),
            begun => begun.map(|id| Some(PendingFile { id, slot })),
        }
    }
}

/// Adds a piece: [`store::CHUNK`] bytes, fewer in the last one. False where the thread was erased meanwhile.
pub struct AddChunk<'a> {
    /// The file.
    pub file: PendingFile,
    /// Its place in the file, from 0.
    pub n: i64,
    /// The piece.
    pub bytes: &'a [u8],
}

impl Operation for AddChunk<'_> {
    const NAME: &'static str = "add chunk";
    type Output = bool;

    async fn execute(&self, tx: &mut Tx) -> Result<bool, Error> {
        // A piece of no file would lie there until it is swept.
        if tx.attachment(self.file.id).await?.is_none_or(|file| file.slot != self.file.slot) {
            return Ok(false);
        }
        match tx.add_chunk(self.file.id, self.file.slot, self.n, self.bytes).await {
            Err(Error::Forgotten { .. }) => Ok(false),
            added => added.map(|()| true),
        }
    }
}

/// Notes that a file is whole.
pub struct FinishUpload {
    /// The file.
    pub file: PendingFile,
    /// Its bytes in all.
    pub size: i64,
    /// What it is, by its bytes.
    pub kind: FileKind,
}

impl Operation for FinishUpload {
    const NAME: &'static str = "finish upload";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.finish_attachment(self.file.id, self.size, self.kind).await
    }
}

/// Drops files that will not be sent after all.
pub struct DropUploads<'a> {
    /// The files.
    pub files: &'a [PendingFile],
}

impl Operation for DropUploads<'_> {
    const NAME: &'static str = "drop uploads";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        for file in self.files {
            let loose = tx.attachment(file.id).await?.is_some_and(|a| a.message == 0 && a.slot == file.slot);
            if loose {
                tx.delete_attachment(file.id).await?;
            }
        }
        Ok(())
    }
}
