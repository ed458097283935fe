//! The desk for staff as JSON, under `/api/v1`: the same deeds as on the command line. Whoever passes shows a token
//! as `Authorization: Bearer`; cookies are not looked at. The statistics of a public site are for everybody.

pub mod canned;
pub mod change;
pub mod description;
pub mod fields;
pub mod files;
pub mod messages;
pub mod panel;
pub mod problem;
pub mod search;
pub mod shapes;
pub mod sites;
pub mod staff;
pub mod threads;
pub mod token;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};

use crate::app::Shared;
use problem::{Kind, Problem};

/// No body is longer, in bytes.
const LONGEST: usize = 1024 * 1024;

/// Adds the routes of the API, all of them below `/api/v1`.
pub fn routes(router: Router<Shared>) -> Router<Shared> {
    let api = Router::new()
        .route("/openapi.json", get(describe))
        .route("/threads", get(threads::list))
        .route("/threads/{id}", get(threads::show).patch(change::patch).delete(change::erase))
        .route("/threads/{id}/replies", post(messages::reply))
        .route("/threads/{id}/notes", post(messages::note))
        .route("/threads/{id}/release", post(change::release))
        .route("/threads/{id}/merge", post(change::merge))
        .route("/threads/{id}/redact", post(change::redact))
        .route("/threads/{id}/files/{file}", get(files::download))
        .route("/threads/{id}/files/{file}/preview", get(files::preview))
        .route("/threads/{id}/panel", get(panel::show))
        .route("/threads/{id}/panel/resend-keys", post(panel::resend_keys))
        .route("/threads/{id}/panel/extend", post(panel::extend))
        .route("/threads/{id}/panel/revoke", post(panel::revoke))
        .route("/threads/{id}/panel/erase", post(panel::erase))
        .route("/search", get(search::search))
        .route("/sites", get(sites::list))
        .route("/sites/{id}/series", get(sites::time))
        .route("/sites/{id}/now", get(sites::now))
        .route("/sites/{id}/notes", get(sites::notes).put(sites::note))
        .route("/sites/{id}/{by}", get(sites::table))
        .route("/canned", get(canned::list))
        .route("/canned/{name}", put(canned::put).delete(canned::delete))
        .route("/canned/{name}/fill", get(canned::fill))
        .fallback(nothing_here)
        .method_not_allowed_fallback(other_method)
        .layer(DefaultBodyLimit::max(LONGEST));
    router.nest("/api/v1", api)
}

/// `GET /api/v1/openapi.json`: the description of the API, for anybody.
pub async fn describe() -> Result<Response, Problem> {
    let text =
        description::text().map_err(|_| Problem::new(Kind::Fault, "The description can't be made."))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

async fn nothing_here() -> Problem {
    Problem::new(Kind::Nothing, "There is no such path: /api/v1/openapi.json names all of them.")
}

async fn other_method() -> Problem {
    Problem::new(Kind::Method, "This path takes other methods: the header `Allow` names them.")
}
