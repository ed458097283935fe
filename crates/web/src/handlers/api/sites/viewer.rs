//! Who looks at a site's figures: staff with a token, who see their own, or everybody, where the site is public.

use axum::extract::{FromRequestParts, Path};
use axum::http::header;
use axum::http::request::Parts;
use store::{Audience, Site};

use crate::app::{App, Shared};
use crate::handlers::api::problem::{Kind, Problem};
use crate::handlers::api::staff::{Staff, VisitsRead, nobody, too_often};
use crate::handlers::visitor::From;
use crate::limits::Door;

/// A site, as somebody may see it.
pub struct Viewer {
    /// The site.
    pub site: Site,
    /// For whom its figures are folded.
    pub audience: Audience,
}

/// There is no site of that name.
#[must_use]
pub fn no_site() -> Problem {
    Problem::new(Kind::Nothing, "There is no site of this id: /api/v1/sites names all of them.")
}

/// The site of a name, if it can be one at all: not every engine takes every character.
///
/// # Errors
/// When the database is away.
pub async fn site_of(app: &App, name: &str) -> Result<Option<Site>, Problem> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !name.bytes().all(plain) {
        return Ok(None);
    }
    Ok(app.db.read().await?.site(name).await?)
}

/// A part of the path, by its name; empty where it can't be read.
pub async fn part(parts: &mut Parts, app: &Shared, name: &str) -> String {
    let all = Path::<Vec<(String, String)>>::from_request_parts(parts, app).await;
    let all = all.map(|Path(all)| all).unwrap_or_default();
    all.into_iter().find(|(known, _)| known == name).map_or_else(String::new, |(_, value)| value)
}

impl Viewer {
    /// A site as staff or everybody may see it.
    ///
    /// # Errors
    /// Without a token, a private site and one that isn't there are the same.
    pub async fn of(site: &str, staff: bool, parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        match site_of(app, site).await? {
            Some(site) if staff => Ok(Self { site, audience: Audience::Own }),
            None if staff => Err(no_site()),
            Some(site) if site.public => {
                let from = From::from_request_parts(parts, app).await;
                let From(from) =
                    from.map_err(|_| Problem::new(Kind::Fault, "The connection has no origin."))?;
                if !app.limits.allow(Door::Figures, from) {
                    return Err(too_often());
                }
                Ok(Self { site, audience: Audience::Public })
            }
            _ => Err(nobody()),
        }
    }
}

impl FromRequestParts<Shared> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let staff = parts.headers.contains_key(header::AUTHORIZATION);
        if staff {
            Staff::<VisitsRead>::from_request_parts(parts, app).await?;
        }
        let site = part(parts, app, "id").await;
        Self::of(&site, staff, parts, app).await
    }
}
