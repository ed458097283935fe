//! The link in a letter of staff's: it ends a conversation and can't show it. Following it shows buttons, so that a mail
//! scanner, which follows links and presses nothing, changes nothing.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::conversations::{CloseByLetter, EraseByLetter, letter_is_open};
use serde::Deserialize;

use super::end::gone;
use crate::app::{App, Shared};
use crate::handlers::fields::Fields;
use crate::handlers::refusal::Refusal;
use crate::handlers::visitor::From;
use crate::limits::Door;
use crate::templates::{contact as templates, say, too_often};

/// `GET /thread/letter/{token}`
pub async fn buttons(
    State(app): State<Shared>,
    From(from): From,
    Path(token): Path<String>,
) -> Result<Response, Refusal> {
    Ok(if letter_is_open(&mut app.db.read().await?, &token).await? {
        templates::letter_link(&app.house.vendor)
    } else {
        ended(&app, from)
    })
}

/// Which button.
#[derive(Deserialize)]
pub struct Button {
    #[serde(default)]
    end: String,
    #[serde(default)]
    sure: String,
}

/// `POST /thread/letter/{token}`
pub async fn end(
    State(app): State<Shared>,
    From(from): From,
    Path(token): Path<String>,
    Fields(Button { end, sure }): Fields<Button>,
) -> Result<Response, Refusal> {
    if end == "close" {
        let done = app.db.write(&CloseByLetter { token: &token }).await?;
        let says = "The conversation is closed. Answer our letter if you want to open it again.";
        return Ok(if done { say("Closed", says).into_response() } else { ended(&app, from) });
    }
    if end != "erase" || sure != "yes" {
        let open = letter_is_open(&mut app.db.read().await?, &token).await?;
        let page = (StatusCode::BAD_REQUEST, templates::letter_link(&app.house.vendor));
        return Ok(if open { page.into_response() } else { ended(&app, from) });
    }
    Ok(if app.db.write(&EraseByLetter { token: &token }).await? {
        gone(&app, "The conversation is gone, with everything in it. Its code leads nowhere now.").await
    } else {
        ended(&app, from)
    })
}

/// Used up, ended, or never one of ours.
fn ended(app: &App, from: std::net::IpAddr) -> Response {
    if !app.limits.allow(Door::Token, from) {
        return too_often();
    }
    let says = "The conversation is gone already, or the letter is older than 60 days.";
    (StatusCode::GONE, say("This link has ended", says)).into_response()
}
