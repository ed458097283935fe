//! The network address of a request.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode};

use crate::app::{App, Shared};

/// The network address of the client. It is used for rate limits and to check the provider's network. It is never
/// stored or logged.
pub struct ClientIp(pub IpAddr);

impl FromRequestParts<Shared> for ClientIp {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, StatusCode> {
        let peer =
            parts.extensions.get::<ConnectInfo<SocketAddr>>().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        Ok(Self(client_address(app, peer.0.ip(), &parts.headers)))
    }
}

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Returns the last address of `X-Forwarded-For` that is not a trusted proxy. Without a trusted proxy, it is the peer.
pub(crate) fn client_address(app: &App, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let trusted = |ip: IpAddr| app.trusted_proxies.iter().any(|net| net.contains(&ip.to_canonical()));
    if !trusted(peer) {
        return peer.to_canonical();
    }
    let named = headers.get_all(FORWARDED).iter().rev().filter_map(|value| value.to_str().ok());
    let mut named =
        named.flat_map(|value| value.rsplit(',')).filter_map(|value| value.trim().parse::<IpAddr>().ok());
    named.find(|ip| !trusted(*ip)).unwrap_or(peer).to_canonical()
}
