//! A customer changes their e-mail address. The portal session proves the old address, a magic link the new one.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::portal::address_change::{
    AddressConfirmation, AddressRequestOutcome, ConfirmAddressChange, RequestAddressChange,
};
use domain::portal::magic_link::is_link_valid;
use domain::token::AddressChange;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::app::Shared;
use crate::extract::client_ip::ClientIp;
use crate::extract::form::Fields;
use crate::extract::link_token::LinkToken;
use crate::extract::session::{PortalSession, SIGNED_OUT};
use crate::handlers::redeem_magic_link::expired_link;
use crate::handlers::request_magic_link::INVALID_ADDRESS;
use crate::page_error::PageError;
use crate::templates;

/// `GET /licence/address`: the form for a new address.
pub async fn form(State(app): State<Shared>, _session: PortalSession) -> Response {
    templates::change_address(&app.settings.vendor, "").into_response()
}

/// The fields of the form.
#[derive(Deserialize)]
pub struct NewAddress {
    email: String,
}

/// `POST /licence/address`: sends a magic link to the new address.
pub(crate) async fn request_change(
    State(app): State<Shared>,
    session: PortalSession,
    Fields(new): Fields<NewAddress>,
) -> Result<Response, PageError> {
    let address = Zeroizing::new(new.email);
    let request =
        RequestAddressChange { session: &session.token, address: &address, settings: &app.settings };
    let outcome = app.db.execute(&request).await?;
    app.work_available.notify_one();
    let vendor = &app.settings.vendor;
    Ok(match outcome {
        AddressRequestOutcome::EmailSent => templates::address_requested(vendor).into_response(),
        AddressRequestOutcome::SessionEnded => Redirect::to(SIGNED_OUT).into_response(),
        AddressRequestOutcome::InvalidAddress => {
            (StatusCode::BAD_REQUEST, templates::change_address(vendor, INVALID_ADDRESS)).into_response()
        }
        AddressRequestOutcome::AlreadyRequested => {
            let problem = "You can ask for a new address once each time you sign in. To ask again, sign in with a new link.";
            (StatusCode::CONFLICT, templates::change_address(vendor, problem)).into_response()
        }
    })
}

/// `GET /licence/address/{token}`: the button that confirms the new address.
pub(crate) async fn confirm_form(
    State(app): State<Shared>,
    ClientIp(ip): ClientIp,
    LinkToken(token): LinkToken<AddressChange>,
) -> Result<Response, PageError> {
    let mut tx = app.db.read().await?;
    if is_link_valid(&mut tx, &token).await? {
        return Ok(templates::confirm_address(&app.settings.vendor).into_response());
    }
    Ok(expired_link(&app, ip))
}

/// `POST /licence/address/{token}`: changes the address.
pub async fn confirm(
    State(app): State<Shared>,
    ClientIp(ip): ClientIp,
    LinkToken(token): LinkToken<AddressChange>,
) -> Result<Response, PageError> {
    let confirmed = app.db.execute(&ConfirmAddressChange { token: &token, settings: &app.settings }).await?;
    app.work_available.notify_one();
    Ok(match confirmed {
        AddressConfirmation::InvalidLink => expired_link(&app, ip),
        AddressConfirmation::Changed => templates::message_page(
            "Your address is changed",
            "You can now sign in with this address. The old address no longer works.",
        )
        .into_response(),
        AddressConfirmation::AddressInUse => {
            let text = "This address already belongs to other purchases, so we did not change anything. To see those purchases, sign in with this address.";
            (StatusCode::CONFLICT, templates::message_page("Nothing was changed", text)).into_response()
        }
    })
}
