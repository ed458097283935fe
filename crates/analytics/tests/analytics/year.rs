//! A synthetic year with known truth: 200,000 views, or 5 million of 200,000 visitors with SCRUPLE_LONG=1. Two nodes,
//! restarts within days, repeated sealing, late visits.

use crate::site;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use crate::site::{Random, Site, view};
use analytics::{
    DayTallies, Dimension, DisclosureThresholds, Population, Request, Table, Tally, UserAgentCache,
    apply_disclosure_control,
};
use calendar::Day;

/// The true numbers of a day.
#[derive(Default)]
struct Truth {
    views: u64,
    people: HashSet<u32>,
    pages: HashMap<u64, (u64, HashSet<u32>)>,
}

struct Size {
    views_a_day: u64,
    visitors: u64,
    pages: u64,
}

fn size() -> Size {
    if std::env::var_os("SCRUPLE_LONG").is_some_and(|value| value == "1") {
        Size { views_a_day: 13_700, visitors: 200_000, pages: 5_000 }
    } else {
        Size { views_a_day: 550, visitors: 20_000, pages: 500 }
    }
}

/// Counts one day on two nodes, with restarts, and returns its published tables.
fn day(number: i32, size: &Size, agents: &Arc<UserAgentCache>, truth: &mut Truth) -> Vec<Table> {
    let mut random = Random::seeded(u64::from(number.unsigned_abs()) + 1);
    let mut nodes = [Site::of(agents.clone()), Site::of(agents.clone())];
    let mut day = DayTallies::new();
    // Weekends have half the views.
    let of = Day::from_unix_days(number.into());
    let weekend = of.monday() + 5 <= of;
    let views = if weekend { size.views_a_day / 2 } else { size.views_a_day + size.views_a_day / 5 };
    for seen in 0..views {
        // Few visitors come often: one per cent of the visitors makes a tenth of the views.
        let share = random.below(1 << 52) as f64 / (1_u64 << 52) as f64;
        let person = (size.visitors as f64 * share * share) as u32;
        let page = random.zipf(size.pages);
        let node = random.below(2) as usize;
        let path = format!("/docs/page-{page}x");
        let request =
            Request { referrer: Some(site::REFERRERS[random.zipf(4) as usize]), ..view(person, &path) };
        assert!(nodes[node].count(&request, (seen * 24 / views) as u8));
        truth.views += 1;
        truth.people.insert(person);
        let (views, people) = truth.pages.entry(page).or_default();
        *views += 1;
        people.insert(person);
        if seen % (views_between_seals(size)) == 0 {
            // Seal the tally, merge it into the day, and restart the node from the sealed state.
            let sealed = nodes[node].tally.to_bytes();
            day.insert(node as u64, Tally::from_bytes(&sealed).expect("a tally that was just encoded"));
            nodes[node].tally = Tally::from_bytes(&sealed).expect("a tally that was just encoded");
        }
    }
    for (index, node) in nodes.into_iter().enumerate() {
        let mut tally = node.tally;
        tally.count_late(3);
        day.insert(index as u64, tally.clone());
        day.insert(index as u64, tally);
    }
    let total = day.total();
    assert_eq!((total.population(Population::Viewers).views(), total.uncounted().late), (truth.views, 6));
    apply_disclosure_control(&total, DisclosureThresholds::default()).staff
}

fn views_between_seals(size: &Size) -> u64 {
    size.views_a_day / 4
}

#[test]
fn a_years_statistics_are_exact_within_suppression_rounding_and_one_per_cent() {
    let size = size();
    let agents = Arc::new(UserAgentCache::default());
    let (mut worst, mut sum, mut error) = (0.0_f64, 0.0, 0.0);
    let mut pages_of_year = Vec::new();
    let (mut suppressed, mut ever) = ((0, 0), HashSet::new());
    for number in 20_454..20_454 + 365 {
        let mut truth = Truth::default();
        let tables = day(number, &size, &agents, &mut truth);
        let pages = &tables[Dimension::Page as usize];
        assert_eq!(pages.total.views, truth.views - truth.views % 5, "views are exact up to rounding");
        let people = truth.people.len() as f64;
        let off = (pages.total.visitors as f64 - people).abs();
        assert!(off <= 5.0 + 0.01 * people, "day {number}: {} for {people}", pages.total.visitors);
        worst = worst.max(off / people);
        (sum, error) = (sum + people, error + (pages.total.visitors as f64 - people));
        assert_rows_match(pages, &truth);
        ever.extend(truth.people);
        suppressed = (suppressed.0 + pages.other(), suppressed.1 + truth.views);
        pages_of_year.push(pages.clone());
    }
    let year = Table::sum(Dimension::Page, &pages_of_year);
    assert_eq!(year.days, 365);
    assert_eq!(year.total.views, pages_of_year.iter().map(|day| day.total.views).sum::<u64>());
    if size.views_a_day > 10_000 {
        assert!(
            suppressed.1 >= 5_000_000 && ever.len() >= 199_000,
            "{} views, {} people",
            suppressed.1,
            ever.len()
        );
    }
    println!(
        "{} people; daily visitors: {:.2} % off at worst, {:.3} % over the year; {:.0} % of {} views suppressed or rounded away from pages",
        ever.len(),
        100.0 * worst,
        100.0 * error / sum,
        100.0 * suppressed.0 as f64 / suppressed.1 as f64,
        suppressed.1
    );
}

/// Asserts that exactly the pages of at least five visitors are published, with rounded views.
fn assert_rows_match(pages: &Table, truth: &Truth) {
    let shown: HashMap<&str, _> = pages.rows.iter().map(|row| (row.value.as_str(), row.figures)).collect();
    let mut expected = 0;
    for (page, (views, people)) in &truth.pages {
        let row = shown.get(format!("/docs/page-{page}x").as_str());
        let people = people.len() as u64;
        assert_eq!(row.is_some(), people >= 5);
        let Some(figures) = row else { continue };
        expected += 1;
        assert_eq!(figures.views, views - views % 5);
        if people <= 1_000 {
            assert_eq!(figures.visitors, people - people % 5);
        } else {
            assert!(figures.visitors.abs_diff(people) as f64 <= 5.0 + 0.07 * people as f64);
        }
    }
    assert_eq!(pages.rows.len(), expected);
    assert!(pages.rows.windows(2).all(|pair| pair[0].figures.views >= pair[1].figures.views));
}
