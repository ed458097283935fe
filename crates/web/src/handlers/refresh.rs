//! Answers a program that shows a genuine key with the current one. No person is needed for it.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::licensing::refresh::{Refreshed, refresh as current};

use crate::app::Shared;
use crate::handlers::refusal::{RETRY_AFTER, Refusal};
use crate::handlers::visitor::From;
use crate::limits::Door;

/// `POST /licence/refresh`: the body is the key as text.
pub async fn refresh(State(app): State<Shared>, From(from): From, key: String) -> Result<Response, Refusal> {
    if !app.limits.allow(Door::Refresh, from) {
        return Ok((StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, RETRY_AFTER)]).into_response());
    }
    let mut tx = app.db.read().await?;
    let (status, says) = match current(&mut tx, &key).await? {
        Refreshed::Current(key) => (StatusCode::OK, key),
        Refreshed::Refused(refusal) => (StatusCode::BAD_REQUEST, refusal.to_string()),
        Refreshed::Revoked => (StatusCode::CONFLICT, "this licence was revoked".to_owned()),
        Refreshed::Unknown => (StatusCode::NOT_FOUND, "this licence is not in the shop's books".to_owned()),
    };
    Ok((status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], format!("{says}\n")).into_response())
}
