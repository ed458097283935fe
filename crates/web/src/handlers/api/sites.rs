//! Visitor statistics: sites, tables, time series, notes. Only published figures are shown (disclosure control). Staff use a
//! token; the figures of a public site need none.

pub mod query;
pub mod types;
pub mod viewer;

use analytics::Dimension;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use calendar::Day;
use domain::statistics::{
    Annotate, AnnotateOutcome, FiguresQuery, MAX_HOURLY_DAYS, SeriesQuery, Step, read_figures, read_series,
};

use super::auth::{Staff, VisitsRead, VisitsWrite};
use super::description::{ChangeProblems, Problems};
use super::extract::{ValidJson, ValidQuery};
use super::problem::{Problem, ProblemKind};
use crate::app::Shared;
use crate::statistics::period;
use query::{
    DaysParameters, FormatParameter, NewSiteNote, SeriesParameters, TableParameters, parse_days, wants_csv,
};
use types::{CurrentVisitors, Series, SiteList, SiteNote, SiteNoteList, SiteRow, TablePage, respond};
use viewer::{Viewer, no_site, path_parameter, site_of};

fn invalid(reason: String) -> Problem {
    Problem::new(ProblemKind::Invalid, reason)
}

/// `GET /api/v1/sites`: all sites.
#[utoipa::path(get, path = "", tag = "statistics", params(FormatParameter),
    responses((status = 200, description = "All sites, by id",
        content((SiteList = "application/json"), (String = "text/csv"))), Problems))]
pub async fn list(
    State(app): State<Shared>,
    _staff: Staff<VisitsRead>,
    ValidQuery(parameters): ValidQuery<FormatParameter>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut tx = app.db.read().await?;
    let mut rows = Vec::new();
    for site in tx.sites().await? {
        let days = tx.published_days(site.id).await?;
        rows.push(SiteRow::of(site, days));
    }
    Ok(respond(SiteList { sites: rows }, wants_csv(parameters.format, &headers)))
}

/// The dimension in a path.
pub struct DimensionParameter(Dimension);

impl FromRequestParts<Shared> for DimensionParameter {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let name = path_parameter(parts, app, "by").await;
        let no_table = || {
            let names = Dimension::ALL.map(Dimension::name).join(", ");
            Problem::new(ProblemKind::NotFound, format!("There is no such table. The tables are {names}."))
        };
        Dimension::from_name(&name).map(Self).ok_or_else(no_table)
    }
}

/// `GET /api/v1/sites/{id}/{by}`: a table, summed over days. A public site needs no token.
#[utoipa::path(get, path = "", tag = "statistics",
    params(("id" = String, Path, description = "The site's id"),
        ("by" = inline(query::DimensionName), Path, description = "The dimension"), TableParameters),
    responses((status = 200, description = "A page of the table, or the whole table as CSV",
        content((TablePage = "application/json"), (String = "text/csv"))), Problems))]
pub async fn table(
    State(app): State<Shared>,
    viewer: Viewer,
    DimensionParameter(dimension): DimensionParameter,
    ValidQuery(parameters): ValidQuery<TableParameters>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let csv = wants_csv(parameters.format, &headers);
    let days = parse_days(&parameters.from, &parameters.to).map_err(invalid)?;
    let range = days.range();
    let (skip, most) = parameters.rows(csv);
    let (site, audience) = (viewer.site.id, viewer.audience);
    let read = FiguresQuery { site, audience, dimension, range, skip, limit: most };
    let read = read_figures(&mut app.db.read().await?, &read).await?;
    let people = crate::statistics::min_people(&app.counter, audience);
    let mut table = TablePage::empty(&viewer, dimension, days, people);
    table.fill(read, parameters.page(), parameters.per_page());
    Ok(respond(table, csv))
}

/// `GET /api/v1/sites/{id}/series`: views and daily visitors over time. A public site needs no token.
#[utoipa::path(get, path = "", tag = "statistics",
    params(("id" = String, Path, description = "The site's id"), SeriesParameters),
    responses((status = 200, description = "All points, also those without figures",
        content((Series = "application/json"), (String = "text/csv"))), Problems))]
pub(crate) async fn time_series(
    State(app): State<Shared>,
    viewer: Viewer,
    ValidQuery(parameters): ValidQuery<SeriesParameters>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let days = parse_days(&parameters.from, &parameters.to).map_err(invalid)?;
    let range = days.range();
    let step = parameters.step.map_or_else(|| Step::fitting(range), query::StepName::of);
    let dimension = parameters.by.map_or(Dimension::Page, query::DimensionName::of);
    if step == Step::Hour && !matches!(dimension, Dimension::Page | Dimension::Hour) {
        return Err(invalid("`step`: hours are only available for the whole site, without `by`".to_owned()));
    }
    let (site, audience) = (viewer.site.id, viewer.audience);
    let read = SeriesQuery { site, audience, dimension, range, step };
    let points = read_series(&mut app.db.read().await?, &read).await?;
    let points = points
        .ok_or_else(|| invalid(format!("`step`: hours are available for at most {MAX_HOURLY_DAYS} days")))?;
    let series = Series::of(&viewer, dimension, days, step, points);
    Ok(respond(series, wants_csv(parameters.format, &headers)))
}

/// `GET /api/v1/sites/{id}/now`: the current number of visitors. A public site needs no token.
#[utoipa::path(get, path = "", tag = "statistics",
    params(("id" = String, Path, description = "The site's id"), FormatParameter),
    responses((status = 200, description = "The current number of visitors",
        content((CurrentVisitors = "application/json"), (String = "text/csv"))), Problems))]
pub async fn now(
    State(app): State<Shared>,
    viewer: Viewer,
    ValidQuery(parameters): ValidQuery<FormatParameter>,
    headers: HeaderMap,
) -> Response {
    let visitors = crate::statistics::visitors_now(&app, &viewer.site, viewer.audience);
    respond(CurrentVisitors { site: viewer.site.name, visitors }, wants_csv(parameters.format, &headers))
}

/// The site in a path, for staff.
pub struct StaffSite(store::Site);

impl FromRequestParts<Shared> for StaffSite {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let name = path_parameter(parts, app, "id").await;
        site_of(app, &name).await?.map(Self).ok_or_else(no_site)
    }
}

/// `GET /api/v1/sites/{id}/notes`: notes of staff on days. A public site needs no token.
#[utoipa::path(get, path = "", tag = "statistics",
    params(("id" = String, Path, description = "The site's id"), DaysParameters),
    responses((status = 200, description = "Notes by day",
        content((SiteNoteList = "application/json"), (String = "text/csv"))), Problems))]
pub async fn notes(
    State(app): State<Shared>,
    viewer: Viewer,
    ValidQuery(parameters): ValidQuery<DaysParameters>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let range = parse_days(&parameters.from, &parameters.to).map_err(invalid)?.range();
    let notes = app.db.read().await?.site_notes(viewer.site.id, range.from, range.to).await?;
    let note = |(day, text): (Day, String)| SiteNote { day: day.to_string(), text };
    Ok(respond(
        SiteNoteList { notes: notes.into_iter().map(note).collect() },
        wants_csv(parameters.format, &headers),
    ))
}

/// `PUT /api/v1/sites/{id}/notes`: sets or removes the note on a day.
#[utoipa::path(put, path = "", tag = "statistics",
    params(("id" = String, Path, description = "The site's id")), request_body = NewSiteNote,
    responses((status = 204, description = "The note is set or removed"), Problems, ChangeProblems))]
pub(crate) async fn set_note(
    State(app): State<Shared>,
    staff: Staff<VisitsWrite>,
    StaffSite(site): StaffSite,
    ValidJson(new): ValidJson<NewSiteNote>,
) -> Result<StatusCode, Problem> {
    let date = period::parse_day("day", &new.day).map_err(invalid)?;
    match app.db.execute(&Annotate { site: site.id, date, text: &new.text, actor: &staff.actor }).await? {
        AnnotateOutcome::Done => Ok(StatusCode::NO_CONTENT),
        AnnotateOutcome::Refused(reason) => Err(Problem::refused(&reason)),
    }
}
