//! The contact form: a message, and the details that the visitor chooses to add. Nothing but the form is read from the
//! request (`contact.voluntary`).

use axum::extract::{Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::conversations::upload::{DropUploads, PendingFile, UploadTarget};
use domain::conversations::{
    MAX_MESSAGE_CHARS, StartConversation, StartConversationOnce, Started, StartedOnce,
};
use message_catalogue::English as _;
use zeroize::Zeroizing;

use crate::app::Shared;
use crate::extract::client_ip::ClientIp;
use crate::extract::upload_form::{FormFields, UploadForm};
use crate::page_error::PageError;
use crate::rate_limit::RateLimitKey;
use crate::spam::{FORM_TOKEN_LENGTH, FormTokens, Submission};
use crate::templates::contact as templates;

/// `GET /contact`: the empty form.
pub async fn form(State(app): State<Shared>) -> Result<Response, PageError> {
    Ok(templates::contact(&app.settings, &form_tokens(&app)?, "", &templates::FormValues::default()))
}

fn form_tokens(app: &Shared) -> Result<FormTokens, PageError> {
    let form_tokens = app.spam_filter.form_tokens(app.db.keyring(), app.db.clock.now());
    Ok(form_tokens.map_err(store::Error::from)?)
}

/// The form's fields without its files: those of `policy::contact`, and four for the spam filter.
const FIELDS: [&str; 8] =
    ["issued_at", "form_token", "proof_of_work", "message", "name", "email", "licence", "website"];
/// The fields that a person fills in: those of `policy::contact` without the files.
const TEXT_FIELDS: [&str; 4] = ["message", "name", "email", "licence"];
/// The fields that identify a form which is sent twice (idempotency key).
const IDENTIFYING_FIELDS: [&str; 5] = ["form_token", "message", "name", "email", "licence"];

/// `POST /contact`: starts a conversation.
pub async fn send(
    State(app): State<Shared>,
    ClientIp(ip): ClientIp,
    request: Request,
) -> Result<Response, PageError> {
    let form = match UploadForm::read(request, &FIELDS).await {
        Ok(form) => form,
        Err(page) => return Ok(page),
    };
    let problem = if app.rate_limiter.allow(RateLimitKey::Contact, ip) {
        message_problem(&form)
    } else {
        Some((StatusCode::TOO_MANY_REQUESTS, TOO_MANY))
    };
    if let Some((status, problem)) = problem {
        return form_again(&app, status, problem, &form.refuse().await);
    }
    match form.files(&app, UploadTarget::New).await {
        Ok((files, fields)) => start(&app, &files, &fields).await,
        Err((problem, fields)) => match problem.text_or_page() {
            Ok(text) => form_again(&app, StatusCode::PAYLOAD_TOO_LARGE, text, &fields),
            Err(page) => Ok(*page),
        },
    }
}

/// The answer when a network sends too many messages.
pub(super) const TOO_MANY: &str = "We did not send your message, because we received too many messages from your network. Your text is still here. Wait a minute, then send it again.";
const EMPTY: &str = "Enter a message.";
const TOO_LONG: &str = "We did not send your message, because it is longer than 100,000 characters. Your text is still here. Shorten it, or attach a part of it as a text file.";

/// Returns why a message cannot be sent as it is.
pub(super) fn message_problem(form: &UploadForm) -> Option<(StatusCode, &'static str)> {
    if form.field("message").trim().is_empty() {
        Some((StatusCode::BAD_REQUEST, EMPTY))
    } else if form.field("message").chars().count() > MAX_MESSAGE_CHARS {
        Some((StatusCode::PAYLOAD_TOO_LARGE, TOO_LONG))
    } else {
        None
    }
}

async fn start(app: &Shared, files: &[PendingFile], fields: &FormFields) -> Result<Response, PageError> {
    let text = TEXT_FIELDS.map(|name| fields.field(name)).join("\n");
    let text = Zeroizing::new(text);
    let submission = Submission {
        honeypot: fields.field("website"),
        issued_at: fields.field("issued_at"),
        proof_of_work: fields.field("proof_of_work"),
        text: &text,
    };
    let suspect = app.spam_filter.is_suspect(app.db.keyring(), app.db.clock.now(), &submission);
    let ids: Vec<i64> = files.iter().map(|file| file.id).collect();
    let begin = StartConversation {
        message: fields.field("message"),
        name: fields.field("name"),
        address: fields.field("email"),
        licence: fields.field("licence"),
        subject: "",
        files: &ids,
        slot: files.first().map(|file| file.slot),
        quarantined: suspect.map_err(store::Error::from)?,
        person: None,
        settings: &app.settings,
    };
    let started = if fields.field("form_token").len() == FORM_TOKEN_LENGTH {
        let form_token = &fields.digest(&IDENTIFYING_FIELDS);
        app.db.execute(&StartConversationOnce { conversation: begin, idempotency_key: form_token }).await?
    } else {
        StartedOnce::Created(app.db.execute(&begin).await?)
    };
    let by_mail = !fields.field("email").trim().is_empty();
    match started {
        StartedOnce::Created(Started::Started { code, .. }) => {
            app.work_available.notify_one();
            Ok(templates::message_sent(&app.settings, &code, by_mail))
        }
        // The visitor pressed the button twice or reloaded the page. One form starts one conversation.
        StartedOnce::Duplicate(code) => {
            app.db.execute(&DropUploads { files }).await?;
            Ok(templates::message_sent(&app.settings, &code, by_mail))
        }
        StartedOnce::Created(Started::Refused(reason)) => {
            app.db.execute(&DropUploads { files }).await?;
            let files = if files.is_empty() { "" } else { " Choose your files again." };
            form_again(
                app,
                StatusCode::BAD_REQUEST,
                &format!("Nothing was sent: {}.{files}", reason.english()),
                fields,
            )
        }
    }
}

/// Shows the form again with its values and the problem. The form keeps its time of issue, so that a visitor who only
/// corrects something isn't taken for a bot. It gets a new proof-of-work challenge.
fn form_again(
    app: &Shared,
    status: StatusCode,
    problem: &str,
    fields: &FormFields,
) -> Result<Response, PageError> {
    let mut form_tokens = form_tokens(app)?;
    if !fields.field("issued_at").is_empty() {
        fields.field("issued_at").clone_into(&mut form_tokens.issued_at);
    }
    let values = templates::FormValues {
        message: fields.field("message"),
        name: fields.field("name"),
        email: fields.field("email"),
        licence: fields.field("licence"),
    };
    Ok((status, templates::contact(&app.settings, &form_tokens, problem, &values)).into_response())
}

/// `GET /contact.js`
pub async fn script() -> Response {
    (SCRIPT, include_str!("../templates/contact.js")).into_response()
}

/// `GET /conversation.js`
pub(crate) async fn conversation_script() -> Response {
    (SCRIPT, include_str!("../templates/conversation.js")).into_response()
}

const SCRIPT: [(HeaderName, &str); 2] =
    [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const FOR_SPAM_FILTER: [&str; 4] = ["issued_at", "form_token", "proof_of_work", "website"];

    #[test]
    fn the_form_accepts_the_fields_of_the_policy_and_those_of_the_spam_filter() {
        let set = BTreeSet::from_iter::<Vec<&str>>;
        let listed = policy::contact::FIELDS.iter().map(|field| field.name).filter(|name| *name != "files");
        let listed: Vec<&str> = listed.collect();
        let with = |others: &[&'static str]| set([&listed, others].concat());
        assert_eq!(set(TEXT_FIELDS.into()), set(listed.clone()), "TEXT_FIELDS, and policy::contact");
        assert_eq!(set(IDENTIFYING_FIELDS.into()), with(&["form_token"]), "IDENTIFYING_FIELDS");
        assert_eq!(set(FIELDS.into()), with(&FOR_SPAM_FILTER), "FIELDS");
        let page = include_str!("../templates/contact.html");
        for name in FIELDS.iter().chain(&["files"]) {
            assert!(page.contains(&format!("name=\"{name}\"")), "contact.html has no field {name}");
        }
    }
}
