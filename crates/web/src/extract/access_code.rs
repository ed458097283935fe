//! Access codes of conversations. The answers distinguish a mistyped code from an unknown one, but not an unknown code
//! from that of an erased conversation.

use std::net::IpAddr;

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::conversations::access_code::{ParsedCode, parse_code};
use serde::de::DeserializeOwned;

use super::client_ip::ClientIp;
use super::form::Fields;
use crate::app::{App, Shared};
use crate::rate_limit::RateLimitKey;
use crate::templates;

/// A form with an access code.
pub trait HasCode: DeserializeOwned {
    /// The code as typed.
    fn code(&self) -> &str;
}

/// A form with a well-formed access code.
pub struct WithAccessCode<T> {
    pub form: T,
    /// The hash by which the code is looked up.
    pub tag: [u8; 32],
    /// The network address of the request.
    pub ip: IpAddr,
}

impl<T: HasCode> FromRequest<Shared> for WithAccessCode<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let ip = ClientIp::from_request_parts(&mut parts, app).await;
        let ClientIp(ip) = ip.map_err(axum::response::IntoResponse::into_response)?;
        let Fields(form) = Fields::<T>::from_request(Request::from_parts(parts, body), app).await?;
        let tag = code_hash(app, ip, form.code()).map_err(|page| *page)?;
        Ok(Self { form, tag, ip })
    }
}

/// Parses a typed access code and returns its hash.
///
/// # Errors
/// The page that says what is wrong with the code, or that this network tried too many codes.
pub fn code_hash(app: &App, ip: IpAddr, typed: &str) -> Result<[u8; 32], Box<Response>> {
    // The rate limit comes before the look-up: an attacker above the limit learns nothing from the answer.
    if !app.rate_limiter.has_room(RateLimitKey::AccessCode, ip) {
        return Err(Box::new(templates::rate_limited()));
    }
    match parse_code(typed) {
        ParsedCode::Code(tag) => Ok(tag),
        ParsedCode::WrongCheckSymbol => Err(Box::new(refuse_code(
            app,
            ip,
            StatusCode::BAD_REQUEST,
            "The access code contains a typing mistake. Compare it with your copy, character by character.",
            typed,
        ))),
        ParsedCode::NotACode => Err(Box::new(refuse_code(
            app,
            ip,
            StatusCode::BAD_REQUEST,
            "Enter an access code of 21 letters and digits, like XXXXX-XXXXX-XXXXX-XXXXX-X.",
            typed,
        ))),
    }
}

/// The answer to a code that no conversation has, or has any more.
pub(crate) fn unknown_code(app: &App, ip: IpAddr) -> Response {
    let problem = "No conversation has this access code. It was erased, or there never was one.";
    refuse_code(app, ip, StatusCode::NOT_FOUND, problem, "")
}

fn refuse_code(app: &App, ip: IpAddr, status: StatusCode, problem: &str, typed: &str) -> Response {
    if app.rate_limiter.allow(RateLimitKey::AccessCode, ip) {
        (status, templates::contact::conversation_code(&app.settings.vendor, problem, typed)).into_response()
    } else {
        templates::rate_limited()
    }
}
