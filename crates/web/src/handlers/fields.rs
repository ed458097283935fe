//! The fields of a form. One that came incomplete gets a page, like everything else that a person may see.

use axum::Form;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse as _, Response};
use serde::de::DeserializeOwned;

use crate::app::Shared;
use crate::templates;

/// What a form's fields hold.
pub struct Fields<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Shared> for Fields<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Response> {
        let read = Form::<T>::from_request(request, app).await;
        read.map(|Form(fields)| Self(fields)).map_err(|refused| {
            let says = "This form came incomplete, so nothing was done. Please go back and send it again.";
            (refused.status(), templates::say("Not understood", says)).into_response()
        })
    }
}
