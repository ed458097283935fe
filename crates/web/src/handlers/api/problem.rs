//! Error responses of the API: problem details (RFC 9457). The type is for programs, the detail tells people what to do.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use message_catalogue::English;
use serde::Serialize;
use utoipa::ToSchema;

use crate::page_error::RETRY_AFTER;

/// The kinds of problems.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProblemKind {
    /// A field or the whole body is invalid.
    Invalid,
    /// The token is missing, unknown or expired. The answer is the same.
    InvalidToken,
    /// The token lacks the scope.
    MissingScope,
    /// It does not exist, or no longer exists.
    NotFound,
    /// The path has other methods.
    MethodNotAllowed,
    /// Another change came first.
    Conflict,
    /// The body is too long.
    TooLarge,
    /// The body has the wrong content type.
    UnsupportedMediaType,
    /// The request is valid, but refused for the reason in the detail.
    Refused,
    /// Too many requests.
    RateLimited,
    /// An error of the program.
    Internal,
    /// Database or keyring is temporarily unavailable.
    Unavailable,
}

impl ProblemKind {
    const fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Invalid => (StatusCode::BAD_REQUEST, "invalid", "Invalid request"),
            Self::InvalidToken => (StatusCode::UNAUTHORIZED, "invalid-token", "Invalid token"),
            Self::MissingScope => (StatusCode::FORBIDDEN, "missing-scope", "Missing scope"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "Not found"),
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed")
            }
            Self::Conflict => (StatusCode::CONFLICT, "conflict", "Newer messages"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Body too long"),
            Self::UnsupportedMediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Unsupported media type")
            }
            Self::Refused => (StatusCode::UNPROCESSABLE_ENTITY, "refused", "Refused"),
            Self::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "rate-limited", "Too many requests"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal-error", "Internal error"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Temporarily unavailable"),
        }
    }
}

/// A message that is newer than the ones that were read.
#[derive(Serialize, ToSchema)]
pub struct Newer {
    /// Its number in the conversation, from 1.
    pub n: i64,
    /// Its author: person, note, machine, or the name of the staff member who answered.
    pub by: String,
}

/// Problem details (RFC 9457).
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// The kind of problem, for programs. Its fragment is one of a closed list.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What happened, and what to do.
    pub detail: Cow<'static, str>,
    /// The newer messages after a conflict. Read them, then send again with the new number as `seen`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub newer: Vec<Newer>,
}

impl Problem {
    /// A problem with its detail.
    #[must_use]
    pub fn new(kind: ProblemKind, detail: impl Into<Cow<'static, str>>) -> Self {
        let (status, name, title) = kind.parts();
        Self {
            kind: format!("/api/v1/openapi.json#{name}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            newer: Vec::new(),
        }
    }

    /// The problem of an operation that is refused, with its reason from the message catalogue.
    #[must_use]
    pub fn refused(reason: &impl English) -> Self {
        Self::new(ProblemKind::Refused, reason.english())
    }

    /// The problem of an unknown number. Erased conversations and those that never existed have the same answer.
    #[must_use]
    pub(crate) fn no_conversation() -> Self {
        Self::new(
            ProblemKind::NotFound,
            "No conversation has this number. It was erased or merged, or it never existed.",
        )
    }

    /// The problem of a conversation with newer messages.
    #[must_use]
    pub fn conflict(newer: Vec<domain::conversations::staff::NewerMessage>) -> Self {
        let detail = "The conversation has newer messages than you have read, so nothing was sent. Read them, then send \
                      again with the new number as `seen`, or with `force`.";
        let newer = newer.into_iter().map(|message| Newer { n: message.n, by: message.by }).collect();
        Self { newer, ..Self::new(ProblemKind::Conflict, detail) }
    }
}

/// The media type (RFC 9457, 6.1).
const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, PROBLEM);
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}

impl From<store::Error> for Problem {
    /// Logs the cause, and answers without it.
    fn from(error: store::Error) -> Self {
        if error.is_unavailable() {
            tracing::warn!(cause = %error, "database or keyring is unavailable");
            return Self::new(
                ProblemKind::Unavailable,
                "The service is temporarily unavailable. Nothing was changed. Try again in a minute.",
            );
        }
        tracing::error!(cause = %error, "a request of the API failed");
        Self::new(
            ProblemKind::Internal,
            "An internal error happened. Nothing was changed. The server's log has the cause.",
        )
    }
}
