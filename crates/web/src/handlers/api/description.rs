//! The OpenAPI 3.1 description of the API, made from the route table and the handlers' own types.

use std::collections::BTreeMap;

use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, Paths};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Content, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, Response,
    ResponseBuilder,
};
use utoipa::{IntoResponses, PartialSchema as _};

use super::examples;
use super::problem::{Newer, Problem};
use crate::route::{Access, Described, Route};

const ABOUT: &str = "Conversations with the people who write to you, what is known of their purchases, canned \
    responses, and visitor statistics. Every access to a conversation is an entry of the audit log, with the name of \
    the token's staff member. Errors are problem details (RFC 9457) that say what to do.";

/// The whole description.
fn description(routes: &[Route]) -> OpenApi {
    let mut paths = Paths::new();
    let mut schemas = vec![("Problem".to_owned(), Problem::schema()), ("Newer".to_owned(), Newer::schema())];
    for route in routes {
        let Some(described) = &route.described else { continue };
        (described.schemas)(&mut schemas);
        let item = PathItem::new(route.openapi_method(), operation(route, described));
        match paths.paths.get_mut(route.path) {
            Some(there) => there.merge_operations(item),
            None => {
                paths.paths.insert(route.path.to_owned(), item);
            }
        }
    }
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Scruple")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(ABOUT))
                .build(),
        )
        .paths(paths)
        .components(Some(
            ComponentsBuilder::new()
                .schemas_from_iter(schemas.into_iter().collect::<BTreeMap<String, RefOr<Schema>>>())
                .security_scheme("bearer", bearer())
                .build(),
        ))
        .build()
}

/// The only way to authenticate.
fn bearer() -> SecurityScheme {
    let mut http = Http::new(HttpAuthScheme::Bearer);
    http.description = Some("A token that `scruple tokens add` made.".to_owned());
    SecurityScheme::Http(http)
}

/// The handler's own description, with what the row says: id, security and examples.
fn operation(route: &Route, described: &Described) -> Operation {
    let mut operation = (described.operation)();
    operation.operation_id = Some(described.id.to_owned());
    operation.tags = Some((described.tags)().into_iter().map(str::to_owned).collect());
    operation.security = security(route.access);
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter {
            add_example(parameter, route.path);
        }
    }
    if let (Some(RefOr::T(body)), Some(example)) = (&mut operation.request_body, examples::body(described.id))
    {
        for content in body.content.values_mut() {
            if let RefOr::T(content) = content {
                content.example = Some(example.clone());
            }
        }
    }
    operation
}

fn add_example(parameter: &mut Parameter, path: &str) {
    let has_example = serde_json::to_value(&*parameter).is_ok_and(|value| !value["example"].is_null());
    if !has_example {
        let example = examples::parameter(path, &parameter.name);
        *parameter = ParameterBuilder::from(parameter.clone()).example(example).build();
    }
}

/// `None` where a route asks for nothing.
fn security(access: Access) -> Option<Vec<SecurityRequirement>> {
    match access {
        Access::Staff(scope) => Some(vec![SecurityRequirement::new("bearer", [scope.name()])]),
        Access::StaffUnlessPublic(scope) => {
            Some(vec![SecurityRequirement::new("bearer", [scope.name()]), SecurityRequirement::default()])
        }
        _ => None,
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
            (400, "A field is invalid"),
            (401, "The token is missing, unknown or expired"),
            (403, "The token lacks the scope"),
            (404, "It does not exist, or no longer exists"),
            (429, "Too many requests"),
            (500, "An internal error"),
            (503, "Temporarily unavailable: try again later"),
        ])
    }
}

impl IntoResponses for ChangeProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut all = problems(&[
            (409, "The conversation has newer messages"),
            (413, "The body is too long"),
            (415, "The body is not JSON"),
            (422, "The request is valid, but refused for the reason in the detail"),
        ]);
        let late = ResponseBuilder::new().description("The request took too long").build();
        all.insert("408".to_owned(), RefOr::T(late));
        all
    }
}

/// The description of these routes as JSON.
///
/// # Errors
/// Never in practice: it is made of texts and numbers.
pub fn text(routes: &[Route]) -> Result<String, serde_json::Error> {
    description(routes).to_pretty_json()
}
