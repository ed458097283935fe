//! Answering people, and notes for colleagues.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::conversations::staff::{Note, Noted, Replied, Reply};
use serde::Deserialize;
use utoipa::ToSchema;

use super::description::{ChangeProblems, Problems};
use super::fields::{Checked, Id, Sent, text};
use super::problem::{Kind, Problem};
use super::shapes::{Answer, ReplyRoute};
use super::staff::{Staff, ThreadsWrite};
use crate::app::Shared;

/// An answer to the person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReply {
    /// Plain text.
    #[schema(min_length = 1, max_length = 100_000)]
    text: String,
    /// Quote the person's last message below it; only to an address that was proved.
    #[serde(default)]
    quote: bool,
    /// Messages that the thread had when it was read. If there are more now, nothing is sent.
    #[schema(minimum = 0)]
    seen: Option<i64>,
    /// Send it although somebody else wrote meanwhile.
    #[serde(default)]
    anyway: bool,
    /// Close the thread with it.
    #[serde(default)]
    close: bool,
}

impl Checked for NewReply {
    fn check(&self) -> Result<(), String> {
        seen(self.seen)?;
        text("text", &self.text, domain::conversations::LONGEST_MESSAGE)
    }
}

fn seen(seen: Option<i64>) -> Result<(), String> {
    if seen.is_some_and(|seen| seen < 0) {
        return Err("`seen`: expected how many messages the thread had".to_owned());
    }
    Ok(())
}

/// `POST /api/v1/threads/{id}/replies`: answers the person, by letter or behind their code.
#[utoipa::path(post, path = "/api/v1/threads/{id}/replies", tag = "threads",
    params(("id" = String, Path, description = "The thread's 8 symbols")), request_body = NewReply,
    responses((status = 200, description = "It is on its way", body = Answer), Problems, ChangeProblems),
    security(("bearer" = ["threads:write"])))]
pub async fn reply(
    State(app): State<Shared>,
    staff: Staff<ThreadsWrite>,
    Id(id): Id,
    Sent(new): Sent<NewReply>,
) -> Result<Json<Answer>, Problem> {
    let NewReply { text, quote, seen, anyway, close } = new;
    let deed = Reply { id, text: &text, quote, seen, anyway, close, who: &staff.who, house: &app.house };
    match app.db.write(&deed).await? {
        Replied::Sent => {
            app.bell.notify_one();
            Ok(Json(Answer { goes: ReplyRoute::ByLetter, why: None }))
        }
        Replied::Waits(why) => Ok(Json(Answer { goes: ReplyRoute::BehindCode, why: Some(why) })),
        Replied::Collision(newer) => Err(Problem::collision(newer)),
        Replied::Refused(why) => Err(Problem::new(Kind::Refused, why)),
        Replied::NoThread => Err(Problem::no_thread()),
    }
}

/// A note for colleagues.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// Plain text; the person never reads it.
    #[schema(min_length = 1, max_length = 100_000)]
    text: String,
    /// Messages that the thread had when it was read. If there are more now, nothing is written.
    #[schema(minimum = 0)]
    seen: Option<i64>,
    /// Write it although somebody else wrote meanwhile.
    #[serde(default)]
    anyway: bool,
}

impl Checked for NewNote {
    fn check(&self) -> Result<(), String> {
        seen(self.seen)?;
        text("text", &self.text, domain::conversations::LONGEST_MESSAGE)
    }
}

/// `POST /api/v1/threads/{id}/notes`: notes something for colleagues.
#[utoipa::path(post, path = "/api/v1/threads/{id}/notes", tag = "threads",
    params(("id" = String, Path, description = "The thread's 8 symbols")), request_body = NewNote,
    responses((status = 204, description = "It is in the thread"), Problems, ChangeProblems),
    security(("bearer" = ["threads:write"])))]
pub async fn note(
    State(app): State<Shared>,
    staff: Staff<ThreadsWrite>,
    Id(id): Id,
    Sent(new): Sent<NewNote>,
) -> Result<StatusCode, Problem> {
    let NewNote { text, seen, anyway } = new;
    match app.db.write(&Note { id, text: &text, seen, anyway, who: &staff.who }).await? {
        Noted::Done => Ok(StatusCode::NO_CONTENT),
        Noted::Collision(newer) => Err(Problem::collision(newer)),
        Noted::Refused(why) => Err(Problem::new(Kind::Refused, why)),
        Noted::NoThread => Err(Problem::no_thread()),
    }
}
