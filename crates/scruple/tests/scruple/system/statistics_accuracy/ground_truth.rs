//! The true figures of a simulated day, and the comparison of the published figures with them.

use std::collections::{BTreeMap, HashSet};

use analytics::{Dimension, Population};
use calendar::Day;
use store::{Audience, Site};

use super::super::kit::OpenStore;
use super::super::kit::web::{REFERRERS, Visit, VisitKind, agent};

/// The disclosure thresholds: how many people a published figure needs.
const STAFF: u64 = 5;
const PUBLIC: u64 = 10;
/// The dimensions whose true values are all known.
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

/// The views of one value, and the people who made them.
#[derive(Clone, Default)]
pub struct Cell {
    pub views: u64,
    pub people: HashSet<u32>,
}

impl Cell {
    fn add(&mut self, person: u32) {
        self.views += 1;
        self.people.insert(person);
    }
}

/// The true figures of a day.
#[derive(Clone, Default)]
pub struct GroundTruth {
    cells: BTreeMap<(&'static str, String), Cell>,
    populations: BTreeMap<&'static str, Cell>,
}

/// How far the published figures are from the true ones.
#[derive(Default)]
pub struct Deviations {
    /// The largest relative error of a day's visitors.
    pub worst: f64,
    /// The sums of daily visitors: published and true.
    pub published: u64,
    pub people: u64,
    /// Views of pages, and the views that no row shows.
    pub views: u64,
    pub hidden: u64,
    /// Small cells in which two people were taken for one.
    confused: u64,
}

impl Deviations {
    /// Checks that few people were confused. A small set stores 32 bits of each person, and 1 of 200 million pairs is
    /// equal. Among thousands of sets, that happens now and then.
    pub fn check_confused_visitors(&self) {
        assert!(self.confused <= 3, "in {} cells two people were taken for one", self.confused);
    }
}

fn name_of(population: Population) -> &'static str {
    match population {
        Population::Viewers => "viewers",
        Population::Arrivals => "arrivals",
        Population::CampaignVisitors => "campaign visitors",
        Population::EventVisitors => "event visitors",
        Population::Downloaders => "downloaders",
        Population::MissingPageVisitors => "missing page visitors",
    }
}

impl GroundTruth {
    /// Records a visit in an hour of the day.
    pub fn record(&mut self, visit: &Visit, hour: i64) {
        let (person, subject) = (visit.person, &*visit.subject);
        match visit.kind {
            VisitKind::Event => self.count(Dimension::Event, subject, person),
            VisitKind::Download => self.count(Dimension::Download, subject, person),
            VisitKind::Missing => self.count(Dimension::Missing, subject, person),
            VisitKind::View => {
                self.count(Dimension::Page, subject, person);
                let (_, browser, system) = agent(person);
                self.cell(Dimension::Browser, browser).add(person);
                self.cell(Dimension::System, system).add(person);
                self.cell(Dimension::Hour, &format!("{hour:02}")).add(person);
                if let Some(source) = REFERRERS[visit.from].1 {
                    self.count(Dimension::Entry, subject, person);
                    self.cell(Dimension::Referrer, source).add(person);
                }
            }
        }
    }

    fn cell(&mut self, dimension: Dimension, word: &str) -> &mut Cell {
        self.cells.entry((dimension.name(), word.to_owned())).or_default()
    }

    /// Counts in the cell and in the population of its dimension.
    fn count(&mut self, dimension: Dimension, word: &str, person: u32) {
        self.cell(dimension, word).add(person);
        self.populations.entry(name_of(dimension.population())).or_default().add(person);
    }

    /// Returns the views of all pages, and their viewers.
    pub fn viewers(&self) -> Cell {
        self.populations.get("viewers").cloned().unwrap_or_default()
    }

    /// Compares all published figures of a day. Every cell with enough people is published, and no other. Views are
    /// exact up to rounding. Visitors are exact while they are few, and within the sketch's error beyond.
    pub fn check(&self, store: &OpenStore, site: &Site, date: Day, deviations: &mut Deviations) {
        for (audience, k) in [(Audience::Own, STAFF), (Audience::Public, PUBLIC)] {
            for dimension in KNOWN.into_iter().chain([Dimension::Hour]) {
                self.check_dimension(store, site, date, dimension, (audience, k), deviations);
            }
        }
        let pages = store.published(site, Audience::Own, Dimension::Page, (date, date));
        let viewers = self.viewers();
        let people = viewers.people.len() as u64;
        let error = pages.total.visitors.abs_diff(people) as f64;
        assert!(
            error <= STAFF as f64 + 0.01 * people as f64,
            "day {date}: {} for {people}",
            pages.total.visitors
        );
        if people > 0 {
            deviations.worst = deviations.worst.max(error / people as f64);
        }
        deviations.published += pages.total.visitors;
        deviations.people += people;
        deviations.views += viewers.views;
        deviations.hidden += pages.other;
    }

    fn check_dimension(
        &self,
        store: &OpenStore,
        site: &Site,
        date: Day,
        of: Dimension,
        (audience, k): (Audience, u64),
        deviations: &mut Deviations,
    ) {
        let published = store.published(site, audience, of, (date, date));
        let context = format!("day {date}, {}", of.name());
        assert_eq!((published.days, published.evicted_views), (1, 0), "{context}");
        let nothing = Cell::default();
        let population = self.populations.get(name_of(of.population())).unwrap_or(&nothing);
        let enough = population.people.len() as u64 >= k;
        let views = if enough { population.views - population.views % k } else { 0 };
        assert_eq!(published.total.views, views, "{context}: views are exact up to rounding");
        let mut rows = published.rows.iter();
        let cells =
            self.cells.range((of.name(), String::new())..).take_while(|((name, _), _)| *name == of.name());
        let shown = cells.filter(|(_, cell)| cell.people.len() as u64 >= k && enough);
        for ((_, word), cell) in shown {
            let row = rows.next().unwrap_or_else(|| panic!("{context}: {word} is missing"));
            assert_eq!(row.value, *word, "{context}");
            assert_eq!(row.figures.views, cell.views - cell.views % k, "{context}, {word}");
            let people = cell.people.len() as u64;
            let error = row.figures.visitors.abs_diff(people - people % k);
            let allowed = if people <= 1_000 { k } else { k + people * 9 / 100 };
            assert!(error <= allowed, "{context}, {word}: {} people for {people}", row.figures.visitors);
            deviations.confused += u64::from(people <= 300 && error != 0);
        }
        assert_eq!(rows.next(), None, "{context}: published with too few people");
    }
}
