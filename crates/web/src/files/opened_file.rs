//! A file whose access is in the audit log, as a source of chunks.

use axum::body::Bytes;
use domain::conversations::view::{FileHandle, chunk};
use policy::inventory::sealed::ChunkBytes;
use policy::{OpenFor, Purpose};
use store::{Db, Error};

use super::{ChunkSource, FileInfo, PreviewKind};

/// A file whose chunks may be read.
pub struct OpenedFile<P: Purpose> {
    /// The database.
    pub db: Db,
    /// The file, with the permit to read it.
    pub file: FileHandle<P>,
}

impl<P: Purpose> OpenedFile<P> {
    /// Returns the metadata.
    #[must_use]
    pub fn info(&self) -> FileInfo {
        let meta = &self.file.meta;
        let kind = match &*meta.kind {
            "image" => PreviewKind::Image,
            "text" => PreviewKind::Text,
            _ => PreviewKind::Other,
        };
        FileInfo { name: meta.name.clone(), size: meta.size, kind }
    }
}

impl<P: Purpose> ChunkSource for OpenedFile<P>
where
    ChunkBytes: OpenFor<P>,
    FileHandle<P>: Send + Sync + 'static,
{
    async fn chunk(&mut self, n: i64) -> Result<Option<Bytes>, Error> {
        Ok(chunk(&self.db, &self.file, n).await?.map(|piece| Bytes::copy_from_slice(&piece)))
    }
}
