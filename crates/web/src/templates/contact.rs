//! The pages of the contact form and of conversations.

use askama::Template;
use axum::http::header;
use axum::response::{Html, IntoResponse as _, Response};
use domain::VendorSettings;
use domain::conversations::view::ConversationView;

use super::page;
use crate::spam::Marks;

/// Bytes as people count them, in a template.
pub fn size(bytes: &i64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

/// How a conversation stands, for the person who holds it.
pub fn state(word: &str) -> &str {
    match word {
        "waiting" => "your turn",
        "closed" => "closed",
        _ => "our turn",
    }
}

/// Who wrote a message, for the person whose conversation it is.
pub fn writer(word: &str) -> &str {
    match word {
        "you" => "You",
        "note" => "A note of staff’s",
        "machine" => "A machine",
        _ => "Staff",
    }
}

/// What was typed into the contact form, to stand there again when something was wrong. It is shown to whoever typed
/// it and kept nowhere.
#[derive(Default)]
pub struct Typed<'a> {
    /// The message.
    pub message: &'a str,
    /// The name.
    pub name: &'a str,
    /// The address.
    pub address: &'a str,
    /// The licence number.
    pub licence: &'a str,
}

#[derive(Template)]
#[template(path = "templates/contact.html")]
struct Contact<'a> {
    vendor: &'a str,
    problem: &'a str,
    typed: &'a Typed<'a>,
    begun: &'a str,
    once: &'a str,
    riddle: &'a str,
    anonymous: i64,
    months: i64,
}

#[derive(Template)]
#[template(path = "templates/sent.html")]
struct Sent<'a> {
    vendor: &'a str,
    url: &'a str,
    code: &'a str,
    by_mail: bool,
}

#[derive(Template)]
#[template(path = "templates/thread_code.html")]
struct ThreadCode<'a> {
    vendor: &'a str,
    problem: &'a str,
    typed: &'a str,
}

#[derive(Template)]
#[template(path = "templates/thread.html")]
struct Thread<'a> {
    vendor: &'a str,
    talk: &'a ConversationView,
    code: &'a str,
    /// Something that was done.
    said: &'a str,
    /// Something that wasn't, and why.
    problem: &'a str,
    /// The answer that wasn't sent.
    typed: &'a str,
}

#[derive(Template)]
#[template(path = "templates/letter_link.html")]
struct LetterLink<'a> {
    vendor: &'a str,
}

/// What browsers are told on the pages that have a script: ours alone, and it may load nothing.
const SCRIPTED: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn scripted(page: Html<String>) -> Response {
    ([(header::CONTENT_SECURITY_POLICY, SCRIPTED)], page).into_response()
}

/// The contact form.
pub fn contact(house: &VendorSettings, marks: &Marks, problem: &str, typed: &Typed<'_>) -> Response {
    scripted(page(&Contact {
        vendor: &house.vendor,
        problem,
        typed,
        begun: &marks.begun,
        once: &marks.once,
        riddle: &marks.riddle,
        anonymous: house.anonymous_days,
        months: house.thread_months,
    }))
}

/// The code of a conversation that has begun: shown once.
pub fn sent(house: &VendorSettings, code: &str, by_mail: bool) -> Response {
    page(&Sent { vendor: &house.vendor, url: &house.public_url, code, by_mail }).into_response()
}

/// The form for a code, with what was typed when something is wrong with it.
pub fn thread_code(vendor: &str, problem: &str, typed: &str) -> Response {
    scripted(page(&ThreadCode { vendor, problem, typed }))
}

/// A conversation, after something was `said` to be done or a `problem` kept it from being done.
pub fn thread(house: &VendorSettings, talk: &ConversationView, code: &str, after: &After<'_>) -> Response {
    let After { said, problem, typed } = *after;
    scripted(page(&Thread { vendor: &house.vendor, talk, code, said, problem, typed }))
}

/// What has just happened on a conversation's page.
#[derive(Clone, Copy, Default)]
pub struct After<'a> {
    /// Something was done.
    pub said: &'a str,
    /// Something wasn't, and why.
    pub problem: &'a str,
    /// The answer that wasn't sent.
    pub typed: &'a str,
}

/// The buttons behind a letter's link.
pub fn letter_link(vendor: &str) -> Response {
    page(&LetterLink { vendor }).into_response()
}
