//! What comes with a request to the API: its number, its query, its JSON. Whatever is not as described is answered
//! with a problem that names the field.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::conversations::read_number;
use serde::de::DeserializeOwned;

use super::problem::{Kind, Problem};
use crate::app::Shared;

/// A thread's number: 8 symbols, read as people type them.
pub struct Id(pub i64);

impl FromRequestParts<Shared> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let Path(parts) = Path::<Vec<(String, String)>>::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::no_thread())?;
        let symbols = parts.iter().find(|(name, _)| name == "id").map(|(_, symbols)| symbols);
        symbols.and_then(|symbols| read_number(symbols)).map(Self).ok_or_else(Problem::no_thread)
    }
}

/// What a query or a body must be beyond its types. The schema says the same.
pub trait Checked {
    /// # Errors
    /// Which field is wrong, and what it may be.
    fn check(&self) -> Result<(), String>;
}

/// The query of an address.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned + Checked> FromRequestParts<Shared> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let Query(asked) = Query::<T>::from_request_parts(parts, app)
            .await
            .map_err(|refused| Problem::new(Kind::Invalid, refused.body_text()))?;
        asked.check().map_err(|why| Problem::new(Kind::Invalid, why))?;
        Ok(Self(asked))
    }
}

/// A body of JSON.
pub struct Sent<T>(pub T);

impl<T: DeserializeOwned + Checked> FromRequest<Shared> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Problem> {
        let Json(sent) = Json::<T>::from_request(request, app).await.map_err(|refused| unread(&refused))?;
        sent.check().map_err(|why| Problem::new(Kind::Invalid, why))?;
        Ok(Self(sent))
    }
}

fn unread(refused: &JsonRejection) -> Problem {
    let kind = match refused.status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Kind::MediaType,
        StatusCode::PAYLOAD_TOO_LARGE => Kind::TooLong,
        _ => Kind::Invalid,
    };
    Problem::new(kind, refused.body_text())
}

/// A text of so many characters, without control characters but line ends and tabs.
///
/// # Errors
/// What the field may be.
pub fn text(field: &str, value: &str, most: usize) -> Result<(), String> {
    let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if value.trim().is_empty() || value.chars().count() > most || value.contains(odd) {
        return Err(format!("`{field}`: expected 1 to {most} characters, none of them a control character"));
    }
    Ok(())
}

/// A text on one line.
///
/// # Errors
/// What the field may be.
pub fn line(field: &str, value: &str, most: usize) -> Result<(), String> {
    if value.trim().is_empty() || value.chars().count() > most || value.contains(char::is_control) {
        return Err(format!("`{field}`: expected 1 to {most} characters on one line"));
    }
    Ok(())
}
