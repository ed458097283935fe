//! The portal session of a customer: a cookie that a magic link sets.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::token::{self, Token};
use store::Session;

use super::client_ip::ClientIp;
use crate::app::Shared;
use crate::page_error::PageError;
use crate::rate_limit::RateLimitKey;
use crate::templates;

/// The name of the session cookie.
pub const COOKIE: &str = "scruple_session";

/// The page to which a request without a session is redirected.
pub const SIGNED_OUT: &str = "/licence?signed-out";

/// The session of a signed-in customer.
pub struct PortalSession {
    pub session: Session,
    /// Its token, as the cookie contains it.
    pub token: Token<token::PortalSession>,
}

/// Why a request has no session.
pub enum NoSession {
    /// There is no session, or it has ended.
    SignedOut,
    /// This network tried too many tokens.
    RateLimited,
    /// Database or keyring failed.
    Error(PageError),
}

impl IntoResponse for NoSession {
    fn into_response(self) -> Response {
        match self {
            Self::SignedOut => Redirect::to(SIGNED_OUT).into_response(),
            Self::RateLimited => templates::rate_limited(),
            Self::Error(error) => error.into_response(),
        }
    }
}

impl FromRequestParts<Shared> for PortalSession {
    type Rejection = NoSession;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, NoSession> {
        let ip = ClientIp::from_request_parts(parts, app).await;
        let ClientIp(ip) = ip.map_err(|_| NoSession::SignedOut)?;
        let token = session_token(&parts.headers).ok_or(NoSession::SignedOut)?;
        let failed = |error: store::Error| NoSession::Error(error.into());
        let mut tx = app.db.read().await.map_err(failed)?;
        match domain::portal::magic_link::find_session(&mut tx, &token).await.map_err(failed)? {
            Some(session) => Ok(Self { session, token }),
            None if !app.rate_limiter.allow(RateLimitKey::Token, ip) => Err(NoSession::RateLimited),
            None => Err(NoSession::SignedOut),
        }
    }
}

fn session_token(headers: &HeaderMap) -> Option<Token<token::PortalSession>> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| Token::presented(value))
}
