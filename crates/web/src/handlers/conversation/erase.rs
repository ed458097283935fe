//! Erases a conversation at once, for the person who has its access code.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::conversations::EraseByCode;
use domain::erasure::completion::roll_forward;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::conversation_page;
use crate::app::{App, Shared};
use crate::extract::access_code::{HasCode, WithAccessCode, unknown_code};
use crate::page_error::PageError;
use crate::templates::contact::ActionResult;
use crate::templates::message_page;

/// An access code, and the confirmation.
#[derive(Deserialize)]
pub struct ConfirmedForm {
    code: Zeroizing<String>,
    #[serde(default)]
    confirm: String,
}

impl HasCode for ConfirmedForm {
    fn code(&self) -> &str {
        &self.code
    }
}

/// `POST /conversation/erase`: erases the conversation.
pub async fn erase(
    State(app): State<Shared>,
    form: WithAccessCode<ConfirmedForm>,
) -> Result<Response, PageError> {
    if form.form.confirm != "yes" {
        let problem = "We did not erase anything. To erase the conversation, select the box.";
        let result = ActionResult { problem, ..ActionResult::default() };
        return conversation_page(&app, &form, (StatusCode::BAD_REQUEST, result)).await;
    }
    if !app.db.execute(&EraseByCode { code_hash: &form.tag }).await? {
        return Ok(unknown_code(&app, form.ip));
    }
    Ok(erased_page(&app, "The conversation is erased. The access code no longer works.").await)
}

/// Completes an erasure, and says that it was done.
pub(super) async fn erased_page(app: &App, text: &str) -> Response {
    // From here on the conversation can't be found. The last steps may have to wait for a replica of the keyring.
    let pending = match roll_forward(&app.db).await {
        Ok(_) => "",
        Err(error) => {
            tracing::warn!(cause = %error, "an erasure is not complete yet");
            " One of the stores of our encryption keys cannot be reached at the moment. We will finish the erasure when it is back."
        }
    };
    app.work_available.notify_one();
    message_page("Erased", &format!("{text}{pending}")).into_response()
}
