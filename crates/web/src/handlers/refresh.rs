//! Gives a program the current key of its licence. No customer has to be identified for it.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::licensing::refresh::{RefreshOutcome, refresh_key as current_key};

use crate::app::Shared;
use crate::extract::client_ip::ClientIp;
use crate::page_error::{PageError, RETRY_AFTER};
use crate::rate_limit::RateLimitKey;

/// Gives the current key for a genuine one. The body is the key as text; the answer says when to stop asking.
#[utoipa::path(post, path = "", tag = "licences",
    request_body(content = String, content_type = "text/plain", description = "The key"),
    responses(
        (status = 200, description = "The current key of this licence", body = String, content_type = "text/plain"),
        (status = 400, description = "The text is no key of this vendor", body = String, content_type = "text/plain"),
        (status = 404, description = "The key is genuine, but its licence is not known here", body = String,
            content_type = "text/plain"),
        (status = 408, description = "The request took too long"),
        (status = 409, description = "The licence was revoked", body = String, content_type = "text/plain"),
        (status = 413, description = "The body is longer than 64 KiB", body = String, content_type = "text/plain"),
        (status = 415, description = "The body is not text", body = String, content_type = "text/plain"),
        (status = 429, description = "Too many requests: wait a minute"),
        (status = 500, description = "A fault of the program", body = String, content_type = "text/html"),
        (status = 503, description = "The database is not available: try again later", body = String,
            content_type = "text/html"),
    ))]
pub async fn refresh(
    State(app): State<Shared>,
    ClientIp(ip): ClientIp,
    key: String,
) -> Result<Response, PageError> {
    if !app.rate_limiter.allow(RateLimitKey::Refresh, ip) {
        return Ok((StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, RETRY_AFTER)]).into_response());
    }
    let mut tx = app.db.read().await?;
    let (status, text) = match current_key(&mut tx, &key).await? {
        RefreshOutcome::Current(key) => (StatusCode::OK, key),
        RefreshOutcome::Invalid(reason) => (StatusCode::BAD_REQUEST, reason.to_string()),
        RefreshOutcome::Revoked => (StatusCode::CONFLICT, "this licence was revoked".to_owned()),
        RefreshOutcome::Unknown => (StatusCode::NOT_FOUND, "this licence is not known here".to_owned()),
    };
    Ok((status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], format!("{text}\n")).into_response())
}
