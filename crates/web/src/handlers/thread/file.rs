//! The files of a conversation, for whoever has its code or its page open.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::conversations::view::{FileOf, FileOfPerson};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::app::Shared;
use crate::files::{Opened, download, only_to_save, preview};
use crate::handlers::code::{self, HasCode, WithAccessCode};
use crate::handlers::refusal::Refusal;
use crate::handlers::visitor::Visitor;
use crate::templates::say;

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
    WithAccessCode { form, tag, from }: WithAccessCode<Which>,
) -> Result<Response, Refusal> {
    Ok(match app.db.write(&FileOf { tag: &tag, file: form.file }).await? {
        Some(file) => {
            let file = Opened { db: app.db.clone(), file };
            download(&file.about(), file).await
        }
        None => code::unknown(&app, from),
    })
}

/// `POST /thread/show`
pub async fn show(
    State(app): State<Shared>,
    WithAccessCode { form, tag, from }: WithAccessCode<Which>,
) -> Result<Response, Refusal> {
    let Some(file) = app.db.write(&FileOf { tag: &tag, file: form.file }).await? else {
        return Ok(code::unknown(&app, from));
    };
    let file = Opened { db: app.db.clone(), file };
    let shown = preview(&file.about(), file).await?;
    Ok(shown.unwrap_or_else(only_to_save))
}

/// `GET /licence/file/{id}`: a file of a conversation that is tied to the open page.
pub async fn own(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(id): Path<i64>,
) -> Result<Response, Refusal> {
    Ok(match app.db.write(&FileOfPerson { person: visitor.session.slot, file: id }).await? {
        Some(file) => {
            let file = Opened { db: app.db.clone(), file };
            download(&file.about(), file).await
        }
        None => {
            let says = "There is no such file on your page.";
            (StatusCode::NOT_FOUND, say("Nothing here", says)).into_response()
        }
    })
}
