//! The files of a conversation, for the person who has its access code or a portal session.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::conversations::view::{OpenFileByCode, OpenFileInPortal};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::app::Shared;
use crate::extract::access_code::{HasCode, WithAccessCode, unknown_code};
use crate::extract::session::PortalSession;
use crate::files::{self, OpenedFile, preview, preview_unavailable};
use crate::page_error::PageError;
use crate::templates::message_page;

/// An access code, and the number of a file.
#[derive(Deserialize)]
pub struct FileForm {
    code: Zeroizing<String>,
    file: i64,
}

impl HasCode for FileForm {
    fn code(&self) -> &str {
        &self.code
    }
}

/// `POST /conversation/file`: downloads a file.
pub async fn download(
    State(app): State<Shared>,
    WithAccessCode { form, tag, ip }: WithAccessCode<FileForm>,
) -> Result<Response, PageError> {
    Ok(match app.db.execute(&OpenFileByCode { code_hash: &tag, file: form.file }).await? {
        Some(file) => {
            let file = OpenedFile { db: app.db.clone(), file };
            files::download(&file.info(), file).await
        }
        None => unknown_code(&app, ip),
    })
}

/// `POST /conversation/show`: shows a preview of a file.
pub async fn show(
    State(app): State<Shared>,
    WithAccessCode { form, tag, ip }: WithAccessCode<FileForm>,
) -> Result<Response, PageError> {
    let Some(file) = app.db.execute(&OpenFileByCode { code_hash: &tag, file: form.file }).await? else {
        return Ok(unknown_code(&app, ip));
    };
    let file = OpenedFile { db: app.db.clone(), file };
    let shown = preview(&file.info(), file).await?;
    Ok(shown.unwrap_or_else(preview_unavailable))
}

/// `GET /licence/file/{id}`: downloads a file of a conversation that is linked to the customer.
pub(crate) async fn download_in_portal(
    State(app): State<Shared>,
    session: PortalSession,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Response, PageError> {
    // A text that is no number matches no file.
    let file = id.map_or(0, |Path(id)| id);
    Ok(match app.db.execute(&OpenFileInPortal { person: session.session.slot, file }).await? {
        Some(file) => {
            let file = OpenedFile { db: app.db.clone(), file };
            files::download(&file.info(), file).await
        }
        None => {
            let text = "You have no file of this number.";
            (StatusCode::NOT_FOUND, message_page("File not found", text)).into_response()
        }
    })
}
