//! The contact page: a message, and whatever somebody chooses to add. Nothing is taken from the request but the form.

use axum::extract::{Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::conversations::upload::{Coming, DropFiles, Place};
use domain::conversations::{Begin, BeginOnce, BegunOnce, LONGEST_MESSAGE, Started};
use zeroize::Zeroizing;

use crate::app::Shared;
use crate::handlers::intake::{Typed, UploadForm};
use crate::handlers::refusal::Refusal;
use crate::handlers::visitor::From;
use crate::limits::Door;
use crate::spam::{Filled, Marks, ONCE};
use crate::templates::contact as templates;

/// `GET /contact`
pub async fn form(State(app): State<Shared>) -> Result<Response, Refusal> {
    Ok(templates::contact(&app.house, &marks(&app)?, "", &templates::Typed::default()))
}

fn marks(app: &Shared) -> Result<Marks, Refusal> {
    let marks = app.guard.marks(app.db.vault(), app.db.clock.now());
    Ok(marks.map_err(store::Error::from)?)
}

/// The form's fields.
const FIELDS: [&str; 8] = ["begun", "once", "work", "message", "name", "address", "licence", "website"];
/// Those that make a form the same when it is sent again.
const SAME: [&str; 5] = ["once", "message", "name", "address", "licence"];

/// `POST /contact`
pub async fn send(
    State(app): State<Shared>,
    From(from): From,
    request: Request,
) -> Result<Response, Refusal> {
    let form = match UploadForm::read(request, &FIELDS).await {
        Ok(form) => form,
        Err(page) => return Ok(page),
    };
    let held_back = if !app.limits.allow(Door::Contact, from) {
        Some((StatusCode::TOO_MANY_REQUESTS, OFTEN))
    } else if form.field("message").trim().is_empty() {
        Some((StatusCode::BAD_REQUEST, EMPTY))
    } else if form.field("message").chars().count() > LONGEST_MESSAGE {
        Some((StatusCode::PAYLOAD_TOO_LARGE, LONG))
    } else {
        None
    };
    if let Some((status, says)) = held_back {
        return again(&app, status, says, &form.refuse().await);
    }
    match form.files(&app, Place::New).await {
        Ok((files, typed)) => begin(&app, &files, &typed).await,
        Err((problem, typed)) => match problem.answer() {
            Ok(says) => again(&app, StatusCode::PAYLOAD_TOO_LARGE, says, &typed),
            Err(page) => Ok(*page),
        },
    }
}

const OFTEN: &str = "Nothing was sent yet: too many messages came from your network. Your text is still here. Please send it again in a minute.";
const EMPTY: &str = "Nothing was sent: there is no message.";
const LONG: &str = "Nothing was sent: the message has more than 100,000 symbols. Your text is still here. Shorten it, or send a part of it as a text file.";

async fn begin(app: &Shared, files: &[Coming], typed: &Typed) -> Result<Response, Refusal> {
    let text = ["message", "name", "address", "licence"].map(|name| typed.field(name)).join("\n");
    let text = Zeroizing::new(text);
    let (trap, begun, work) = (typed.field("website"), typed.field("begun"), typed.field("work"));
    let filled = Filled { trap, begun, work, text: &text };
    let held = app.guard.suspects(app.db.vault(), app.db.clock.now(), &filled);
    let ids: Vec<i64> = files.iter().map(|file| file.id).collect();
    let begin = Begin {
        message: typed.field("message"),
        name: typed.field("name"),
        address: typed.field("address"),
        licence: typed.field("licence"),
        subject: "",
        files: &ids,
        slot: files.first().map(|file| file.slot),
        held: held.map_err(store::Error::from)?,
        person: None,
        house: &app.house,
    };
    let done = if typed.field("once").len() == ONCE {
        app.db.write(&BeginOnce { begin, once: &typed.digest(&SAME) }).await?
    } else {
        BegunOnce::First(app.db.write(&begin).await?)
    };
    let by_mail = !typed.field("address").trim().is_empty();
    match done {
        BegunOnce::First(Started::Started { code, .. }) => {
            app.bell.notify_one();
            Ok(templates::sent(&app.house, &code, by_mail))
        }
        // The button was pressed twice, or the page loaded again: one form is one conversation.
        BegunOnce::Again(code) => {
            app.db.write(&DropFiles { files }).await?;
            Ok(templates::sent(&app.house, &code, by_mail))
        }
        BegunOnce::First(Started::Refused(why)) => {
            app.db.write(&DropFiles { files }).await?;
            let files = if files.is_empty() { "" } else { " Please choose your files again." };
            again(app, StatusCode::BAD_REQUEST, &format!("Nothing was sent: {why}.{files}"), typed)
        }
    }
}

/// The form once more, with what was typed and what to do. It keeps its age, so that who only corrects something isn't
/// taken for a machine; its riddle is a new one.
fn again(app: &Shared, status: StatusCode, says: &str, typed: &Typed) -> Result<Response, Refusal> {
    let mut marks = marks(app)?;
    if !typed.field("begun").is_empty() {
        typed.field("begun").clone_into(&mut marks.begun);
    }
    let fields = templates::Typed {
        message: typed.field("message"),
        name: typed.field("name"),
        address: typed.field("address"),
        licence: typed.field("licence"),
    };
    Ok((status, templates::contact(&app.house, &marks, says, &fields)).into_response())
}

/// `GET /contact.js`
pub async fn script() -> Response {
    (SCRIPT, include_str!("../templates/contact.js")).into_response()
}

/// `GET /thread.js`
pub async fn thread_script() -> Response {
    (SCRIPT, include_str!("../templates/thread.js")).into_response()
}

const SCRIPT: [(HeaderName, &str); 2] =
    [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
