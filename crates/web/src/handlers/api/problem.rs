//! What the staff's API answers when something can't be done: problem details (RFC 9457). The type is a word for
//! programs, the detail says to a person what to do.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::handlers::refusal::RETRY_AFTER;

/// Kinds of problems.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A field, or the whole body, is not as it is described.
    Invalid,
    /// No token, an unknown one, or one that expired: all the same.
    NoToken,
    /// The token's scopes don't reach that far.
    Scope,
    /// There is nothing of that name, or not any more.
    Nothing,
    /// The path takes other methods.
    Method,
    /// Somebody else was faster.
    Collision,
    /// The body is longer than it may be.
    TooLong,
    /// The body has another type than is taken.
    MediaType,
    /// Understood, and refused for the reason that the detail names.
    Refused,
    /// Too many requests.
    TooOften,
    /// A fault of ours.
    Fault,
    /// Something behind this door is away for a moment.
    Away,
}

impl Kind {
    const fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Invalid => (StatusCode::BAD_REQUEST, "invalid", "Not understood"),
            Self::NoToken => (StatusCode::UNAUTHORIZED, "no-token", "No valid token"),
            Self::Scope => (StatusCode::FORBIDDEN, "scope", "Not with this token"),
            Self::Nothing => (StatusCode::NOT_FOUND, "nothing-here", "Nothing here"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method", "Not that way"),
            Self::Collision => (StatusCode::CONFLICT, "collision", "Somebody else wrote meanwhile"),
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "too-long", "Too long"),
            Self::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "Not JSON"),
            Self::Refused => (StatusCode::UNPROCESSABLE_ENTITY, "refused", "Refused"),
            Self::TooOften => (StatusCode::TOO_MANY_REQUESTS, "too-often", "Too many requests"),
            Self::Fault => (StatusCode::INTERNAL_SERVER_ERROR, "fault", "That did not work"),
            Self::Away => (StatusCode::SERVICE_UNAVAILABLE, "away", "Not now"),
        }
    }
}

/// A message that came after what was seen.
#[derive(Serialize, ToSchema)]
pub struct Newer {
    /// Its number in the thread, from 1.
    pub n: i64,
    /// person, note, machine, or the name of the member of staff who answered.
    pub by: String,
}

/// What went wrong, and what to do (RFC 9457).
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// What kind of problem, for programs: its last word is one of a closed list.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in short.
    pub title: &'static str,
    /// The status once more.
    pub status: u16,
    /// What happened, and what to do.
    pub detail: Cow<'static, str>,
    /// What came since, when somebody else wrote meanwhile: read it, then send again with the new count as `seen`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub newer: Vec<Newer>,
}

impl Problem {
    /// A problem with what to do about it.
    #[must_use]
    pub fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        let (status, word, title) = kind.parts();
        Self {
            kind: format!("/api/v1/openapi.json#{word}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            newer: Vec::new(),
        }
    }

    /// Nothing of that number: erased or never there, which can't be told apart.
    #[must_use]
    pub fn no_thread() -> Self {
        Self::new(
            Kind::Nothing,
            "There is no thread of this number: it was erased, merged into another, or never there.",
        )
    }

    /// Somebody else wrote since.
    #[must_use]
    pub fn collision(newer: Vec<domain::conversations::staff::Newer>) -> Self {
        let detail = "The thread has grown since you read it, so nothing was sent. Read what is new, then send again \
                      with the new count as `seen`, or with `anyway`.";
        let newer = newer.into_iter().map(|message| Newer { n: message.n, by: message.by }).collect();
        Self { newer, ..Self::new(Kind::Collision, detail) }
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
    /// The cause goes to the log, by its kind.
    fn from(error: store::Error) -> Self {
        if error.away() {
            tracing::warn!(cause = %error, "put off");
            return Self::new(
                Kind::Away,
                "Something behind this is away for a moment. Nothing was changed. Try again in a minute.",
            );
        }
        tracing::error!(cause = %error, "failed");
        Self::new(
            Kind::Fault,
            "Something is wrong on our side. Nothing was changed. The log of the server says what.",
        )
    }
}
