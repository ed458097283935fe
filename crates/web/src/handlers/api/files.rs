//! Files of a conversation: downloads and previews.

use axum::extract::{Path, State};
use axum::response::Response;
use domain::conversations::staff::OpenFileForStaff;
use policy::purpose::Support;

use super::auth::{ConversationsRead, Staff};
use super::description::Problems;
use super::extract::ConversationNumber;
use super::problem::{Problem, ProblemKind};
use crate::app::Shared;
use crate::files::{self, OpenedFile};
use store::ConversationId;

type PathParameters = Result<Path<Vec<(String, String)>>, axum::extract::rejection::PathRejection>;

async fn open_file(
    app: &Shared,
    staff: &Staff<ConversationsRead>,
    id: ConversationId,
    parameters: PathParameters,
) -> Result<OpenedFile<Support>, Problem> {
    let not_found = || Problem::new(ProblemKind::NotFound, "This conversation has no such file.");
    let Path(parameters) = parameters.map_err(|_| not_found())?;
    let file = parameters.iter().find(|(name, _)| name == "file").and_then(|(_, file)| file.parse().ok());
    let open = OpenFileForStaff { id, file: file.ok_or_else(not_found)?, actor: &staff.actor };
    let file = app.db.execute(&open).await?.ok_or_else(not_found)?;
    Ok(OpenedFile { db: app.db.clone(), file })
}

/// `GET /api/v1/conversations/{id}/files/{file}`: downloads a file. The audit log records the access.
#[utoipa::path(get, path = "", tag = "conversations",
    params(("id" = String, Path, description = "The conversation's number (8 characters)"),
        ("file" = String, Path, description = "The file's number")),
    responses((status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        Problems))]
pub async fn download(
    State(app): State<Shared>,
    staff: Staff<ConversationsRead>,
    ConversationNumber(id): ConversationNumber,
    parameters: PathParameters,
) -> Result<Response, Problem> {
    let opened = open_file(&app, &staff, id, parameters).await?;
    Ok(files::download(&opened.info(), opened).await)
}

/// `GET /api/v1/conversations/{id}/files/{file}/preview`: shows a preview: an image without its metadata, or plain text.
#[utoipa::path(get, path = "", tag = "conversations",
    params(("id" = String, Path, description = "The conversation's number (8 characters)"),
        ("file" = String, Path, description = "The file's number")),
    responses((status = 200, description = "The preview", content(
            (Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"), (String = "text/plain"))),
        (status = 415, description = "The file has no preview", content_type = "application/problem+json", body = Problem),
        Problems))]
pub async fn preview(
    State(app): State<Shared>,
    staff: Staff<ConversationsRead>,
    ConversationNumber(id): ConversationNumber,
    parameters: PathParameters,
) -> Result<Response, Problem> {
    let opened = open_file(&app, &staff, id, parameters).await?;
    let shown = files::preview(&opened.info(), opened).await?;
    shown.ok_or_else(|| {
        Problem::new(ProblemKind::UnsupportedMediaType, "This file has no preview. Download it instead.")
    })
}
