//! Uploads of files. Each chunk is sealed in its own short transaction, under the key slot of its conversation. Files
//! that are not attached to a message are erased the next day.

use keyring::Slot;
use store::{Error, FileKind, Operation, Tx};

use super::answer_by_code::conversation_of_code;
use super::attachments::file_name;

/// The key slot under which an uploaded file is sealed.
#[derive(Clone, Copy)]
pub enum UploadTarget<'a> {
    /// A fresh slot, for a new conversation.
    New,
    /// The slot of another file of the same message.
    Slot(Slot),
    /// The slot of the conversation of an access code, by its lookup hash.
    Code(&'a [u8; 32]),
}

/// A file that is being uploaded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PendingFile {
    pub id: i64,
    /// Key slot under which it is sealed.
    pub slot: Slot,
}

/// Starts the upload of a file.
pub struct StartUpload<'a> {
    /// The key slot of the file.
    pub target: UploadTarget<'a>,
    /// Position in the message, from 0.
    pub n: i64,
    /// Name of the file.
    pub name: &'a str,
}

impl Operation for StartUpload<'_> {
    const NAME: &'static str = "start upload";
    /// `None` if no conversation has the access code, or it was erased meanwhile.
    type Output = Option<PendingFile>;

    async fn execute(&self, tx: &mut Tx) -> Result<Option<PendingFile>, Error> {
        let slot = match self.target {
            UploadTarget::New => tx.keyring().allocate_slot()?,
            UploadTarget::Slot(slot) => slot,
            UploadTarget::Code(hash) => match conversation_of_code(tx, hash).await? {
                Some(conversation) => conversation.slot,
                None => return Ok(None),
            },
        };
        match tx.create_attachment(slot, self.n, &file_name(self.name)).await {
            Err(Error::Forgotten { .. }) => Ok(None),
            created => created.map(|id| Some(PendingFile { id, slot })),
        }
    }
}

/// Adds a chunk of [`store::CHUNK`] bytes; the last chunk may be shorter. Returns false if the conversation was erased
/// meanwhile.
pub struct AddChunk<'a> {
    pub file: PendingFile,
    /// Position in the file, from 0.
    pub n: i64,
    pub bytes: &'a [u8],
}

impl Operation for AddChunk<'_> {
    const NAME: &'static str = "add chunk";
    type Output = bool;

    async fn execute(&self, tx: &mut Tx) -> Result<bool, Error> {
        // A chunk without a file would stay until the next retention run.
        if tx.attachment(self.file.id).await?.is_none_or(|file| file.slot != self.file.slot) {
            return Ok(false);
        }
        match tx.add_chunk(self.file.id, self.file.slot, self.n, self.bytes).await {
            Err(Error::Forgotten { .. }) => Ok(false),
            added => added.map(|()| true),
        }
    }
}

/// Marks the upload of a file as complete.
pub struct FinishUpload {
    pub file: PendingFile,
    /// Size in bytes.
    pub size: i64,
    /// Kind, as detected from the bytes.
    pub kind: FileKind,
}

impl Operation for FinishUpload {
    const NAME: &'static str = "finish upload";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.finish_attachment(self.file.id, self.size, self.kind).await
    }
}

/// Deletes uploaded files that will not be sent.
pub struct DropUploads<'a> {
    pub files: &'a [PendingFile],
}

impl Operation for DropUploads<'_> {
    const NAME: &'static str = "drop uploads";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        for file in self.files {
            let is_unattached =
                tx.attachment(file.id).await?.is_some_and(|a| a.message == 0 && a.slot == file.slot);
            if is_unattached {
                tx.delete_attachment(file.id).await?;
            }
        }
        Ok(())
    }
}
