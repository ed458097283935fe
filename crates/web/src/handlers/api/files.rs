//! Files of a thread: saved as they are, or shown without what hides in them.

use axum::extract::{Path, State};
use axum::response::Response;
use domain::conversations::staff::FileOf;
use policy::purpose::Support;

use super::description::Problems;
use super::fields::Id;
use super::problem::{Kind, Problem};
use super::staff::{Staff, ThreadsRead};
use crate::app::Shared;
use crate::files::{self, Opened};

type Names = Result<Path<Vec<(String, String)>>, axum::extract::rejection::PathRejection>;

async fn open(
    app: &Shared,
    staff: &Staff<ThreadsRead>,
    id: i64,
    names: Names,
) -> Result<Opened<Support>, Problem> {
    let nothing = || Problem::new(Kind::Nothing, "This thread has no such file.");
    let Path(names) = names.map_err(|_| nothing())?;
    let file = names.iter().find(|(name, _)| name == "file").and_then(|(_, file)| file.parse().ok());
    let deed = FileOf { id, file: file.ok_or_else(nothing)?, who: &staff.who };
    let file = app.db.write(&deed).await?.ok_or_else(nothing)?;
    Ok(Opened { db: app.db.clone(), file })
}

/// `GET /api/v1/threads/{id}/files/{file}`: a file as it came, to be saved. The journal keeps who opened it.
#[utoipa::path(get, path = "/api/v1/threads/{id}/files/{file}", tag = "threads",
    params(("id" = String, Path, description = "The thread's 8 symbols"),
        ("file" = String, Path, description = "The file's number")),
    responses((status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        Problems),
    security(("bearer" = ["threads:read"])))]
pub async fn download(
    State(app): State<Shared>,
    staff: Staff<ThreadsRead>,
    Id(id): Id,
    names: Names,
) -> Result<Response, Problem> {
    let opened = open(&app, &staff, id, names).await?;
    Ok(files::download(&opened.about(), opened).await)
}

/// `GET /api/v1/threads/{id}/files/{file}/preview`: a picture painted anew without its metadata, or plain text.
#[utoipa::path(get, path = "/api/v1/threads/{id}/files/{file}/preview", tag = "threads",
    params(("id" = String, Path, description = "The thread's 8 symbols"),
        ("file" = String, Path, description = "The file's number")),
    responses((status = 200, description = "What may be shown of it", content(
            (Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"), (String = "text/plain"))),
        (status = 415, description = "It can only be saved", content_type = "application/problem+json", body = Problem),
        Problems),
    security(("bearer" = ["threads:read"])))]
pub async fn preview(
    State(app): State<Shared>,
    staff: Staff<ThreadsRead>,
    Id(id): Id,
    names: Names,
) -> Result<Response, Problem> {
    let opened = open(&app, &staff, id, names).await?;
    let shown = files::preview(&opened.about(), opened).await?;
    shown.ok_or_else(|| Problem::new(Kind::MediaType, "This file can't be shown: download it instead."))
}
