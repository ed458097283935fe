//! A file that was opened for somebody, with its line in the journal, as a source of its pieces.

use axum::body::Bytes;
use domain::conversations::view::{FileHandle, chunk};
use policy::inventory::sealed::ChunkBytes;
use policy::{OpenFor, Purpose};
use store::{Db, Error};

use super::{About, Chunks, Kind};

/// A file whose pieces may be read now.
pub struct Opened<P: Purpose> {
    /// Where it lies.
    pub db: Db,
    /// What may be read.
    pub file: FileHandle<P>,
}

impl<P: Purpose> Opened<P> {
    /// What is known of it.
    #[must_use]
    pub fn about(&self) -> About {
        let meta = &self.file.meta;
        let kind = match &*meta.kind {
            "image" => Kind::Image,
            "text" => Kind::Text,
            _ => Kind::Other,
        };
        About { name: meta.name.clone(), size: meta.size, kind }
    }
}

impl<P: Purpose> Chunks for Opened<P>
where
    ChunkBytes: OpenFor<P>,
    FileHandle<P>: Send + Sync + 'static,
{
    async fn chunk(&mut self, n: i64) -> Result<Option<Bytes>, Error> {
        Ok(chunk(&self.db, &self.file, n).await?.map(|piece| Bytes::copy_from_slice(&piece)))
    }
}
