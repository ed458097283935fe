//! Who may pass a door of the API: whoever shows a token whose scopes reach it. A door names its scope in the type
//! of its first argument, so that no handler can forget to ask. Cookies are not looked at, so no page of another site
//! can borrow anything.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use store::Who;

use super::problem::{Kind, Problem};
use super::token::{PREFIX, Scope, Scopes, tag};
use crate::app::Shared;
use crate::doors::visitor::From;
use crate::limits::Door;

/// A scope as a type.
pub trait Reach: Send {
    /// Which.
    const SCOPE: Scope;
}

macro_rules! reaches {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $($(#[$doc])* pub struct $name;
        impl Reach for $name {
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
}

/// A member of staff, as the journal names them, whose token reaches `S`.
pub struct Staff<S> {
    /// By name.
    pub who: Who,
    reach: PhantomData<S>,
}

impl<S: Reach> FromRequestParts<Shared> for Staff<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let (who, scopes) = staff(parts, app).await?;
        if !scopes.hold(S::SCOPE) {
            return Err(Problem::new(
                Kind::Scope,
                format!("This token lacks the scope {}: ask for one that has it.", S::SCOPE.name()),
            ));
        }
        Ok(Self { who, reach: PhantomData })
    }
}

fn nobody() -> Problem {
    Problem::new(
        Kind::NoToken,
        "Send a valid token as `Authorization: Bearer scruple_...`. `scruple tokens add` makes one.",
    )
}

fn too_often() -> Problem {
    Problem::new(Kind::TooOften, "Too many requests: wait a minute, then try again.")
}

async fn staff(parts: &mut Parts, app: &Shared) -> Result<(Who, Scopes), Problem> {
    let tag = shown(&parts.headers).map(tag).ok_or_else(nobody)?;
    let mut tx = app.db.read().await?;
    let known = tx.api_token(&tag).await?;
    // Scopes that this version doesn't know reach nothing.
    let known = known.and_then(|known| Some((known.staff, known.scopes.parse().ok()?)));
    match known {
        Some((staff, scopes)) if app.limits.allow_token(Door::Staff, tag) => Ok((Who::Staff(staff), scopes)),
        Some(_) => Err(too_often()),
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
    (scheme.eq_ignore_ascii_case("bearer") && token.starts_with(PREFIX) && token.len() < 100).then_some(token)
}
