//! Canned answers: they hold placeholders, and nothing of any person.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::conversations::canned_responses::{self, Remove, Set};
use domain::conversations::staff::Changed;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::description::{ChangeProblems, Problems};
use super::fields::{Asked, Checked, Sent, line, text};
use super::problem::{Kind, Problem};
use super::staff::{Staff, ThreadsRead, ThreadsWrite};
use crate::app::Shared;

/// A canned answer.
#[derive(Serialize, ToSchema)]
pub struct Canned {
    /// Its name.
    pub name: String,
    /// Its text, with placeholders.
    pub text: String,
}

/// The text of a canned answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCanned {
    /// Placeholders: {vendor} {product} {edition} {state} {thread} {staff}. No other, and no address.
    #[schema(min_length = 1, max_length = 100_000)]
    text: String,
}

impl Checked for NewCanned {
    fn check(&self) -> Result<(), String> {
        text("text", &self.text, domain::conversations::LONGEST_MESSAGE)
    }
}

/// For which thread it is filled.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct For {
    /// The thread's 8 symbols.
    #[param(min_length = 1, max_length = 32)]
    thread: String,
}

impl Checked for For {
    fn check(&self) -> Result<(), String> {
        line("thread", &self.thread, 32)
    }
}

/// A canned answer, filled.
#[derive(Serialize, ToSchema)]
pub struct Filled {
    /// Ready to be read once more and sent.
    pub text: String,
}

fn no_answer() -> Problem {
    Problem::new(Kind::Nothing, "There is no canned answer of this name.")
}

/// `GET /api/v1/canned`: all canned answers.
#[utoipa::path(get, path = "/api/v1/canned", tag = "canned answers",
    responses((status = 200, description = "All of them, by name", body = Vec<Canned>), Problems),
    security(("bearer" = ["threads:read"])))]
pub async fn list(
    State(app): State<Shared>,
    _staff: Staff<ThreadsRead>,
) -> Result<Json<Vec<Canned>>, Problem> {
    let all = canned_responses::list(&mut app.db.read().await?).await?;
    Ok(Json(all.into_iter().map(|(name, text)| Canned { name, text }).collect()))
}

/// `PUT /api/v1/canned/{name}`: writes a canned answer.
#[utoipa::path(put, path = "/api/v1/canned/{name}", tag = "canned answers",
    params(("name" = String, Path, description = "Small letters, digits and dashes")), request_body = NewCanned,
    responses((status = 204, description = "It is written"), Problems, ChangeProblems),
    security(("bearer" = ["threads:write"])))]
pub async fn put(
    State(app): State<Shared>,
    staff: Staff<ThreadsWrite>,
    name: Result<Path<String>, axum::extract::rejection::PathRejection>,
    Sent(new): Sent<NewCanned>,
) -> Result<StatusCode, Problem> {
    let Path(name) = name.map_err(|_| no_answer())?;
    match app.db.write(&Set { name: &name, body: &new.text, who: &staff.who }).await? {
        Changed::Done => Ok(StatusCode::NO_CONTENT),
        Changed::Refused(why) => Err(Problem::new(Kind::Refused, why)),
        Changed::NoThread => Err(no_answer()),
    }
}

/// `DELETE /api/v1/canned/{name}`: takes a canned answer away.
#[utoipa::path(delete, path = "/api/v1/canned/{name}", tag = "canned answers",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 204, description = "It is gone"), Problems),
    security(("bearer" = ["threads:write"])))]
pub async fn delete(
    State(app): State<Shared>,
    staff: Staff<ThreadsWrite>,
    name: Result<Path<String>, axum::extract::rejection::PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path(name) = name.map_err(|_| no_answer())?;
    match app.db.write(&Remove { name: &name, who: &staff.who }).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(no_answer()),
    }
}

/// `GET /api/v1/canned/{name}/fill`: a canned answer filled for a thread. Opens nothing.
#[utoipa::path(get, path = "/api/v1/canned/{name}/fill", tag = "canned answers",
    params(("name" = String, Path, description = "Its name"), For),
    responses((status = 200, description = "Filled", body = Filled), Problems),
    security(("bearer" = ["threads:read"])))]
pub async fn fill(
    State(app): State<Shared>,
    staff: Staff<ThreadsRead>,
    name: Result<Path<String>, axum::extract::rejection::PathRejection>,
    Asked(of): Asked<For>,
) -> Result<Json<Filled>, Problem> {
    let Path(name) = name.map_err(|_| no_answer())?;
    let thread = domain::conversations::read_number(&of.thread).ok_or_else(Problem::no_thread)?;
    let mut tx = app.db.read().await?;
    let filled = canned_responses::fill(&mut tx, &app.house, &name, thread, staff.who.word()).await?;
    let nothing =
        || Problem::new(Kind::Nothing, "There is no canned answer of this name, or no such thread.");
    Ok(Json(Filled { text: filled.ok_or_else(nothing)? }))
}
