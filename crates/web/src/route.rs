//! A row of the route table: method, path, who may use it, limits, handler, and for the API its description.

use std::time::Duration;

use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter};
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{HttpMethod, RefOr};

use crate::app::Shared;
use domain::api_token::Scope;

/// Who may use a route, and by what they prove it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Anyone: nothing is proved.
    Anyone,
    /// The payment provider: its signature and its network address.
    Provider,
    /// A program that holds a licence key.
    LicenceKey,
    /// A person who follows a link of an e-mail (a magic link, for example).
    EmailLink,
    /// A person who has a conversation's access code.
    AccessCode,
    /// A customer with a portal session: a cookie.
    Customer,
    /// Staff, or a program of theirs, with an API token that has this scope.
    Staff(Scope),
    /// As [`Staff`](Self::Staff); a site that is public is open to anyone.
    StaffUnlessPublic(Scope),
    /// Anyone, and only in `scruple demo`.
    Demo,
}

impl Access {
    /// As the tables of the documentation say it.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Anyone => "anyone".to_owned(),
            Self::Provider => "the payment provider (signature)".to_owned(),
            Self::LicenceKey => "a program with a licence key".to_owned(),
            Self::EmailLink => "a person with the link of an e-mail".to_owned(),
            Self::AccessCode => "a person with an access code".to_owned(),
            Self::Customer => "a customer with a session".to_owned(),
            Self::Staff(scope) => format!("staff (`{}`)", scope.name()),
            Self::StaffUnlessPublic(scope) => format!("staff (`{}`); public sites: anyone", scope.name()),
            Self::Demo => "anyone, in the demo".to_owned(),
        }
    }
}

/// What one request may cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limits {
    /// A page or a form: a body of 64 KiB, 30 seconds.
    Page,
    /// A call of the API: a body of 1 MiB, 30 seconds.
    Api,
    /// A form with files: the handler limits each part of the body; 15 minutes, for slow lines.
    Upload,
    /// A visit, sent by pages of other origins: the handler limits the body and writes all headers.
    Visit,
}

impl Limits {
    /// The longest body in bytes, where the handler does not limit it.
    #[must_use]
    pub const fn body(self) -> Option<usize> {
        match self {
            Self::Page => Some(64 * 1024),
            Self::Api => Some(1024 * 1024),
            Self::Upload | Self::Visit => None,
        }
    }

    /// The longest time for a request.
    #[must_use]
    pub const fn time(self) -> Option<Duration> {
        match self {
            Self::Page | Self::Api => Some(Duration::from_secs(30)),
            Self::Upload => Some(Duration::from_secs(15 * 60)),
            Self::Visit => None,
        }
    }
}

/// What OpenAPI says of a route, made from the handler's types.
pub struct Described {
    /// The unique `operationId`.
    pub id: &'static str,
    /// The operation, without method, path, id and security: these come from the row.
    pub operation: fn() -> Operation,
    /// The tags, by which documentation groups operations.
    pub tags: fn() -> Vec<&'static str>,
    /// Adds the schemas that the operation refers to.
    pub schemas: fn(&mut Vec<(String, RefOr<Schema>)>),
}

/// One row of the route table.
pub struct Route {
    pub method: Method,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// What one request may cost.
    pub limits: Limits,
    /// The handler, for the method it is given.
    pub handler: fn(MethodFilter) -> MethodRouter<Shared>,
    /// What OpenAPI says of it; `None` for what is not part of the API.
    pub described: Option<Described>,
}

impl Route {
    /// A row that OpenAPI does not describe.
    #[must_use]
    pub const fn new(
        method: Method,
        path: &'static str,
        access: Access,
        limits: Limits,
        handler: fn(MethodFilter) -> MethodRouter<Shared>,
    ) -> Self {
        Self { method, path, access, limits, handler, described: None }
    }

    /// The same row, described by the type that `#[utoipa::path]` makes beside the handler. Its own method and path are
    /// not read: the row has them.
    #[must_use]
    pub const fn described<
        P: utoipa::Path + utoipa::__dev::Tags<'static> + utoipa::__dev::SchemaReferences,
    >(
        mut self,
        id: &'static str,
    ) -> Self {
        self.described = Some(Described { id, operation: P::operation, tags: P::tags, schemas: P::schemas });
        self
    }

    /// The handler for this row's method and no other.
    ///
    /// # Panics
    /// When the method is none of HTTP's own: the table is fixed, so any test detects it.
    pub(crate) fn method_router(&self) -> MethodRouter<Shared> {
        let filter = MethodFilter::try_from(self.method.clone()).expect("the table has known methods");
        (self.handler)(filter)
    }

    /// The method as OpenAPI spells it.
    #[must_use]
    pub(crate) fn openapi_method(&self) -> HttpMethod {
        match self.method {
            Method::POST => HttpMethod::Post,
            Method::PUT => HttpMethod::Put,
            Method::PATCH => HttpMethod::Patch,
            Method::DELETE => HttpMethod::Delete,
            Method::OPTIONS => HttpMethod::Options,
            _ => HttpMethod::Get,
        }
    }
}
