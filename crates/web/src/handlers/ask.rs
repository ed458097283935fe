//! Anybody asks for the link to the page of an address. The answer is the same whatever the address, in text and
//! time: it is given before anybody has looked.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::app::Shared;
use crate::handlers::fields::Fields;
use crate::handlers::visitor::From;
use crate::limits::Door;
use crate::templates;

/// `GET /licence`
pub async fn form(State(app): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let closed = query.as_deref() == Some("closed");
    templates::ask(&app.house.vendor, closed, "").into_response()
}

/// The one field.
#[derive(Deserialize)]
pub struct Asked {
    email: String,
}

/// `POST /licence`
pub async fn ask(State(app): State<Shared>, From(from): From, Fields(asked): Fields<Asked>) -> Response {
    if !app.limits.allow(Door::Ask, from) {
        return templates::too_often();
    }
    let email = Zeroizing::new(asked.email);
    if keyring::Address::parse(&email).is_err() {
        let says = "That is no e-mail address. It has the form name@example.com.";
        return (StatusCode::BAD_REQUEST, templates::ask(&app.house.vendor, false, says)).into_response();
    }
    match app.asks.try_send(email) {
        Ok(()) => templates::asked(&app.house.vendor).into_response(),
        Err(_) => {
            let page =
                templates::say("Not now", "Too many people ask at once. Please try again in a minute.");
            (StatusCode::SERVICE_UNAVAILABLE, page).into_response()
        }
    }
}
