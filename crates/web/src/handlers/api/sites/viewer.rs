//! The audience of a site's figures: staff with a token, or the public if the site is public.

use axum::extract::{FromRequestParts, Path};
use axum::http::header;
use axum::http::request::Parts;
use store::{Audience, Site};

use crate::app::{App, Shared};
use crate::extract::client_ip::ClientIp;
use crate::handlers::api::auth::{Staff, VisitsRead, invalid_token, rate_limited};
use crate::handlers::api::problem::{Problem, ProblemKind};
use crate::rate_limit::RateLimitKey;

/// A site with its audience.
pub struct Viewer {
    /// The site.
    pub site: Site,
    /// The audience whose disclosure threshold applies.
    pub audience: Audience,
}

/// The problem of an unknown site.
#[must_use]
pub(crate) fn no_site() -> Problem {
    Problem::new(ProblemKind::NotFound, "There is no site with this id. /api/v1/sites lists all sites.")
}

/// Returns the site of a name. A malformed name is not looked up, because not every database engine accepts every
/// character.
pub(crate) async fn site_of(app: &App, name: &str) -> Result<Option<Site>, Problem> {
    let is_valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !name.bytes().all(is_valid) {
        return Ok(None);
    }
    Ok(app.db.read().await?.site(name).await?)
}

/// Returns a parameter of the path. Empty if it can't be read.
pub(crate) async fn path_parameter(parts: &mut Parts, app: &Shared, name: &str) -> String {
    let all = Path::<Vec<(String, String)>>::from_request_parts(parts, app).await;
    let all = all.map(|Path(all)| all).unwrap_or_default();
    all.into_iter()
        .find(|(authenticate, _)| authenticate == name)
        .map_or_else(String::new, |(_, value)| value)
}

impl Viewer {
    /// A site as staff or the public may see it.
    ///
    /// # Errors
    /// Without a token, a private site and an unknown one have the same answer.
    pub async fn of(site: &str, staff: bool, parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        match site_of(app, site).await? {
            Some(site) if staff => Ok(Self { site, audience: Audience::Own }),
            None if staff => Err(no_site()),
            Some(site) if site.public => {
                let ip = ClientIp::from_request_parts(parts, app).await;
                let ClientIp(ip) = ip.map_err(|_| {
                    Problem::new(ProblemKind::Internal, "The address of the connection is unknown.")
                })?;
                if !app.rate_limiter.allow(RateLimitKey::PublicStatistics, ip) {
                    return Err(rate_limited());
                }
                Ok(Self { site, audience: Audience::Public })
            }
            _ => Err(invalid_token()),
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
        let site = path_parameter(parts, app, "id").await;
        Self::of(&site, staff, parts, app).await
    }
}
