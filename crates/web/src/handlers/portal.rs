//! The portal: a signed-in customer's licences and keys, and everything that is stored about them, to read and to
//! download (GDPR Art. 15 access, Art. 20 portability).

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::portal::magic_link::EndSession;
use domain::portal::personal_data::{PersonalData, ReadPersonalData};
use message_catalogue::English;
use store::Actor;

use crate::app::{App, Shared};
use crate::extract::session::{COOKIE, PortalSession, SIGNED_OUT};
use crate::page_error::PageError;
use crate::templates;

/// Reads everything that is stored about the customer. `None` if they were erased while the session was open.
pub(crate) async fn read_personal_data(
    app: &App,
    session: &PortalSession,
) -> Result<Option<PersonalData>, PageError> {
    let (slot, settings) = (session.session.slot, &app.settings);
    let describe = English::english;
    let read = ReadPersonalData { slot, actor: &Actor::Person, case: "", settings, describe };
    Ok(app.db.execute(&read).await?)
}

/// `GET /licence/portal`: licences, keys and conversations.
pub async fn show(State(app): State<Shared>, session: PortalSession) -> Result<Response, PageError> {
    Ok(match read_personal_data(&app, &session).await? {
        Some(data) => templates::portal(&app.settings, &data).into_response(),
        None => Redirect::to(SIGNED_OUT).into_response(),
    })
}

/// `GET /licence/data`: everything that is stored (GDPR Art. 15).
pub async fn personal_data(State(app): State<Shared>, session: PortalSession) -> Result<Response, PageError> {
    Ok(match read_personal_data(&app, &session).await? {
        Some(data) => templates::personal_data(&app.settings, &data).into_response(),
        None => Redirect::to(SIGNED_OUT).into_response(),
    })
}

/// `GET /licence/data.json`: the same as a file (GDPR Art. 20).
pub async fn export(State(app): State<Shared>, session: PortalSession) -> Result<Response, PageError> {
    Ok(match read_personal_data(&app, &session).await? {
        Some(data) => (attachment("personal-data.json"), Json(data)).into_response(),
        None => Redirect::to(SIGNED_OUT).into_response(),
    })
}

/// `GET /licence/keys.txt`: all keys as a text file.
pub async fn keys(State(app): State<Shared>, session: PortalSession) -> Result<Response, PageError> {
    let Some(data) = read_personal_data(&app, &session).await? else {
        return Ok(Redirect::to(SIGNED_OUT).into_response());
    };
    let mut text = format!("Licence keys from {}\n", app.settings.vendor);
    for licence in data.licences.iter().filter(|licence| !licence.key.is_empty()) {
        text += &format!(
            "\n{} (licence {}, {})\n{}\n",
            licence.product, licence.number, licence.state, licence.key
        );
    }
    Ok((attachment("licence-keys.txt"), text).into_response())
}

/// `POST /licence/sign-out`: ends the session.
pub(crate) async fn sign_out(
    State(app): State<Shared>,
    session: PortalSession,
) -> Result<Response, PageError> {
    app.db.execute(&EndSession { token: &session.token }).await?;
    Ok((delete_cookie(), Redirect::to(SIGNED_OUT)).into_response())
}

/// The header that makes a browser delete the session cookie.
pub(crate) fn delete_cookie() -> [(header::HeaderName, HeaderValue); 1] {
    let value = format!("{COOKIE}=; Path=/licence; HttpOnly; SameSite=Strict; Max-Age=0");
    [(header::SET_COOKIE, HeaderValue::try_from(value).expect("it contains only visible ASCII characters"))]
}

fn attachment(name: &str) -> [(header::HeaderName, HeaderValue); 1] {
    let value = format!("attachment; filename=\"{name}\"");
    [(header::CONTENT_DISPOSITION, HeaderValue::try_from(value).expect("the names are constants"))]
}
