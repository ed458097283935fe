//! Requests a magic link to the portal. Text and time of the response are the same for known and unknown addresses: the
//! response is sent before a job looks the address up.

use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::app::Shared;
use crate::extract::client_ip::ClientIp;
use crate::extract::form::Fields;
use crate::page_error::RETRY_AFTER;
use crate::rate_limit::RateLimitKey;
use crate::templates;

/// The answer to a text that is no e-mail address.
pub(crate) const INVALID_ADDRESS: &str =
    "Enter an e-mail address in the correct format, like name@example.com.";

/// `GET /licence`: the form.
pub async fn form(State(app): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let signed_out = query.as_deref() == Some("signed-out");
    templates::request_magic_link(&app.settings.vendor, signed_out, "").into_response()
}

/// The fields of the form.
#[derive(Deserialize)]
pub struct MagicLinkForm {
    email: String,
}

/// `POST /licence`: queues the request for a magic link.
pub async fn request(
    State(app): State<Shared>,
    ClientIp(ip): ClientIp,
    Fields(form): Fields<MagicLinkForm>,
) -> Response {
    if !app.rate_limiter.allow(RateLimitKey::MagicLink, ip) {
        return templates::rate_limited();
    }
    let email = Zeroizing::new(form.email);
    let vendor = &app.settings.vendor;
    if keyring::Address::parse(&email).is_err() {
        let page = templates::request_magic_link(vendor, false, INVALID_ADDRESS);
        return (StatusCode::BAD_REQUEST, page).into_response();
    }
    match app.magic_link_requests.try_send(email) {
        Ok(()) => templates::magic_link_requested(vendor).into_response(),
        Err(_) => {
            let text = "Too many people are asking for a link. Try again in a minute.";
            let page = templates::message_page("Try again later", text);
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER)], page).into_response()
        }
    }
}
