//! The site itself: its front, its style, its health, and what holds for every answer.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use crate::app::Shared;
use crate::handlers::refusal::Refusal;
use crate::templates;

/// `GET /`
pub async fn front(State(app): State<Shared>) -> Response {
    Redirect::to(app.home).into_response()
}

/// `GET /health`: 200 when database and keyring answer.
pub async fn health(State(app): State<Shared>) -> Result<Response, Refusal> {
    let mut tx = app.db.read().await?;
    tx.fact("schema").await?;
    app.db.vault().epoch().map_err(store::Error::from)?;
    Ok("ok\n".into_response())
}

/// `GET /style.css`
pub async fn style() -> Response {
    const STYLE: &str = include_str!("../templates/style.css");
    let head = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
    (head, STYLE).into_response()
}

/// Any other path.
pub async fn nothing_here() -> Response {
    (StatusCode::NOT_FOUND, templates::say("Nothing here", "There is no page of this name.")).into_response()
}

/// What every answer says to browsers: no script, no frame, no referrer, nothing kept.
const HEADERS: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cache-control", "no-store"),
];

/// Stands before every door: a form of another site is turned away, and every answer gets its headers.
pub async fn guard(State(_app): State<Shared>, request: Request, next: Next) -> Response {
    let mut response = if request.method() == Method::POST && foreign(&request) {
        let page =
            templates::say("Not from there", "This form was sent from another site, so nothing was done.");
        (StatusCode::FORBIDDEN, page).into_response()
    } else {
        next.run(request).await
    };
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Browsers say where a form comes from (Fetch Metadata, W3C); programs and the provider say nothing.
fn foreign(request: &Request) -> bool {
    let site = request.headers().get("sec-fetch-site").and_then(|v| v.to_str().ok());
    site.is_some_and(|site| !matches!(site, "same-origin" | "none"))
}
