//! Erasing a conversation at once, for whoever has its code.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::conversations::EraseByCode;
use domain::erasure::completion::roll_forward;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::conversation;
use crate::app::{App, Shared};
use crate::handlers::code::{self, HasCode, WithAccessCode};
use crate::handlers::refusal::Refusal;
use crate::templates::contact::After;
use crate::templates::say;

/// A code, and the tick.
#[derive(Deserialize)]
pub struct Sure {
    code: Zeroizing<String>,
    #[serde(default)]
    sure: String,
}

impl HasCode for Sure {
    fn code(&self) -> &str {
        &self.code
    }
}

/// `POST /thread/erase`
pub async fn erase(State(app): State<Shared>, coded: WithAccessCode<Sure>) -> Result<Response, Refusal> {
    if coded.form.sure != "yes" {
        let problem = "Nothing was erased. Tick the box if you want that.";
        let after = After { problem, ..After::default() };
        return conversation(&app, &coded, (StatusCode::BAD_REQUEST, after)).await;
    }
    if !app.db.write(&EraseByCode { tag: &coded.tag }).await? {
        return Ok(code::unknown(&app, coded.from));
    }
    Ok(gone(&app, "Everything that the code showed is gone, and the code leads nowhere now.").await)
}

/// Forgets what was just erased, and says so.
pub(super) async fn gone(app: &App, what: &str) -> Response {
    // From here on nobody finds it; the rest may have to wait for a place of the keyring.
    let waits = match roll_forward(&app.db).await {
        Ok(_) => "",
        Err(error) => {
            tracing::warn!(cause = %error, "a forgetting waits");
            " One of the places where keys lie can’t be reached at the moment, so the last step waits for it."
        }
    };
    app.bell.notify_one();
    say("Erased", &format!("{what}{waits}")).into_response()
}
