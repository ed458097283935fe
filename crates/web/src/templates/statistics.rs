//! The pages of visitor statistics: charts drawn here, each with its numbers in a table, readable without script.

mod site;

use analytics::{Date, Dimension, Figures, Row};
use askama::Template;
use axum::response::Html;
use domain::statistics::{Point, Reading};
use store::{Audience, Site};

use super::page;
use crate::statistics::wording::{self, mean, number};
use crate::statistics::{Choice, Period, chart, named};

pub use site::site;

/// What is asked of a site's pages: which days, and what they are compared with.
#[derive(Clone)]
pub struct Asked {
    /// One of the periods that are offered; none for days of one's own.
    pub choice: Option<Choice>,
    /// The days.
    pub period: Period,
    /// Whether they are compared with the period before.
    pub compare: bool,
}

impl Asked {
    /// As an address has it, to be followed by `&`.
    #[must_use]
    pub fn query(&self) -> String {
        let days = match self.choice {
            Some(choice) => format!("period={}", choice.word()),
            None => format!("from={}&to={}", self.period.from(), self.period.to()),
        };
        days + if self.compare { "" } else { "&compare=none" }
    }

    /// What they are compared with; nothing for all days, before which there is nothing.
    #[must_use]
    pub fn before(&self) -> Option<Period> {
        self.period.before().filter(|_| self.compare && self.choice != Some(Choice::All))
    }

    fn choosing(&self, choice: Choice) -> String {
        Self { choice: Some(choice), ..self.clone() }.query()
    }
}

/// A site, as somebody sees it.
pub struct Seen<'a> {
    /// The vendor.
    pub vendor: &'a str,
    /// The site.
    pub site: &'a Site,
    /// For whom it is folded.
    pub audience: Audience,
    /// How many people a row needs.
    pub people: u64,
    /// How many are there now.
    pub here: u64,
    /// Which days.
    pub asked: &'a Asked,
    /// The last day that can have figures.
    pub yesterday: Date,
}

impl Seen<'_> {
    fn is_staff(&self) -> bool {
        self.audience == Audience::Own
    }
}

/// A row of a table.
struct Line {
    word: String,
    views: String,
    visitors: String,
    /// Its share of the longest bar, in percent.
    share: u64,
}

/// A table with bars, of which all rows may stand on a page of their own.
struct Card {
    by: &'static str,
    named: named::Named,
    lines: Vec<Line>,
    all: String,
    more: Option<(String, String)>,
    other: String,
    beyond: String,
}

/// What people know a site by.
fn title(site: &Site) -> &str {
    site.hosts.first().map_or(&site.name, |host| host)
}

fn lines(dimension: Dimension, rows: &[Row]) -> Vec<Line> {
    let most = rows.iter().map(|row| row.figures.views).max().unwrap_or(0).max(1);
    let line = |row: &Row| Line {
        word: named::word(dimension, &row.value).into_owned(),
        views: number(row.figures.views),
        visitors: number(row.figures.visitors),
        share: u64::try_from(u128::from(row.figures.views) * 100 / u128::from(most)).unwrap_or(100),
    };
    rows.iter().map(line).collect()
}

fn card(dimension: Dimension, read: &Reading) -> Card {
    let shown: u64 = read.rows.iter().map(|row| row.figures.views).sum();
    let more = read.words.saturating_sub(read.rows.len()) as u64;
    let views = read.total.views.saturating_sub(shown).saturating_sub(read.other);
    Card {
        by: dimension.name(),
        named: named::dimension(dimension),
        lines: lines(dimension, &read.rows),
        all: number(read.words as u64),
        more: (more > 0).then(|| (number(more), number(views))),
        other: if read.other > 0 { number(read.other) } else { String::new() },
        beyond: if read.beyond > 0 { number(read.beyond) } else { String::new() },
    }
}

#[derive(Template)]
#[template(path = "templates/statistics/table.html")]
struct TablePage<'a> {
    vendor: &'a str,
    seen: &'a Seen<'a>,
    title: &'a str,
    named: named::Named,
    words: String,
    query: String,
    lines: Vec<Line>,
    total: Line,
    other: String,
    beyond: String,
    of: String,
    page: usize,
    pages: usize,
}

/// All rows of a table, a page at a time.
pub fn table(
    seen: &Seen<'_>,
    dimension: Dimension,
    read: &Reading,
    page_number: usize,
    pages: usize,
) -> Html<String> {
    let card = card(dimension, read);
    page(&TablePage {
        vendor: seen.vendor,
        seen,
        title: title(seen.site),
        named: card.named,
        words: wording::period(seen.asked.period),
        query: seen.asked.query(),
        lines: card.lines,
        total: Line {
            word: String::new(),
            views: number(read.total.views),
            visitors: number(read.total.visitors),
            share: 0,
        },
        other: card.other,
        beyond: card.beyond,
        of: number(read.words as u64),
        page: page_number,
        pages,
    })
}

/// A site in the list of all.
pub struct Listed {
    /// The site.
    pub site: Site,
    /// How many are there now.
    pub here: u64,
    /// Its last 30 days.
    pub days: Vec<Point>,
}

struct ListedLine<'a> {
    title: &'a str,
    name: &'a str,
    public: bool,
    here: String,
    views: String,
    visitors: String,
    spark: String,
}

#[derive(Template)]
#[template(path = "templates/statistics/sites.html")]
struct SitesPage<'a> {
    vendor: &'a str,
    sites: Vec<ListedLine<'a>>,
}

/// All sites.
pub fn sites(vendor: &str, all: &[Listed]) -> Html<String> {
    fn line(listed: &Listed) -> ListedLine<'_> {
        let Listed { site, here, days } = listed;
        let counted = days.iter().map(|day| day.days).sum();
        let sum = |of: fn(&Figures) -> u64| days.iter().map(|day| of(&day.figures)).sum();
        let heights: Vec<u64> = days.iter().map(|day| day.figures.views).collect();
        ListedLine {
            title: title(site),
            name: &site.name,
            public: site.public,
            here: number(*here),
            views: mean(sum(|figures| figures.views), counted),
            visitors: mean(sum(|figures| figures.visitors), counted),
            spark: chart::spark(&heights),
        }
    }
    page(&SitesPage { vendor, sites: all.iter().map(line).collect() })
}

#[derive(Template)]
#[template(path = "templates/statistics/say.html")]
struct Say<'a> {
    vendor: &'a str,
    title: &'a str,
    says: &'a str,
    back: &'a str,
}

/// One thing to say, and where to go from there.
pub fn say(vendor: &str, title: &str, says: &str, back: &str) -> Html<String> {
    page(&Say { vendor, title, says, back })
}
