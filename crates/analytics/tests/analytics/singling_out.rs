//! Plays an attacker with all published tables who tries to single out one person. See `disclosure_control`,
//! "The guarantee".

use std::collections::{BTreeMap, BTreeSet};

use crate::site::{AGENTS, REFERRERS, Random, Site, address};
use analytics::{
    Dimension, DisclosureThresholds, PublishedDay, Request, Table, VisitKind, apply_disclosure_control,
};
use proptest::prelude::*;

/// One visit of a synthetic day.
#[derive(Clone, Debug)]
struct SyntheticVisit {
    person: u32,
    page: u64,
    referrer: usize,
    user_agent: usize,
    hour: u8,
    kind: u64,
}

fn day(seed: u64, people: u64) -> Vec<SyntheticVisit> {
    let mut random = Random::seeded(seed);
    let mut visits = Vec::new();
    for person in 0..people {
        let user_agent = random.zipf(4) as usize;
        for _ in 0..=random.zipf(5) {
            visits.push(SyntheticVisit {
                person: person as u32,
                page: random.zipf(8),
                referrer: random.zipf(4) as usize,
                user_agent,
                hour: random.zipf(24) as u8,
                kind: random.zipf(9),
            });
        }
    }
    visits
}

/// Counts a day with every person whom `address_of` maps to an address, and with pages named by `name`.
fn counted(
    visits: &[SyntheticVisit],
    address_of: impl Fn(u32) -> Option<u32>,
    name: impl Fn(u64) -> String,
) -> Site {
    let mut site = Site::open();
    for visit in visits {
        let Some(person) = address_of(visit.person) else { continue };
        let page = name(visit.page);
        let kind = match visit.kind {
            6 => VisitKind::Event,
            7 => VisitKind::Download,
            8 => VisitKind::Missing,
            _ => VisitKind::View,
        };
        let request = Request {
            user_agent: AGENTS[visit.user_agent],
            referrer: Some(REFERRERS[visit.referrer]),
            kind,
            name: &page,
            ..Request::view(address(person), &page)
        };
        assert!(site.count(&request, visit.hour));
    }
    site
}

fn usual(page: u64) -> String {
    format!("/page-{page}")
}

fn tables(site: &Site) -> PublishedDay {
    apply_disclosure_control(&site.tally, DisclosureThresholds::default())
}

/// The figures of a table by row; `(false, "")` is the total.
fn numbers(table: &Table) -> BTreeMap<(bool, String), (u64, u64)> {
    let rows =
        table.rows.iter().map(|row| ((true, row.value.clone()), (row.figures.views, row.figures.visitors)));
    rows.chain([((false, String::new()), (table.total.views, table.total.visitors))]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("SCRUPLE_LONG").is_some() { 2_000 } else { 60 }))]

    #[test]
    fn a_visitor_changes_only_numbers_of_their_own_populations_of_at_least_k(seed: u64, people in 1..36_u64) {
        let visits = day(seed, people);
        let with = counted(&visits, Some, usual);
        let published = tables(&with);
        for person in 0..people as u32 {
            let without = counted(&visits, |who| (who != person).then_some(who), usual);
            let alone = counted(&visits, |who| (who == person).then_some(who), usual);
            let pairs = [(published.staff.clone(), tables(&without).staff, 5), (published.public.clone(), tables(&without).public, 10)];
            for (before, after, k) in pairs {
                for (before, after) in before.iter().zip(&after) {
                    let (ours, theirs) = (numbers(before), numbers(after));
                    let names: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
                    for name in names {
                        if ours.get(name) == theirs.get(name) {
                            continue;
                        }
                        let dimension = before.dimension;
                        let cell = |site: &Site| match name {
                            (true, word) => site.tally.cell(dimension, word).map_or(0, |cell| cell.visitors()),
                            (false, _) => site.tally.population(dimension.population()).visitors(),
                        };
                        prop_assert!(cell(&with) >= k, "{} people decide {dimension:?} {name:?}", cell(&with));
                        prop_assert_eq!(cell(&alone), 1, "a visitor outside of the set changes it");
                    }
                }
            }
        }
    }

    #[test]
    fn replacing_a_visitor_by_an_unknown_one_changes_no_table(seed: u64, people in 1..36_u64, place in 0..36_u32) {
        let visits = day(seed, people);
        let person = place % people as u32;
        let same = tables(&counted(&visits, Some, usual));
        // Another visitor of the same country with the same visits.
        let stranger = tables(&counted(&visits, |who| Some(if who == person { person + 4_000 } else { who }), usual));
        prop_assert!(same == stranger);
    }

    #[test]
    fn an_attacker_who_knows_fewer_than_k_minus_one_visitors_cannot_tell_whether_one_more_came(seed: u64, people in 1..48_u64) {
        // The attacker knows the days before and after completely. On the middle day one more visitor came, or didn't.
        let (known, stranger) = (day(seed, people), people as u32);
        let came = |visits: &[SyntheticVisit]| {
            let staff = day(!seed, 1).into_iter().map(|visit| SyntheticVisit { person: stranger, ..visit });
            visits.iter().cloned().chain(staff).collect::<Vec<_>>()
        };
        let around = [1, 2].map(|more| tables(&counted(&day(seed ^ more, people), Some, usual)));
        let without = counted(&known, Some, usual);
        let both = [tables(&counted(&came(&known), Some, usual)), tables(&without)];
        let of = |published: &PublishedDay, public: bool| if public { published.public.clone() } else { published.staff.clone() };
        for (public, k) in [(false, 5), (true, 10)] {
            let [with, missing] = both.each_ref().map(|story| of(story, public));
            let [before, after] = around.each_ref().map(|day| of(day, public));
            for (place, dimension) in Dimension::ALL.into_iter().enumerate() {
                // Compare the day itself, and the period that contains it.
                let all = |day: &Table| Table::sum(dimension, [&before[place], day, &after[place]]);
                let pairs = [(with[place].clone(), missing[place].clone()), (all(&with[place]), all(&missing[place]))];
                for (came, stayed) in pairs {
                    let (came, stayed) = (numbers(&came), numbers(&stayed));
                    for name in came.keys().chain(stayed.keys()) {
                        let known_visitors = match name {
                            (true, word) => without.tally.cell(dimension, word).map_or(0, |cell| cell.visitors()),
                            (false, _) => without.tally.population(dimension.population()).visitors(),
                        };
                        if known_visitors + 1 < k {
                            prop_assert_eq!(came.get(name), stayed.get(name), "{:?} {:?}, {} known", dimension, name, known_visitors);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_page_seen_by_fewer_than_k_visitors_could_have_any_name(seed: u64, people in 1..36_u64) {
        let visits = day(seed, people);
        let site = counted(&visits, Some, usual);
        let few: Vec<u64> = (0..8).filter(|page| {
            [Dimension::Page, Dimension::Entry, Dimension::Event, Dimension::Download, Dimension::Missing].iter()
                .all(|dimension| site.tally.cell(*dimension, &usual(*page)).is_none_or(|cell| cell.visitors() < 5))
        }).collect();
        let renamed = counted(&visits, Some, |page| if few.contains(&page) { format!("/other-{page}") } else { usual(page) });
        prop_assert!(tables(&site) == tables(&renamed));
    }

    #[test]
    fn public_tables_reveal_nothing_beyond_the_staffs_tables(seed: u64, people in 1..60_u64) {
        let published = tables(&counted(&day(seed, people), Some, usual));
        for (staff, public) in published.staff.iter().zip(&published.public) {
            let coarser = |(views, visitors): (u64, u64)| (visitors >= 10).then_some((views - views % 10, visitors - visitors % 10));
            let known = numbers(staff);
            // Rows of a table whose total is too small for the public are hidden with it.
            let computed: BTreeMap<_, _> = known.into_iter().filter_map(|(name, pair)| Some((name, coarser(pair)?))).collect();
            let shown: BTreeMap<_, _> = numbers(public).into_iter().filter(|(_, pair)| pair.1 > 0).collect();
            prop_assert!(computed == shown);
        }
    }
}

#[test]
fn a_visitor_who_comes_alone_every_day_is_in_no_week_month_or_year() {
    let mut days = Vec::new();
    for _ in 0..365 {
        let mut site = Site::open();
        (0..40).for_each(|person| site.see(person, "/"));
        site.see(7, "/only-one");
        days.push(apply_disclosure_control(&site.tally, DisclosureThresholds::default()).staff);
    }
    let page = |day: &Vec<Table>| day[Dimension::Page as usize].clone();
    let days: Vec<Table> = days.iter().map(page).collect();
    let year = Table::sum(Dimension::Page, &days);
    assert_eq!(year.rows.iter().map(|row| row.value.as_str()).collect::<Vec<_>>(), ["/"]);
    assert_eq!((year.total.views, year.total.visitors, year.days), (365 * 40, 365 * 40, 365));
}

#[test]
fn a_cell_of_four_is_suppressed_and_a_cell_of_five_is_published() {
    let mut site = Site::open();
    (0..4).for_each(|person| site.see(person, "/four"));
    (0..5).for_each(|person| site.see(person, "/five"));
    (0..9).for_each(|person| site.event(person, "Bought"));
    let published = apply_disclosure_control(&site.tally, DisclosureThresholds::default());
    let pages = &published.staff[Dimension::Page as usize];
    assert_eq!(pages.rows.iter().map(|row| row.value.as_str()).collect::<Vec<_>>(), ["/five"]);
    assert_eq!((pages.total.views, pages.total.visitors, pages.other()), (5, 5, 0));
    let events = &published.staff[Dimension::Event as usize];
    assert_eq!((events.rows[0].value.as_str(), events.rows[0].figures.visitors), ("bought", 5));
    assert!(published.public.iter().all(|table| table.rows.is_empty() && table.total.views == 0));
}

#[test]
fn a_threshold_is_at_least_two_and_the_publics_is_a_multiple_of_the_staffs() {
    assert!(DisclosureThresholds::new(5, 10).is_some() && DisclosureThresholds::new(3, 3).is_some());
    for (staff, public) in [(0, 10), (1, 10), (5, 12), (10, 5)] {
        assert!(DisclosureThresholds::new(staff, public).is_none(), "{staff} {public}");
    }
}
