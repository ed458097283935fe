//! The demo's pages: the walk, and the letters.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::Demo;
use super::letters::Seen;
use super::walk::Step;
use crate::app::{App, Shared};
use crate::doors::site::nothing_here;
use crate::pages::page;

#[derive(Template)]
#[template(path = "demo/walk.html")]
struct WalkPage<'a> {
    vendor: &'a str,
    steps: &'a [Step],
}

#[derive(Template)]
#[template(path = "demo/letters.html")]
struct LettersPage<'a> {
    vendor: &'a str,
    letters: &'a [Seen],
}

/// The demo, if this is one.
pub(super) fn demo(app: &App) -> Option<&Demo> {
    app.demo.as_ref()
}

/// `GET /demo`
pub async fn walk(State(app): State<Shared>) -> Response {
    let Some(demo) = demo(&app) else { return nothing_here().await };
    let steps = demo.walk.get().map_or(&[][..], |walk| &walk.steps);
    page(&WalkPage { vendor: &app.house.vendor, steps }).into_response()
}

/// `GET /demo/letters`
pub async fn letters(State(app): State<Shared>) -> Response {
    let Some(demo) = demo(&app) else { return nothing_here().await };
    let letters = demo.letters.all();
    page(&LettersPage { vendor: &app.house.vendor, letters: &letters }).into_response()
}
