//! The CSRF check: protection against cross-site request forgery.

use axum::extract::Request;
use axum::http::Method;

/// Returns whether the request is a form that another site submits (CSRF).
///
/// Browsers name the origin of a request in `Sec-Fetch-Site` (Fetch Metadata). Programs and the payment provider send
/// no such header, and carry no cookie that another site could misuse.
#[must_use]
pub(crate) fn is_cross_site_form(request: &Request) -> bool {
    let site = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    request.method() == Method::POST && site.is_some_and(|site| !matches!(site, "same-origin" | "none"))
}
