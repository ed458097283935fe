//! Files of a message. Uploaded files are attached, files of an e-mail are sealed in chunks.

use keyring::Slot;
use serde::Serialize;
use store::{Attachment, CHUNK, Error, FileKind, Message, Tx};

use super::{body::clean_line, limits::MAX_FILES, limits::MAX_MESSAGE_BYTES, refusal::MessageRefusal};

/// Name, size and kind of a file, without its content.
#[derive(Clone, Serialize)]
pub struct FileView {
    pub id: i64,
    /// Name that the sender gave it.
    pub name: String,
    /// Size in bytes.
    pub size: i64,
    /// `image`, `text` or `other`.
    pub kind: String,
}

/// Returns the name of a file as it is stored: one line, without folders and card numbers.
pub(crate) fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = clean_line(last);
    if name.is_empty() { "file".to_owned() } else { name }
}

/// Returns which limit of a message the uploaded files exceed, or `None`.
pub(crate) async fn limit_exceeded(tx: &mut Tx, files: &[i64]) -> Result<Option<MessageRefusal>, Error> {
    let mut bytes = 0;
    for id in files {
        bytes += tx.attachment(*id).await?.map_or(0, |a| a.size);
    }
    Ok(if files.len() > MAX_FILES {
        Some(MessageRefusal::TooManyFiles)
    } else if bytes > MAX_MESSAGE_BYTES {
        Some(MessageRefusal::FilesTooLarge)
    } else {
        None
    })
}

/// Attaches uploaded files to a message. Files that no longer exist, have another key slot or are attached already are
/// left out.
pub(crate) async fn attach(tx: &mut Tx, files: &[i64], to: &Message) -> Result<(), Error> {
    for id in files {
        tx.attach(*id, to.slot, to).await?;
    }
    Ok(())
}

/// Stores the files of an e-mail, sealed under a slot, and returns their ids.
pub(crate) async fn store(
    tx: &mut Tx,
    slot: Slot,
    files: &[inbound_mail::Attachment],
) -> Result<Vec<i64>, Error> {
    let mut ids = Vec::new();
    for (n, file) in files.iter().enumerate() {
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        let id = tx.create_attachment(slot, n, &file_name(&file.name)).await?;
        for (chunk, bytes) in file.bytes.chunks(CHUNK).enumerate() {
            tx.add_chunk(id, slot, i64::try_from(chunk).unwrap_or(i64::MAX), bytes).await?;
        }
        let size = i64::try_from(file.bytes.len()).unwrap_or(i64::MAX);
        let kind = match file.kind {
            inbound_mail::AttachmentKind::Image => FileKind::Image,
            inbound_mail::AttachmentKind::Text => FileKind::Text,
            inbound_mail::AttachmentKind::Other => FileKind::Other,
        };
        tx.finish_attachment(id, size, kind).await?;
        ids.push(id);
    }
    Ok(ids)
}

/// Returns what is shown of a file with its opened name.
pub(crate) fn file_view(file: &Attachment, name: &str) -> FileView {
    FileView {
        id: file.id,
        name: name.to_owned(),
        size: file.size,
        kind: file.kind.map_or("other", FileKind::as_str).to_owned(),
    }
}
