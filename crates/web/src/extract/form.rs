//! The fields of a form. An incomplete form is answered with an HTML page.

use axum::Form;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse as _, Response};
use serde::de::DeserializeOwned;

use crate::app::Shared;
use crate::templates;

/// The fields of a form without files.
pub struct Fields<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Shared> for Fields<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Response> {
        let form = Form::<T>::from_request(request, app).await;
        form.map(|Form(fields)| Self(fields)).map_err(|rejection| {
            let text = "The form was incomplete, so we did not accept it. Go back and send it again.";
            (rejection.status(), templates::message_page("Form not accepted", text)).into_response()
        })
    }
}
