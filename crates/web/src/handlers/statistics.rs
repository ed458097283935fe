//! Visitor statistics as pages. Staff use an API token as the password of HTTP Basic authentication (RFC 7617), which needs
//! no cookie. The page of a public site needs no token. No response sets a cookie.

use analytics::Dimension;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use calendar::Timestamp;
use data_encoding::BASE64;
use domain::statistics::{FiguresQuery, SeriesQuery, Step, read_figures, read_series};
use serde::Deserialize;
use store::{Audience, Tx};
use zeroize::Zeroizing;

use super::api::auth::authenticate;
use super::api::problem::Problem;
use super::api::sites::query::parse_days;
use super::api::sites::types::{Series, TablePage, respond};
use super::api::sites::viewer::{Viewer, path_parameter};
use crate::app::{App, Shared};
use crate::page_error::PageError;
use crate::statistics::{Choice, Dashboard, Period, min_people, visitors_now, yesterday};
use crate::templates::statistics::{self as page, PeriodQuery, SiteSummary, SiteView};
use domain::api_token::{ApiAccess, Scope, parse_api_token};
use domain::token::Token;

/// Rows on one page of a table.
const ROWS: usize = 200;

/// Why a page can't be shown.
pub enum StatisticsError {
    /// The token is missing or invalid, or lacks the scope.
    Unauthorized,
    /// There is no such site or table.
    NotFound,
    /// The query is invalid, with the reason.
    BadRequest(String),
    /// Any other problem.
    Problem(Problem),
    /// Database or keyring failed.
    Failure(PageError),
}

impl From<store::Error> for StatisticsError {
    fn from(error: store::Error) -> Self {
        Self::Failure(error.into())
    }
}

impl From<Problem> for StatisticsError {
    fn from(problem: Problem) -> Self {
        match problem.status {
            401 | 403 => Self::Unauthorized,
            404 => Self::NotFound,
            _ => Self::Problem(problem),
        }
    }
}

impl From<askama::Error> for StatisticsError {
    fn from(_: askama::Error) -> Self {
        Self::BadRequest("The charts cannot be drawn.".to_owned())
    }
}

impl IntoResponse for StatisticsError {
    fn into_response(self) -> Response {
        match self {
            Self::Unauthorized => {
                let text = "These figures are for staff of this site. Enter any name, and as the password a token with the \
                            scope visits:read. `scruple tokens add` creates one.";
                let basic = [(header::WWW_AUTHENTICATE, "Basic realm=\"Statistics\", charset=\"UTF-8\"")];
                (StatusCode::UNAUTHORIZED, basic, page::message_page("", "For staff", text, ""))
                    .into_response()
            }
            Self::NotFound => {
                let text = "There is no such site or table.";
                (StatusCode::NOT_FOUND, page::message_page("", "Page not found", text, "/statistics"))
                    .into_response()
            }
            Self::BadRequest(reason) => {
                (StatusCode::BAD_REQUEST, page::message_page("", "Invalid request", &reason, "/statistics"))
                    .into_response()
            }
            Self::Problem(problem) if problem.status == 429 => crate::templates::rate_limited(),
            Self::Problem(problem) => problem.into_response(),
            Self::Failure(error) => error.into_response(),
        }
    }
}

/// Returns the password of the header `Authorization`, if it has the format of a token.
fn basic_token(headers: &HeaderMap) -> Option<Token<ApiAccess>> {
    let (scheme, pair) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let pair = Zeroizing::new(BASE64.decode(pair.trim().as_bytes()).ok()?);
    let (_, token) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| parse_api_token(token))?
}

async fn is_staff(parts: &mut Parts, app: &Shared) -> Result<bool, Problem> {
    if !parts.headers.contains_key(header::AUTHORIZATION) {
        return Ok(false);
    }
    authenticate(basic_token(&parts.headers), Scope::VisitsRead, parts, app).await.map(|_| true)
}

/// A request of staff.
pub struct StatisticsStaff;

impl FromRequestParts<Shared> for StatisticsStaff {
    type Rejection = StatisticsError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, StatisticsError> {
        if is_staff(parts, app).await? { Ok(Self) } else { Err(StatisticsError::Unauthorized) }
    }
}

/// A request of staff, or of anyone if the site is public.
pub struct SiteViewer(Viewer);

impl FromRequestParts<Shared> for SiteViewer {
    type Rejection = StatisticsError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, StatisticsError> {
        let staff = is_staff(parts, app).await?;
        let site = path_parameter(parts, app, "site").await;
        Ok(Self(Viewer::of(&site, staff, parts, app).await?))
    }
}

/// The query string.
#[derive(Deserialize)]
pub struct StatisticsQuery {
    period: Option<String>,
    from: Option<String>,
    to: Option<String>,
    compare: Option<String>,
    page: Option<usize>,
    format: Option<String>,
}

type ParsedQuery = Result<Query<StatisticsQuery>, axum::extract::rejection::QueryRejection>;

fn query(parsed: ParsedQuery) -> Result<StatisticsQuery, StatisticsError> {
    parsed.map(|Query(query)| query).map_err(|refused| StatisticsError::BadRequest(refused.body_text()))
}

impl StatisticsQuery {
    /// Returns the requested days: a named period, two dates, or the last 30 days.
    async fn period_query(
        &self,
        tx: &mut Tx,
        viewer: &Viewer,
        now: Timestamp,
    ) -> Result<PeriodQuery, StatisticsError> {
        let choice = match (&self.period, &self.from, &self.to) {
            (None, Some(from), Some(to)) => {
                let period = parse_days(from, to).map_err(StatisticsError::BadRequest)?;
                return Ok(PeriodQuery { choice: None, period, compare: self.is_compared()? });
            }
            (None, None, None) => Choice::Month,
            (Some(word), None, None) => Choice::parse(word).map_err(StatisticsError::BadRequest)?,
            _ => {
                let reason = "Choose a period (7d, 30d, 90d, 12m, all) or two dates: `from` and `to`.";
                return Err(StatisticsError::BadRequest(reason.to_owned()));
            }
        };
        let first = match choice {
            Choice::All => tx.published_days(viewer.site.id).await?.map(|(first, _)| first),
            _ => None,
        };
        let period = choice.period(yesterday(&viewer.site, now), first);
        Ok(PeriodQuery { choice: Some(choice), period, compare: self.is_compared()? })
    }

    fn is_compared(&self) -> Result<bool, StatisticsError> {
        match self.compare.as_deref() {
            None | Some("before") => Ok(true),
            Some("none") => Ok(false),
            Some(_) => Err(StatisticsError::BadRequest("`compare`: expected before or none".to_owned())),
        }
    }

    fn csv(&self) -> Result<bool, StatisticsError> {
        match self.format.as_deref() {
            None | Some("html") => Ok(false),
            Some("csv") => Ok(true),
            Some(_) => Err(StatisticsError::BadRequest("`format`: expected html or csv".to_owned())),
        }
    }
}

fn site_view<'a>(app: &'a App, viewer: &'a Viewer, period_query: &'a PeriodQuery) -> SiteView<'a> {
    SiteView {
        vendor: &app.settings.vendor,
        site: &viewer.site,
        audience: viewer.audience,
        min_people: min_people(&app.counter, viewer.audience),
        visitors_now: visitors_now(app, &viewer.site, viewer.audience),
        query: period_query,
        yesterday: yesterday(&viewer.site, app.db.clock.now()),
    }
}

/// `GET /statistics`: the list of sites, for staff.
pub async fn sites(State(app): State<Shared>, _staff: StatisticsStaff) -> Result<Response, StatisticsError> {
    let mut tx = app.db.read().await?;
    let (mut listed, audience) = (Vec::new(), Audience::Own);
    for site in tx.sites().await? {
        let range = Period::days_to(yesterday(&site, app.db.clock.now()), 30).range();
        let read =
            SeriesQuery { site: site.id, audience, dimension: Dimension::Page, range, step: Step::Day };
        let days = read_series(&mut tx, &read).await?.unwrap_or_default();
        listed.push(SiteSummary { visitors_now: visitors_now(&app, &site, audience), days, site });
    }
    Ok(page::sites(&app.settings.vendor, &listed).into_response())
}

/// `GET /statistics/{site}`: a site with its charts.
pub async fn site(
    State(app): State<Shared>,
    SiteViewer(viewer): SiteViewer,
    parsed: ParsedQuery,
) -> Result<Response, StatisticsError> {
    let query = query(parsed)?;
    let mut tx = app.db.read().await?;
    let period_query = query.period_query(&mut tx, &viewer, app.db.clock.now()).await?;
    let read = Dashboard::read(
        &mut tx,
        &viewer.site,
        viewer.audience,
        period_query.period,
        period_query.previous_period(),
    )
    .await?;
    Ok(page::site(&site_view(&app, &viewer, &period_query), &read)?.into_response())
}

/// `GET /statistics/{site}/{by}`: a table, as a page or as CSV; or the days, as CSV.
pub async fn table(
    State(app): State<Shared>,
    SiteViewer(viewer): SiteViewer,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
    parsed: ParsedQuery,
) -> Result<Response, StatisticsError> {
    let Path((_, by)) = path.map_err(|_| StatisticsError::NotFound)?;
    let query = query(parsed)?;
    let mut tx = app.db.read().await?;
    let period_query = query.period_query(&mut tx, &viewer, app.db.clock.now()).await?;
    let csv = query.csv()?;
    if by == "day" {
        return days_as_csv(&mut tx, &viewer, &period_query).await;
    }
    let dimension = Dimension::from_name(&by).ok_or(StatisticsError::NotFound)?;
    let number = query.page.unwrap_or(1);
    if !(1..=1_000_000).contains(&number) {
        return Err(StatisticsError::BadRequest("`page`: expected 1 to 1000000".to_owned()));
    }
    let (skip, most) = if csv { (0, usize::MAX) } else { ((number - 1) * ROWS, ROWS) };
    let (site, audience, range) = (viewer.site.id, viewer.audience, period_query.period.range());
    let read =
        read_figures(&mut tx, &FiguresQuery { site, audience, dimension, range, skip, limit: most }).await?;
    if csv {
        let threshold = min_people(&app.counter, audience);
        let mut table = TablePage::empty(&viewer, dimension, period_query.period, threshold);
        table.fill(read, 1, u32::MAX);
        return Ok(respond(table, true));
    }
    let pages = read.words.div_ceil(ROWS).max(1);
    if number > pages {
        return Err(StatisticsError::NotFound);
    }
    Ok(page::table(&site_view(&app, &viewer, &period_query), dimension, &read, number, pages).into_response())
}

async fn days_as_csv(
    tx: &mut Tx,
    viewer: &Viewer,
    period_query: &PeriodQuery,
) -> Result<Response, StatisticsError> {
    let (site, audience, step) = (viewer.site.id, viewer.audience, Step::Day);
    let range = period_query.period.range();
    let read = SeriesQuery { site, audience, dimension: Dimension::Page, range, step };
    let points = read_series(tx, &read).await?.unwrap_or_default();
    let series = Series::of(viewer, Dimension::Page, period_query.period, step, points);
    Ok(respond(series, true))
}

/// `GET /statistics.css`
pub async fn style() -> Response {
    const STYLE: &str = include_str!("../templates/statistics/style.css");
    let kind = HeaderValue::from_static("text/css; charset=utf-8");
    let head =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, HeaderValue::from_static("max-age=3600"))];
    (head, STYLE).into_response()
}
