//! A conversation, for whoever has its code. The code comes by POST in a hidden field, never in an address; what
//! changes something answers with the conversation itself.

pub mod answer;
pub mod end;
pub mod file;
pub mod letter;
pub mod tie;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::conversations::view::Look;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::app::{App, Shared};
use crate::handlers::code::{self, HasCode, WithAccessCode};
use crate::handlers::refusal::Refusal;
use crate::templates::contact::{self as templates, After};

/// `GET /thread`
pub async fn form(State(app): State<Shared>) -> Response {
    templates::thread_code(&app.house.vendor, "", "")
}

/// The one field.
#[derive(Deserialize)]
pub struct Code {
    code: Zeroizing<String>,
}

impl HasCode for Code {
    fn code(&self) -> &str {
        &self.code
    }
}

/// `POST /thread`
pub async fn show(State(app): State<Shared>, coded: WithAccessCode<Code>) -> Result<Response, Refusal> {
    conversation(&app, &coded, (StatusCode::OK, After::default())).await
}

/// The conversation of a code as it stands, after something has happened.
async fn conversation(
    app: &App,
    coded: &WithAccessCode<impl HasCode>,
    (status, after): (StatusCode, After<'_>),
) -> Result<Response, Refusal> {
    Ok(match app.db.write(&Look { tag: &coded.tag, house: &app.house }).await? {
        Some(talk) => {
            (status, templates::thread(&app.house, &talk, coded.form.code(), &after)).into_response()
        }
        None => code::unknown(app, coded.from),
    })
}

/// `POST /thread/save`: the code as a file. Whether it leads anywhere is not looked at.
pub async fn save(State(app): State<Shared>, coded: WithAccessCode<Code>) -> Response {
    let (vendor, url, code) = (&app.house.vendor, &app.house.public_url, coded.form.code().trim());
    let text = format!(
        "The code of your conversation with {vendor}:\r\n\r\n    {code}\r\n\r\n\
         Read and answer here, or erase it:\r\n\r\n    {url}/thread#{code}\r\n\r\n\
         Who has the code can do that too. Nobody can find it again for you.\r\n"
    );
    let head = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"conversation-code.txt\""),
    ];
    (head, text).into_response()
}
