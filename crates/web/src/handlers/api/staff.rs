//! Who may pass a door of the API: whoever shows a token whose scopes reach it. A door names its scope in the type
//! of its first argument, so that no handler can forget to ask. Cookies are not looked at, so no page of another site
//! can borrow anything.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use store::Actor;

use super::problem::{Kind, Problem};
use super::token::{PREFIX, Scope, Scopes, tag};
use crate::app::Shared;
use crate::handlers::visitor::From;
use crate::limits::Door;

/// A scope as a type.
pub trait RequiredScope: Send {
    /// Which.
    const SCOPE: Scope;
}

macro_rules! reaches {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $($(#[$doc])* pub struct $name;
        impl RequiredScope for $name {
            const SCOPE: Scope = Scope::$name;
        })*
    };
}

reaches! {
    /// Reading threads.
    ThreadsRead
    /// Answering and changing threads.
    ThreadsWrite
    /// Seeing the purchases of a thread's customer.
    CustomersRead
    /// Acting on them.
    CustomersWrite
    /// Reading statistics.
    VisitsRead
    /// Writing notes on them.
    VisitsWrite
}

/// A member of staff, as the journal names them, whose token reaches `S`.
pub struct Staff<S> {
    /// By name.
    pub who: Actor,
    reach: PhantomData<S>,
}

impl<S: RequiredScope> FromRequestParts<Shared> for Staff<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let who = known(shown(&parts.headers).map(tag), S::SCOPE, parts, app).await?;
        Ok(Self { who, reach: PhantomData })
    }
}

/// There is no valid token.
pub(super) fn nobody() -> Problem {
    Problem::new(
        Kind::NoToken,
        "Send a valid token as `Authorization: Bearer scruple_...`. `scruple tokens add` makes one.",
    )
}

/// Too many requests.
pub(super) fn too_often() -> Problem {
    Problem::new(Kind::TooOften, "Too many requests: wait a minute, then try again.")
}

/// The member of staff for whom the token of this hash acts, if it reaches that far.
///
/// # Errors
/// No valid token, one that doesn't reach it, or too many requests with it or tries from there.
pub async fn known(
    tag: Option<[u8; 32]>,
    scope: Scope,
    parts: &mut Parts,
    app: &Shared,
) -> Result<Actor, Problem> {
    let tag = tag.ok_or_else(nobody)?;
    let mut tx = app.db.read().await?;
    let known = tx.api_token(&tag).await?;
    // Scopes that this version doesn't know reach nothing.
    let known = known.and_then(|known| Some((known.staff, known.scopes.parse::<Scopes>().ok()?)));
    match known {
        Some(_) if !app.limits.allow_token(Door::Staff, tag) => Err(too_often()),
        Some((staff, scopes)) if scopes.hold(scope) => Ok(Actor::Staff(staff)),
        Some(_) => Err(Problem::new(
            Kind::Scope,
            format!("This token lacks the scope {}: ask for one that has it.", scope.name()),
        )),
        None => {
            let from = From::from_request_parts(parts, app).await;
            let From(from) = from.map_err(|_| Problem::new(Kind::Fault, "The connection has no origin."))?;
            Err(if app.limits.allow(Door::Token, from) { nobody() } else { too_often() })
        }
    }
}

/// The token of the header `Authorization` (RFC 6750, 2.1), if it looks like one.
fn shown(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && looks_like_one(token)).then_some(token)
}

/// Whether it can be a token at all.
#[must_use]
pub fn looks_like_one(token: &str) -> bool {
    token.starts_with(PREFIX) && token.len() < 100
}
