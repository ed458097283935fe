//! What the API shows of a site, as JSON and as CSV. Days are YYYY-MM-DD by the site's clock.

use analytics::{Dimension, Figures, Row};
use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use domain::statistics::{Point, Reading, Step};
use serde::Serialize;
use store::{Audience, Site};
use utoipa::ToSchema;

use super::viewer::Viewer;
use crate::statistics::Period;
use crate::statistics::csv::Csv;

/// What can be written as lines of values.
pub trait Lines: Serialize {
    /// Words for the name of its file.
    fn file(&self) -> String;
    /// Its lines, heads first.
    fn csv(&self) -> Csv;
}

/// An answer in the form that was asked for.
pub fn answer(of: impl Lines, csv: bool) -> Response {
    if !csv {
        return Json(of).into_response();
    }
    // Only names of sites, words of ours and days stand in it: nothing that a header would mind.
    let name = format!("attachment; filename=\"{}.csv\"", of.file());
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CONTENT_DISPOSITION, &name),
    ];
    (head, of.csv().text()).into_response()
}

/// For whom figures are folded.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum For {
    /// The site's own staff.
    Own,
    /// Everybody.
    Public,
}

impl From<Audience> for For {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Own => Self::Own,
            Audience::Public => Self::Public,
        }
    }
}

/// Two numbers, each a sum over days of numbers that were rounded down.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Numbers {
    /// Views; of other tables arrivals, events, downloads, misses.
    pub views: u64,
    /// Daily visitors: people, each once a day. Whoever comes on two days is two of them.
    pub visitors: u64,
}

impl From<Figures> for Numbers {
    fn from(of: Figures) -> Self {
        Self { views: of.views, visitors: of.visitors }
    }
}

/// A site.
#[derive(Serialize, ToSchema)]
pub struct SiteRow {
    /// Its id.
    #[schema(example = "vendor")]
    pub id: String,
    /// Hosts on which it lives, without `www.`.
    pub hosts: Vec<String>,
    /// The clock of its days, as the IANA database calls it.
    pub time_zone: String,
    /// Whether everybody may see the public figures.
    pub public: bool,
    /// First day that has figures; null before there is one.
    pub first_day: Option<String>,
    /// Last day that has figures.
    pub last_day: Option<String>,
}

impl SiteRow {
    /// A site with the first and the last day of its figures.
    #[must_use]
    pub fn of(site: Site, days: Option<(i32, i32)>) -> Self {
        let day = |day: i32| analytics::Date(day).to_string();
        Self {
            id: site.name,
            hosts: site.hosts,
            time_zone: site.zone,
            public: site.public,
            first_day: days.map(|(first, _)| day(first)),
            last_day: days.map(|(_, last)| day(last)),
        }
    }
}

impl Lines for Vec<SiteRow> {
    fn file(&self) -> String {
        "sites".to_owned()
    }

    fn csv(&self) -> Csv {
        let mut csv = Csv::with(&["id", "hosts", "time_zone", "public", "first_day", "last_day"]);
        for site in self {
            let (hosts, public) = (site.hosts.join(" "), site.public.to_string());
            let day = |day: &Option<String>| day.clone().unwrap_or_default();
            let days = (day(&site.first_day), day(&site.last_day));
            csv.line(&[&site.id, &hosts, &site.time_zone, &public, &days.0, &days.1]);
        }
        csv
    }
}

/// A row of a table.
#[derive(Serialize, ToSchema)]
pub struct FiguresRow {
    /// The word that was counted; empty where nothing was said (a direct visit, an unknown country).
    pub value: String,
    /// Views; of other tables arrivals, events, downloads, misses.
    pub views: u64,
    /// Daily visitors.
    pub visitors: u64,
}

impl From<Row> for FiguresRow {
    fn from(row: Row) -> Self {
        Self { value: row.value, views: row.figures.views, visitors: row.figures.visitors }
    }
}

/// A table of a site: one dimension, summed over days.
#[derive(Serialize, ToSchema)]
pub struct FiguresTable {
    /// The site's id.
    pub site: String,
    /// What was counted by.
    #[schema(example = "page")]
    pub by: &'static str,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// For whom it is folded.
    pub audience: For,
    /// So many people a row needed on each day that is in it.
    pub people: u64,
    /// Days among these that have figures: the mean of a day is a sum divided by it.
    pub days: u32,
    /// All of it, folded rows too.
    pub total: Numbers,
    /// Views in rows that were folded, as far as the published numbers tell.
    pub other: u64,
    /// Views for which there was no room: rows of few people are lacking where this isn't 0.
    pub beyond: u64,
    /// Rows in all.
    pub of: usize,
    /// This page, from 1 on.
    pub page: u32,
    /// Pages in all.
    pub pages: usize,
    /// Its rows: most views first; hours by the clock.
    pub rows: Vec<FiguresRow>,
}

impl FiguresTable {
    /// A table without rows yet.
    #[must_use]
    pub fn empty(viewer: &Viewer, dimension: Dimension, period: Period, people: u64) -> Self {
        Self {
            site: viewer.site.name.clone(),
            by: dimension.name(),
            from: period.from().to_string(),
            to: period.to().to_string(),
            audience: viewer.audience.into(),
            people,
            days: 0,
            total: Numbers { views: 0, visitors: 0 },
            other: 0,
            beyond: 0,
            of: 0,
            page: 1,
            pages: 1,
            rows: Vec::new(),
        }
    }

    /// Takes over what was read.
    pub fn fill(&mut self, read: Reading, page: u32, per_page: u32) {
        self.page = page;
        self.days = read.days;
        self.total = read.total.into();
        self.other = read.other;
        self.beyond = read.beyond;
        self.of = read.words;
        self.pages = read.words.div_ceil(per_page as usize).max(1);
        self.rows = read.rows.into_iter().map(FiguresRow::from).collect();
    }
}

impl Lines for FiguresTable {
    fn file(&self) -> String {
        format!("{}-{}-{}-{}", self.site, self.by, self.from, self.to)
    }

    fn csv(&self) -> Csv {
        let mut csv = Csv::with(&["value", "views", "visitors"]);
        for row in &self.rows {
            csv.line(&[&row.value, &row.views.to_string(), &row.visitors.to_string()]);
        }
        csv
    }
}

/// A piece of a series.
#[derive(Serialize, ToSchema)]
pub struct SeriesPoint {
    /// Its first day.
    pub start: String,
    /// The hour of that day; null where pieces are longer.
    pub hour: Option<u8>,
    /// Days in it that have figures; 0 where nothing was counted or the day isn't over.
    pub days: u32,
    /// Views.
    pub views: u64,
    /// Daily visitors.
    pub visitors: u64,
}

impl From<Point> for SeriesPoint {
    fn from(of: Point) -> Self {
        Self {
            start: of.start.to_string(),
            hour: of.hour,
            days: of.days,
            views: of.figures.views,
            visitors: of.figures.visitors,
        }
    }
}

/// The total of a table, piece by piece.
#[derive(Serialize, ToSchema)]
pub struct Series {
    /// The site's id.
    pub site: String,
    /// Whose total.
    #[schema(example = "page")]
    pub by: &'static str,
    /// First day asked for.
    pub from: String,
    /// Last day asked for.
    pub to: String,
    /// For whom it is folded.
    pub audience: For,
    /// hour, day, week, month or year.
    #[schema(example = "day")]
    pub step: &'static str,
    /// The pieces, in their order.
    pub points: Vec<SeriesPoint>,
}

impl Series {
    /// What was read.
    #[must_use]
    pub fn of(viewer: &Viewer, dimension: Dimension, period: Period, step: Step, points: Vec<Point>) -> Self {
        Self {
            site: viewer.site.name.clone(),
            by: dimension.name(),
            from: period.from().to_string(),
            to: period.to().to_string(),
            audience: viewer.audience.into(),
            step: step.name(),
            points: points.into_iter().map(SeriesPoint::from).collect(),
        }
    }
}

impl Lines for Series {
    fn file(&self) -> String {
        format!("{}-by-{}-{}-{}", self.site, self.step, self.from, self.to)
    }

    fn csv(&self) -> Csv {
        let mut csv = Csv::with(&["start", "hour", "days", "views", "visitors"]);
        for point in &self.points {
            let hour = point.hour.map_or_else(String::new, |hour| hour.to_string());
            let numbers = [u64::from(point.days), point.views, point.visitors].map(|n| n.to_string());
            csv.line(&[&point.start, &hour, &numbers[0], &numbers[1], &numbers[2]]);
        }
        csv
    }
}

/// How many people are there now.
#[derive(Serialize, ToSchema)]
pub struct Here {
    /// The site's id.
    pub site: String,
    /// People of the last five minutes, rounded down to a multiple of those that a row needs. Those whom another server
    /// of the same installation counts aren't in it.
    pub visitors: u64,
}

impl Lines for Here {
    fn file(&self) -> String {
        format!("{}-now", self.site)
    }

    fn csv(&self) -> Csv {
        let mut csv = Csv::with(&["site", "visitors"]);
        csv.line(&[&self.site, &self.visitors.to_string()]);
        csv
    }
}

/// A note of staff on a day.
#[derive(Serialize, ToSchema)]
pub struct SiteNote {
    /// The day.
    pub day: String,
    /// What happened.
    pub text: String,
}

impl Lines for Vec<SiteNote> {
    fn file(&self) -> String {
        "notes".to_owned()
    }

    fn csv(&self) -> Csv {
        let mut csv = Csv::with(&["day", "text"]);
        for note in self {
            csv.line(&[&note.day, &note.text]);
        }
        csv
    }
}
