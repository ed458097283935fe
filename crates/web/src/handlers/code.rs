//! A typed code, and what is said of one that leads nowhere. A slip of the hand is told from a code that nobody has;
//! one that was erased is told from neither.

use std::net::IpAddr;

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::conversations::code::{Read, read};
use serde::de::DeserializeOwned;

use crate::app::{App, Shared};
use crate::handlers::fields::Fields;
use crate::handlers::visitor::From;
use crate::limits::Door;
use crate::templates;

/// A form in which a code stands.
pub trait HasCode: DeserializeOwned {
    /// As typed.
    fn code(&self) -> &str;
}

/// A form with a code that could be one.
pub struct WithAccessCode<T> {
    /// Its fields.
    pub form: T,
    /// What is kept of the code.
    pub tag: [u8; 32],
    /// Where it was sent from.
    pub from: IpAddr,
}

impl<T: HasCode> FromRequest<Shared> for WithAccessCode<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let from = From::from_request_parts(&mut parts, app).await;
        let From(from) = from.map_err(axum::response::IntoResponse::into_response)?;
        let Fields(form) = Fields::<T>::from_request(Request::from_parts(parts, body), app).await?;
        let tag = tag(app, from, form.code()).map_err(|page| *page)?;
        Ok(Self { form, tag, from })
    }
}

/// What is kept of a typed code.
///
/// # Errors
/// The page that says what is wrong with it, or that too many were tried from there.
pub fn tag(app: &App, from: IpAddr, typed: &str) -> Result<[u8; 32], Box<Response>> {
    // Before anything is looked up: who tries codes learns nothing more until the minute is over.
    if !app.limits.open(Door::Code, from) {
        return Err(Box::new(templates::too_often()));
    }
    match read(typed) {
        Read::Code(tag) => Ok(tag),
        Read::WrongCheck => Err(Box::new(wrong(
            app,
            from,
            StatusCode::BAD_REQUEST,
            "Something in this code was mistyped: its last symbol doesn’t fit the others. Please compare it symbol by symbol.",
            typed,
        ))),
        Read::NoCode => Err(Box::new(wrong(
            app,
            from,
            StatusCode::BAD_REQUEST,
            "A code has 21 letters and digits, like XXXXX-XXXXX-XXXXX-XXXXX-X. Some are missing here, or too many.",
            typed,
        ))),
    }
}

/// No conversation has this code (any more).
pub fn unknown(app: &App, from: IpAddr) -> Response {
    let says = "No conversation has this code. It was erased, or has been over for so long that it was forgotten, or it never was.";
    wrong(app, from, StatusCode::NOT_FOUND, says, "")
}

fn wrong(app: &App, from: IpAddr, status: StatusCode, says: &str, typed: &str) -> Response {
    if app.limits.allow(Door::Code, from) {
        (status, templates::contact::thread_code(&app.house.vendor, says, typed)).into_response()
    } else {
        templates::too_often()
    }
}
