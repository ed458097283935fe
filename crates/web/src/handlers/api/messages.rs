//! Replies to people, and notes for colleagues.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::conversations::staff::{AddNote, AddNoteOutcome, ReplyOutcome, ReplyToConversation};
use message_catalogue::English as _;
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::{ConversationsWrite, Staff};
use super::description::{ChangeProblems, Problems};
use super::extract::{ConversationNumber, ValidJson, Validate, check_text};
use super::problem::Problem;
use super::types::{ReplyRoute, ReplyRouteAndReason};
use crate::app::Shared;

/// A reply to the person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReply {
    /// Plain text.
    #[schema(min_length = 1, max_length = 100_000)]
    text: String,
    /// Quote the person's last message below the reply. Only possible for a verified address.
    #[serde(default)]
    quote: bool,
    /// Number of messages that the conversation had when it was read. If there are more now, nothing is sent (409).
    #[schema(minimum = 0)]
    seen: Option<i64>,
    /// Send the reply even if there are newer messages.
    #[serde(default)]
    force: bool,
    /// Close the conversation with this reply.
    #[serde(default)]
    close: bool,
}

impl Validate for NewReply {
    fn validate(&self) -> Result<(), String> {
        check_seen(self.seen)?;
        check_text("text", &self.text, domain::conversations::MAX_MESSAGE_CHARS)
    }
}

fn check_seen(seen: Option<i64>) -> Result<(), String> {
    if seen.is_some_and(|seen| seen < 0) {
        return Err("`seen`: expected the number of messages that you have read".to_owned());
    }
    Ok(())
}

/// `POST /api/v1/conversations/{id}/replies`: replies to the person, by e-mail or on the web page of the conversation.
#[utoipa::path(post, path = "", tag = "conversations",
    params(("id" = String, Path, description = "The conversation's number (8 characters)")), request_body = NewReply,
    responses((status = 200, description = "The reply is sent or waits on the web page", body = ReplyRouteAndReason),
        Problems, ChangeProblems))]
pub async fn reply(
    State(app): State<Shared>,
    staff: Staff<ConversationsWrite>,
    ConversationNumber(id): ConversationNumber,
    ValidJson(new): ValidJson<NewReply>,
) -> Result<Json<ReplyRouteAndReason>, Problem> {
    let NewReply { text, quote, seen, force, close } = new;
    let reply = ReplyToConversation {
        id,
        text: &text,
        quote,
        seen,
        force,
        close,
        actor: &staff.actor,
        settings: &app.settings,
    };
    match app.db.execute(&reply).await? {
        ReplyOutcome::Sent => {
            app.work_available.notify_one();
            Ok(Json(ReplyRouteAndReason { route: ReplyRoute::Email, reason: None }))
        }
        ReplyOutcome::Waits(reason) => {
            Ok(Json(ReplyRouteAndReason { route: ReplyRoute::Web, reason: Some(reason.english()) }))
        }
        ReplyOutcome::Collision(newer) => Err(Problem::conflict(newer)),
        ReplyOutcome::Refused(reason) => Err(Problem::refused(&reason)),
        ReplyOutcome::NoConversation => Err(Problem::no_conversation()),
    }
}

/// A note for colleagues.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// Plain text. The person never reads it.
    #[schema(min_length = 1, max_length = 100_000)]
    text: String,
    /// Number of messages that the conversation had when it was read. If there are more now, nothing is stored (409).
    #[schema(minimum = 0)]
    seen: Option<i64>,
    /// Store the note even if there are newer messages.
    #[serde(default)]
    force: bool,
}

impl Validate for NewNote {
    fn validate(&self) -> Result<(), String> {
        check_seen(self.seen)?;
        check_text("text", &self.text, domain::conversations::MAX_MESSAGE_CHARS)
    }
}

/// `POST /api/v1/conversations/{id}/notes`: adds a note for colleagues.
#[utoipa::path(post, path = "", tag = "conversations",
    params(("id" = String, Path, description = "The conversation's number (8 characters)")), request_body = NewNote,
    responses((status = 204, description = "The note is added"), Problems, ChangeProblems))]
pub async fn note(
    State(app): State<Shared>,
    staff: Staff<ConversationsWrite>,
    ConversationNumber(id): ConversationNumber,
    ValidJson(new): ValidJson<NewNote>,
) -> Result<StatusCode, Problem> {
    let NewNote { text, seen, force } = new;
    match app.db.execute(&AddNote { id, text: &text, seen, force, actor: &staff.actor }).await? {
        AddNoteOutcome::Done => Ok(StatusCode::NO_CONTENT),
        AddNoteOutcome::Collision(newer) => Err(Problem::conflict(newer)),
        AddNoteOutcome::Refused(reason) => Err(Problem::refused(&reason)),
        AddNoteOutcome::NoConversation => Err(Problem::no_conversation()),
    }
}
