//! The demo's pages: the walk, and the letters.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::Demo;
use super::letters::Seen;
use super::walk::Step;
use web::app::Shared;
use web::templates::page;

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

/// `GET /demo`
pub async fn walk(State(app): State<Shared>, Extension(demo): Extension<Arc<Demo>>) -> Response {
    let steps = demo.walk.get().map_or(&[][..], |walk| &walk.steps);
    page(&WalkPage { vendor: &app.house.vendor, steps }).into_response()
}

/// `GET /demo/letters`
pub async fn letters(State(app): State<Shared>, Extension(demo): Extension<Arc<Demo>>) -> Response {
    let letters = demo.letters.all();
    page(&LettersPage { vendor: &app.house.vendor, letters: &letters }).into_response()
}
