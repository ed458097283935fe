//! A person's own page: their purchases and keys, everything held about them, to see and to take along.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::portal::magic_link::EndSession;
use domain::portal::personal_data::{Held, Show};
use store::Actor;

use crate::app::{App, Shared};
use crate::handlers::refusal::Refusal;
use crate::handlers::visitor::{COOKIE, Visitor};
use crate::templates;

/// What is held, or nothing when the person was erased in another window.
pub async fn held_of(app: &App, visitor: &Visitor) -> Result<Option<Held>, Refusal> {
    let show = Show { slot: visitor.session.slot, who: &Actor::Person, case: "", house: &app.house };
    Ok(app.db.write(&show).await?)
}

/// `GET /licence/page`
pub async fn show(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Refusal> {
    Ok(match held_of(&app, &visitor).await? {
        Some(held) => templates::own(&app.house, &held).into_response(),
        None => Redirect::to("/licence?closed").into_response(),
    })
}

/// `GET /licence/held`
pub async fn held(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Refusal> {
    Ok(match held_of(&app, &visitor).await? {
        Some(held) => templates::held(&app.house, &held).into_response(),
        None => Redirect::to("/licence?closed").into_response(),
    })
}

/// `GET /licence/held.json`
pub async fn export(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Refusal> {
    Ok(match held_of(&app, &visitor).await? {
        Some(held) => (download("held-about-me.json"), Json(held)).into_response(),
        None => Redirect::to("/licence?closed").into_response(),
    })
}

/// `GET /licence/keys.txt`
pub async fn keys(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Refusal> {
    let Some(held) = held_of(&app, &visitor).await? else {
        return Ok(Redirect::to("/licence?closed").into_response());
    };
    let mut text = format!("Licence keys from {}\n", app.house.vendor);
    for licence in held.licences.iter().filter(|l| !l.key.is_empty()) {
        text += &format!(
            "\n{} (licence {}, {})\n{}\n",
            licence.product, licence.number, licence.state, licence.key
        );
    }
    Ok((download("licence-keys.txt"), text).into_response())
}

/// `POST /licence/close`
pub async fn close(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Refusal> {
    app.db.write(&EndSession { token: &visitor.token }).await?;
    Ok((forget_cookie(), Redirect::to("/licence?closed")).into_response())
}

/// The browser drops the cookie.
pub fn forget_cookie() -> [(header::HeaderName, HeaderValue); 1] {
    let value = format!("{COOKIE}=; Path=/licence; HttpOnly; SameSite=Strict; Max-Age=0");
    [(header::SET_COOKIE, HeaderValue::try_from(value).expect("no symbol of it is special"))]
}

fn download(name: &str) -> [(header::HeaderName, HeaderValue); 1] {
    let value = format!("attachment; filename=\"{name}\"");
    [(header::CONTENT_DISPOSITION, HeaderValue::try_from(value).expect("the names are ours"))]
}
