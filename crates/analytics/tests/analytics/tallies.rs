//! Tallies of several nodes: no count is added twice, encodings are stable, and a flood stays bounded.

use crate::site::{Random, Site, view};
use analytics::{CellLimits, DayTallies, Dimension, DisclosureThresholds, Tally, apply_disclosure_control};
use proptest::prelude::*;

fn counted(seed: u64, visits: u64) -> Tally {
    let mut site = Site::open();
    let mut random = Random::seeded(seed);
    for _ in 0..visits {
        let page = format!("/page-{}", random.zipf(40));
        site.count(&view(random.below(500) as u32, &page), random.below(24) as u8);
    }
    site.tally
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn merging_nodes_is_commutative_and_idempotent(seed: u64, a in 0..60_u64, b in 0..60_u64, c in 0..60_u64) {
        let day = |parts: &[(u64, u64)]| {
            let mut day = DayTallies::new();
            parts.iter().for_each(|(node, visits)| day.insert(*node, counted(seed ^ node, *visits)));
            day
        };
        let joined = |days: Vec<DayTallies>| {
            let mut sum = DayTallies::new();
            days.into_iter().for_each(|day| sum.merge(day));
            sum.total()
        };
        let (one, two, three) = (day(&[(1, a), (2, b)]), day(&[(2, c), (3, a)]), day(&[(1, b), (3, c)]));
        let expected = joined(vec![one.clone(), two.clone(), three.clone()]);
        prop_assert!(joined(vec![three.clone(), one.clone(), two.clone()]) == expected);
        prop_assert!(joined(vec![two.clone(), two.clone(), three.clone(), one.clone(), three.clone()]) == expected);
        let mut pair = one;
        pair.merge(two);
        prop_assert!(joined(vec![three, pair]) == expected);
        prop_assert_eq!(expected.sequence(), a.max(b) + b.max(c) + a.max(c));
    }

    #[test]
    fn a_tally_decodes_to_itself_and_encodes_to_the_same_bytes(seed: u64, visits in 0..400_u64) {
        let tally = counted(seed, visits);
        let bytes = tally.to_bytes();
        prop_assert!(bytes == counted(seed, visits).to_bytes());
        let again = Tally::from_bytes(&bytes).unwrap();
        prop_assert!(again == tally);
        prop_assert!(again.to_bytes() == bytes);
    }

    #[test]
    fn damaged_bytes_are_refused_or_decode_with_one_encoding(seed: u64, place: usize, value: u8) {
        let mut bytes = counted(seed, 30).to_bytes();
        let place = place % bytes.len();
        bytes[place] = value;
        if let Ok(tally) = Tally::from_bytes(&bytes) {
            prop_assert!(tally.to_bytes() == bytes);
        }
        prop_assert!(Tally::from_bytes(&bytes[..place]).is_err());
    }

    #[test]
    fn any_bytes_decode_without_panic(bytes: Vec<u8>) {
        let headed = [b"SVT\x01".as_slice(), &bytes].concat();
        prop_assert!(Tally::from_bytes(&bytes).is_err() || bytes.starts_with(b"SVT\x01"));
        if let Ok(tally) = Tally::from_bytes(&headed) {
            apply_disclosure_control(&tally, DisclosureThresholds::default());
        }
    }
}

#[test]
fn a_state_sealed_twice_counts_once_and_a_restart_continues() {
    let mut day = DayTallies::new();
    day.insert(1, counted(1, 10));
    day.insert(1, counted(1, 25));
    day.insert(1, counted(1, 10));
    assert_eq!(day.total().sequence(), 25);
    let mut site = Site::open();
    site.tally = Tally::from_bytes(&day.node_tally(1).unwrap().to_bytes()).unwrap();
    site.see(1, "/after-the-restart");
    day.insert(1, site.tally);
    assert_eq!(day.total().sequence(), 26);
    assert_eq!(day.total().cell(Dimension::Page, "/after-the-restart").unwrap().views(), 1);
}

#[test]
fn one_person_on_two_nodes_is_one_visitor_with_two_views() {
    let mut day = DayTallies::new();
    for node in 0..2 {
        let mut site = Site::open();
        site.see(1, "/");
        day.insert(node, site.tally);
    }
    let total = day.total();
    let cell = total.cell(Dimension::Page, "/").unwrap();
    assert_eq!((cell.views(), cell.visitors()), (2, 1));
}

#[test]
fn a_flood_of_invented_paths_evicts_itself_and_no_page_that_people_read() {
    let mut site = Site::open();
    site.tally = Tally::with_limits(CellLimits::with_max_cells(100));
    for round in 0..5_000_u32 {
        site.see(3, &format!("/invented-{round}x"));
        if round % 100 < 7 {
            site.see(round % 100, "/read");
        }
    }
    assert!(site.tally.cells(Dimension::Page) <= 100 && site.tally.cells(Dimension::Entry) <= 100);
    let read = site.tally.cell(Dimension::Page, "/read").unwrap();
    assert_eq!((read.views(), read.visitors()), (350, 7));
    assert!(site.tally.evicted_views(Dimension::Page) >= 4_900);
    let pages = &apply_disclosure_control(&site.tally, DisclosureThresholds::default()).staff
        [Dimension::Page as usize];
    assert_eq!(pages.total.views, 5_350);
    assert_eq!(pages.rows.len(), 1);
    assert!(pages.evicted_views >= 4_900);
}

#[test]
fn bots_and_late_visits_are_rounded_to_multiples_of_ten_k() {
    let mut tally = Tally::default();
    (0..149).for_each(|_| tally.count_bot());
    tally.count_late(49);
    (0..50).for_each(|_| tally.count_refused());
    let uncounted = apply_disclosure_control(&tally, DisclosureThresholds::default()).uncounted;
    assert_eq!((uncounted.bots, uncounted.late, uncounted.refused), (100, 0, 50));
}
