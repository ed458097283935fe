//! A conversation, for the person who has its access code. Forms send the code in a hidden field by POST, never in a
//! URL. An action answers with the conversation as it is afterwards.

pub mod answer;
pub mod email_link;
pub mod erase;
pub mod file;
pub mod link;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::conversations::view::ViewConversation;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::app::{App, Shared};
use crate::extract::access_code::{HasCode, WithAccessCode, unknown_code};
use crate::page_error::PageError;
use crate::templates::contact::{self as templates, ActionResult};

/// `GET /conversation`: the form for an access code.
pub async fn form(State(app): State<Shared>) -> Response {
    templates::conversation_code(&app.settings.vendor, "", "")
}

/// A form with only an access code.
#[derive(Deserialize)]
pub struct CodeForm {
    code: Zeroizing<String>,
}

impl HasCode for CodeForm {
    fn code(&self) -> &str {
        &self.code
    }
}

/// `POST /conversation`: shows the conversation.
pub async fn show(State(app): State<Shared>, form: WithAccessCode<CodeForm>) -> Result<Response, PageError> {
    conversation_page(&app, &form, (StatusCode::OK, ActionResult::default())).await
}

/// The conversation of an access code, with the result of the last action.
async fn conversation_page(
    app: &App,
    form: &WithAccessCode<impl HasCode>,
    (status, result): (StatusCode, ActionResult<'_>),
) -> Result<Response, PageError> {
    Ok(match app.db.execute(&ViewConversation { code_hash: &form.tag, settings: &app.settings }).await? {
        Some(conversation) => {
            let page = templates::conversation(&app.settings, &conversation, form.form.code(), &result);
            (status, page).into_response()
        }
        None => unknown_code(app, form.ip),
    })
}

/// `POST /conversation/save`: the access code as a text file. The code is not looked up.
pub(crate) async fn save_code(State(app): State<Shared>, form: WithAccessCode<CodeForm>) -> Response {
    let (vendor, url, code) = (&app.settings.vendor, &app.settings.public_url, form.form.code().trim());
    let text = format!(
        "The access code of your conversation with {vendor}:\r\n\r\n    {code}\r\n\r\n\
         Use it to read, answer or erase the conversation:\r\n\r\n    {url}/conversation#{code}\r\n\r\n\
         Anyone who has the code can do the same. We cannot recover a lost code.\r\n"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"access-code.txt\""),
    ];
    (headers, text).into_response()
}
