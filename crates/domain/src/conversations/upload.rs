//! Files on their way in: each piece is sealed in a small transaction of its own under the slot of the thread that
//! will have them. What is never attached is forgotten the next day.

use keyring::Slot;
use store::{Error, FileKind, Operation, Tx};

use super::answer::by_code;
use super::files::file_name;

/// Under what a file is to lie.
#[derive(Clone, Copy)]
pub enum Place<'a> {
    /// A thread that will begin: a fresh slot.
    New,
    /// The slot of a file that was uploaded for the same message.
    Slot(Slot),
    /// The thread of a code.
    Code(&'a [u8; 32]),
}

/// A file that is coming in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Coming {
    /// Its number.
    pub id: i64,
    /// Under which slot it lies.
    pub slot: Slot,
}

/// Begins a file.
pub struct BeginFile<'a> {
    /// Under what.
    pub place: Place<'a>,
    /// Its place in the message, from 0.
    pub n: i64,
    /// Its name.
    pub name: &'a str,
}

impl Operation for BeginFile<'_> {
    const NAME: &'static str = "begin file";
    /// None where no thread has the code, or it was erased meanwhile.
    type Done = Option<Coming>;

    async fn act(&self, tx: &mut Tx) -> Result<Option<Coming>, Error> {
        let slot = match self.place {
            Place::New => tx.vault().take_slot()?,
            Place::Slot(slot) => slot,
            Place::Code(tag) => match by_code(tx, tag).await? {
                Some(thread) => thread.slot,
                None => return Ok(None),
            },
        };
        match tx.begin_attachment(slot, self.n, &file_name(self.name)).await {
            Err(Error::Forgotten { .. }) => Ok(None),
            begun => begun.map(|id| Some(Coming { id, slot })),
        }
    }
}

/// Adds a piece: [`store::CHUNK`] bytes, fewer in the last one. False where the thread was erased meanwhile.
pub struct AddPiece<'a> {
    /// The file.
    pub file: Coming,
    /// Its place in the file, from 0.
    pub n: i64,
    /// The piece.
    pub bytes: &'a [u8],
}

impl Operation for AddPiece<'_> {
    const NAME: &'static str = "add piece";
    type Done = bool;

    async fn act(&self, tx: &mut Tx) -> Result<bool, Error> {
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
pub struct FinishFile {
    /// The file.
    pub file: Coming,
    /// Its bytes in all.
    pub size: i64,
    /// What it is, by its bytes.
    pub kind: FileKind,
}

impl Operation for FinishFile {
    const NAME: &'static str = "finish file";
    type Done = ();

    async fn act(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.finish_attachment(self.file.id, self.size, self.kind).await
    }
}

/// Drops files that will not be sent after all.
pub struct DropFiles<'a> {
    /// The files.
    pub files: &'a [Coming],
}

impl Operation for DropFiles<'_> {
    const NAME: &'static str = "drop files";
    type Done = ();

    async fn act(&self, tx: &mut Tx) -> Result<(), Error> {
        for file in self.files {
            let loose = tx.attachment(file.id).await?.is_some_and(|a| a.message == 0 && a.slot == file.slot);
            if loose {
                tx.drop_attachment(file.id).await?;
            }
        }
        Ok(())
    }
}
