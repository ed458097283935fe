//! Extractors of the API: the conversation's number, the query, the JSON body. Invalid input is answered with a problem that
//! names the field.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::conversations::parse_conversation_id;
use serde::de::DeserializeOwned;

use super::problem::{Problem, ProblemKind};
use crate::app::Shared;
use store::ConversationId;

/// A conversation's number: 8 characters, also with dashes or small letters.
pub struct ConversationNumber(pub ConversationId);

impl FromRequestParts<Shared> for ConversationNumber {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let Path(segments) = Path::<Vec<(String, String)>>::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::no_conversation())?;
        let number = segments.iter().find(|(name, _)| name == "id").map(|(_, number)| number);
        number.and_then(|number| parse_conversation_id(number)).map(Self).ok_or_else(Problem::no_conversation)
    }
}

/// Validation beyond the types. The schema of the description says the same.
pub trait Validate {
    /// # Errors
    /// Names the invalid field and what is expected.
    fn validate(&self) -> Result<(), String>;
}

/// A validated query string.
pub struct ValidQuery<T>(pub T);

impl<T: DeserializeOwned + Validate> FromRequestParts<Shared> for ValidQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let Query(query) = Query::<T>::from_request_parts(parts, app)
            .await
            .map_err(|rejection| Problem::new(ProblemKind::Invalid, rejection.body_text()))?;
        query.validate().map_err(|reason| Problem::new(ProblemKind::Invalid, reason))?;
        Ok(Self(query))
    }
}

/// A validated JSON body.
pub struct ValidJson<T>(pub T);

impl<T: DeserializeOwned + Validate> FromRequest<Shared> for ValidJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Problem> {
        let Json(body) =
            Json::<T>::from_request(request, app).await.map_err(|rejection| rejection_problem(&rejection))?;
        body.validate().map_err(|reason| Problem::new(ProblemKind::Invalid, reason))?;
        Ok(Self(body))
    }
}

fn rejection_problem(rejection: &JsonRejection) -> Problem {
    let kind = match rejection.status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemKind::UnsupportedMediaType,
        StatusCode::PAYLOAD_TOO_LARGE => ProblemKind::TooLarge,
        _ => ProblemKind::Invalid,
    };
    Problem::new(kind, rejection.body_text())
}

/// Checks a text: its length, and no control characters except line breaks and tabs.
///
/// # Errors
/// What the field must be.
pub(crate) fn check_text(field: &str, value: &str, max: usize) -> Result<(), String> {
    let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if value.trim().is_empty() || value.chars().count() > max || value.contains(odd) {
        return Err(format!("`{field}`: expected 1 to {max} characters, none of them a control character"));
    }
    Ok(())
}

/// Checks a text on one line.
///
/// # Errors
/// What the field must be.
pub(crate) fn check_line(field: &str, value: &str, max: usize) -> Result<(), String> {
    if value.trim().is_empty() || value.chars().count() > max || value.contains(char::is_control) {
        return Err(format!("`{field}`: expected 1 to {max} characters on one line"));
    }
    Ok(())
}
