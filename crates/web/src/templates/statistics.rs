//! The pages of the visitor statistics. Charts are SVG, each has a table with its numbers, and no script runs.

mod site;

use analytics::{Dimension, Figures, Row};
use askama::Template;
use axum::response::Html;
use calendar::Day;
use domain::statistics::{FiguresPage, Point};
use store::{Audience, Site};

use super::page;
use crate::statistics::format::{self, mean, number};
use crate::statistics::labels::{self, Labels};
use crate::statistics::{Choice, Period, chart};

pub use site::site;

/// The days that a page shows, and whether it compares them.
#[derive(Clone)]
pub struct PeriodQuery {
    /// The chosen period. `None` for two dates.
    pub choice: Option<Choice>,
    /// The days.
    pub period: Period,
    /// Whether they are compared with the previous period.
    pub compare: bool,
}

impl PeriodQuery {
    /// Returns the query string that selects these days.
    #[must_use]
    pub(crate) fn to_url(&self) -> String {
        let days = match self.choice {
            Some(choice) => format!("period={}", choice.as_str()),
            None => format!("from={}&to={}", self.period.from(), self.period.to()),
        };
        days + if self.compare { "" } else { "&compare=none" }
    }

    /// Returns the period for comparison. `None` for all days, because no figures exist before them.
    #[must_use]
    pub(crate) fn previous_period(&self) -> Option<Period> {
        self.period.before().filter(|_| self.compare && self.choice != Some(Choice::All))
    }

    fn with_choice(&self, choice: Choice) -> String {
        Self { choice: Some(choice), ..self.clone() }.to_url()
    }
}

/// A site with what its audience may see.
pub struct SiteView<'a> {
    /// The vendor's name.
    pub vendor: &'a str,
    pub site: &'a Site,
    /// The audience whose disclosure threshold applies.
    pub audience: Audience,
    /// The least number of visitors of a row (disclosure control).
    pub min_people: u64,
    /// Current visitors, rounded down.
    pub visitors_now: u64,
    /// The days to show.
    pub query: &'a PeriodQuery,
    /// The last day that can have figures.
    pub yesterday: Day,
}

impl SiteView<'_> {
    fn is_staff(&self) -> bool {
        self.audience == Audience::Own
    }
}

/// A formatted row of a table.
struct TableRow {
    label: String,
    views: String,
    visitors: String,
    /// Views relative to the largest row, in percent.
    share: u64,
}

/// The first rows of a table, with a link to all rows.
struct Card {
    dimension: &'static str,
    labels: Labels,
    rows: Vec<TableRow>,
    total_rows: String,
    more: Option<(String, String)>,
    other: String,
    overflow: String,
}

/// The name of a site: its first host.
fn title(site: &Site) -> &str {
    site.hosts.first().map_or(&site.name, |host| host)
}

fn rows(dimension: Dimension, rows: &[Row]) -> Vec<TableRow> {
    let largest = rows.iter().map(|row| row.figures.views).max().unwrap_or(0).max(1);
    let row = |row: &Row| TableRow {
        label: labels::label(dimension, &row.value).into_owned(),
        views: number(row.figures.views),
        visitors: number(row.figures.visitors),
        share: u64::try_from(u128::from(row.figures.views) * 100 / u128::from(largest)).unwrap_or(100),
    };
    rows.iter().map(row).collect()
}

fn card(dimension: Dimension, read: &FiguresPage) -> Card {
    let shown: u64 = read.rows.iter().map(|row| row.figures.views).sum();
    let more = read.words.saturating_sub(read.rows.len()) as u64;
    let views = read.total.views.saturating_sub(shown).saturating_sub(read.other);
    Card {
        dimension: dimension.name(),
        labels: labels::dimension(dimension),
        rows: rows(dimension, &read.rows),
        total_rows: number(read.words as u64),
        more: (more > 0).then(|| (number(more), number(views))),
        other: if read.other > 0 { number(read.other) } else { String::new() },
        overflow: if read.evicted_views > 0 { number(read.evicted_views) } else { String::new() },
    }
}

#[derive(Template)]
#[template(path = "templates/statistics/table.html")]
struct TableTemplate<'a> {
    vendor: &'a str,
    view: &'a SiteView<'a>,
    title: &'a str,
    labels: Labels,
    period: String,
    query: String,
    rows: Vec<TableRow>,
    total: TableRow,
    other: String,
    overflow: String,
    total_rows: String,
    page: usize,
    pages: usize,
}

/// One page of the rows of a table.
pub fn table(
    view: &SiteView<'_>,
    dimension: Dimension,
    read: &FiguresPage,
    page_number: usize,
    pages: usize,
) -> Html<String> {
    let card = card(dimension, read);
    page(&TableTemplate {
        vendor: view.vendor,
        view,
        title: title(view.site),
        labels: card.labels,
        period: format::period(view.query.period),
        query: view.query.to_url(),
        rows: card.rows,
        total: TableRow {
            label: String::new(),
            views: number(read.total.views),
            visitors: number(read.total.visitors),
            share: 0,
        },
        other: card.other,
        overflow: card.overflow,
        total_rows: card.total_rows,
        page: page_number,
        pages,
    })
}

/// A site in the list of sites.
pub struct SiteSummary {
    pub site: Site,
    /// Current visitors, rounded down.
    pub visitors_now: u64,
    /// Its last 30 days.
    pub days: Vec<Point>,
}

struct SiteSummaryRow<'a> {
    title: &'a str,
    name: &'a str,
    public: bool,
    visitors_now: String,
    views: String,
    visitors: String,
    sparkline: String,
}

#[derive(Template)]
#[template(path = "templates/statistics/sites.html")]
struct SitesTemplate<'a> {
    vendor: &'a str,
    sites: Vec<SiteSummaryRow<'a>>,
}

/// The list of sites.
pub fn sites(vendor: &str, all: &[SiteSummary]) -> Html<String> {
    fn row(summary: &SiteSummary) -> SiteSummaryRow<'_> {
        let SiteSummary { site, visitors_now, days } = summary;
        let counted = days.iter().map(|day| day.days).sum();
        let sum = |of: fn(&Figures) -> u64| days.iter().map(|day| of(&day.figures)).sum();
        let views: Vec<u64> = days.iter().map(|day| day.figures.views).collect();
        SiteSummaryRow {
            title: title(site),
            name: &site.name,
            public: site.public,
            visitors_now: number(*visitors_now),
            views: mean(sum(|figures| figures.views), counted),
            visitors: mean(sum(|figures| figures.visitors), counted),
            sparkline: chart::sparkline(&views),
        }
    }
    page(&SitesTemplate { vendor, sites: all.iter().map(row).collect() })
}

#[derive(Template)]
#[template(path = "templates/statistics/message.html")]
struct MessageTemplate<'a> {
    vendor: &'a str,
    title: &'a str,
    text: &'a str,
    back: &'a str,
}

/// A page with one message, and a link back unless `back` is empty.
pub fn message_page(vendor: &str, title: &str, text: &str, back: &str) -> Html<String> {
    page(&MessageTemplate { vendor, title, text, back })
}
