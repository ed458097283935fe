//! Files of a message: those that were uploaded are attached, those that came by mail are sealed in pieces.

use keyring::Slot;
use serde::Serialize;
use store::{Attachment, CHUNK, Error, FileKind, Message, Tx};

use super::{body::clean_line, limits::MAX_FILES, limits::MAX_MESSAGE_BYTES};

/// A file as it is shown: nothing of what is in it.
#[derive(Clone, Serialize)]
pub struct FileView {
    /// Its number.
    pub id: i64,
    /// Its name, as whoever sent it called it.
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// `image`, `text` or `other`.
    pub kind: String,
}

/// The name of a file as it is kept: in one line, without folders or card numbers.
pub(crate) fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = clean_line(last);
    if name.is_empty() { "file".to_owned() } else { name }
}

/// Why these uploaded files can't go with one message.
pub(crate) async fn limit_exceeded(tx: &mut Tx, files: &[i64]) -> Result<Option<&'static str>, Error> {
    let mut bytes = 0;
    for id in files {
        bytes += tx.attachment(*id).await?.map_or(0, |a| a.size);
    }
    Ok(if files.len() > MAX_FILES {
        Some("A message can have up to 10 files")
    } else if bytes > MAX_MESSAGE_BYTES {
        Some("The files of a message must be 25 MB or less in total")
    } else {
        None
    })
}

/// Attaches uploaded files to a message. One that isn't there any more, or isn't loose under this slot, is left out.
pub(crate) async fn attach(tx: &mut Tx, files: &[i64], to: &Message) -> Result<(), Error> {
    for id in files {
        tx.attach(*id, to.slot, to).await?;
    }
    Ok(())
}

/// Seals the files of a mail under a slot and returns their numbers.
pub(crate) async fn keep(
    tx: &mut Tx,
    of: Slot,
    files: &[inbound_mail::Attachment],
) -> Result<Vec<i64>, Error> {
    let mut ids = Vec::new();
    for (n, file) in files.iter().enumerate() {
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        let id = tx.create_attachment(of, n, &file_name(&file.name)).await?;
        for (piece, bytes) in file.bytes.chunks(CHUNK).enumerate() {
            tx.add_chunk(id, of, i64::try_from(piece).unwrap_or(i64::MAX), bytes).await?;
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

/// A file as it is shown, once its name is open.
pub(crate) fn seen(of: &Attachment, name: &str) -> FileView {
    FileView {
        id: of.id,
        name: name.to_owned(),
        size: of.size,
        kind: of.kind.map_or("other", FileKind::as_str).to_owned(),
    }
}
