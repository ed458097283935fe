//! Errors of handlers that answer with HTML pages. The log gets the cause; the visitor gets a page that says what they
//! can do.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use store::Error;

use crate::templates;

/// A failure of database or keyring. It becomes an HTML page.
pub struct PageError(Error);

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// Seconds after which a client may try again.
pub const RETRY_AFTER: HeaderValue = HeaderValue::from_static("60");

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        // The text of a store::Error contains no personal data.
        if self.0.is_unavailable() {
            tracing::warn!(cause = %self.0, "database or keyring is unavailable");
            let page = templates::message_page(
                "Try again later",
                "We cannot show this page at the moment. We did not change anything. Try again in a minute.",
            );
            return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER)], page)
                .into_response();
        }
        tracing::error!(cause = %self.0, "a request failed");
        let page = templates::message_page(
            "Sorry, there is a problem",
            "We could not do this because of an error in our software. We did not change anything. Tell us when it happened.",
        );
        (StatusCode::INTERNAL_SERVER_ERROR, page).into_response()
    }
}
