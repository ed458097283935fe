//! The search over threads that are not closed.

use axum::Json;
use axum::extract::State;
use domain::conversations::search_documents::NoteSearch;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::description::Problems;
use super::fields::{Asked, Checked, line};
use super::problem::Problem;
use super::shapes::ThreadRow;
use super::staff::{Staff, ThreadsRead};
use crate::app::Shared;

/// Hits shown, at most.
const MOST: usize = 100;

/// What is searched for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Words {
    /// Words or parts of words, all of which must stand in a thread.
    #[param(min_length = 1, max_length = 200)]
    q: String,
}

impl Checked for Words {
    fn check(&self) -> Result<(), String> {
        line("q", &self.q, 200)
    }
}

/// What was found.
#[derive(Serialize, ToSchema)]
pub struct Found {
    /// Latest change first, 100 at most.
    pub threads: Vec<ThreadRow>,
    /// Whether all threads that aren't closed were looked through: only so much is kept in memory.
    pub whole: bool,
}

/// `GET /api/v1/search`: threads, not closed, in which all these words stand. The journal keeps who
/// searched, and not for what; what is found stands in no log.
#[utoipa::path(get, path = "/api/v1/search", tag = "threads", params(Words),
    responses((status = 200, description = "What was found", body = Found), Problems),
    security(("bearer" = ["threads:read"])))]
pub async fn search(
    State(app): State<Shared>,
    staff: Staff<ThreadsRead>,
    Asked(words): Asked<Words>,
) -> Result<Json<Found>, Problem> {
    app.db.write(&NoteSearch { who: &staff.who }).await?;
    let hits = app.search.find(&app.db, &words.q, MOST).await?;
    let today = app.db.clock.today();
    let threads = hits.threads.iter().map(|thread| ThreadRow::of(thread, today)).collect();
    Ok(Json(Found { threads, whole: hits.whole }))
}
