//! The home page, the health check, the style sheet, and the answer to unknown paths.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::app::Shared;
use crate::page_error::PageError;
use crate::templates;

/// `GET /`: redirects to the home page.
pub async fn home(State(app): State<Shared>) -> Response {
    Redirect::to(app.home_path).into_response()
}

/// `GET /health`: 200 if database and keyring respond.
pub async fn health(State(app): State<Shared>) -> Result<Response, PageError> {
    let mut tx = app.db.read().await?;
    tx.fact("schema").await?;
    app.db.keyring().epoch().map_err(store::Error::from)?;
    Ok("ok\n".into_response())
}

/// `GET /style.css`
pub async fn style() -> Response {
    const STYLE: &str = include_str!("../templates/style.css");
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, STYLE).into_response()
}

/// The answer to any other path.
pub async fn not_found() -> Response {
    let text = "This page does not exist.";
    (StatusCode::NOT_FOUND, templates::message_page("Page not found", text)).into_response()
}
