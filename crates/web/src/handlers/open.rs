//! Opens a person's page with the link of their letter. Following the link only shows a button, so that a mail
//! scanner, which follows links and presses nothing, uses nothing up.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::portal::magic_link::{RedeemMagicLink, SESSION_SECONDS, link_is_open};
use store::LinkKind;

use crate::app::Shared;
use crate::handlers::refusal::Refusal;
use crate::handlers::visitor::{COOKIE, From};
use crate::limits::Door;
use crate::templates;

/// `GET /licence/open/{token}`
pub async fn button(
    State(app): State<Shared>,
    From(from): From,
    Path(token): Path<String>,
) -> Result<Response, Refusal> {
    let mut tx = app.db.read().await?;
    if link_is_open(&mut tx, &token, LinkKind::Page).await? {
        return Ok(templates::open(&app.house.vendor).into_response());
    }
    Ok(no_link(&app, from))
}

/// `POST /licence/open/{token}`
pub async fn open(
    State(app): State<Shared>,
    From(from): From,
    Path(token): Path<String>,
) -> Result<Response, Refusal> {
    let Some(session) = app.db.write(&RedeemMagicLink { token: &token }).await? else {
        return Ok(no_link(&app, from));
    };
    let secure = if app.secure() { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE}={}; Path=/licence; HttpOnly; SameSite=Strict; Max-Age={SESSION_SECONDS}{secure}",
        *session
    );
    let mut response = Redirect::to("/licence/page").into_response();
    let value = HeaderValue::try_from(cookie).expect("a token is of URL-safe symbols");
    response.headers_mut().insert(header::SET_COOKIE, value);
    Ok(response)
}

/// Used up, ended, or never one of ours.
pub fn no_link(app: &Shared, from: std::net::IpAddr) -> Response {
    if app.limits.allow(Door::Token, from) {
        (StatusCode::GONE, templates::no_link(&app.house.vendor)).into_response()
    } else {
        templates::too_often()
    }
}
