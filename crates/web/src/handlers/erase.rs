//! Erasure (GDPR Art. 17): the consequences for this customer's purchases, the download of the keys, the agreement, the
//! receipt.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::erasure::completion::roll_forward;
use domain::erasure::receipt::{ReceiptStatus, fetch_receipt};
use domain::erasure::request::{AgreeToErasure, AgreementOutcome, CancelErasure, ErasureAgreement};
use domain::token::Token;
use serde::Deserialize;

use crate::app::Shared;
use crate::extract::form::Fields;
use crate::extract::session::{PortalSession, SIGNED_OUT};
use crate::handlers::portal::{delete_cookie, read_personal_data};
use crate::page_error::PageError;
use crate::templates;

/// `GET /licence/erase`: the consequences and the form to agree.
pub async fn form(State(app): State<Shared>, session: PortalSession) -> Result<Response, PageError> {
    Ok(match read_personal_data(&app, &session).await? {
        Some(data) => templates::erase(&app.settings, &data, "").into_response(),
        None => Redirect::to(SIGNED_OUT).into_response(),
    })
}

/// The fields of the form.
#[derive(Deserialize)]
pub struct ErasureForm {
    #[serde(default)]
    agree: String,
    #[serde(default)]
    confirmation: String,
}

/// The word that the customer types to confirm.
pub const CONFIRMATION: &str = "ERASE";

/// `POST /licence/erase`: records the agreement, and erases at once unless a cooling-off period is configured.
pub async fn agree(
    State(app): State<Shared>,
    session: PortalSession,
    Fields(form): Fields<ErasureForm>,
) -> Result<Response, PageError> {
    let Some(data) = read_personal_data(&app, &session).await? else {
        return Ok(Redirect::to(SIGNED_OUT).into_response());
    };
    if form.agree != "yes" || form.confirmation.trim() != CONFIRMATION {
        let problem =
            "We did not erase anything. If you agree, select the box and type ERASE in capital letters.";
        return Ok((StatusCode::BAD_REQUEST, templates::erase(&app.settings, &data, problem)).into_response());
    }
    // The recorded agreement is the text that the page showed.
    let text = templates::agreement(&app.settings, &data);
    let agreement = ErasureAgreement::OnPortal(&text);
    let agree = AgreeToErasure { slot: session.session.slot, agreement, settings: &app.settings };
    let vendor = &app.settings.vendor;
    let code = match app.db.execute(&agree).await? {
        AgreementOutcome::UnknownPerson => return Ok(Redirect::to(SIGNED_OUT).into_response()),
        AgreementOutcome::CoolingOff { day, code } => {
            return Ok(templates::erasure_scheduled(vendor, &day.to_string(), &code).into_response());
        }
        AgreementOutcome::Started { code } => code,
    };
    // From here on the person can't be found. The last steps may have to wait for a replica of the keyring.
    if let Err(error) = roll_forward(&app.db).await {
        tracing::warn!(cause = %error, "an erasure is not complete yet");
    }
    let status = fetch_receipt(&mut app.db.read().await?, &Token::presented(&code)).await?;
    let receipt = if let ReceiptStatus::Ready(text) = status { text } else { String::new() };
    Ok((delete_cookie(), templates::erased(vendor, &receipt, &code)).into_response())
}

/// `POST /licence/erase/cancel`: cancels an erasure that is scheduled.
pub async fn cancel(State(app): State<Shared>, session: PortalSession) -> Result<Response, PageError> {
    app.db.execute(&CancelErasure { slot: session.session.slot }).await?;
    Ok(Redirect::to("/licence/portal").into_response())
}
