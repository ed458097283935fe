//! Redeems a magic link and starts a portal session. Following the link only shows a button. So a mail scanner, which
//! follows links but submits no forms, doesn't use the link up.

use std::net::IpAddr;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::portal::magic_link::{RedeemMagicLink, SESSION_SECONDS, is_link_valid};
use domain::token::MagicLink;

use crate::app::Shared;
use crate::extract::client_ip::ClientIp;
use crate::extract::link_token::LinkToken;
use crate::extract::session::COOKIE;
use crate::page_error::PageError;
use crate::rate_limit::RateLimitKey;
use crate::templates;

/// `GET /licence/open/{token}`: the button.
pub async fn form(
    State(app): State<Shared>,
    ClientIp(ip): ClientIp,
    LinkToken(token): LinkToken<MagicLink>,
) -> Result<Response, PageError> {
    let mut tx = app.db.read().await?;
    if is_link_valid(&mut tx, &token).await? {
        return Ok(templates::redeem_magic_link(&app.settings.vendor).into_response());
    }
    Ok(expired_link(&app, ip))
}

/// `POST /licence/open/{token}`: uses the link up and sets the session cookie.
pub async fn redeem(
    State(app): State<Shared>,
    ClientIp(ip): ClientIp,
    LinkToken(token): LinkToken<MagicLink>,
) -> Result<Response, PageError> {
    let Some(session) = app.db.execute(&RedeemMagicLink { token: &token }).await? else {
        return Ok(expired_link(&app, ip));
    };
    let secure = if app.secure() { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE}={}; Path=/licence; HttpOnly; SameSite=Strict; Max-Age={SESSION_SECONDS}{secure}",
        session.text()
    );
    let mut response = Redirect::to("/licence/portal").into_response();
    let value = HeaderValue::try_from(cookie).expect("a token contains only URL-safe characters");
    response.headers_mut().insert(header::SET_COOKIE, value);
    Ok(response)
}

/// The answer to a link that was used, that has expired or that never existed: always the same page.
pub(crate) fn expired_link(app: &Shared, ip: IpAddr) -> Response {
    if app.rate_limiter.allow(RateLimitKey::Token, ip) {
        (StatusCode::GONE, templates::magic_link_expired(&app.settings.vendor)).into_response()
    } else {
        templates::rate_limited()
    }
}
