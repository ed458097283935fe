//! Queues of conversations, and one open conversation.

use axum::Json;
use axum::extract::State;
use domain::conversations::staff::ViewAsStaff;
use serde::Deserialize;
use utoipa::IntoParams;

use super::auth::{ConversationsRead, Staff};
use super::description::Problems;
use super::extract::{ConversationNumber, ValidQuery, Validate};
use super::problem::Problem;
use super::types::{ConversationList, OpenConversation, Queue};
use crate::app::Shared;

/// A page of a queue.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// The queue.
    #[serde(default = "default_queue")]
    #[param(inline)]
    queue: Queue,
    /// Start after this position: the `next` of the previous page.
    #[param(minimum = 1)]
    after: Option<i64>,
    /// At limit so many.
    #[serde(default = "default_limit")]
    #[param(minimum = 1, maximum = 200)]
    limit: i64,
}

fn default_queue() -> Queue {
    Queue::Open
}

fn default_limit() -> i64 {
    50
}

impl Validate for ListQuery {
    fn validate(&self) -> Result<(), String> {
        if self.after.is_some_and(|after| after < 1) {
            return Err("`after`: expected the `next` of the previous page".to_owned());
        }
        if !(1..=200).contains(&self.limit) {
            return Err("`limit`: expected 1 to 200".to_owned());
        }
        Ok(())
    }
}

/// `GET /api/v1/conversations`: a page of a queue, latest change first. It opens no personal data, so the audit log gets no entry.
#[utoipa::path(get, path = "", tag = "conversations", params(ListQuery),
    responses((status = 200, description = "A page of the queue", body = ConversationList), Problems))]
pub async fn list(
    State(app): State<Shared>,
    staff: Staff<ConversationsRead>,
    ValidQuery(page): ValidQuery<ListQuery>,
) -> Result<Json<ConversationList>, Problem> {
    let mut tx = app.db.read().await?;
    let before = page.after.unwrap_or(i64::MAX);
    let conversations = tx.queue(&page.queue.of(&staff.actor), before, page.limit + 1).await?;
    let limit = usize::try_from(page.limit).unwrap_or(0);
    Ok(Json(ConversationList::of(conversations, limit, tx.today())))
}

/// `GET /api/v1/conversations/{id}`: a conversation with all its messages and notes. The audit log records the access.
#[utoipa::path(get, path = "", tag = "conversations",
    params(("id" = String, Path, description = "The conversation's number (8 characters)")),
    responses((status = 200, description = "The conversation", body = OpenConversation), Problems))]
pub async fn show(
    State(app): State<Shared>,
    staff: Staff<ConversationsRead>,
    ConversationNumber(id): ConversationNumber,
) -> Result<Json<OpenConversation>, Problem> {
    let seen = app
        .db
        .execute(&ViewAsStaff { id, actor: &staff.actor })
        .await?
        .ok_or_else(Problem::no_conversation)?;
    Ok(Json(seen.into()))
}
