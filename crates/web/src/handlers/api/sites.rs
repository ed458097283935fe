//! Visitor statistics: sites, their tables and series, notes on their days. Nothing here knows of any visitor; tables are
//! published figures. Staff see their own with a token, everybody sees the public ones of a public site without.

pub mod asked;
pub mod shapes;
pub mod viewer;

use analytics::Dimension;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::statistics::{Annotate, MOST_HOURLY_DAYS, Noted, ReadFigures, ReadSeries, Step, figures, series};

use super::description::{ChangeProblems, Problems};
use super::fields::{Asked, Sent};
use super::problem::{Kind, Problem};
use super::staff::{Staff, VisitsRead, VisitsWrite};
use crate::app::Shared;
use crate::statistics::period as of_days;
use asked::{NewSiteNote, OfDays, OfSeries, OfTable, Plain, days, wants_csv};
use shapes::{FiguresTable, Here, Series, SiteNote, SiteRow, answer};
use viewer::{Viewer, no_site, part, site_of};

fn invalid(why: String) -> Problem {
    Problem::new(Kind::Invalid, why)
}

/// `GET /api/v1/sites`: all sites.
#[utoipa::path(get, path = "/api/v1/sites", tag = "statistics", params(Plain),
    responses((status = 200, description = "All of them, by id",
        content((Vec<SiteRow> = "application/json"), (String = "text/csv"))), Problems),
    security(("bearer" = ["visits:read"])))]
pub async fn list(
    State(app): State<Shared>,
    _staff: Staff<VisitsRead>,
    Asked(plain): Asked<Plain>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut tx = app.db.read().await?;
    let mut rows = Vec::new();
    for site in tx.sites().await? {
        let days = tx.published_days(site.id).await?;
        rows.push(SiteRow::of(site, days));
    }
    Ok(answer(rows, wants_csv(plain.format, &headers)))
}

/// The dimension that a path names.
pub struct Named(Dimension);

impl FromRequestParts<Shared> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let name = part(parts, app, "by").await;
        let no_table = || {
            let names = Dimension::ALL.map(Dimension::name).join(", ");
            Problem::new(Kind::Nothing, format!("There is no such table. There are {names}."))
        };
        Dimension::of_name(&name).map(Self).ok_or_else(no_table)
    }
}

/// `GET /api/v1/sites/{id}/{by}`: one table, summed over days. A public site's needs no token.
#[utoipa::path(get, path = "/api/v1/sites/{id}/{by}", tag = "statistics",
    params(("id" = String, Path, description = "The site's id"),
        ("by" = inline(asked::By), Path, description = "What it is counted by"), OfTable),
    responses((status = 200, description = "A page of it, or as CSV all of it",
        content((FiguresTable = "application/json"), (String = "text/csv"))), Problems),
    security(("bearer" = ["visits:read"]), ()))]
pub async fn table(
    State(app): State<Shared>,
    viewer: Viewer,
    Named(dimension): Named,
    Asked(asked): Asked<OfTable>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let csv = wants_csv(asked.format, &headers);
    let period = days(&asked.from, &asked.to).map_err(invalid)?;
    let range = period.range();
    let (skip, most) = asked.rows(csv);
    let (site, audience) = (viewer.site.id, viewer.audience);
    let read = ReadFigures { site, audience, dimension, range, skip, most };
    let read = figures(&mut app.db.read().await?, &read).await?;
    let people = crate::statistics::people(&app.counter, audience);
    let mut table = FiguresTable::empty(&viewer, dimension, period, people);
    table.fill(read, asked.page(), asked.per_page());
    Ok(answer(table, csv))
}

/// `GET /api/v1/sites/{id}/series`: views and daily visitors, piece by piece. A public site's needs no token.
#[utoipa::path(get, path = "/api/v1/sites/{id}/series", tag = "statistics",
    params(("id" = String, Path, description = "The site's id"), OfSeries),
    responses((status = 200, description = "Every piece, those without figures too",
        content((Series = "application/json"), (String = "text/csv"))), Problems),
    security(("bearer" = ["visits:read"]), ()))]
pub async fn time(
    State(app): State<Shared>,
    viewer: Viewer,
    Asked(asked): Asked<OfSeries>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let period = days(&asked.from, &asked.to).map_err(invalid)?;
    let range = period.range();
    let step = asked.step.map_or_else(|| Step::fitting(range), asked::Length::of);
    let dimension = asked.by.map_or(Dimension::Page, asked::By::of);
    if step == Step::Hour && !matches!(dimension, Dimension::Page | Dimension::Hour) {
        return Err(invalid("`step`: hours are counted for the whole site only, without `by`".to_owned()));
    }
    let (site, audience) = (viewer.site.id, viewer.audience);
    let read = ReadSeries { site, audience, dimension, range, step };
    let points = series(&mut app.db.read().await?, &read).await?;
    let points = points
        .ok_or_else(|| invalid(format!("`step`: hours are shown of {MOST_HOURLY_DAYS} days at most")))?;
    let series = Series::of(&viewer, dimension, period, step, points);
    Ok(answer(series, wants_csv(asked.format, &headers)))
}

/// `GET /api/v1/sites/{id}/now`: how many people are there. A public site's needs no token.
#[utoipa::path(get, path = "/api/v1/sites/{id}/now", tag = "statistics",
    params(("id" = String, Path, description = "The site's id"), Plain),
    responses((status = 200, description = "From memory",
        content((Here = "application/json"), (String = "text/csv"))), Problems),
    security(("bearer" = ["visits:read"]), ()))]
pub async fn now(
    State(app): State<Shared>,
    viewer: Viewer,
    Asked(plain): Asked<Plain>,
    headers: HeaderMap,
) -> Response {
    let visitors = crate::statistics::here(&app, &viewer.site, viewer.audience);
    answer(Here { site: viewer.site.name, visitors }, wants_csv(plain.format, &headers))
}

/// The site that a path names, for whoever has shown that they are staff.
pub struct OwnSite(store::Site);

impl FromRequestParts<Shared> for OwnSite {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let name = part(parts, app, "id").await;
        site_of(app, &name).await?.map(Self).ok_or_else(no_site)
    }
}

/// `GET /api/v1/sites/{id}/notes`: what staff noted on its days. A public site's needs no token.
#[utoipa::path(get, path = "/api/v1/sites/{id}/notes", tag = "statistics",
    params(("id" = String, Path, description = "The site's id"), OfDays),
    responses((status = 200, description = "By day",
        content((Vec<SiteNote> = "application/json"), (String = "text/csv"))), Problems),
    security(("bearer" = ["visits:read"]), ()))]
pub async fn notes(
    State(app): State<Shared>,
    viewer: Viewer,
    Asked(asked): Asked<OfDays>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let range = days(&asked.from, &asked.to).map_err(invalid)?.range();
    let notes = app.db.read().await?.notes(viewer.site.id, range.from.0, range.to.0).await?;
    let note = |(day, text): (i32, String)| SiteNote { day: analytics::Date(day).to_string(), text };
    Ok(answer(notes.into_iter().map(note).collect::<Vec<_>>(), wants_csv(asked.format, &headers)))
}

/// `PUT /api/v1/sites/{id}/notes`: notes something on a day, or removes what was noted.
#[utoipa::path(put, path = "/api/v1/sites/{id}/notes", tag = "statistics",
    params(("id" = String, Path, description = "The site's id")), request_body = NewSiteNote,
    responses((status = 204, description = "It stands there, or is gone"), Problems, ChangeProblems),
    security(("bearer" = ["visits:write"])))]
pub async fn note(
    State(app): State<Shared>,
    staff: Staff<VisitsWrite>,
    OwnSite(site): OwnSite,
    Sent(new): Sent<NewSiteNote>,
) -> Result<StatusCode, Problem> {
    let date = of_days::day("day", &new.day).map_err(invalid)?;
    match app.db.write(&Annotate { site: site.id, date, text: &new.text, who: &staff.who }).await? {
        Noted::Done => Ok(StatusCode::NO_CONTENT),
        Noted::Refused(why) => Err(Problem::new(Kind::Refused, why)),
    }
}
