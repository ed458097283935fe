//! Where a request comes from, and whose page it has open.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use store::Session;
use zeroize::Zeroizing;

use crate::app::{App, Shared};
use crate::handlers::refusal::Refusal;
use crate::limits::Door;
use crate::templates;

/// The network address of a request; used to limit and to check the provider's, kept nowhere.
pub struct From(pub IpAddr);

impl FromRequestParts<Shared> for From {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, StatusCode> {
        let peer =
            parts.extensions.get::<ConnectInfo<SocketAddr>>().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        Ok(Self(origin(app, peer.0.ip(), &parts.headers)))
    }
}

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The last address of `X-Forwarded-For` that no trusted proxy of ours wrote; without a trusted proxy, the peer.
pub(super) fn origin(app: &App, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let trusted = |ip: IpAddr| app.proxies.iter().any(|net| net.contains(&ip.to_canonical()));
    if !trusted(peer) {
        return peer.to_canonical();
    }
    let named = headers.get_all(FORWARDED).iter().rev().filter_map(|v| v.to_str().ok());
    let mut named = named.flat_map(|v| v.rsplit(',')).filter_map(|v| v.trim().parse::<IpAddr>().ok());
    named.find(|ip| !trusted(*ip)).unwrap_or(peer).to_canonical()
}

/// The cookie that opens a page.
pub const COOKIE: &str = "scruple_page";

/// A person whose page is open.
pub struct Visitor {
    /// The session.
    pub session: Session,
    /// Its token.
    pub token: Zeroizing<String>,
}

/// The page isn't open (any more), or too many cookies were tried from there.
pub enum NoVisitor {
    /// Ask for a link.
    Closed,
    /// Too many tries.
    TooOften,
    /// Database or keyring.
    Refused(Refusal),
}

impl IntoResponse for NoVisitor {
    fn into_response(self) -> Response {
        match self {
            Self::Closed => Redirect::to("/licence?closed").into_response(),
            Self::TooOften => templates::too_often(),
            Self::Refused(refusal) => refusal.into_response(),
        }
    }
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = NoVisitor;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, NoVisitor> {
        let From(from) = From::from_request_parts(parts, app).await.map_err(|_| NoVisitor::Closed)?;
        let token = cookie(&parts.headers).ok_or(NoVisitor::Closed)?;
        let refused = |e: store::Error| NoVisitor::Refused(e.into());
        let mut tx = app.db.read().await.map_err(refused)?;
        match domain::portal::magic_link::session(&mut tx, &token).await.map_err(refused)? {
            Some(session) => Ok(Self { session, token }),
            None if !app.limits.allow(Door::Token, from) => Err(NoVisitor::TooOften),
            None => Err(NoVisitor::Closed),
        }
    }
}

fn cookie(headers: &HeaderMap) -> Option<Zeroizing<String>> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let mut pairs = all.flat_map(|v| v.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| Zeroizing::new(value.to_owned()))
}
