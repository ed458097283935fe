//! Full-text search over conversations that are not closed.

use axum::Json;
use axum::extract::State;
use domain::conversations::search_documents::AuditSearch;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::auth::{ConversationsRead, Staff};
use super::description::Problems;
use super::extract::{ValidQuery, Validate, check_line};
use super::problem::Problem;
use super::types::ConversationRow;
use crate::app::Shared;

/// Number of results.
const MAX_RESULTS: usize = 100;

/// The search.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words or parts of words. A conversation must contain all of them.
    #[param(min_length = 1, max_length = 200)]
    q: String,
}

impl Validate for SearchQuery {
    fn validate(&self) -> Result<(), String> {
        check_line("q", &self.q, 200)
    }
}

/// The result of a search.
#[derive(Serialize, ToSchema)]
pub struct SearchResults {
    /// The conversations, latest change first, at most 100.
    pub conversations: Vec<ConversationRow>,
    /// Whether all conversations that are not closed were searched. The index has a limited size.
    pub complete: bool,
}

/// `GET /api/v1/search`: searches conversations that are not closed. The audit log records the search, but
/// neither the words nor the results.
#[utoipa::path(get, path = "", tag = "conversations", params(SearchQuery),
    responses((status = 200, description = "The results", body = SearchResults), Problems))]
pub async fn search(
    State(app): State<Shared>,
    staff: Staff<ConversationsRead>,
    ValidQuery(query): ValidQuery<SearchQuery>,
) -> Result<Json<SearchResults>, Problem> {
    app.db.execute(&AuditSearch { actor: &staff.actor }).await?;
    let hits = app.search.find(&app.db, &query.q, MAX_RESULTS).await?;
    let today = app.db.clock.today();
    let conversations =
        hits.conversations.iter().map(|conversation| ConversationRow::of(conversation, today)).collect();
    Ok(Json(SearchResults { conversations, complete: hits.is_complete }))
}
