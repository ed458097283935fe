//! The security headers of every response, and the refusal of cross-site forms.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::csrf::is_cross_site_form;
use crate::templates::message_page;

/// Browsers run no script, show no frame, send no referrer and cache nothing.
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

/// Refuses cross-site forms (CSRF) and adds the security headers to every response that does not set its own.
pub(crate) async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = if is_cross_site_form(&request) {
        let text = "Another website sent this form, so we did not accept it.";
        (StatusCode::FORBIDDEN, message_page("Form not accepted", text)).into_response()
    } else {
        next.run(request).await
    };
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
