//! JSON and CSV types of the statistics. Days are YYYY-MM-DD in the site's time zone.

use analytics::{Dimension, Figures, Row};
use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use calendar::Day;
use domain::statistics::{FiguresPage, Point, Step};
use serde::Serialize;
use store::{Audience, Site};
use utoipa::ToSchema;

use super::viewer::Viewer;
use crate::statistics::Period;
use crate::statistics::csv::Csv;

/// A type that can be written as CSV.
pub trait ToCsv: Serialize {
    /// Returns the name of its file, without the extension.
    fn file_name(&self) -> String;
    /// Returns the table.
    fn csv(&self) -> Csv;
}

/// Responds with JSON or CSV.
pub fn respond(of: impl ToCsv, csv: bool) -> Response {
    if !csv {
        return Json(of).into_response();
    }
    // The name contains only ids of sites, constants and days, so it needs no escaping.
    let name = format!("attachment; filename=\"{}.csv\"", of.file_name());
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CONTENT_DISPOSITION, &name),
    ];
    (head, of.csv().text()).into_response()
}

/// AudienceName whom figures are folded.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AudienceName {
    /// Staff of the site.
    Own,
    /// The public.
    Public,
}

impl From<Audience> for AudienceName {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Own => Self::Own,
            Audience::Public => Self::Public,
        }
    }
}

/// Two sums over days of numbers that were rounded down.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Totals {
    /// Views; in other tables arrivals, events, downloads or missing pages.
    pub views: u64,
    /// Daily visitors: min_people, each once a day. Whoever comes on two days is two of them.
    pub visitors: u64,
}

impl From<Figures> for Totals {
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
    /// Its hosts, without `www.`.
    pub hosts: Vec<String>,
    /// Its time zone (IANA name).
    pub time_zone: String,
    /// Whether the public may see its figures.
    pub public: bool,
    /// The first day with figures. Null if there are none.
    pub first_day: Option<String>,
    /// The last day with figures.
    pub last_day: Option<String>,
}

impl SiteRow {
    /// A site with the first and the last day of its figures.
    #[must_use]
    pub fn of(site: Site, days: Option<(Day, Day)>) -> Self {
        Self {
            id: site.name,
            hosts: site.hosts,
            time_zone: site.zone,
            public: site.public,
            first_day: days.map(|(first, _)| first.to_string()),
            last_day: days.map(|(_, last)| last.to_string()),
        }
    }
}

/// All sites.
#[derive(Serialize, ToSchema)]
pub struct SiteList {
    /// The sites, by id.
    pub sites: Vec<SiteRow>,
}

impl ToCsv for SiteList {
    fn file_name(&self) -> String {
        "sites".to_owned()
    }

    fn csv(&self) -> Csv {
        let mut csv = Csv::with_header(&["id", "hosts", "time_zone", "public", "first_day", "last_day"]);
        for site in &self.sites {
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
pub struct TableRow {
    /// The value. Empty for a direct visit, an unknown country and the like.
    pub value: String,
    /// Views; in other tables arrivals, events, downloads or missing pages.
    pub views: u64,
    /// Daily visitors.
    pub visitors: u64,
}

impl From<Row> for TableRow {
    fn from(row: Row) -> Self {
        Self { value: row.value, views: row.figures.views, visitors: row.figures.visitors }
    }
}

/// A page of a table: one dimension, summed over days.
#[derive(Serialize, ToSchema)]
pub struct TablePage {
    /// The site's id.
    pub site: String,
    /// The dimension.
    #[schema(example = "page")]
    pub by: &'static str,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// AudienceName whom it is folded.
    pub audience: AudienceName,
    /// The least number of people that a row needed on each of its days (k-anonymity).
    pub min_people: u64,
    /// Number of these days that have figures. A daily mean is a sum divided by it.
    pub days: u32,
    /// The total, including suppressed rows.
    pub total: Totals,
    /// Views in suppressed rows, as far as the published numbers tell.
    pub other: u64,
    /// Views that exceeded the number of rows that can be counted. If it isn't 0, rows with few people may be missing.
    pub overflow: u64,
    /// Number of rows of the whole table.
    pub total_rows: usize,
    /// This page, from 1.
    pub page: u32,
    /// Number of pages.
    pub pages: usize,
    /// The rows, most views first. Hours are in their order.
    pub rows: Vec<TableRow>,
}

impl TablePage {
    /// A table without rows.
    #[must_use]
    pub fn empty(viewer: &Viewer, dimension: Dimension, period: Period, min_people: u64) -> Self {
        Self {
            site: viewer.site.name.clone(),
            by: dimension.name(),
            from: period.from().to_string(),
            to: period.to().to_string(),
            audience: viewer.audience.into(),
            min_people,
            days: 0,
            total: Totals { views: 0, visitors: 0 },
            other: 0,
            overflow: 0,
            total_rows: 0,
            page: 1,
            pages: 1,
            rows: Vec::new(),
        }
    }

    /// Fills the table with what was read.
    pub fn fill(&mut self, read: FiguresPage, page: u32, per_page: u32) {
        self.page = page;
        self.days = read.days;
        self.total = read.total.into();
        self.other = read.other;
        self.overflow = read.evicted_views;
        self.total_rows = read.words;
        self.pages = read.words.div_ceil(per_page as usize).max(1);
        self.rows = read.rows.into_iter().map(TableRow::from).collect();
    }
}

impl ToCsv for TablePage {
    fn file_name(&self) -> String {
        format!("{}-{}-{}-{}", self.site, self.by, self.from, self.to)
    }

    fn csv(&self) -> Csv {
        let mut csv = Csv::with_header(&["value", "views", "visitors"]);
        for row in &self.rows {
            csv.line(&[&row.value, &row.views.to_string(), &row.visitors.to_string()]);
        }
        csv
    }
}

/// A point of a time series.
#[derive(Serialize, ToSchema)]
pub struct SeriesPoint {
    /// The first day.
    pub start: String,
    /// The hour of that day. Null for longer steps.
    pub hour: Option<u8>,
    /// Number of its days with figures. 0 if there are none or the day isn't over.
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

/// The total of a table over time.
#[derive(Serialize, ToSchema)]
pub struct Series {
    /// The site's id.
    pub site: String,
    /// The dimension.
    #[schema(example = "page")]
    pub by: &'static str,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// AudienceName whom it is folded.
    pub audience: AudienceName,
    /// hour, day, week, month or year.
    #[schema(example = "day")]
    pub step: &'static str,
    /// The points, in their order.
    pub points: Vec<SeriesPoint>,
}

impl Series {
    /// Builds the series from its points.
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

impl ToCsv for Series {
    fn file_name(&self) -> String {
        format!("{}-by-{}-{}-{}", self.site, self.step, self.from, self.to)
    }

    fn csv(&self) -> Csv {
        let mut csv = Csv::with_header(&["start", "hour", "days", "views", "visitors"]);
        for point in &self.points {
            let hour = point.hour.map_or_else(String::new, |hour| hour.to_string());
            let numbers = [u64::from(point.days), point.views, point.visitors].map(|n| n.to_string());
            csv.line(&[&point.start, &hour, &numbers[0], &numbers[1], &numbers[2]]);
        }
        csv
    }
}

/// The current number of visitors.
#[derive(Serialize, ToSchema)]
pub struct CurrentVisitors {
    /// The site's id.
    pub site: String,
    /// Visitors of the last five minutes, rounded down to a multiple of the threshold. Visitors that another server of the
    /// installation counts are not included.
    pub visitors: u64,
}

impl ToCsv for CurrentVisitors {
    fn file_name(&self) -> String {
        format!("{}-now", self.site)
    }

    fn csv(&self) -> Csv {
        let mut csv = Csv::with_header(&["site", "visitors"]);
        csv.line(&[&self.site, &self.visitors.to_string()]);
        csv
    }
}

/// A note of staff on a day.
#[derive(Serialize, ToSchema)]
pub struct SiteNote {
    /// The day.
    pub day: String,
    /// The text.
    pub text: String,
}

/// Notes of a site.
#[derive(Serialize, ToSchema)]
pub struct SiteNoteList {
    /// The notes, by day.
    pub notes: Vec<SiteNote>,
}

impl ToCsv for SiteNoteList {
    fn file_name(&self) -> String {
        "notes".to_owned()
    }

    fn csv(&self) -> Csv {
        let mut csv = Csv::with_header(&["day", "text"]);
        for note in &self.notes {
            csv.line(&[&note.day, &note.text]);
        }
        csv
    }
}
