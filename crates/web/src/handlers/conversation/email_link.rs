//! The link in an e-mail of staff. It can end a conversation but can't show it. Following the link only shows buttons.
//! So a mail scanner, which follows links but submits no forms, changes nothing.

use std::net::IpAddr;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::conversations::{CloseByEmailLink, EraseByEmailLink, email_link_is_valid};
use domain::token::ConversationLink;
use serde::Deserialize;

use super::erase::erased_page;
use crate::app::{App, Shared};
use crate::extract::client_ip::ClientIp;
use crate::extract::form::Fields;
use crate::extract::link_token::LinkToken;
use crate::page_error::PageError;
use crate::rate_limit::RateLimitKey;
use crate::templates::{contact as templates, message_page, rate_limited};

/// `GET /conversation/email/{token}`: the buttons.
pub async fn form(
    State(app): State<Shared>,
    ClientIp(ip): ClientIp,
    LinkToken(token): LinkToken<ConversationLink>,
) -> Result<Response, PageError> {
    Ok(if email_link_is_valid(&mut app.db.read().await?, &token).await? {
        templates::email_link(&app.settings.vendor)
    } else {
        expired_link(&app, ip)
    })
}

/// The button that was pressed.
#[derive(Deserialize)]
pub struct EndForm {
    #[serde(default)]
    action: String,
    #[serde(default)]
    confirm: String,
}

/// `POST /conversation/email/{token}`: closes or erases the conversation.
pub async fn end(
    State(app): State<Shared>,
    ClientIp(ip): ClientIp,
    LinkToken(token): LinkToken<ConversationLink>,
    Fields(EndForm { action, confirm }): Fields<EndForm>,
) -> Result<Response, PageError> {
    if action == "close" {
        let closed = app.db.execute(&CloseByEmailLink { token: &token }).await?;
        let text = "The conversation is closed. To reopen it, reply to our e-mail.";
        return Ok(if closed {
            message_page("Closed", text).into_response()
        } else {
            expired_link(&app, ip)
        });
    }
    if action != "erase" || confirm != "yes" {
        let valid = email_link_is_valid(&mut app.db.read().await?, &token).await?;
        let page = (StatusCode::BAD_REQUEST, templates::email_link(&app.settings.vendor));
        return Ok(if valid { page.into_response() } else { expired_link(&app, ip) });
    }
    Ok(if app.db.execute(&EraseByEmailLink { token: &token }).await? {
        erased_page(&app, "The conversation is erased. Its access code no longer works.").await
    } else {
        expired_link(&app, ip)
    })
}

/// The answer to a link that was used, that has expired or that never existed: always the same page.
fn expired_link(app: &App, ip: IpAddr) -> Response {
    if !app.rate_limiter.allow(RateLimitKey::Token, ip) {
        return rate_limited();
    }
    let text = "The conversation was erased, or our e-mail is older than 60 days.";
    (StatusCode::GONE, message_page("This link no longer works", text)).into_response()
}
