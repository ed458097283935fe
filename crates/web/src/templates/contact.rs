//! The pages of the contact form and of conversations.

use askama::Template;
use axum::http::header;
use axum::response::{Html, IntoResponse as _, Response};
use domain::VendorSettings;
use domain::conversations::view::ConversationView;

use super::page;
use crate::spam::FormTokens;

/// Formats a file size in a template.
pub fn size(bytes: &i64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

/// Describes the state of a conversation to its sender. Every other state reads as open: this hides the quarantine.
pub fn state(state: &str) -> &str {
    match state {
        "waiting" => "answered",
        "closed" => "closed",
        _ => "waiting for our answer",
    }
}

/// Names the author of a message to the person whose conversation it is.
pub fn author(kind: &str) -> &str {
    match kind {
        "you" => "You",
        "note" => "Note of our staff",
        "machine" => "Automatic message",
        _ => "Our staff",
    }
}

/// The values of the contact form, to be shown again after a problem. They are stored nowhere.
#[derive(Default)]
pub struct FormValues<'a> {
    pub message: &'a str,
    pub name: &'a str,
    /// The e-mail address.
    pub email: &'a str,
    /// The licence number.
    pub licence: &'a str,
}

#[derive(Template)]
#[template(path = "templates/contact.html")]
struct ContactPage<'a> {
    vendor: &'a str,
    problem: &'a str,
    values: &'a FormValues<'a>,
    tokens: &'a FormTokens,
    anonymous_days: i64,
    months: i64,
}

#[derive(Template)]
#[template(path = "templates/message_sent.html")]
struct MessageSentPage<'a> {
    vendor: &'a str,
    url: &'a str,
    code: &'a str,
    by_mail: bool,
}

#[derive(Template)]
#[template(path = "templates/conversation_code.html")]
struct ConversationCodePage<'a> {
    vendor: &'a str,
    problem: &'a str,
    typed_code: &'a str,
}

#[derive(Template)]
#[template(path = "templates/conversation.html")]
struct ConversationPage<'a> {
    vendor: &'a str,
    conversation: &'a ConversationView,
    code: &'a str,
    success: &'a str,
    problem: &'a str,
    unsent_text: &'a str,
}

#[derive(Template)]
#[template(path = "templates/email_link.html")]
struct EmailLinkPage<'a> {
    vendor: &'a str,
}

/// The Content-Security-Policy of pages with a script: only scripts of this site run, and they may load nothing.
const SCRIPT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn with_script(page: Html<String>) -> Response {
    ([(header::CONTENT_SECURITY_POLICY, SCRIPT_POLICY)], page).into_response()
}

/// The contact form.
pub fn contact(
    settings: &VendorSettings,
    tokens: &FormTokens,
    problem: &str,
    values: &FormValues<'_>,
) -> Response {
    with_script(page(&ContactPage {
        vendor: &settings.vendor,
        problem,
        values,
        tokens,
        anonymous_days: settings.anonymous_days,
        months: settings.conversation_months,
    }))
}

/// The page that shows the access code of a new conversation. It is shown once.
pub(crate) fn message_sent(settings: &VendorSettings, code: &str, by_mail: bool) -> Response {
    page(&MessageSentPage { vendor: &settings.vendor, url: &settings.public_url, code, by_mail })
        .into_response()
}

/// The form for an access code, with what was typed if there is a problem with it.
pub(crate) fn conversation_code(vendor: &str, problem: &str, typed_code: &str) -> Response {
    with_script(page(&ConversationCodePage { vendor, problem, typed_code }))
}

/// The result of the last action on a conversation's page.
#[derive(Clone, Copy, Default)]
pub struct ActionResult<'a> {
    /// What was done.
    pub success: &'a str,
    /// What was not done, and why.
    pub problem: &'a str,
    /// The text of a message that was not sent.
    pub unsent_text: &'a str,
}

/// A conversation, with the result of the last action.
pub fn conversation(
    settings: &VendorSettings,
    conversation: &ConversationView,
    code: &str,
    result: &ActionResult<'_>,
) -> Response {
    let ActionResult { success, problem, unsent_text } = *result;
    let vendor = &settings.vendor;
    with_script(page(&ConversationPage { vendor, conversation, code, success, problem, unsent_text }))
}

/// The buttons that the link in an e-mail leads to.
pub(crate) fn email_link(vendor: &str) -> Response {
    page(&EmailLinkPage { vendor }).into_response()
}
