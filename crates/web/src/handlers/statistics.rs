//! Visitor statistics as pages. Staff show a token as the password of HTTP Basic (RFC 7617), which a browser asks for by
//! itself and no cookie is needed for; the page of a public site is for everybody. No cookie is ever set here.

use analytics::Dimension;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use domain::statistics::{ReadFigures, ReadSeries, Step, figures, series};
use serde::Deserialize;
use store::{Audience, Tx};
use zeroize::Zeroizing;

use super::api::problem::Problem;
use super::api::sites::asked::days;
use super::api::sites::shapes::{FiguresTable, Series, answer};
use super::api::sites::viewer::{Viewer, part};
use super::api::staff::{known, looks_like_one};
use super::api::token::{Scope, tag};
use super::refusal::Refusal;
use crate::app::{App, Shared};
use crate::statistics::{Choice, Dashboard, Period, here, people, yesterday};
use crate::templates::statistics::{self as page, Asked, Listed, Seen};

/// Rows of a page of a table.
const ROWS: usize = 200;

/// Why somebody was turned away, or what can't be shown.
pub enum Turned {
    /// No valid token, or one that doesn't reach this.
    Nobody,
    /// No such site or table.
    Nothing,
    /// What was asked for, in which way it can't be.
    Wrong(String),
    /// Anything else.
    Problem(Problem),
    /// Database or keyring.
    Refused(Refusal),
}

impl From<store::Error> for Turned {
    fn from(error: store::Error) -> Self {
        Self::Refused(error.into())
    }
}

impl From<Problem> for Turned {
    fn from(problem: Problem) -> Self {
        match problem.status {
            401 | 403 => Self::Nobody,
            404 => Self::Nothing,
            _ => Self::Problem(problem),
        }
    }
}

impl From<askama::Error> for Turned {
    fn from(_: askama::Error) -> Self {
        Self::Wrong("The charts can't be drawn.".to_owned())
    }
}

impl IntoResponse for Turned {
    fn into_response(self) -> Response {
        match self {
            Self::Nobody => {
                let says = "These figures are for the staff of this site. Give any name and, as the password, a token \
                            with the scope visits:read; `scruple tokens add` makes one.";
                let basic = [(header::WWW_AUTHENTICATE, "Basic realm=\"Statistics\", charset=\"UTF-8\"")];
                (StatusCode::UNAUTHORIZED, basic, page::say("", "For staff", says, "")).into_response()
            }
            Self::Nothing => {
                let says = "There is no site or no table of this name.";
                (StatusCode::NOT_FOUND, page::say("", "Nothing here", says, "/statistics")).into_response()
            }
            Self::Wrong(why) => {
                (StatusCode::BAD_REQUEST, page::say("", "Not understood", &why, "/statistics"))
                    .into_response()
            }
            Self::Problem(problem) if problem.status == 429 => crate::templates::too_often(),
            Self::Problem(problem) => problem.into_response(),
            Self::Refused(refusal) => refusal.into_response(),
        }
    }
}

/// The password of the header `Authorization`, if it looks like a token.
fn password(headers: &HeaderMap) -> Option<Zeroizing<String>> {
    let (scheme, pair) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let pair = Zeroizing::new(BASE64.decode(pair.trim().as_bytes()).ok()?);
    let (_, token) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    (scheme.eq_ignore_ascii_case("basic") && looks_like_one(token)).then(|| Zeroizing::new(token.to_owned()))
}

async fn is_staff(parts: &mut Parts, app: &Shared) -> Result<bool, Problem> {
    if !parts.headers.contains_key(header::AUTHORIZATION) {
        return Ok(false);
    }
    let token = password(&parts.headers).map(|token| tag(&token));
    known(token, Scope::VisitsRead, parts, app).await.map(|_| true)
}

/// Staff.
pub struct OnlyStaff;

impl FromRequestParts<Shared> for OnlyStaff {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Turned> {
        if is_staff(parts, app).await? { Ok(Self) } else { Err(Turned::Nobody) }
    }
}

/// Staff, or anybody where the site is public.
pub struct Guest(Viewer);

impl FromRequestParts<Shared> for Guest {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Turned> {
        let staff = is_staff(parts, app).await?;
        let site = part(parts, app, "site").await;
        Ok(Self(Viewer::of(&site, staff, parts, app).await?))
    }
}

/// What stands behind the question mark.
#[derive(Deserialize)]
pub struct Words {
    period: Option<String>,
    from: Option<String>,
    to: Option<String>,
    compare: Option<String>,
    page: Option<usize>,
    format: Option<String>,
}

type Said = Result<Query<Words>, axum::extract::rejection::QueryRejection>;

fn words(said: Said) -> Result<Words, Turned> {
    said.map(|Query(words)| words).map_err(|refused| Turned::Wrong(refused.body_text()))
}

impl Words {
    /// The days that are asked for: those of a period's name, or from one to another, or the last thirty.
    async fn asked(&self, tx: &mut Tx, viewer: &Viewer, now: i64) -> Result<Asked, Turned> {
        let choice = match (&self.period, &self.from, &self.to) {
            (None, Some(from), Some(to)) => {
                let period = days(from, to).map_err(Turned::Wrong)?;
                return Ok(Asked { choice: None, period, compare: self.compares()? });
            }
            (None, None, None) => Choice::Month,
            (Some(word), None, None) => Choice::of_word(word).map_err(Turned::Wrong)?,
            _ => {
                let why = "Name a period (7d, 30d, 90d, 12m, all), or two days: `from` and `to`.";
                return Err(Turned::Wrong(why.to_owned()));
            }
        };
        let first = match choice {
            Choice::All => tx.published_days(viewer.site.id).await?.map(|(first, _)| analytics::Date(first)),
            _ => None,
        };
        let period = choice.period(yesterday(&viewer.site, now), first);
        Ok(Asked { choice: Some(choice), period, compare: self.compares()? })
    }

    fn compares(&self) -> Result<bool, Turned> {
        match self.compare.as_deref() {
            None | Some("before") => Ok(true),
            Some("none") => Ok(false),
            Some(_) => Err(Turned::Wrong("`compare`: expected before or none".to_owned())),
        }
    }

    fn csv(&self) -> Result<bool, Turned> {
        match self.format.as_deref() {
            None | Some("html") => Ok(false),
            Some("csv") => Ok(true),
            Some(_) => Err(Turned::Wrong("`format`: expected html or csv".to_owned())),
        }
    }
}

fn seen<'a>(app: &'a App, viewer: &'a Viewer, asked: &'a Asked) -> Seen<'a> {
    Seen {
        vendor: &app.house.vendor,
        site: &viewer.site,
        audience: viewer.audience,
        people: people(&app.counter, viewer.audience),
        here: here(app, &viewer.site, viewer.audience),
        asked,
        yesterday: yesterday(&viewer.site, app.db.clock.now()),
    }
}

/// `GET /statistics`: all sites, for staff.
pub async fn sites(State(app): State<Shared>, _staff: OnlyStaff) -> Result<Response, Turned> {
    let mut tx = app.db.read().await?;
    let (mut listed, audience) = (Vec::new(), Audience::Own);
    for site in tx.sites().await? {
        let range = Period::days_to(yesterday(&site, app.db.clock.now()), 30).range();
        let read = ReadSeries { site: site.id, audience, dimension: Dimension::Page, range, step: Step::Day };
        let days = series(&mut tx, &read).await?.unwrap_or_default();
        listed.push(Listed { here: here(&app, &site, audience), days, site });
    }
    Ok(page::sites(&app.house.vendor, &listed).into_response())
}

/// `GET /statistics/{site}`: a site with its charts.
pub async fn site(State(app): State<Shared>, Guest(viewer): Guest, said: Said) -> Result<Response, Turned> {
    let words = words(said)?;
    let mut tx = app.db.read().await?;
    let asked = words.asked(&mut tx, &viewer, app.db.clock.now()).await?;
    let read = Dashboard::read(&mut tx, &viewer.site, viewer.audience, asked.period, asked.before()).await?;
    Ok(page::site(&seen(&app, &viewer, &asked), &read)?.into_response())
}

/// `GET /statistics/{site}/{by}`: all rows of a table, as a page or as CSV; or, as CSV, the days.
pub async fn table(
    State(app): State<Shared>,
    Guest(viewer): Guest,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
    said: Said,
) -> Result<Response, Turned> {
    let Path((_, by)) = path.map_err(|_| Turned::Nothing)?;
    let words = words(said)?;
    let mut tx = app.db.read().await?;
    let asked = words.asked(&mut tx, &viewer, app.db.clock.now()).await?;
    let csv = words.csv()?;
    if by == "day" {
        return days_as_csv(&mut tx, &viewer, &asked).await;
    }
    let dimension = Dimension::of_name(&by).ok_or(Turned::Nothing)?;
    let number = words.page.unwrap_or(1);
    if !(1..=1_000_000).contains(&number) {
        return Err(Turned::Wrong("`page`: expected 1 to 1000000".to_owned()));
    }
    let (skip, most) = if csv { (0, usize::MAX) } else { ((number - 1) * ROWS, ROWS) };
    let (site, audience, range) = (viewer.site.id, viewer.audience, asked.period.range());
    let read = figures(&mut tx, &ReadFigures { site, audience, dimension, range, skip, most }).await?;
    if csv {
        let people = people(&app.counter, audience);
        let mut table = FiguresTable::empty(&viewer, dimension, asked.period, people);
        table.fill(read, 1, u32::MAX);
        return Ok(answer(table, true));
    }
    let pages = read.words.div_ceil(ROWS).max(1);
    if number > pages {
        return Err(Turned::Nothing);
    }
    Ok(page::table(&seen(&app, &viewer, &asked), dimension, &read, number, pages).into_response())
}

async fn days_as_csv(tx: &mut Tx, viewer: &Viewer, asked: &Asked) -> Result<Response, Turned> {
    let (site, audience, step) = (viewer.site.id, viewer.audience, Step::Day);
    let range = asked.period.range();
    let read = ReadSeries { site, audience, dimension: Dimension::Page, range, step };
    let points = series(tx, &read).await?.unwrap_or_default();
    let series = Series::of(viewer, Dimension::Page, asked.period, step, points);
    Ok(answer(series, true))
}

/// `GET /statistics.css`
pub async fn style() -> Response {
    const STYLE: &str = include_str!("../templates/statistics/style.css");
    let kind = HeaderValue::from_static("text/css; charset=utf-8");
    let head =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, HeaderValue::from_static("max-age=3600"))];
    (head, STYLE).into_response()
}
