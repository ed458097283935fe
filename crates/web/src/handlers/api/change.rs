//! What staff change of a thread: whose it is, how it stands, what it says of others, and whether it is there at all.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::conversations;
use domain::conversations::staff::{Assign, Changed, Erase, Merge, Redact, Release, SetState, Snooze, Tag};
use domain::date::Date;
use serde::{Deserialize, Deserializer};
use store::{Error, Operation, ThreadState, Tx};
use utoipa::ToSchema;

use super::description::{ChangeProblems, Problems};
use super::fields::{Checked, Id, Sent, line, text};
use super::problem::{Kind, Problem};
use super::shapes::ThreadRow;
use super::staff::{Staff, ThreadsWrite};
use crate::app::Shared;

/// Tags of a thread, at most.
const TAGS: usize = 20;

/// Files that are taken out at once, at most.
const FILES: usize = 100;

/// How staff may let a thread stand.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum NewState {
    /// The staff's turn.
    Open,
    /// The person's turn.
    Waiting,
    /// Nobody's turn.
    Closed,
}

/// Changes to a thread; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThreadChanges {
    /// The member of staff who has it; null for nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, required = false, min_length = 1, max_length = 64)]
    assigned: Option<Option<String>>,
    /// How it stands.
    state: Option<NewState>,
    /// Rest through the day before this one (YYYY-MM-DD), a year at most; null for no longer.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, required = false, format = Date)]
    snoozed_until: Option<Option<String>>,
    /// These tags instead of those it has, none with a line end.
    #[schema(max_items = 20)]
    tags: Option<Vec<String>>,
}

/// Tells null from nothing.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(from).map(Some)
}

impl Checked for ThreadChanges {
    fn check(&self) -> Result<(), String> {
        if let Some(Some(name)) = &self.assigned {
            line("assigned", name, 64)?;
            if matches!(name.trim(), "system" | "person") {
                return Err("`assigned`: that word means the program, or the person concerned".to_owned());
            }
        }
        if let Some(Some(until)) = &self.snoozed_until {
            until.parse::<Date>().map_err(|why| format!("`snoozed_until`: {why}"))?;
        }
        if matches!(self.state, Some(NewState::Closed)) && matches!(self.snoozed_until, Some(Some(_))) {
            return Err("`snoozed_until`: a closed thread can't be put aside".to_owned());
        }
        let tags = self.tags.iter().flatten();
        if tags.clone().count() > TAGS {
            return Err(format!("`tags`: expected {TAGS} at most"));
        }
        tags.into_iter().try_for_each(|tag| line("tags", tag, 64))
    }
}

impl ThreadChanges {
    /// Days from today for which it is to rest.
    fn days_ahead(&self, today: i64) -> i64 {
        let until = self.snoozed_until.iter().flatten().find_map(|until| until.parse::<Date>().ok());
        until.map_or(0, |until| until.unix_day() - today)
    }
}

macro_rules! or_return {
    ($changed:expr) => {
        match $changed {
            Changed::Done => {}
            refused => return Ok(Err(refused)),
        }
    };
}

/// All changes in one transaction: all of them are done, or none.
struct Change<'a> {
    id: i64,
    changes: &'a ThreadChanges,
}

impl Operation for Change<'_> {
    const NAME: &'static str = "change thread";
    type Done = Result<ThreadRow, Changed>;

    async fn act(&self, tx: &mut Tx) -> Result<Self::Done, Error> {
        let (id, wanted) = (self.id, self.changes);
        // What can be refused comes first: after it, nothing is.
        if let Some(state) = wanted.state {
            let state = match state {
                NewState::Open => ThreadState::Open,
                NewState::Waiting => ThreadState::Waiting,
                NewState::Closed => ThreadState::Closed,
            };
            or_return!(SetState { id, state }.act(tx).await?);
        }
        if let Some(until) = &wanted.snoozed_until {
            let date = until.as_ref().and_then(|until| until.parse::<Date>().ok());
            or_return!(Snooze { id, until_day: date.map_or(0, Date::unix_day) }.act(tx).await?);
        }
        if let Some(tags) = &wanted.tags {
            or_return!(Tag { id, tags }.act(tx).await?);
        }
        if let Some(to) = &wanted.assigned {
            or_return!(Assign { id, to: to.as_deref() }.act(tx).await?);
        }
        let today = tx.today();
        let row = tx.thread(id).await?.map(|thread| ThreadRow::of(&thread, today));
        Ok(row.ok_or(Changed::NoThread))
    }
}

/// `PATCH /api/v1/threads/{id}`: assigns, closes, opens, snoozes, tags; all of it or nothing.
#[utoipa::path(patch, path = "/api/v1/threads/{id}", tag = "threads",
    params(("id" = String, Path, description = "The thread's 8 symbols")), request_body = ThreadChanges,
    responses((status = 200, description = "As it is now", body = ThreadRow), Problems, ChangeProblems),
    security(("bearer" = ["threads:write"])))]
pub async fn patch(
    State(app): State<Shared>,
    _staff: Staff<ThreadsWrite>,
    Id(id): Id,
    Sent(changes): Sent<ThreadChanges>,
) -> Result<Json<ThreadRow>, Problem> {
    if changes.days_ahead(app.db.clock.today()) > 366 {
        return Err(Problem::new(Kind::Refused, "A thread can be put aside for a year at most."));
    }
    Ok(Json(app.db.write(&Change { id, changes: &changes }).await?.map_err(refused)?))
}

/// Why a change was not made.
fn refused(changed: Changed) -> Problem {
    match changed {
        Changed::Refused(why) => Problem::new(Kind::Refused, why),
        Changed::Done | Changed::NoThread => Problem::no_thread(),
    }
}

pub(super) fn done(changed: Changed) -> Result<StatusCode, Problem> {
    if changed == Changed::Done { Ok(StatusCode::NO_CONTENT) } else { Err(refused(changed)) }
}

/// `POST /api/v1/threads/{id}/release`: lets a held thread into the open queue, for a person wrote it.
#[utoipa::path(post, path = "/api/v1/threads/{id}/release", tag = "threads",
    params(("id" = String, Path, description = "The thread's 8 symbols")),
    responses((status = 204, description = "It is open"), Problems, ChangeProblems),
    security(("bearer" = ["threads:write"])))]
pub async fn release(
    State(app): State<Shared>,
    staff: Staff<ThreadsWrite>,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    done(app.db.write(&Release { id, who: &staff.who }).await?)
}

/// The thread that stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Into {
    /// Its 8 symbols.
    #[schema(min_length = 1, max_length = 32)]
    into: String,
}

impl Checked for Into {
    fn check(&self) -> Result<(), String> {
        line("into", &self.into, 32)
    }
}

/// `POST /api/v1/threads/{id}/merge`: puts its messages into another thread of the same person; it is gone then.
#[utoipa::path(post, path = "/api/v1/threads/{id}/merge", tag = "threads",
    params(("id" = String, Path, description = "The thread's 8 symbols")), request_body = Into,
    responses((status = 204, description = "They are one"), Problems, ChangeProblems),
    security(("bearer" = ["threads:write"])))]
pub async fn merge(
    State(app): State<Shared>,
    staff: Staff<ThreadsWrite>,
    Id(id): Id,
    Sent(sent): Sent<Into>,
) -> Result<StatusCode, Problem> {
    let into = conversations::read_number(&sent.into).ok_or_else(Problem::no_thread)?;
    let merged = app.db.write(&Merge { id, into, who: &staff.who }).await?;
    app.bell.notify_one();
    done(merged)
}

/// What is to be taken out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Passage {
    /// The message's number in the thread.
    #[schema(minimum = 1)]
    message: i64,
    /// The passage, exactly as it stands there, in the name of one of its files, or in subject or tags; empty where
    /// only files are taken out.
    #[serde(default)]
    #[schema(max_length = 100_000)]
    passage: String,
    /// Numbers of files to be taken out of the thread, as the thread shows them.
    #[serde(default)]
    #[schema(max_items = 100)]
    files: Vec<String>,
}

impl Checked for Passage {
    fn check(&self) -> Result<(), String> {
        if self.message < 1 {
            return Err("`message`: expected a message's number, from 1".to_owned());
        }
        if self.files.len() > FILES {
            return Err(format!("`files`: expected {FILES} at most"));
        }
        if self.passage.is_empty() {
            return Ok(());
        }
        text("passage", &self.passage, conversations::LONGEST_MESSAGE)
    }
}

/// `POST /api/v1/threads/{id}/redact`: takes a passage about somebody else out of a message and all that says
/// it too, and takes files out, for good.
#[utoipa::path(post, path = "/api/v1/threads/{id}/redact", tag = "threads",
    params(("id" = String, Path, description = "The thread's 8 symbols")), request_body = Passage,
    responses((status = 204, description = "It is gone"), Problems, ChangeProblems),
    security(("bearer" = ["threads:write"])))]
pub async fn redact(
    State(app): State<Shared>,
    staff: Staff<ThreadsWrite>,
    Id(id): Id,
    Sent(sent): Sent<Passage>,
) -> Result<StatusCode, Problem> {
    let Passage { message, passage, files } = sent;
    // What is no number is that of no file.
    let files: Vec<i64> = files.iter().map(|id| id.parse().unwrap_or(0)).collect();
    let redact = Redact { id, message, passage: &passage, files: &files, who: &staff.who };
    let redacted = app.db.write(&redact).await?;
    app.bell.notify_one();
    done(redacted)
}

/// `DELETE /api/v1/threads/{id}`: erases a thread with all that is in it; from now on nobody finds it.
#[utoipa::path(delete, path = "/api/v1/threads/{id}", tag = "threads",
    params(("id" = String, Path, description = "The thread's 8 symbols")),
    responses((status = 204, description = "It is erased"), Problems, ChangeProblems),
    security(("bearer" = ["threads:write"])))]
pub async fn erase(
    State(app): State<Shared>,
    staff: Staff<ThreadsWrite>,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    let erased = app.db.write(&Erase { id, who: &staff.who }).await?;
    app.bell.notify_one();
    done(erased)
}
