//! All doors, as a table of contents.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::{get, post};
use tower_http::timeout::TimeoutLayer;

use crate::app::Shared;
use crate::doors::{address, api, ask, erase, notice, open, page, receipt, refresh, site};

/// Every route of the program. Who may pass: the provider (signature), a program (its key), a person (their session),
/// anybody.
pub fn routes(app: Shared) -> Router {
    let router = Router::new()
        // The provider.
        .route("/paypro", post(notice::take))
        // Programs.
        .route("/licence/refresh", post(refresh::refresh))
        // Anybody: asking for one's page, and opening it with the letter's link.
        .route("/licence", get(ask::form).post(ask::ask))
        .route("/licence/open/{token}", get(open::button).post(open::open))
        .route("/licence/address/{token}", get(address::button).post(address::confirm))
        .route("/receipt", get(receipt::form).post(receipt::pick_up))
        // A person with an open page.
        .route("/licence/page", get(page::show))
        .route("/licence/held", get(page::held))
        .route("/licence/held.json", get(page::export))
        .route("/licence/keys.txt", get(page::keys))
        .route("/licence/address", get(address::form).post(address::ask))
        .route("/licence/erase", get(erase::consequences).post(erase::agree))
        .route("/licence/erase/take-back", post(erase::take_back))
        .route("/licence/close", post(page::close))
        // The site itself.
        .route("/", get(site::front))
        .route("/health", get(site::health))
        .route("/style.css", get(site::style))
        .fallback(site::nothing_here);
    // Staff, and programs that act for them.
    let router = api::routes(router);
    let router = if app.demo.is_some() { crate::demo::routes(router) } else { router };
    router
        .layer(DefaultBodyLimit::max(64 * 1024))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(30)))
        // Outermost, so that every answer gets its headers, a timeout's too.
        .layer(axum::middleware::from_fn_with_state(app.clone(), site::guard))
        .with_state(app)
}
