//! Another message in a conversation, with files.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::conversations::upload::{DropUploads, PendingFile, UploadTarget};
use domain::conversations::{AnswerByCode, AnswerOutcome, view::ViewConversation};
use message_catalogue::English as _;
use zeroize::Zeroizing;

use super::{CodeForm, conversation_page};
use crate::app::{App, Shared};
use crate::extract::access_code::{WithAccessCode, code_hash, unknown_code};
use crate::extract::client_ip::ClientIp;
use crate::extract::upload_form::{FormFields, UploadForm, UploadProblem};
use crate::handlers::contact::{TOO_MANY, message_problem};
use crate::page_error::PageError;
use crate::rate_limit::RateLimitKey;
use crate::templates::contact::ActionResult;

/// `POST /conversation/answer`: adds a message.
pub async fn answer(
    State(app): State<Shared>,
    ClientIp(ip): ClientIp,
    request: Request,
) -> Result<Response, PageError> {
    let form = match UploadForm::read(request, &["code", "seen", "message"]).await {
        Ok(form) => form,
        Err(page) => return Ok(page),
    };
    let tag = match code_hash(&app, ip, form.field("code")) {
        Ok(tag) => tag,
        Err(page) => {
            form.refuse().await;
            return Ok(*page);
        }
    };
    let problem = if app.rate_limiter.allow(RateLimitKey::Contact, ip) {
        message_problem(&form)
    } else {
        Some((StatusCode::TOO_MANY_REQUESTS, TOO_MANY))
    };
    let (fields, (status, outcome)) = if let Some((status, problem)) = problem {
        (form.refuse().await, (status, Outcome::Problem(problem.to_owned())))
    } else {
        match form.files(&app, UploadTarget::Code(&tag)).await {
            Ok((files, fields)) => {
                let sent = send(&app, &tag, &files, &fields).await?;
                (fields, sent)
            }
            // Counts as an attempt with an unknown code.
            Err((UploadProblem::NoConversation, _)) => return Ok(unknown_code(&app, ip)),
            Err((problem, fields)) => match problem.text_or_page() {
                Ok(text) => (fields, (StatusCode::PAYLOAD_TOO_LARGE, Outcome::Problem(text.to_owned()))),
                Err(page) => return Ok(*page),
            },
        }
    };
    let code = CodeForm { code: Zeroizing::new(fields.field("code").to_owned()) };
    let form = WithAccessCode { form: code, tag, ip };
    let result = match &outcome {
        Outcome::Sent => {
            ActionResult { success: "We have received your message.", ..ActionResult::default() }
        }
        Outcome::Problem(problem) => {
            ActionResult { problem, unsent_text: fields.field("message"), ..ActionResult::default() }
        }
    };
    conversation_page(&app, &form, (status, result)).await
}

/// Whether the message was sent.
enum Outcome {
    Sent,
    Problem(String),
}

async fn send(
    app: &App,
    tag: &[u8; 32],
    files: &[PendingFile],
    fields: &FormFields,
) -> Result<(StatusCode, Outcome), PageError> {
    if is_already_sent(app, tag, fields).await? {
        app.db.execute(&DropUploads { files }).await?;
        return Ok((StatusCode::OK, Outcome::Sent));
    }
    let ids: Vec<i64> = files.iter().map(|file| file.id).collect();
    let message = fields.field("message");
    Ok(
        match app
            .db
            .execute(&AnswerByCode { code_hash: tag, message, files: &ids, quarantined: false })
            .await?
        {
            // If the conversation doesn't exist, the page that is shown next says so.
            AnswerOutcome::Done | AnswerOutcome::NoConversation => (StatusCode::OK, Outcome::Sent),
            AnswerOutcome::Refused(reason) => {
                app.db.execute(&DropUploads { files }).await?;
                (
                    StatusCode::BAD_REQUEST,
                    Outcome::Problem(format!("Nothing was sent: {}.", reason.english())),
                )
            }
        },
    )
}

/// Returns whether the same message was sent before: a page that is reloaded submits its form again.
async fn is_already_sent(app: &App, tag: &[u8; 32], fields: &FormFields) -> Result<bool, PageError> {
    let Ok(seen) = fields.field("seen").parse::<usize>() else { return Ok(false) };
    let conversation = app.db.execute(&ViewConversation { code_hash: tag, settings: &app.settings }).await?;
    let next = conversation.as_ref().and_then(|conversation| conversation.messages.get(seen));
    Ok(next.is_some_and(|next| next.from == "you" && next.text.trim() == fields.field("message").trim()))
}
