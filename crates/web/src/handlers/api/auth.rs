//! Authentication and authorisation of the API by bearer tokens. A handler names its scope in the type of an argument, so
//! no handler can forget the check. Cookies are not read, so no other website can misuse a session (CSRF).

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use store::Actor;

use super::problem::{Problem, ProblemKind};
use crate::app::Shared;
use crate::extract::client_ip::ClientIp;
use crate::rate_limit::RateLimitKey;
use domain::api_token::{PREFIX, Scope, Scopes, token_hash};

/// A scope as a type.
pub trait RequiredScope: Send {
    /// The scope.
    const SCOPE: Scope;
}

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $($(#[$doc])* pub struct $name;
        impl RequiredScope for $name {
            const SCOPE: Scope = Scope::$name;
        })*
    };
}

scopes! {
    /// Read conversations.
    ConversationsRead
    /// Answer and change conversations.
    ConversationsWrite
    /// Read the purchases of a conversation's customer.
    CustomersRead
    /// Change the customer's licences, and start their erasure.
    CustomersWrite
    /// Read statistics.
    VisitsRead
    /// Write notes on statistics.
    VisitsWrite
}

/// A staff member whose token has the scope `S`.
pub struct Staff<S> {
    /// The staff member, as the audit log names them.
    pub actor: Actor,
    scope: PhantomData<S>,
}

impl<S: RequiredScope> FromRequestParts<Shared> for Staff<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let actor = authenticate(bearer_token(&parts.headers).map(token_hash), S::SCOPE, parts, app).await?;
        Ok(Self { actor, scope: PhantomData })
    }
}

/// The problem of a request without a valid token.
pub(super) fn invalid_token() -> Problem {
    Problem::new(
        ProblemKind::InvalidToken,
        "Send a valid token as `Authorization: Bearer scruple_...`. `scruple tokens add` makes one.",
    )
}

/// The problem of a request above the rate limit.
pub(super) fn rate_limited() -> Problem {
    Problem::new(ProblemKind::RateLimited, "Too many requests. Wait a minute, then try again.")
}

/// Returns the staff member of the token with this hash, if the token has the scope.
///
/// # Errors
/// The token is missing or invalid, lacks the scope, or a rate limit was exceeded.
pub async fn authenticate(
    token_hash: Option<[u8; 32]>,
    scope: Scope,
    parts: &mut Parts,
    app: &Shared,
) -> Result<Actor, Problem> {
    let token_hash = token_hash.ok_or_else(invalid_token)?;
    let mut tx = app.db.read().await?;
    let token = tx.api_token(&token_hash).await?;
    // A token with a scope that this version doesn't know is invalid.
    let known = token.and_then(|token| Some((token.staff, token.scopes.parse::<Scopes>().ok()?)));
    match known {
        Some(_) if !app.rate_limiter.allow_token(RateLimitKey::Staff, token_hash) => Err(rate_limited()),
        Some((staff, scopes)) if scopes.contains(scope) => Ok(Actor::Staff(staff)),
        Some(_) => Err(Problem::new(
            ProblemKind::MissingScope,
            format!("This token lacks the scope {}. Use a token that has it.", scope.name()),
        )),
        None => {
            let ip = ClientIp::from_request_parts(parts, app).await;
            let ClientIp(ip) = ip.map_err(|_| {
                Problem::new(ProblemKind::Internal, "The address of the connection is unknown.")
            })?;
            Err(if app.rate_limiter.allow(RateLimitKey::Token, ip) {
                invalid_token()
            } else {
                rate_limited()
            })
        }
    }
}

/// Returns the bearer token of the header `Authorization` (RFC 6750, 2.1), if it has the right format.
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && has_token_format(token)).then_some(token)
}

/// Returns whether a text has the format of a token.
#[must_use]
pub fn has_token_format(token: &str) -> bool {
    token.starts_with(PREFIX) && token.len() < 100
}
