//! Hands out a receipt of erasure against its pick-up code.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::erasure::receipt::{PickUp, pick_up as fetch};
use serde::Deserialize;

use crate::app::Shared;
use crate::handlers::fields::Fields;
use crate::handlers::refusal::Refusal;
use crate::handlers::visitor::From;
use crate::limits::Door;
use crate::templates;

/// `GET /receipt`
pub async fn form(State(app): State<Shared>) -> Response {
    templates::receipt(&app.house.vendor, "").into_response()
}

/// The one field.
#[derive(Deserialize)]
pub struct Code {
    code: String,
}

/// `POST /receipt`
pub async fn pick_up(
    State(app): State<Shared>,
    From(from): From,
    Fields(code): Fields<Code>,
) -> Result<Response, Refusal> {
    let found = fetch(&mut app.db.read().await?, &code.code).await?;
    if found == PickUp::Unknown && !app.limits.allow(Door::Token, from) {
        return Ok(templates::too_often());
    }
    Ok(match found {
        PickUp::Ready(text) => {
            let name = "attachment; filename=\"erasure-receipt.txt\"";
            ([(header::CONTENT_DISPOSITION, name)], text).into_response()
        }
        PickUp::Withheld => {
            let says = "Your erasure is agreed, but not finished: its day has not come, or a place of the keys has not confirmed it yet. Please come back later with the same code.";
            (StatusCode::ACCEPTED, templates::receipt(&app.house.vendor, says)).into_response()
        }
        PickUp::Unknown => {
            let says = "No receipt waits under this code. Receipts are kept for 30 days.";
            (StatusCode::NOT_FOUND, templates::receipt(&app.house.vendor, says)).into_response()
        }
    })
}
