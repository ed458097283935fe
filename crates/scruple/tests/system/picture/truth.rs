//! What really happened on a day of a made-up site, and whether what is published of it is true.

use std::collections::{BTreeMap, HashSet};

use analytics::{Dimension, Population};
use store::{Audience, Site};

use super::super::kit::Beside;
use super::super::kit::web::{REFERRERS, Seen, What, agent};

/// How many people a number needs.
const STAFF: u64 = 5;
const PUBLIC: u64 = 10;
/// Dimensions of which the truth is known word by word.
const KNOWN: [Dimension; 8] = [
    Dimension::Page,
    Dimension::Entry,
    Dimension::Referrer,
    Dimension::Browser,
    Dimension::System,
    Dimension::Event,
    Dimension::Download,
    Dimension::Missing,
];

/// How often, and by whom.
#[derive(Clone, Default)]
pub struct Cell {
    pub views: u64,
    pub people: HashSet<u32>,
}

impl Cell {
    fn see(&mut self, person: u32) {
        self.views += 1;
        self.people.insert(person);
    }
}

/// A day.
#[derive(Clone, Default)]
pub struct Truth {
    cells: BTreeMap<(&'static str, String), Cell>,
    crowds: BTreeMap<&'static str, Cell>,
}

/// How far what is published is off.
#[derive(Default)]
pub struct Off {
    /// Of a day's visitors, at worst.
    pub worst: f64,
    /// Visitors of days, summed: published and true.
    pub told: u64,
    pub people: u64,
    /// Views of pages, and those that no row shows.
    pub views: u64,
    pub folded: u64,
    /// Cells of few people in which one was taken for another.
    mistaken: u64,
}

impl Off {
    /// Few people are listed by 32 bits each. Two of them have the same once in 200 million pairs: where thousands of crowds
    /// are held against the truth, that is seen now and then.
    pub fn hardly_anybody_was_mistaken(&self) {
        assert!(self.mistaken <= 3, "in {} cells somebody was taken for another", self.mistaken);
    }
}

fn name_of(crowd: Population) -> &'static str {
    match crowd {
        Population::Viewers => "viewers",
        Population::Arrivals => "arrivals",
        Population::CampaignVisitors => "campaigned",
        Population::EventVisitors => "doers",
        Population::Downloaders => "fetchers",
        Population::MissingPageVisitors => "missers",
    }
}

impl Truth {
    /// It happened, in an hour of the day.
    pub fn see(&mut self, seen: &Seen, hour: i64) {
        let (person, subject) = (seen.person, &*seen.subject);
        match seen.what {
            What::Event => self.leads(Dimension::Event, subject, person),
            What::Download => self.leads(Dimension::Download, subject, person),
            What::Missing => self.leads(Dimension::Missing, subject, person),
            What::View => {
                self.leads(Dimension::Page, subject, person);
                let (_, browser, system) = agent(person);
                self.cell(Dimension::Browser, browser).see(person);
                self.cell(Dimension::System, system).see(person);
                self.cell(Dimension::Hour, &format!("{hour:02}")).see(person);
                if let Some(source) = REFERRERS[seen.from].1 {
                    self.leads(Dimension::Entry, subject, person);
                    self.cell(Dimension::Referrer, source).see(person);
                }
            }
        }
    }

    fn cell(&mut self, dimension: Dimension, word: &str) -> &mut Cell {
        self.cells.entry((dimension.name(), word.to_owned())).or_default()
    }

    /// Counts in the cell, and in all of its kind.
    fn leads(&mut self, dimension: Dimension, word: &str, person: u32) {
        self.cell(dimension, word).see(person);
        self.crowds.entry(name_of(dimension.population())).or_default().see(person);
    }

    /// Who saw a page.
    pub fn viewers(&self) -> Cell {
        self.crowds.get("viewers").cloned().unwrap_or_default()
    }

    /// Holds all that is published of a day against it: every cell of enough people is there, and no other; views are
    /// exact up to rounding, visitors hardly ever off while they are few and within the sketches' error beyond.
    pub fn agrees(&self, beside: &Beside, site: &Site, date: i32, off: &mut Off) {
        for (audience, k) in [(Audience::Own, STAFF), (Audience::Public, PUBLIC)] {
            for dimension in KNOWN.into_iter().chain([Dimension::Hour]) {
                self.agrees_in(beside, site, date, dimension, (audience, k), off);
            }
        }
        let pages = beside.published(site, Audience::Own, Dimension::Page, (date, date));
        let viewers = self.viewers();
        let people = viewers.people.len() as u64;
        let wrong = pages.total.visitors.abs_diff(people) as f64;
        assert!(
            wrong <= STAFF as f64 + 0.01 * people as f64,
            "day {date}: {} for {people}",
            pages.total.visitors
        );
        if people > 0 {
            off.worst = off.worst.max(wrong / people as f64);
        }
        off.told += pages.total.visitors;
        off.people += people;
        off.views += viewers.views;
        off.folded += pages.other;
    }

    fn agrees_in(
        &self,
        beside: &Beside,
        site: &Site,
        date: i32,
        of: Dimension,
        (audience, k): (Audience, u64),
        off: &mut Off,
    ) {
        let told = beside.published(site, audience, of, (date, date));
        let place = format!("day {date}, {}", of.name());
        assert_eq!((told.days, told.evicted_views), (1, 0), "{place}");
        let nothing = Cell::default();
        let crowd = self.crowds.get(name_of(of.population())).unwrap_or(&nothing);
        let enough = crowd.people.len() as u64 >= k;
        let views = if enough { crowd.views - crowd.views % k } else { 0 };
        assert_eq!(told.total.views, views, "{place}: views are exact up to rounding");
        let mut rows = told.rows.iter();
        let cells =
            self.cells.range((of.name(), String::new())..).take_while(|((name, _), _)| *name == of.name());
        let shown = cells.filter(|(_, cell)| cell.people.len() as u64 >= k && enough);
        for ((_, word), cell) in shown {
            let row = rows.next().unwrap_or_else(|| panic!("{place}: {word} is missing"));
            assert_eq!(row.value, *word, "{place}");
            assert_eq!(row.figures.views, cell.views - cell.views % k, "{place}, {word}");
            let people = cell.people.len() as u64;
            let wrong = row.figures.visitors.abs_diff(people - people % k);
            let bearable = if people <= 1_000 { k } else { k + people * 9 / 100 };
            assert!(wrong <= bearable, "{place}, {word}: {} people for {people}", row.figures.visitors);
            off.mistaken += u64::from(people <= 300 && wrong != 0);
        }
        assert_eq!(rows.next(), None, "{place}: shown, and too few people");
    }
}
