//! The API as it says of itself (OpenAPI 3.1), made from the doors' own types.

use std::collections::BTreeMap;

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, Modify, OpenApi};

use super::problem::{Newer, Problem};
use super::{canned, change, files, messages, panel, search, sites, threads};

/// The whole description.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Scruple's desk",
        description = "Answering people: their threads, what is known of their purchases, canned answers; and the \
            statistics of visitors, of whom nobody is known. \
            Every opening of a thread stands in the journal with the name of the token's member of staff. \
            Errors are problem details (RFC 9457) that say what to do."
    ),
    paths(
        threads::list,
        threads::show,
        messages::reply,
        messages::note,
        change::patch,
        change::release,
        change::merge,
        change::redact,
        change::erase,
        files::download,
        files::preview,
        search::search,
        panel::show,
        panel::resend_keys,
        panel::extend,
        panel::revoke,
        panel::erase,
        sites::list,
        sites::table,
        sites::time,
        sites::now,
        sites::notes,
        sites::note,
        canned::list,
        canned::put,
        canned::delete,
        canned::fill,
    ),
    components(schemas(Problem, Newer)),
    modifiers(&Bearer)
)]
pub struct Description;

/// The one way to show who one is.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, described: &mut utoipa::openapi::OpenApi) {
        let mut http = Http::new(HttpAuthScheme::Bearer);
        http.description = Some("A token that `scruple tokens add` made.".to_owned());
        let components = described.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(http));
    }
}

/// What can go wrong with any request.
pub struct Problems;

/// What can go wrong with one that changes something, besides.
pub struct ChangeProblems;

fn problems(which: &[(u16, &str)]) -> BTreeMap<String, RefOr<Response>> {
    let content = || Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem"))));
    let response = |says: &str| {
        ResponseBuilder::new().description(says).content("application/problem+json", content()).build()
    };
    which.iter().map(|(status, says)| (status.to_string(), RefOr::T(response(says)))).collect()
}

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[
            (400, "A field is not as described"),
            (401, "No token, an unknown one, or one that expired"),
            (403, "The token lacks the scope"),
            (404, "There is nothing of that name, or not any more"),
            (429, "Too many requests"),
            (500, "A fault of the program"),
            (503, "Database or keyring is away for a moment"),
        ])
    }
}

impl IntoResponses for ChangeProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = problems(&[
            (409, "Somebody else was faster"),
            (413, "The body is too long"),
            (415, "The body is not JSON"),
            (422, "Understood, and refused for the reason that the detail names"),
        ]);
        let late = ResponseBuilder::new().description("The body took too long to come").build();
        all.insert("408".to_owned(), RefOr::T(late));
        all
    }
}

/// The description as JSON.
///
/// # Errors
/// Never in practice: it is made of texts and numbers.
pub fn text() -> Result<String, serde_json::Error> {
    Description::openapi().to_pretty_json()
}
