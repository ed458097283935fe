//! Erasure: what becomes impossible for these purchases, the keys to take along, the agreement, the receipt.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::erasure::completion::roll_forward;
use domain::erasure::intent::{Agree, Agreed, Agreement, TakeBack};
use domain::erasure::receipt::{PickUp, pick_up};
use serde::Deserialize;

use crate::app::Shared;
use crate::handlers::fields::Fields;
use crate::handlers::page::{forget_cookie, held_of};
use crate::handlers::refusal::Refusal;
use crate::handlers::visitor::Visitor;
use crate::templates;

/// `GET /licence/erase`
pub async fn consequences(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Refusal> {
    Ok(match held_of(&app, &visitor).await? {
        Some(held) => templates::erase(&app.house, &held, "").into_response(),
        None => Redirect::to("/licence?closed").into_response(),
    })
}

/// The tick and the typed word.
#[derive(Deserialize)]
pub struct Given {
    #[serde(default)]
    agree: String,
    #[serde(default)]
    word: String,
}

/// The word that has to be typed.
pub const WORD: &str = "ERASE";

/// `POST /licence/erase`
pub async fn agree(
    State(app): State<Shared>,
    visitor: Visitor,
    Fields(given): Fields<Given>,
) -> Result<Response, Refusal> {
    let Some(held) = held_of(&app, &visitor).await? else {
        return Ok(Redirect::to("/licence?closed").into_response());
    };
    if given.agree != "yes" || given.word.trim() != WORD {
        let says = "Nothing was erased. Tick the box and type the word ERASE in capitals if you agree.";
        return Ok((StatusCode::BAD_REQUEST, templates::erase(&app.house, &held, says)).into_response());
    }
    // What was agreed to is what the page said.
    let text = templates::agreement(&app.house, &held);
    let deed =
        Agree { slot: visitor.session.slot, agreement: Agreement::OnOwnPage(&text), house: &app.house };
    let code = match app.db.write(&deed).await? {
        Agreed::Nobody => return Ok(Redirect::to("/licence?closed").into_response()),
        Agreed::Cooling { day, code } => {
            return Ok(templates::cooling(&app.house.vendor, &domain::day::text(day), &code).into_response());
        }
        Agreed::Erasing { code } => code,
    };
    // From here on the person is a stranger; the rest may have to wait for a place of the keyring.
    if let Err(error) = roll_forward(&app.db).await {
        tracing::warn!(cause = %error, "a forgetting waits");
    }
    let receipt = pick_up(&mut app.db.read().await?, &code).await?;
    let receipt = if let PickUp::Ready(text) = receipt { text } else { String::new() };
    Ok((forget_cookie(), templates::erased(&app.house.vendor, &receipt, &code)).into_response())
}

/// `POST /licence/erase/take-back`
pub async fn take_back(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Refusal> {
    app.db.write(&TakeBack { slot: visitor.session.slot }).await?;
    Ok(Redirect::to("/licence/page").into_response())
}
