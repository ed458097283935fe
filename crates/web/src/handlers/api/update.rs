//! Changes of a conversation by staff: assignment, state, tags, merging, redaction and erasure.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use calendar::Day;
use domain::conversations::staff::{
    ChangeOutcome, EraseConversation, MergeConversations, RedactMessage, ReleaseConversation,
    UpdateConversation,
};
use domain::conversations::{self, MAX_TAGS};
use serde::{Deserialize, Deserializer};
use store::{ConversationId, ConversationState};
use utoipa::ToSchema;

use super::auth::{ConversationsWrite, Staff};
use super::description::{ChangeProblems, Problems};
use super::extract::{ConversationNumber, ValidJson, Validate, check_line, check_text};
use super::problem::{Problem, ProblemKind};
use super::types::ConversationRow;
use crate::app::Shared;

/// Number of files that are removed at once.
const MAX_FILES: usize = 100;

/// The states that staff may set.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum NewState {
    /// Staff must answer.
    Open,
    /// Staff have answered.
    Waiting,
    /// The conversation is closed.
    Closed,
}

/// Changes of a conversation. Fields that are left out stay unchanged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConversationUpdate {
    /// The staff member to whom it is assigned. Null for none.
    #[serde(default, deserialize_with = "deserialize_present")]
    #[schema(value_type = Option<String>, required = false, min_length = 1, max_length = 64)]
    assigned: Option<Option<String>>,
    /// The new state.
    state: Option<NewState>,
    /// The day (YYYY-MM-DD) until which it is snoozed, at most a year ahead. Null to end snoozing.
    #[serde(default, deserialize_with = "deserialize_present")]
    #[schema(value_type = Option<String>, required = false, format = Date)]
    snoozed_until: Option<Option<String>>,
    /// The tags that replace the current ones, each on one line.
    #[schema(max_items = 20)]
    tags: Option<Vec<String>>,
}

/// Distinguishes null from a missing field.
fn deserialize_present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(from).map(Some)
}

impl Validate for ConversationUpdate {
    fn validate(&self) -> Result<(), String> {
        if let Some(Some(name)) = &self.assigned {
            check_line("assigned", name, 64)?;
            if matches!(name.trim(), "system" | "person") {
                return Err("`assigned`: `system` and `person` are reserved names".to_owned());
            }
        }
        if let Some(Some(until)) = &self.snoozed_until {
            until.parse::<Day>().map_err(|reason| format!("`snoozed_until`: {reason}"))?;
        }
        if matches!(self.state, Some(NewState::Closed)) && matches!(self.snoozed_until, Some(Some(_))) {
            return Err("`snoozed_until`: a closed conversation can't be snoozed".to_owned());
        }
        let tags = self.tags.iter().flatten();
        if tags.clone().count() > MAX_TAGS {
            return Err(format!("`tags`: expected at most {MAX_TAGS}"));
        }
        tags.into_iter().try_for_each(|tag| check_line("tags", tag, 64))
    }
}

impl ConversationUpdate {
    /// The operation that applies the changes.
    fn operation(&self, id: ConversationId) -> UpdateConversation<'_> {
        let day = |until: &Option<String>| until.as_ref().and_then(|until| until.parse().ok());
        UpdateConversation {
            id,
            state: self.state.map(|state| match state {
                NewState::Open => ConversationState::Open,
                NewState::Waiting => ConversationState::Waiting,
                NewState::Closed => ConversationState::Closed,
            }),
            snoozed_until: self.snoozed_until.as_ref().map(day),
            tags: self.tags.as_deref(),
            assigned: self.assigned.as_ref().map(Option::as_deref),
        }
    }

    /// Returns for how many days from today the conversation is to be snoozed.
    fn days_ahead(&self, today: Day) -> i64 {
        let until = self.snoozed_until.iter().flatten().find_map(|until| until.parse::<Day>().ok());
        until.map_or(0, |until| until - today)
    }
}

/// `PATCH /api/v1/conversations/{id}`: changes assignment, state, snoozing and tags, all or nothing.
#[utoipa::path(patch, path = "", tag = "conversations",
    params(("id" = String, Path, description = "The conversation's number (8 characters)")), request_body = ConversationUpdate,
    responses((status = 200, description = "The conversation after the changes", body = ConversationRow), Problems, ChangeProblems))]
pub async fn update(
    State(app): State<Shared>,
    _staff: Staff<ConversationsWrite>,
    ConversationNumber(id): ConversationNumber,
    ValidJson(changes): ValidJson<ConversationUpdate>,
) -> Result<Json<ConversationRow>, Problem> {
    let today = app.db.clock.today();
    if changes.days_ahead(today) > 366 {
        return Err(Problem::new(ProblemKind::Refused, "A conversation can be snoozed for at most a year."));
    }
    let conversation = app.db.execute(&changes.operation(id)).await?.map_err(refused)?;
    Ok(Json(ConversationRow::of(&conversation, today)))
}

/// The problem of a change that was not made.
fn refused(outcome: ChangeOutcome) -> Problem {
    match outcome {
        ChangeOutcome::Refused(reason) => Problem::refused(&reason),
        ChangeOutcome::Done | ChangeOutcome::NoConversation => Problem::no_conversation(),
    }
}

pub(super) fn no_content(outcome: ChangeOutcome) -> Result<StatusCode, Problem> {
    if outcome == ChangeOutcome::Done { Ok(StatusCode::NO_CONTENT) } else { Err(refused(outcome)) }
}

/// `POST /api/v1/conversations/{id}/release`: releases a held conversation into the open queue.
#[utoipa::path(post, path = "", tag = "conversations",
    params(("id" = String, Path, description = "The conversation's number (8 characters)")),
    responses((status = 204, description = "The conversation is open"), Problems, ChangeProblems))]
pub async fn release(
    State(app): State<Shared>,
    staff: Staff<ConversationsWrite>,
    ConversationNumber(id): ConversationNumber,
) -> Result<StatusCode, Problem> {
    no_content(app.db.execute(&ReleaseConversation { id, actor: &staff.actor }).await?)
}

/// The conversation that remains after a merge.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeTarget {
    /// Its number (8 characters).
    #[schema(min_length = 1, max_length = 32)]
    into: String,
}

impl Validate for MergeTarget {
    fn validate(&self) -> Result<(), String> {
        check_line("into", &self.into, 32)
    }
}

/// `POST /api/v1/conversations/{id}/merge`: moves its messages into another conversation of the same person, and deletes it.
#[utoipa::path(post, path = "", tag = "conversations",
    params(("id" = String, Path, description = "The conversation's number (8 characters)")), request_body = MergeTarget,
    responses((status = 204, description = "The conversations are merged"), Problems, ChangeProblems))]
pub async fn merge(
    State(app): State<Shared>,
    staff: Staff<ConversationsWrite>,
    ConversationNumber(id): ConversationNumber,
    ValidJson(body): ValidJson<MergeTarget>,
) -> Result<StatusCode, Problem> {
    let into = conversations::parse_conversation_id(&body.into).ok_or_else(Problem::no_conversation)?;
    let merged = app.db.execute(&MergeConversations { id, into, actor: &staff.actor }).await?;
    app.work_available.notify_one();
    no_content(merged)
}

/// The text and the files to remove.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Redaction {
    /// The message's number in the conversation.
    #[schema(minimum = 1)]
    message: i64,
    /// The passage, exactly as it is in the message, in a file name, in the subject or in a tag. Empty to remove only
    /// files.
    #[serde(default)]
    #[schema(max_length = 100_000)]
    passage: String,
    /// Numbers of files to remove from the conversation.
    #[serde(default)]
    #[schema(max_items = 100)]
    files: Vec<String>,
}

impl Validate for Redaction {
    fn validate(&self) -> Result<(), String> {
        if self.message < 1 {
            return Err("`message`: expected a message's number, from 1".to_owned());
        }
        if self.files.len() > MAX_FILES {
            return Err(format!("`files`: expected at most {MAX_FILES}"));
        }
        if self.passage.is_empty() {
            return Ok(());
        }
        check_text("passage", &self.passage, conversations::MAX_MESSAGE_CHARS)
    }
}

/// `POST /api/v1/conversations/{id}/redact`: permanently removes a passage about another person from a message and
/// everything that repeats it, and removes files.
#[utoipa::path(post, path = "", tag = "conversations",
    params(("id" = String, Path, description = "The conversation's number (8 characters)")), request_body = Redaction,
    responses((status = 204, description = "The passage and the files are removed"), Problems, ChangeProblems))]
pub async fn redact(
    State(app): State<Shared>,
    staff: Staff<ConversationsWrite>,
    ConversationNumber(id): ConversationNumber,
    ValidJson(body): ValidJson<Redaction>,
) -> Result<StatusCode, Problem> {
    let Redaction { message, passage, files } = body;
    // A text that is no number matches no file.
    let files: Vec<i64> = files.iter().map(|id| id.parse().unwrap_or(0)).collect();
    let redact = RedactMessage { id, message, passage: &passage, files: &files, actor: &staff.actor };
    let redacted = app.db.execute(&redact).await?;
    app.work_available.notify_one();
    no_content(redacted)
}

/// `DELETE /api/v1/conversations/{id}`: erases a conversation with everything in it (GDPR Art. 17).
#[utoipa::path(delete, path = "", tag = "conversations",
    params(("id" = String, Path, description = "The conversation's number (8 characters)")),
    responses((status = 204, description = "The conversation is erased"), Problems, ChangeProblems))]
pub async fn erase(
    State(app): State<Shared>,
    staff: Staff<ConversationsWrite>,
    ConversationNumber(id): ConversationNumber,
) -> Result<StatusCode, Problem> {
    let erased = app.db.execute(&EraseConversation { id, actor: &staff.actor }).await?;
    app.work_available.notify_one();
    no_content(erased)
}
