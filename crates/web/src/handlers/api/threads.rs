//! Queues of threads, and a thread opened.

use axum::Json;
use axum::extract::State;
use domain::conversations::staff::Show;
use serde::Deserialize;
use utoipa::IntoParams;

use super::description::Problems;
use super::fields::{Asked, Checked, Id};
use super::problem::Problem;
use super::shapes::{OpenThread, Queue, ThreadList};
use super::staff::{Staff, ThreadsRead};
use crate::app::Shared;

/// Which page of which queue.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// The queue.
    #[serde(default = "open")]
    #[param(inline)]
    queue: Queue,
    /// What comes after this: the `next` of the page before.
    #[param(minimum = 1)]
    after: Option<i64>,
    /// At most so many.
    #[serde(default = "fifty")]
    #[param(minimum = 1, maximum = 200)]
    most: i64,
}

fn open() -> Queue {
    Queue::Open
}

fn fifty() -> i64 {
    50
}

impl Checked for Page {
    fn check(&self) -> Result<(), String> {
        if self.after.is_some_and(|after| after < 1) {
            return Err("`after`: expected the `next` of an earlier page".to_owned());
        }
        if !(1..=200).contains(&self.most) {
            return Err("`most`: expected 1 to 200".to_owned());
        }
        Ok(())
    }
}

/// `GET /api/v1/threads`: a queue, latest change first. Opens nothing, so the journal gets no line.
#[utoipa::path(get, path = "/api/v1/threads", tag = "threads", params(Page),
    responses((status = 200, description = "A page of the queue", body = ThreadList), Problems),
    security(("bearer" = ["threads:read"])))]
pub async fn list(
    State(app): State<Shared>,
    staff: Staff<ThreadsRead>,
    Asked(page): Asked<Page>,
) -> Result<Json<ThreadList>, Problem> {
    let mut tx = app.db.read().await?;
    let before = page.after.unwrap_or(i64::MAX);
    let threads = tx.queue(&page.queue.of(&staff.who), before, page.most + 1).await?;
    let most = usize::try_from(page.most).unwrap_or(0);
    Ok(Json(ThreadList::of(threads, most, tx.today())))
}

/// `GET /api/v1/threads/{id}`: a thread with all its messages and notes. The journal keeps who opened it.
#[utoipa::path(get, path = "/api/v1/threads/{id}", tag = "threads",
    params(("id" = String, Path, description = "The thread's 8 symbols")),
    responses((status = 200, description = "The thread", body = OpenThread), Problems),
    security(("bearer" = ["threads:read"])))]
pub async fn show(
    State(app): State<Shared>,
    staff: Staff<ThreadsRead>,
    Id(id): Id,
) -> Result<Json<OpenThread>, Problem> {
    let seen = app.db.write(&Show { id, who: &staff.who }).await?.ok_or_else(Problem::no_thread)?;
    Ok(Json(seen.into()))
}
