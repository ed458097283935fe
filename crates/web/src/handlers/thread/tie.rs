//! Giving a nameless conversation an address, or tying it to one's own page; and taking that back.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::conversations::{GiveAddress, Given, Tie, Tied, Untie, Which, read_number};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Code, conversation};
use crate::app::Shared;
use crate::handlers::code::{self, HasCode, WithAccessCode};
use crate::handlers::fields::Fields;
use crate::handlers::refusal::Refusal;
use crate::handlers::visitor::Visitor;
use crate::templates::contact::After;
use crate::templates::say;

/// A code, and where answers go.
#[derive(Deserialize)]
pub struct Address {
    code: Zeroizing<String>,
    address: Zeroizing<String>,
}

impl HasCode for Address {
    fn code(&self) -> &str {
        &self.code
    }
}

/// `POST /thread/address`: gives an address; an empty one takes it back.
pub async fn address(State(app): State<Shared>, coded: WithAccessCode<Address>) -> Result<Response, Refusal> {
    let (tag, address) = (&coded.tag, &coded.form.address);
    let none = After::default();
    let (status, after) = match app.db.write(&GiveAddress { tag, address }).await? {
        Given::Done if address.trim().is_empty() => {
            (StatusCode::OK, After { said: "The address is gone. Answers wait here.", ..none })
        }
        Given::Done => {
            (StatusCode::OK, After { said: "Our answers go to your address from now on, and here.", ..none })
        }
        Given::NoAddress => {
            let problem = "That is no e-mail address. It has the form name@example.com.";
            (StatusCode::BAD_REQUEST, After { problem, ..none })
        }
        Given::Proved => {
            let problem = "This conversation goes on by mail already, with whoever has that mailbox. Nothing was changed.";
            (StatusCode::CONFLICT, After { problem, ..none })
        }
        Given::NoThread => return Ok(code::unknown(&app, coded.from)),
    };
    conversation(&app, &coded, (status, after)).await
}

/// `POST /thread/untie`
pub async fn untie(State(app): State<Shared>, coded: WithAccessCode<Code>) -> Result<Response, Refusal> {
    app.db.write(&Untie { which: Which::Code(&coded.tag), person: None }).await?;
    let after = After { said: "This conversation is tied to nobody’s page.", ..After::default() };
    conversation(&app, &coded, (StatusCode::OK, after)).await
}

/// `POST /licence/thread`: ties a conversation to the page that is open in this browser. Below `/licence`, because the
/// cookie that says whose it is goes nowhere else.
pub async fn tie(
    State(app): State<Shared>,
    visitor: Visitor,
    WithAccessCode { tag, from, .. }: WithAccessCode<Code>,
) -> Result<Response, Refusal> {
    let tie = Tie { which: Which::Code(&tag), person: visitor.session.slot };
    Ok(match app.db.write(&tie).await? {
        Tied::Done => Redirect::to("/licence/page").into_response(),
        Tied::NoThread => code::unknown(&app, from),
        Tied::Proved => {
            let says =
                "This conversation belongs to somebody else’s page or mailbox, so it was not tied to yours.";
            (StatusCode::CONFLICT, say("Nothing was changed", says)).into_response()
        }
    })
}

/// The number of a conversation.
#[derive(Deserialize)]
pub struct Number {
    thread: String,
}

/// `POST /licence/untie`: unties a conversation from the page that is open.
pub async fn untie_own(
    State(app): State<Shared>,
    visitor: Visitor,
    Fields(Number { thread }): Fields<Number>,
) -> Result<Response, Refusal> {
    if let Some(id) = read_number(&thread) {
        app.db.write(&Untie { which: Which::Number(id), person: Some(visitor.session.slot) }).await?;
    }
    Ok(Redirect::to("/licence/page").into_response())
}
