//! A person corrects their address: the open page proves the old one, a letter the new.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::portal::address::{AskForAddress, Asked, ConfirmAddress, Confirmed};
use domain::portal::magic_link::link_is_open;
use serde::Deserialize;
use store::LinkKind;
use zeroize::Zeroizing;

use crate::app::Shared;
use crate::handlers::fields::Fields;
use crate::handlers::open::no_link;
use crate::handlers::refusal::Refusal;
use crate::handlers::visitor::{From, Visitor};
use crate::templates;

/// `GET /licence/address`
pub async fn form(State(app): State<Shared>, _visitor: Visitor) -> Response {
    templates::address(&app.house.vendor, "").into_response()
}

/// The one field.
#[derive(Deserialize)]
pub struct NewAddress {
    email: String,
}

/// `POST /licence/address`
pub async fn ask(
    State(app): State<Shared>,
    visitor: Visitor,
    Fields(new): Fields<NewAddress>,
) -> Result<Response, Refusal> {
    let address = Zeroizing::new(new.email);
    let deed = AskForAddress { session: &visitor.token, address: &address, house: &app.house };
    let asked = app.db.write(&deed).await?;
    app.bell.notify_one();
    Ok(match asked {
        Asked::LetterGoes => templates::address_asked(&app.house.vendor).into_response(),
        Asked::Closed => Redirect::to("/licence?closed").into_response(),
        Asked::NoAddress => {
            let says = "That is no e-mail address. It has the form name@example.com.";
            (StatusCode::BAD_REQUEST, templates::address(&app.house.vendor, says)).into_response()
        }
        Asked::AlreadyAsked => {
            let says =
                "This page has asked for a new address already. Open it anew with a new link to ask again.";
            (StatusCode::CONFLICT, templates::address(&app.house.vendor, says)).into_response()
        }
    })
}

/// `GET /licence/address/{token}`
pub async fn button(
    State(app): State<Shared>,
    From(from): From,
    Path(token): Path<String>,
) -> Result<Response, Refusal> {
    let mut tx = app.db.read().await?;
    if link_is_open(&mut tx, &token, LinkKind::Address).await? {
        return Ok(templates::confirm_address(&app.house.vendor).into_response());
    }
    Ok(no_link(&app, from))
}

/// `POST /licence/address/{token}`
pub async fn confirm(
    State(app): State<Shared>,
    From(from): From,
    Path(token): Path<String>,
) -> Result<Response, Refusal> {
    let confirmed = app.db.write(&ConfirmAddress { token: &token, house: &app.house }).await?;
    app.bell.notify_one();
    Ok(match confirmed {
        Confirmed::NoLink => no_link(&app, from),
        Confirmed::Changed => templates::say(
            "Your address is changed",
            "From now on this address opens your page, and the old one is nobody's.",
        )
        .into_response(),
        Confirmed::Taken => {
            let says = "This address has a page of its own already, so nothing was changed. Ask for its link to see it.";
            (StatusCode::CONFLICT, templates::say("Nothing was changed", says)).into_response()
        }
    })
}
