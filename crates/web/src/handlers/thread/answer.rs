//! Writing again, with files.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::conversations::upload::{Coming, DropFiles, Place};
use domain::conversations::{Answer, Answered, LONGEST_MESSAGE, view::Look};
use zeroize::Zeroizing;

use super::{Code, conversation};
use crate::app::{App, Shared};
use crate::handlers::code::{self, WithAccessCode};
use crate::handlers::intake::{Problem, Typed, UploadForm};
use crate::handlers::refusal::Refusal;
use crate::handlers::visitor::From;
use crate::limits::Door;
use crate::templates::contact::After;

/// `POST /thread/answer`
pub async fn answer(
    State(app): State<Shared>,
    From(from): From,
    request: Request,
) -> Result<Response, Refusal> {
    let form = match UploadForm::read(request, &["code", "seen", "message"]).await {
        Ok(form) => form,
        Err(page) => return Ok(page),
    };
    let tag = match code::tag(&app, from, form.field("code")) {
        Ok(tag) => tag,
        Err(page) => {
            form.refuse().await;
            return Ok(*page);
        }
    };
    let often = !app.limits.allow(Door::Contact, from);
    let stays = if often { Some((StatusCode::TOO_MANY_REQUESTS, OFTEN)) } else { stays(&form) };
    let (typed, (status, after)) = if let Some((status, problem)) = stays {
        (form.refuse().await, (status, Outcome::Problem(problem.to_owned())))
    } else {
        match form.files(&app, Place::Code(&tag)).await {
            Ok((files, typed)) => {
                let done = send(&app, &tag, &files, &typed).await?;
                (typed, done)
            }
            // Counted like any other code that leads nowhere.
            Err((Problem::NoThread, _)) => return Ok(code::unknown(&app, from)),
            Err((problem, typed)) => match problem.answer() {
                Ok(says) => (typed, (StatusCode::PAYLOAD_TOO_LARGE, Outcome::Problem(says.to_owned()))),
                Err(page) => return Ok(*page),
            },
        }
    };
    let coded =
        WithAccessCode { form: Code { code: Zeroizing::new(typed.field("code").to_owned()) }, tag, from };
    let after = match &after {
        Outcome::Sent => After { said: "Your message has arrived.", ..After::default() },
        Outcome::Problem(problem) => After { problem, typed: typed.field("message"), ..After::default() },
    };
    conversation(&app, &coded, (status, after)).await
}

/// What became of an answer.
enum Outcome {
    Sent,
    Problem(String),
}

/// Why this can't be sent as it is.
fn stays(form: &UploadForm) -> Option<(StatusCode, &'static str)> {
    if form.field("message").trim().is_empty() {
        Some((StatusCode::BAD_REQUEST, "Nothing was sent: there is no message."))
    } else if form.field("message").chars().count() > LONGEST_MESSAGE {
        Some((StatusCode::PAYLOAD_TOO_LARGE, LONG))
    } else {
        None
    }
}

const LONG: &str = "Nothing was sent: the message has more than 100,000 symbols. Your text is still here. Shorten it, or send a part of it as a text file.";
const OFTEN: &str = "Nothing was sent yet: too many messages came from your network. Your text is still here. Please send it again in a minute.";

async fn send(
    app: &App,
    tag: &[u8; 32],
    files: &[Coming],
    typed: &Typed,
) -> Result<(StatusCode, Outcome), Refusal> {
    if is_there(app, tag, typed).await? {
        app.db.write(&DropFiles { files }).await?;
        return Ok((StatusCode::OK, Outcome::Sent));
    }
    let ids: Vec<i64> = files.iter().map(|file| file.id).collect();
    let message = typed.field("message");
    Ok(match app.db.write(&Answer { tag, message, files: &ids, held: false }).await? {
        // A thread that isn't there is said by what shows it.
        Answered::Done | Answered::NoThread => (StatusCode::OK, Outcome::Sent),
        Answered::Refused(why) => {
            app.db.write(&DropFiles { files }).await?;
            (StatusCode::BAD_REQUEST, Outcome::Problem(format!("Nothing was sent: {why}.")))
        }
    })
}

/// Whether this very message came already: a page that is loaded again sends its form again.
async fn is_there(app: &App, tag: &[u8; 32], typed: &Typed) -> Result<bool, Refusal> {
    let Ok(seen) = typed.field("seen").parse::<usize>() else { return Ok(false) };
    let talk = app.db.write(&Look { tag, house: &app.house }).await?;
    let next = talk.as_ref().and_then(|talk| talk.messages.get(seen));
    Ok(next.is_some_and(|next| next.from == "you" && next.text.trim() == typed.field("message").trim()))
}
