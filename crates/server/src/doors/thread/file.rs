//! The files of a conversation, for whoever has its code or its page open.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use desk::converse::read::{FileHandle, FileOf, FileOfPerson, FileSeen, chunk};
use policy::inventory::sealed::ChunkBytes;
use policy::{OpenFor, Purpose};
use serde::Deserialize;
use store::{Db, Error};
use zeroize::Zeroizing;

use crate::app::Shared;
use crate::doors::code::{self, Coded, HasCode};
use crate::doors::refusal::Refusal;
use crate::doors::visitor::Visitor;
use crate::files::{About, Chunks, Kind, download, only_to_save, preview};
use crate::pages::say;

/// A file that was opened, as a source of its pieces: for doors of people and of staff.
pub struct Opened<P: Purpose> {
    /// Where it lies.
    pub db: Db,
    /// What may be read.
    pub file: FileHandle<P>,
}

impl<P: Purpose> Chunks for Opened<P>
where
    ChunkBytes: OpenFor<P>,
    FileHandle<P>: Send + Sync + 'static,
{
    async fn chunk(&mut self, n: i64) -> Result<Option<Bytes>, Error> {
        // Bytes of somebody's file on their way out; they leave the memory when the connection has taken them.
        Ok(chunk(&self.db, &self.file, n).await?.map(|bytes| Bytes::copy_from_slice(&bytes)))
    }
}

/// What is known of a file, for an answer's head.
#[must_use]
pub fn about(file: &FileSeen) -> About<'_> {
    let kind = match &*file.kind {
        "image" => Kind::Image,
        "text" => Kind::Text,
        _ => Kind::Other,
    };
    About { name: &file.name, size: file.size, kind }
}

/// A code, and one of the files behind it.
#[derive(Deserialize)]
pub struct Which {
    code: Zeroizing<String>,
    file: i64,
}

impl HasCode for Which {
    fn code(&self) -> &str {
        &self.code
    }
}

/// `POST /thread/file`
pub async fn save(
    State(app): State<Shared>,
    Coded { form, tag, from }: Coded<Which>,
) -> Result<Response, Refusal> {
    Ok(match app.db.write(&FileOf { tag: &tag, file: form.file }).await? {
        Some(file) => saved(app.db.clone(), file).await,
        None => code::unknown(&app, from),
    })
}

/// `POST /thread/show`
pub async fn show(
    State(app): State<Shared>,
    Coded { form, tag, from }: Coded<Which>,
) -> Result<Response, Refusal> {
    let Some(file) = app.db.write(&FileOf { tag: &tag, file: form.file }).await? else {
        return Ok(code::unknown(&app, from));
    };
    let meta = file.meta.clone();
    let shown = preview(&about(&meta), Opened { db: app.db.clone(), file }).await?;
    Ok(shown.unwrap_or_else(only_to_save))
}

/// `GET /licence/file/{id}`: a file of a conversation that is tied to the open page.
pub async fn own(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(id): Path<i64>,
) -> Result<Response, Refusal> {
    Ok(match app.db.write(&FileOfPerson { person: visitor.session.slot, file: id }).await? {
        Some(file) => saved(app.db.clone(), file).await,
        None => {
            let says = "There is no such file on your page.";
            (StatusCode::NOT_FOUND, say("Nothing here", says)).into_response()
        }
    })
}

async fn saved<P: Purpose>(db: Db, file: FileHandle<P>) -> Response
where
    ChunkBytes: OpenFor<P>,
    FileHandle<P>: Send + Sync + 'static,
{
    let meta = file.meta.clone();
    download(&about(&meta), Opened { db, file }).await
}
