//! What a door answers when a deed can't be done. The cause goes to the log, by its kind; the visitor gets a page
//! that says what they can do.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use store::Error;

use crate::templates;

/// A failure of database or keyring, on its way to an answer.
pub struct Refusal(Error);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// Seconds after which a try may help.
pub const RETRY_AFTER: HeaderValue = HeaderValue::from_static("60");

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        // The text of an error names no value: see store::Error.
        if self.0.away() {
            tracing::warn!(cause = %self.0, "put off");
            let page = templates::say(
                "Not now",
                "Something behind this page is away for a moment. Nothing was changed. Please try again in a minute.",
            );
            return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER)], page)
                .into_response();
        }
        tracing::error!(cause = %self.0, "failed");
        let page = templates::say(
            "That did not work",
            "Something is wrong on our side. Nothing was changed. Please tell us when it happened.",
        );
        (StatusCode::INTERNAL_SERVER_ERROR, page).into_response()
    }
}
