//! The pages of the demo: the tour, and the sent e-mails.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::emails::SentEmail;
use super::state::Demo;
use super::tour::Step;
use web::app::Shared;
use web::templates::page;

#[derive(Template)]
#[template(path = "demo/tour.html")]
struct TourPage<'a> {
    vendor: &'a str,
    steps: &'a [Step],
}

#[derive(Template)]
#[template(path = "demo/emails.html")]
struct EmailsPage<'a> {
    vendor: &'a str,
    emails: &'a [SentEmail],
}

/// `GET /demo`
pub async fn tour(State(app): State<Shared>, Extension(demo): Extension<Arc<Demo>>) -> Response {
    let steps = demo.tour.get().map_or(&[][..], |tour| &tour.steps);
    page(&TourPage { vendor: &app.settings.vendor, steps }).into_response()
}

/// `GET /demo/emails`
pub async fn emails(State(app): State<Shared>, Extension(demo): Extension<Arc<Demo>>) -> Response {
    let emails = demo.emails.all();
    page(&EmailsPage { vendor: &app.settings.vendor, emails: &emails }).into_response()
}
