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
use domain::api_token::{ApiAccess, Scope, Scopes, parse_api_token};
use domain::token::Token;

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
        let actor = authenticate(bearer_token(&parts.headers), S::SCOPE, parts, app).await?;
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

/// Returns the staff member of a token, if the token has the scope.
///
/// # Errors
/// The token is missing or invalid, lacks the scope, or a rate limit was exceeded.
pub async fn authenticate(
    token: Option<Token<ApiAccess>>,
    scope: Scope,
    parts: &mut Parts,
    app: &Shared,
) -> Result<Actor, Problem> {
    let token_hash = token.ok_or_else(invalid_token)?.hash();
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
fn bearer_token(headers: &HeaderMap) -> Option<Token<ApiAccess>> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| parse_api_token(token.trim()))?
}
