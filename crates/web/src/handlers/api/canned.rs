//! Canned responses. They contain placeholders, and no personal data.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::conversations::canned_responses::{self, DeleteCannedResponse, SetCannedResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::auth::{ConversationsRead, ConversationsWrite, Staff};
use super::description::{ChangeProblems, Problems};
use super::extract::{ValidJson, ValidQuery, Validate, check_line, check_text};
use super::problem::{Problem, ProblemKind};
use crate::app::Shared;

/// A canned response.
#[derive(Serialize, ToSchema)]
pub struct CannedResponse {
    /// The name.
    pub name: String,
    /// The text with placeholders.
    pub text: String,
}

/// All canned responses.
#[derive(Serialize, ToSchema)]
pub struct CannedResponseList {
    /// The canned responses, by name.
    pub canned_responses: Vec<CannedResponse>,
}

/// The text of a canned response.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCannedResponse {
    /// The text. Placeholders: {vendor} {product} {edition} {state} {conversation} {staff}. No other placeholders, and no e-mail address.
    #[schema(min_length = 1, max_length = 100_000)]
    text: String,
}

impl Validate for NewCannedResponse {
    fn validate(&self) -> Result<(), String> {
        check_text("text", &self.text, domain::conversations::MAX_MESSAGE_CHARS)
    }
}

/// The conversation for which the response is rendered.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RenderQuery {
    /// The conversation's number (8 characters).
    #[param(min_length = 1, max_length = 32)]
    conversation: String,
}

impl Validate for RenderQuery {
    fn validate(&self) -> Result<(), String> {
        check_line("conversation", &self.conversation, 32)
    }
}

/// A canned response with its placeholders replaced.
#[derive(Serialize, ToSchema)]
pub struct RenderedResponse {
    /// The text, to be checked and sent.
    pub text: String,
}

fn no_response() -> Problem {
    Problem::new(ProblemKind::NotFound, "There is no canned response of this name.")
}

/// `GET /api/v1/canned`: all canned responses.
#[utoipa::path(get, path = "", tag = "canned responses",
    responses((status = 200, description = "All canned responses, by name", body = CannedResponseList), Problems))]
pub async fn list(
    State(app): State<Shared>,
    _staff: Staff<ConversationsRead>,
) -> Result<Json<CannedResponseList>, Problem> {
    let all = canned_responses::list(&mut app.db.read().await?).await?;
    let canned_responses = all.into_iter().map(|(name, text)| CannedResponse { name, text }).collect();
    Ok(Json(CannedResponseList { canned_responses }))
}

/// `PUT /api/v1/canned/{name}`: creates or replaces a canned response.
#[utoipa::path(put, path = "", tag = "canned responses",
    params(("name" = String, Path, description = "The name: small letters, digits and dashes")), request_body = NewCannedResponse,
    responses((status = 204, description = "The response is stored"), Problems, ChangeProblems))]
pub async fn set(
    State(app): State<Shared>,
    staff: Staff<ConversationsWrite>,
    name: Result<Path<String>, axum::extract::rejection::PathRejection>,
    ValidJson(new): ValidJson<NewCannedResponse>,
) -> Result<StatusCode, Problem> {
    let Path(name) = name.map_err(|_| no_response())?;
    match app.db.execute(&SetCannedResponse { name: &name, body: &new.text, actor: &staff.actor }).await? {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(reason) => Err(Problem::refused(&reason)),
    }
}

/// `DELETE /api/v1/canned/{name}`: deletes a canned response.
#[utoipa::path(delete, path = "", tag = "canned responses",
    params(("name" = String, Path, description = "The name")),
    responses((status = 204, description = "The response is deleted"), Problems))]
pub async fn delete(
    State(app): State<Shared>,
    staff: Staff<ConversationsWrite>,
    name: Result<Path<String>, axum::extract::rejection::PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path(name) = name.map_err(|_| no_response())?;
    match app.db.execute(&DeleteCannedResponse { name: &name, actor: &staff.actor }).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(no_response()),
    }
}

/// `GET /api/v1/canned/{name}/render`: renders a canned response for a conversation. It opens no personal data.
#[utoipa::path(get, path = "", tag = "canned responses",
    params(("name" = String, Path, description = "The name"), RenderQuery),
    responses((status = 200, description = "The text with the facts filled in", body = RenderedResponse), Problems))]
pub async fn render(
    State(app): State<Shared>,
    staff: Staff<ConversationsRead>,
    name: Result<Path<String>, axum::extract::rejection::PathRejection>,
    ValidQuery(query): ValidQuery<RenderQuery>,
) -> Result<Json<RenderedResponse>, Problem> {
    let Path(name) = name.map_err(|_| no_response())?;
    let conversation = domain::conversations::parse_conversation_id(&query.conversation)
        .ok_or_else(Problem::no_conversation)?;
    let mut tx = app.db.read().await?;
    let rendered =
        canned_responses::render(&mut tx, &app.settings, &name, conversation, staff.actor.as_str()).await?;
    let not_found = || {
        Problem::new(
            ProblemKind::NotFound,
            "There is no canned response of this name, or no such conversation.",
        )
    };
    Ok(Json(RenderedResponse { text: rendered.ok_or_else(not_found)? }))
}
