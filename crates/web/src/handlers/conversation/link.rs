//! Gives an anonymous conversation an e-mail address or links it to a customer, and undoes both.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::conversations::{
    ConversationRef, GiveAddress, GiveAddressOutcome, LinkCustomer, LinkOutcome, UnlinkCustomer,
    parse_conversation_id,
};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{CodeForm, conversation_page};
use crate::app::Shared;
use crate::extract::access_code::{HasCode, WithAccessCode, unknown_code};
use crate::extract::form::Fields;
use crate::extract::session::PortalSession;
use crate::handlers::request_magic_link::INVALID_ADDRESS;
use crate::page_error::PageError;
use crate::templates::contact::ActionResult;
use crate::templates::message_page;

/// An access code, and the address for answers.
#[derive(Deserialize)]
pub struct AddressForm {
    code: Zeroizing<String>,
    email: Zeroizing<String>,
}

impl HasCode for AddressForm {
    fn code(&self) -> &str {
        &self.code
    }
}

/// `POST /conversation/address`: sets the e-mail address for answers. An empty address removes it.
pub(crate) async fn set_address(
    State(app): State<Shared>,
    form: WithAccessCode<AddressForm>,
) -> Result<Response, PageError> {
    let (tag, address) = (&form.tag, &form.form.email);
    let none = ActionResult::default();
    let (status, result) = match app.db.execute(&GiveAddress { code_hash: tag, address }).await? {
        GiveAddressOutcome::Done if address.trim().is_empty() => {
            let success = "We have removed the address. You read our answers here.";
            (StatusCode::OK, ActionResult { success, ..none })
        }
        GiveAddressOutcome::Done => {
            let success = "From now on, we also send our answers to your address.";
            (StatusCode::OK, ActionResult { success, ..none })
        }
        GiveAddressOutcome::InvalidAddress => {
            (StatusCode::BAD_REQUEST, ActionResult { problem: INVALID_ADDRESS, ..none })
        }
        GiveAddressOutcome::ProvedByOther => {
            let problem = "This conversation already continues by e-mail with the owner of the mailbox. We did not change anything.";
            (StatusCode::CONFLICT, ActionResult { problem, ..none })
        }
        GiveAddressOutcome::NoConversation => return Ok(unknown_code(&app, form.ip)),
    };
    conversation_page(&app, &form, (status, result)).await
}

/// `POST /conversation/unlink`: unlinks the conversation from its customer.
pub async fn unlink(
    State(app): State<Shared>,
    form: WithAccessCode<CodeForm>,
) -> Result<Response, PageError> {
    app.db.execute(&UnlinkCustomer { which: ConversationRef::Code(&form.tag), person: None }).await?;
    let success = "This conversation is not linked to any purchases now.";
    let result = ActionResult { success, ..ActionResult::default() };
    conversation_page(&app, &form, (StatusCode::OK, result)).await
}

/// `POST /licence/conversation`: links a conversation to the customer of the portal session. The path is below
/// `/licence`, because browsers send the session cookie only there.
pub(crate) async fn link_customer(
    State(app): State<Shared>,
    session: PortalSession,
    WithAccessCode { tag, ip, .. }: WithAccessCode<CodeForm>,
) -> Result<Response, PageError> {
    let link = LinkCustomer { which: ConversationRef::Code(&tag), person: session.session.slot };
    Ok(match app.db.execute(&link).await? {
        LinkOutcome::Done => Redirect::to("/licence/portal").into_response(),
        LinkOutcome::NoConversation => unknown_code(&app, ip),
        LinkOutcome::ProvedByOther => {
            let text = "This conversation belongs to another customer or mailbox, so we did not link it to your purchases.";
            (StatusCode::CONFLICT, message_page("Nothing was changed", text)).into_response()
        }
    })
}

/// The number of a conversation.
#[derive(Deserialize)]
pub struct ConversationForm {
    conversation: String,
}

/// `POST /licence/conversation/unlink`: unlinks a conversation from the customer of the portal session.
pub(crate) async fn unlink_in_portal(
    State(app): State<Shared>,
    session: PortalSession,
    Fields(ConversationForm { conversation }): Fields<ConversationForm>,
) -> Result<Response, PageError> {
    if let Some(id) = parse_conversation_id(&conversation) {
        let person = Some(session.session.slot);
        app.db.execute(&UnlinkCustomer { which: ConversationRef::Number(id), person }).await?;
    }
    Ok(Redirect::to("/licence/portal").into_response())
}
