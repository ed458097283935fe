//! All doors, as a table of contents.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::{get, post};
use tower_http::timeout::TimeoutLayer;

use crate::app::Shared;
use crate::handlers::{
    address, api, ask, contact, count, erase, notice, open, page, receipt, refresh, site, statistics, thread,
};

/// Doors that take files, piece by piece.
fn with_files() -> Router<Shared> {
    Router::new()
        // Anybody.
        .route("/contact", get(contact::form).post(contact::send))
        // Whoever has a conversation's code.
        .route("/thread/answer", post(thread::answer::answer))
}

/// Doors through which visits come in. They say for themselves what holds for their answers: pages of other origins ask
/// here, and often.
fn of_visits() -> Router<Shared> {
    Router::new()
        .route("/count.gif", get(count::image))
        .route("/count", post(count::beacon).options(count::preflight))
        .route("/count.js", get(count::script))
}

fn within(seconds: u64) -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(seconds))
}

/// Every route of the program. Who may pass: the provider (signature), a program (its key), a person (their session),
/// anybody.
pub fn routes(app: Shared) -> Router {
    routes_with(app, Router::new())
}

/// The same with more routes, which get the same limits and headers.
pub fn routes_with(app: Shared, more: Router<Shared>) -> Router {
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
        .route("/licence/thread", post(thread::tie::tie))
        .route("/licence/untie", post(thread::tie::untie_own))
        .route("/licence/file/{id}", get(thread::file::own))
        // Whoever has a conversation's code.
        .route("/thread", get(thread::form).post(thread::show))
        .route("/thread/save", post(thread::save))
        .route("/thread/file", post(thread::file::save))
        .route("/thread/show", post(thread::file::show))
        .route("/thread/address", post(thread::tie::address))
        .route("/thread/untie", post(thread::tie::untie))
        .route("/thread/erase", post(thread::end::erase))
        .route("/thread/letter/{token}", get(thread::letter::buttons).post(thread::letter::end))
        // Staff with a token as the password, and everybody where a site is public.
        .route("/statistics", get(statistics::sites))
        .route("/statistics/{site}", get(statistics::site))
        .route("/statistics/{site}/{by}", get(statistics::table))
        .route("/statistics.css", get(statistics::style))
        // The site itself.
        .route("/", get(site::front))
        .route("/health", get(site::health))
        .route("/style.css", get(site::style))
        .route("/contact.js", get(contact::script))
        .route("/thread.js", get(contact::thread_script))
        .fallback(site::nothing_here);
    // Staff, and programs that act for them.
    let router = api::routes(router);
    router
        .merge(more)
        .layer(DefaultBodyLimit::max(64 * 1024))
        .layer(within(30))
        // What has its own limit to what it reads, and may come over a slow line.
        .merge(with_files().layer(within(15 * 60)))
        // Outermost, so that every answer gets its headers, a timeout's too.
        .layer(axum::middleware::from_fn_with_state(app.clone(), site::guard))
        .merge(of_visits())
        .with_state(app)
}
