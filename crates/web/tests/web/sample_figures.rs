//! Sample figures of a site. They are written with the operations of the store, and rounded and suppressed like those
//! of a closed day.

#![allow(dead_code)] // each test binary uses a part of it
#![allow(clippy::unwrap_used, reason = "in a test, a missing value is a failure")]

use std::collections::{BTreeMap, BTreeSet, HashMap};

use analytics::{ArchivedTable, Dimension, Figures, Row, Table, UncountedRequests};
use calendar::{Day, Timestamp};
use store::{Audience, Db, Error, Operation, Site, Span, Tx};

/// The size of a sample site: its number of pages, and its views on a busy day.
#[derive(Clone, Copy)]
pub struct SampleSite {
    pub pages: usize,
    pub views: u64,
}

/// Adds a site and returns it.
pub async fn site(db: &Db, name: &str, public: bool) -> Site {
    let hosts = vec![format!("{name}.example.org")];
    let site = Site { id: 0, name: name.to_owned(), hosts, zone: "Europe/Berlin".to_owned(), public };
    let id = db.execute(&Add(&site)).await.unwrap().expect("an unused name");
    Site { id, ..site }
}

struct Add<'a>(&'a Site);

impl Operation for Add<'_> {
    const NAME: &'static str = "add a sample site";
    type Output = Option<i64>;

    async fn execute(&self, tx: &mut Tx) -> Result<Option<i64>, Error> {
        tx.add_site(self.0).await
    }
}

/// Fills a period of days with the figures of a site of this size.
pub async fn fill(db: &Db, site: &Site, sample: SampleSite, from: Day, to: Day) {
    fill_with(db, site, from, to, |audience, date| sample.tables(audience, date)).await;
}

type Key = (&'static str, &'static str, &'static str, Day);

/// Fills a period of days with the given tables.
pub async fn fill_with(
    db: &Db,
    site: &Site,
    from: Day,
    to: Day,
    tables: impl Fn(Audience, Day) -> Vec<Table>,
) {
    let mut spans: BTreeMap<Key, (Audience, Dimension, Span, ArchivedTable)> = BTreeMap::new();
    let days: Vec<Day> = from.through(to).collect();
    for some in days.chunks(60) {
        let both = |date: &Day| Audience::ALL.map(|audience| (audience, *date, tables(audience, *date)));
        let days: Vec<_> = some.iter().flat_map(both).collect();
        for (audience, date, dimension, of_day) in
            db.execute(&Days { site: site.id, days: &days }).await.unwrap()
        {
            for span in [Span::Week, Span::Month, Span::Year] {
                let start = span.start(date);
                let key = (audience.as_str(), dimension.name(), span.as_str(), start);
                let sum = spans.entry(key).or_insert((audience, dimension, span, ArchivedTable::default()));
                sum.3.add(&of_day);
            }
        }
    }
    let spans: Vec<_> =
        spans.into_iter().map(|((.., start), (a, d, s, sum))| (a, d, s, start, sum)).collect();
    for some in spans.chunks(500) {
        db.execute(&Spans { site: site.id, spans: some }).await.unwrap();
    }
}

struct Days<'a> {
    site: i64,
    days: &'a [(Audience, Day, Vec<Table>)],
}

impl Operation for Days<'_> {
    const NAME: &'static str = "fill sample days";
    type Output = Vec<(Audience, Day, Dimension, ArchivedTable)>;

    async fn execute(&self, tx: &mut Tx) -> Result<Self::Output, Error> {
        let rows = self.days.iter().flat_map(|(.., tables)| tables).flat_map(|table| &table.rows);
        let words: Vec<&str> = rows.map(|row| &*row.value).collect::<BTreeSet<_>>().into_iter().collect();
        let numbers = tx.dictionary_ids(self.site, &words).await?;
        let numbers: HashMap<&str, u32> = words.into_iter().zip(numbers).collect();
        let mut done = Vec::new();
        for (audience, date, tables) in self.days {
            for table in tables {
                let of_day = ArchivedTable::from_table(table, |word| numbers[word]);
                tx.save_figures(self.site, *audience, table.dimension, Span::Day, *date, &of_day).await?;
                done.push((*audience, *date, table.dimension, of_day));
            }
            if *audience == Audience::Own {
                tx.open_visit_day(self.site, *date, Timestamp::UNIX_EPOCH).await?;
                let uncounted = UncountedRequests { bots: 100, late: 0, refused: 0 };
                let missing = if date.to_date().2 == 13 { 5 } else { 0 };
                tx.close_visit_day(self.site, *date, uncounted, missing).await?;
            }
        }
        Ok(done)
    }
}

struct Spans<'a> {
    site: i64,
    spans: &'a [(Audience, Dimension, Span, Day, ArchivedTable)],
}

impl Operation for Spans<'_> {
    const NAME: &'static str = "fill sample weeks, months and years";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        for (audience, dimension, span, start, sum) in self.spans {
            tx.save_figures(self.site, *audience, *dimension, *span, *start, sum).await?;
        }
        Ok(())
    }
}

const COUNTRIES: [&str; 14] =
    ["DE", "US", "GB", "FR", "NL", "PL", "", "AT", "CH", "IN", "BR", "JP", "ES", "SE"];
const BROWSERS: [&str; 7] =
    ["Chrome", "Firefox", "Safari", "Edge", "Mobile Safari", "Opera", "Samsung Internet"];
const SYSTEMS: [&str; 6] = ["Windows", "Mac OS X", "Linux", "Android", "iOS", "Chrome OS"];
const SCREENS: [&str; 6] = ["laptop", "desktop", "phone", "wide", "tablet", ""];
const LANGUAGES: [&str; 10] = ["en", "de", "fr", "nl", "pl", "es", "ja", "", "pt", "sv"];
const SOURCES: [&str; 9] =
    ["", "Google", "DuckDuckGo", "Bing", "Hacker News", "news.example", "GitHub", "forum.example", "Reddit"];
const EVENTS: [&str; 3] = ["trial started", "video played", "<b>bold</b>"];
const SECTIONS: [&str; 7] =
    ["docs", "blog", "help", "shop", "release-notes", "gallery", "a-rather-long-section-of-the-site"];

impl SampleSite {
    fn tables(self, audience: Audience, date: Day) -> Vec<Table> {
        let people = if audience == Audience::Own { 5 } else { 10 };
        let views = self.views_of(date);
        let table = |dimension| self.table(dimension, date, views, people);
        Dimension::ALL.map(table).to_vec()
    }

    /// Fewer views on weekends, growth from year to year, and some variation.
    fn views_of(self, date: Day) -> u64 {
        let weekday = date - date.monday();
        let of_week = [95, 100, 98, 93, 82, 48, 52][weekday as usize % 7];
        let growth = 60 + u64::try_from((date.to_unix_days() - 16_000).max(0)).unwrap() / 100;
        self.views * of_week * growth * (85 + chance(date, 0) % 30) / (100 * 100 * 100)
    }

    fn words(self, dimension: Dimension) -> Vec<String> {
        let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let path = |n: usize| match n {
            0 => "/".to_owned(),
            1 => "/download".to_owned(),
            n => format!("/{}/page-{n:04}", SECTIONS[n % SECTIONS.len()]),
        };
        match dimension {
            Dimension::Page => (0..self.pages).map(path).collect(),
            Dimension::Entry => (0..self.pages / 2).map(path).collect(),
            Dimension::Referrer => own(&SOURCES),
            Dimension::Campaign => vec!["newsletter / email / autumn".to_owned()],
            Dimension::Country => own(&COUNTRIES),
            Dimension::Language => own(&LANGUAGES),
            Dimension::Browser => own(&BROWSERS),
            Dimension::System => own(&SYSTEMS),
            Dimension::Screen => own(&SCREENS),
            Dimension::Event => own(&EVENTS),
            Dimension::Download => {
                vec!["/files/studio-setup.exe".to_owned(), "=cmd|' /C calc'!A0".to_owned()]
            }
            Dimension::Missing => Vec::new(),
            Dimension::Hour => (0..24).map(|hour| format!("{hour:02}")).collect(),
        }
    }

    fn table(self, dimension: Dimension, date: Day, views: u64, people: u64) -> Table {
        let words = self.words(dimension);
        let part = match dimension {
            Dimension::Entry | Dimension::Referrer => 40,
            Dimension::Campaign | Dimension::Event | Dimension::Download => 8,
            Dimension::Missing => 0,
            _ => 100,
        };
        let weight = |n: usize| match dimension {
            Dimension::Hour => {
                [8, 6, 5, 5, 6, 9, 18, 34, 58, 75, 82, 80, 70, 78, 84, 80, 70, 58, 46, 40, 36, 30, 20, 12][n]
            }
            _ => 100_000 / (n as u64 + 2),
        };
        let all: u64 = (0..words.len()).map(weight).sum();
        let total = views * part / 100;
        let figures = |views: u64, each: u64| {
            let down = |number: u64| number - number % people;
            let visitors = down(views * each / 100);
            (visitors >= people).then(|| Figures { views: down(views), visitors })
        };
        let rows = words.into_iter().enumerate().filter_map(|(n, value)| {
            let share = total * weight(n) / all.max(1) * (90 + chance(date, n as u64 + 1) % 20) / 100;
            Some(Row { value, figures: figures(share, 62)? })
        });
        let total = figures(total, 34).unwrap_or_default();
        let rows = if total == Figures::default() { Vec::new() } else { rows.collect() };
        Table { dimension, total, rows, evicted_views: 0, days: 1 }
    }
}

/// A pseudo-random number of a day and an index (splitmix64).
fn chance(date: Day, index: u64) -> u64 {
    let mut z = date.to_unix_days().unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ index.wrapping_mul(0xD1B5_4A32_D192_ED03);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) >> 16
}
