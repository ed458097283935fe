//! The route table: every route of the program as a row of data.
//!
//! The router, the OpenAPI description, the access tests and the table in docs/http.md are all made from [`ROUTES`].

use std::future::{Ready, ready};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, on};
use tower_http::timeout::TimeoutLayer;

use crate::app::Shared;
use crate::handlers::api::description;
use crate::handlers::api::problem::{Problem, ProblemKind};
use crate::handlers::{
    address, api, collect, contact, conversation, erase, paypro_webhook, portal, receipt, redeem_magic_link,
    refresh, request_magic_link, root, statistics,
};
use crate::middleware::security_headers::security_headers;
use crate::route::Access::{
    AccessCode, Anyone, Customer, EmailLink, LicenceKey, Provider, Staff, StaffUnlessPublic,
};
use crate::route::Limits::{self, Api, Page, Upload, Visit};
use crate::route::Route;
use domain::api_token::Scope::{
    ConversationsRead, ConversationsWrite, CustomersRead, CustomersWrite, VisitsRead, VisitsWrite,
};

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;
const OPTIONS: Method = Method::OPTIONS;

/// Every route of the program.
#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    // The payment provider.
    Route::new(POST, "/paypro", Provider, Page, |method| on(method, paypro_webhook::receive)),
    // Programs.
    Route::new(POST, "/licence/refresh", LicenceKey, Page, |method| on(method, refresh::refresh))
        .described::<refresh::__path_refresh>("refreshLicence"),
    // Anyone: a magic link, and its use; receipts.
    Route::new(GET, "/licence", Anyone, Page, |method| on(method, request_magic_link::form)),
    Route::new(POST, "/licence", Anyone, Page, |method| on(method, request_magic_link::request)),
    Route::new(GET, "/licence/open/{token}", EmailLink, Page, |method| on(method, redeem_magic_link::form)),
    Route::new(POST, "/licence/open/{token}", EmailLink, Page, |method| on(method, redeem_magic_link::redeem)),
    Route::new(GET, "/licence/address/{token}", EmailLink, Page, |method| on(method, address::confirm_form)),
    Route::new(POST, "/licence/address/{token}", EmailLink, Page, |method| on(method, address::confirm)),
    Route::new(GET, "/receipt", Anyone, Page, |method| on(method, receipt::form)),
    Route::new(POST, "/receipt", Anyone, Page, |method| on(method, receipt::download)),
    // A customer in the portal.
    Route::new(GET, "/licence/portal", Customer, Page, |method| on(method, portal::show)),
    Route::new(GET, "/licence/data", Customer, Page, |method| on(method, portal::personal_data)),
    Route::new(GET, "/licence/data.json", Customer, Page, |method| on(method, portal::export)),
    Route::new(GET, "/licence/keys.txt", Customer, Page, |method| on(method, portal::keys)),
    Route::new(GET, "/licence/address", Customer, Page, |method| on(method, address::form)),
    Route::new(POST, "/licence/address", Customer, Page, |method| on(method, address::request_change)),
    Route::new(GET, "/licence/erase", Customer, Page, |method| on(method, erase::form)),
    Route::new(POST, "/licence/erase", Customer, Page, |method| on(method, erase::agree)),
    Route::new(POST, "/licence/erase/cancel", Customer, Page, |method| on(method, erase::cancel)),
    Route::new(POST, "/licence/sign-out", Customer, Page, |method| on(method, portal::sign_out)),
    Route::new(POST, "/licence/conversation", Customer, Page, |method| on(method, conversation::link::link_customer)),
    Route::new(POST, "/licence/conversation/unlink", Customer, Page, |method| on(method, conversation::link::unlink_in_portal)),
    Route::new(GET, "/licence/file/{id}", Customer, Page, |method| on(method, conversation::file::download_in_portal)),
    // Conversations: anyone begins one; its access code opens it.
    Route::new(GET, "/contact", Anyone, Upload, |method| on(method, contact::form)),
    Route::new(POST, "/contact", Anyone, Upload, |method| on(method, contact::send)),
    Route::new(GET, "/contact.js", Anyone, Page, |method| on(method, contact::script)),
    Route::new(GET, "/conversation", Anyone, Page, |method| on(method, conversation::form)),
    Route::new(POST, "/conversation", AccessCode, Page, |method| on(method, conversation::show)),
    Route::new(POST, "/conversation/answer", AccessCode, Upload, |method| on(method, conversation::answer::answer)),
    Route::new(POST, "/conversation/save", AccessCode, Page, |method| on(method, conversation::save_code)),
    Route::new(POST, "/conversation/file", AccessCode, Page, |method| on(method, conversation::file::download)),
    Route::new(POST, "/conversation/show", AccessCode, Page, |method| on(method, conversation::file::show)),
    Route::new(POST, "/conversation/address", AccessCode, Page, |method| on(method, conversation::link::set_address)),
    Route::new(POST, "/conversation/unlink", AccessCode, Page, |method| on(method, conversation::link::unlink)),
    Route::new(POST, "/conversation/erase", AccessCode, Page, |method| on(method, conversation::erase::erase)),
    Route::new(GET, "/conversation/email/{token}", EmailLink, Page, |method| on(method, conversation::email_link::form)),
    Route::new(POST, "/conversation/email/{token}", EmailLink, Page, |method| on(method, conversation::email_link::end)),
    Route::new(GET, "/conversation.js", Anyone, Page, |method| on(method, contact::conversation_script)),
    // Visits: pages of other origins send them, and often.
    Route::new(GET, "/count.gif", Anyone, Visit, |method| on(method, collect::image)),
    Route::new(POST, "/count", Anyone, Visit, |method| on(method, collect::beacon)),
    Route::new(OPTIONS, "/count", Anyone, Visit, |method| on(method, collect::preflight)),
    Route::new(GET, "/count.js", Anyone, Visit, |method| on(method, collect::script)),
    // Statistics as pages.
    Route::new(GET, "/statistics", Staff(VisitsRead), Page, |method| on(method, statistics::sites)),
    Route::new(GET, "/statistics/{site}", StaffUnlessPublic(VisitsRead), Page, |method| on(method, statistics::site)),
    Route::new(GET, "/statistics/{site}/{by}", StaffUnlessPublic(VisitsRead), Page, |method| on(method, statistics::table)),
    Route::new(GET, "/statistics.css", Anyone, Page, |method| on(method, statistics::style)),
    // The site itself.
    Route::new(GET, "/", Anyone, Page, |method| on(method, root::home)),
    Route::new(GET, "/health", Anyone, Page, |method| on(method, root::health)),
    Route::new(GET, "/style.css", Anyone, Page, |method| on(method, root::style)),
    // The staff API.
    Route::new(GET, "/api/v1/openapi.json", Anyone, Api, |method| on(method, openapi)),
    Route::new(GET, "/api/v1/conversations", Staff(ConversationsRead), Api, |method| on(method, api::conversations::list))
        .described::<api::conversations::__path_list>("listConversations"),
    Route::new(GET, "/api/v1/conversations/{id}", Staff(ConversationsRead), Api, |method| on(method, api::conversations::show))
        .described::<api::conversations::__path_show>("openConversation"),
    Route::new(PATCH, "/api/v1/conversations/{id}", Staff(ConversationsWrite), Api, |method| on(method, api::update::update))
        .described::<api::update::__path_update>("updateConversation"),
    Route::new(DELETE, "/api/v1/conversations/{id}", Staff(ConversationsWrite), Api, |method| on(method, api::update::erase))
        .described::<api::update::__path_erase>("eraseConversation"),
    Route::new(POST, "/api/v1/conversations/{id}/replies", Staff(ConversationsWrite), Api, |method| on(method, api::messages::reply))
        .described::<api::messages::__path_reply>("replyToConversation"),
    Route::new(POST, "/api/v1/conversations/{id}/notes", Staff(ConversationsWrite), Api, |method| on(method, api::messages::note))
        .described::<api::messages::__path_note>("addNote"),
    Route::new(POST, "/api/v1/conversations/{id}/release", Staff(ConversationsWrite), Api, |method| on(method, api::update::release))
        .described::<api::update::__path_release>("releaseConversation"),
    Route::new(POST, "/api/v1/conversations/{id}/merge", Staff(ConversationsWrite), Api, |method| on(method, api::update::merge))
        .described::<api::update::__path_merge>("mergeConversations"),
    Route::new(POST, "/api/v1/conversations/{id}/redact", Staff(ConversationsWrite), Api, |method| on(method, api::update::redact))
        .described::<api::update::__path_redact>("redactConversation"),
    Route::new(GET, "/api/v1/conversations/{id}/files/{file}", Staff(ConversationsRead), Api, |method| on(method, api::files::download))
        .described::<api::files::__path_download>("downloadFile"),
    Route::new(GET, "/api/v1/conversations/{id}/files/{file}/preview", Staff(ConversationsRead), Api, |method| on(method, api::files::preview))
        .described::<api::files::__path_preview>("previewFile"),
    Route::new(GET, "/api/v1/conversations/{id}/customer", Staff(CustomersRead), Api, |method| on(method, api::customer::show))
        .described::<api::customer::__path_show>("openCustomer"),
    Route::new(POST, "/api/v1/conversations/{id}/customer/resend-keys", Staff(CustomersWrite), Api, |method| on(method, api::customer::resend_keys))
        .described::<api::customer::__path_resend_keys>("resendKeys"),
    Route::new(POST, "/api/v1/conversations/{id}/customer/extend", Staff(CustomersWrite), Api, |method| on(method, api::customer::extend))
        .described::<api::customer::__path_extend>("extendLicence"),
    Route::new(POST, "/api/v1/conversations/{id}/customer/revoke", Staff(CustomersWrite), Api, |method| on(method, api::customer::revoke))
        .described::<api::customer::__path_revoke>("revokeLicence"),
    Route::new(POST, "/api/v1/conversations/{id}/customer/erase", Staff(CustomersWrite), Api, |method| on(method, api::customer::erase))
        .described::<api::customer::__path_erase>("eraseCustomer"),
    Route::new(GET, "/api/v1/search", Staff(ConversationsRead), Api, |method| on(method, api::search::search))
        .described::<api::search::__path_search>("searchConversations"),
    Route::new(GET, "/api/v1/sites", Staff(VisitsRead), Api, |method| on(method, api::sites::list))
        .described::<api::sites::__path_list>("listSites"),
    Route::new(GET, "/api/v1/sites/{id}/series", StaffUnlessPublic(VisitsRead), Api, |method| on(method, api::sites::time_series))
        .described::<api::sites::__path_time_series>("getSeries"),
    Route::new(GET, "/api/v1/sites/{id}/now", StaffUnlessPublic(VisitsRead), Api, |method| on(method, api::sites::now))
        .described::<api::sites::__path_now>("getCurrentVisitors"),
    Route::new(GET, "/api/v1/sites/{id}/notes", StaffUnlessPublic(VisitsRead), Api, |method| on(method, api::sites::notes))
        .described::<api::sites::__path_notes>("listSiteNotes"),
    Route::new(PUT, "/api/v1/sites/{id}/notes", Staff(VisitsWrite), Api, |method| on(method, api::sites::set_note))
        .described::<api::sites::__path_set_note>("setSiteNote"),
    Route::new(GET, "/api/v1/sites/{id}/{by}", StaffUnlessPublic(VisitsRead), Api, |method| on(method, api::sites::table))
        .described::<api::sites::__path_table>("getTable"),
    Route::new(GET, "/api/v1/canned", Staff(ConversationsRead), Api, |method| on(method, api::canned::list))
        .described::<api::canned::__path_list>("listCannedResponses"),
    Route::new(PUT, "/api/v1/canned/{name}", Staff(ConversationsWrite), Api, |method| on(method, api::canned::set))
        .described::<api::canned::__path_set>("setCannedResponse"),
    Route::new(DELETE, "/api/v1/canned/{name}", Staff(ConversationsWrite), Api, |method| on(method, api::canned::delete))
        .described::<api::canned::__path_delete>("deleteCannedResponse"),
    Route::new(GET, "/api/v1/canned/{name}/render", Staff(ConversationsRead), Api, |method| on(method, api::canned::render))
        .described::<api::canned::__path_render>("renderCannedResponse"),
];

/// The path of the API's own description.
pub const DESCRIPTION: &str = "/api/v1/openapi.json";

/// `GET /api/v1/openapi.json`: the description of the API, for anyone.
fn openapi() -> Ready<Result<Response, Problem>> {
    ready(openapi_response())
}

fn openapi_response() -> Result<Response, Problem> {
    let text = description::text(ROUTES)
        .map_err(|_| Problem::new(ProblemKind::Internal, "The description of the API can't be made."))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

async fn no_such_path() -> Problem {
    Problem::new(ProblemKind::NotFound, "The API has no such path: /api/v1/openapi.json names all paths.")
}

async fn method_not_allowed() -> Problem {
    Problem::new(
        ProblemKind::MethodNotAllowed,
        "This path takes other methods: the header `Allow` names them.",
    )
}

/// All rows with these limits, on one router.
fn with_limits(limits: Limits, more: &[Route]) -> Router<Shared> {
    let rows = ROUTES.iter().chain(more).filter(|route| route.limits == limits);
    let mut router = rows.fold(Router::new(), |router, row| router.route(row.path, row.method_router()));
    if let Some(bytes) = limits.body() {
        router = router.layer(DefaultBodyLimit::max(bytes));
    }
    if let Some(time) = limits.time() {
        router = router.layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, time));
    }
    router
}

/// The router of the program: every row of [`ROUTES`].
pub fn routes(app: Shared) -> Router {
    routes_with(app, &[])
}

/// The same with more rows.
pub fn routes_with(app: Shared, more: &[Route]) -> Router {
    let api = with_limits(Limits::Api, more)
        .route("/api/v1/{*path}", any(no_such_path))
        .method_not_allowed_fallback(method_not_allowed);
    with_limits(Limits::Page, more)
        .fallback(root::not_found)
        .merge(api)
        .merge(with_limits(Limits::Upload, more))
        // Outermost, so that every answer gets its headers, also the answer to a request that took too long.
        .layer(axum::middleware::from_fn(security_headers))
        .merge(with_limits(Limits::Visit, more))
        .with_state(app)
}
