//! Disclosure control at its thresholds: k - 1, k and k + 1 visitors, multiples of k, audiences, sums and orders.

use analytics::{
    CurrentVisitors, DayTallies, Dimension, DisclosureThresholds, Figures, PublishedDay, Request, Row,
    Sketch, Table, Tally, VisitKind, Visitor, apply_disclosure_control,
};
use calendar::Timestamp;
use proptest::prelude::*;

use crate::site::{Site, view};
use crate::sketches::people;

fn close(tally: &Tally, staff: u64, public: u64) -> PublishedDay {
    apply_disclosure_control(tally, DisclosureThresholds::new(staff, public).expect("thresholds"))
}

fn figures(views: u64, visitors: u64) -> Figures {
    Figures { views, visitors }
}

/// A site with this many visitors of `/page`, each of whom viewed it so often.
fn viewed(visitors: u32, times: u32) -> Tally {
    let mut site = Site::open();
    for person in 0..visitors {
        for _ in 0..times {
            site.see(person, "/page");
        }
    }
    site.tally
}

#[test]
fn a_cell_appears_with_k_visitors_and_is_rounded_down() {
    for (visitors, times, staff, public) in [
        (1, 100, None, None),
        (4, 1, None, None),
        (4, 9, None, None),
        (5, 1, Some((5, 5)), None),
        (5, 2, Some((10, 5)), None),
        (6, 1, Some((5, 5)), None),
        (7, 2, Some((10, 5)), None),
        (9, 1, Some((5, 5)), None),
        (9, 100, Some((900, 5)), None),
        (10, 1, Some((10, 10)), Some((10, 10))),
        (11, 2, Some((20, 10)), Some((20, 10))),
        (14, 1, Some((10, 10)), Some((10, 10))),
        (15, 1, Some((15, 15)), Some((10, 10))),
        (19, 3, Some((55, 15)), Some((50, 10))),
        (20, 1, Some((20, 20)), Some((20, 20))),
    ] {
        let day = close(&viewed(visitors, times), 5, 10);
        for (tables, expected) in [(&day.staff, staff), (&day.public, public)] {
            let page = &tables[Dimension::Page as usize];
            let rows: Vec<_> = page.rows.iter().map(|row| (&*row.value, row.figures)).collect();
            let expected = expected.map(|(views, visitors)| figures(views, visitors));
            assert_eq!(rows, expected.map(|of| ("/page", of)).into_iter().collect::<Vec<_>>(), "{visitors}");
            assert_eq!(page.total, expected.unwrap_or_default(), "{visitors}");
            assert_eq!((page.days, page.evicted_views), (1, 0));
        }
    }
}

#[test]
fn a_total_counts_its_whole_population_and_a_suppressed_total_has_no_rows() {
    let mut site = Site::open();
    // Twelve people view a page each of their own, and three of them a second one.
    for person in 0..12 {
        site.see(person, &format!("/of-{person}"));
    }
    for person in 0..3 {
        site.see(person, "/of-all");
    }
    let day = close(&site.tally, 5, 10);
    let pages = &day.staff[Dimension::Page as usize];
    assert_eq!((pages.total, pages.rows.len(), pages.other()), (figures(15, 10), 0, 15));
    let public = &day.public[Dimension::Page as usize];
    assert_eq!((public.total, public.rows.len(), public.other()), (figures(10, 10), 0, 10));
    let events = &day.staff[Dimension::Event as usize];
    assert_eq!(*events, Table { days: 1, ..Table::empty(Dimension::Event) });
    for table in close(&Tally::default(), 5, 10).staff {
        assert_eq!(table, Table { days: 1, ..Table::empty(table.dimension) });
    }
}

#[test]
fn each_dimension_is_suppressed_on_its_own() {
    let mut site = Site::open();
    for person in 0..30 {
        site.see(person, "/");
    }
    let count = |site: &mut Site, kind, people: u32| {
        for person in 0..people {
            assert!(site.count(&Request { kind, name: "sign up", ..view(person, "/file.zip") }, 3));
        }
    };
    count(&mut site, VisitKind::Event, 4);
    count(&mut site, VisitKind::Download, 5);
    count(&mut site, VisitKind::Missing, 10);
    let day = close(&site.tally, 5, 10);
    let rows = |tables: &[Table], dimension: Dimension| tables[dimension as usize].rows.len();
    for (dimension, staff, public) in [
        (Dimension::Page, 1, 1),
        (Dimension::Event, 0, 0),
        (Dimension::Download, 1, 0),
        (Dimension::Missing, 1, 1),
        (Dimension::Campaign, 0, 0),
        (Dimension::Hour, 1, 1),
    ] {
        assert_eq!(rows(&day.staff, dimension), staff, "{dimension:?}");
        assert_eq!(rows(&day.public, dimension), public, "{dimension:?}");
    }
    let order: Vec<_> = day.staff.iter().map(|table| table.dimension).collect();
    assert_eq!(order, Dimension::ALL);
}

#[test]
fn thresholds_of_one_person_or_without_a_common_multiple_are_none() {
    for (staff, public) in [(2, 2), (2, 4), (5, 5), (5, 10), (5, 15), (7, 70)] {
        let thresholds = DisclosureThresholds::new(staff, public).expect("thresholds");
        assert_eq!((thresholds.staff(), thresholds.public()), (staff, public));
    }
    for (staff, public) in [(0, 0), (0, 10), (1, 10), (1, 1), (5, 4), (5, 0), (5, 11), (10, 5), (4, 10)] {
        assert_eq!(DisclosureThresholds::new(staff, public), None, "{staff} and {public}");
    }
    let default = DisclosureThresholds::default();
    assert_eq!(DisclosureThresholds::new(default.staff(), default.public()), Some(default));
}

#[test]
fn requests_that_are_no_visits_are_rounded_to_ten_k() {
    for (bots, late, refused, expected) in [
        (0, 0, 0, (0, 0, 0)),
        (49, 49, 49, (0, 0, 0)),
        (50, 0, 0, (50, 0, 0)),
        (0, 50, 0, (0, 50, 0)),
        (0, 0, 50, (0, 0, 50)),
        (99, 100, 149, (50, 100, 100)),
    ] {
        let mut tally = Tally::default();
        (0..bots).for_each(|_| tally.count_bot());
        tally.count_late(late);
        (0..refused).for_each(|_| tally.count_refused());
        let found = close(&tally, 5, 10).uncounted;
        assert_eq!((found.bots, found.late, found.refused), expected);
        assert_eq!(close(&tally, 2, 10).uncounted.bots, bots - bots % 20, "ten times the staff's k");
        assert_eq!(tally.sequence(), bots + late + refused);
    }
}

fn table(dimension: Dimension, rows: &[(&str, u64, u64)]) -> Table {
    let rows = rows.iter().map(|(value, views, visitors)| Row {
        value: (*value).to_owned(),
        figures: figures(*views, *visitors),
    });
    Table { rows: rows.collect(), total: figures(100, 50), evicted_views: 10, days: 1, dimension }
}

#[test]
fn a_sum_of_days_adds_up_and_is_sorted_by_views_visitors_and_value() {
    let monday = table(Dimension::Page, &[("/b", 10, 10), ("/a", 10, 5), ("/d", 10, 10)]);
    let tuesday = table(Dimension::Page, &[("/a", 20, 10), ("/c", 5, 5)]);
    let sum = Table::sum(Dimension::Page, [&monday, &tuesday]);
    let expected = table(Dimension::Page, &[("/a", 30, 15), ("/b", 10, 10), ("/d", 10, 10), ("/c", 5, 5)]);
    assert_eq!(sum, Table { total: figures(200, 100), evicted_views: 20, days: 2, ..expected });
    assert_eq!(sum.other(), 200 - 55);
    let alike: Vec<String> = (10..30).map(|n| format!("/page-{n}")).collect();
    let rows: Vec<_> = alike.iter().rev().map(|value| (&**value, 10, 5)).collect();
    let sum = Table::sum(Dimension::Page, [&table(Dimension::Page, &rows)]);
    assert!(sum.rows.iter().map(|row| &row.value).eq(&alike), "pages of equal figures by their value");
    let hours =
        [table(Dimension::Hour, &[("23", 50, 5), ("01", 5, 5)]), table(Dimension::Hour, &[("12", 90, 5)])];
    let values: Vec<_> = Table::sum(Dimension::Hour, &hours).rows.into_iter().map(|row| row.value).collect();
    assert_eq!(values, ["01", "12", "23"], "hours by the clock");
    assert_eq!(Table::sum(Dimension::Page, []), Table::empty(Dimension::Page));
    let more = Table { total: figures(10, 5), ..table(Dimension::Page, &[("/a", 15, 5)]) };
    assert_eq!(more.other(), 0, "rows that exceed the total leave nothing");
    let huge = Table { total: figures(u64::MAX, 1), ..monday.clone() };
    assert_eq!(Table::sum(Dimension::Page, [&huge, &monday]).total, figures(u64::MAX, 51));
}

/// Visits by people: person, page number.
fn visits() -> impl Strategy<Value = Vec<(u32, u8)>> {
    prop::collection::vec((0..40_u32, 0..6_u8), 0..250)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_published_number_is_the_exact_one_rounded_and_every_small_one_is_missing(
        visits in visits(),
        k in 2..7_u64,
        times in 1..4_u64,
    ) {
        let mut site = Site::open();
        visits.iter().for_each(|(person, page)| site.see(*person, &format!("/{page}")));
        let day = close(&site.tally, k, k * times);
        for (tables, k) in [(&day.staff, k), (&day.public, k * times)] {
            let round = |number: u64| number - number % k;
            for dimension in [Dimension::Page, Dimension::Browser, Dimension::Country, Dimension::Hour] {
                let found = &tables[dimension as usize];
                let whole = site.tally.population(dimension.population());
                let published = whole.visitors() >= k;
                let expected =
                    if published { figures(round(whole.views()), round(whole.visitors())) } else { Figures::default() };
                prop_assert_eq!(found.total, expected);
                for row in &found.rows {
                    let exact = site.tally.cell(dimension, &row.value).expect("a cell");
                    prop_assert!(exact.visitors() >= k);
                    prop_assert_eq!(row.figures, figures(round(exact.views()), round(exact.visitors())));
                }
                prop_assert!(found.rows.len() <= site.tally.cells(dimension));
                prop_assert!(published || found.rows.is_empty());
            }
            let pages = &tables[Dimension::Page as usize];
            let large = (0..6).filter(|page| {
                site.tally.cell(Dimension::Page, &format!("/{page}")).is_some_and(|cell| cell.visitors() >= k)
            });
            prop_assert_eq!(pages.rows.len(), large.count());
        }
        for (public, staff) in day.public.iter().zip(&day.staff) {
            for row in &public.rows {
                let own = staff.rows.iter().find(|own| own.value == row.value);
                prop_assert!(own.is_some_and(|own| own.figures.views >= row.figures.views));
            }
        }
    }

    #[test]
    fn a_day_counted_by_several_nodes_is_published_like_one_node(
        visits in visits(),
        nodes in prop::collection::vec(0..3_u64, 250),
    ) {
        let mut whole = Site::open();
        let mut parts = [Site::open(), Site::open(), Site::open()];
        for ((person, page), node) in visits.iter().zip(nodes) {
            let page = format!("/{page}");
            whole.see(*person, &page);
            parts[node as usize].see(*person, &page);
        }
        let mut day = DayTallies::new();
        (0..).zip(parts).for_each(|(node, part)| day.insert(node, part.tally));
        prop_assert_eq!(close(&day.total(), 5, 10), close(&whole.tally, 5, 10));
    }

    #[test]
    fn a_sketch_depends_on_the_set_of_visitors_alone(
        precision in 4..=18_u8,
        mut hashes in prop::collection::vec(
            prop_oneof![any::<u64>(), 0..4_u64, (0..64_u32).prop_map(|bit| 1 << bit), Just(u64::MAX)],
            0..300,
        ),
        cut: prop::sample::Index,
    ) {
        let of = |hashes: &[u64]| {
            let mut sketch = Sketch::new(precision);
            hashes.iter().for_each(|hash| sketch.add(*hash));
            sketch
        };
        let whole = of(&hashes);
        let (left, right) = hashes.split_at(cut.index(hashes.len() + 1));
        let mut merged = of(right);
        merged.merge(&of(left));
        prop_assert!(merged == whole);
        hashes.reverse();
        hashes.extend_from_within(..hashes.len() / 2);
        prop_assert!(of(&hashes) == whole);
    }
}

#[test]
fn a_sketch_is_exact_up_to_its_list_and_within_five_standard_errors_beyond() {
    for (precision, exact) in
        [(4, 4), (8, 64), (12, 1_024), (13, 2_048), (14, 2_048), (17, 2_048), (18, 2_048)]
    {
        for count in [0, 1, exact - 1, exact] {
            assert_eq!(people(0..count, precision).count(), count, "precision {precision}");
        }
        let error = 5.0 * 1.04 / f64::from(1_u32 << precision).sqrt();
        for count in [exact + 1, 2 * exact, 10 * exact] {
            let found = people(0..count, precision).count();
            let off = (found as f64 / count as f64 - 1.0).abs();
            // A rounded estimate of few people is off by up to a half.
            assert!(off <= error + 0.5 / count as f64, "{found} of {count} at precision {precision}");
        }
    }
}

#[test]
fn visitors_of_now_are_those_of_the_last_five_minutes_in_steps() {
    let at = Timestamp::from_unix_seconds;
    let mut now = CurrentVisitors::default();
    assert_eq!(now.visitors(at(0), 1), 0);
    for person in 0..9 {
        now.record(at(600), Visitor::synthetic(person));
    }
    for (second, step, visitors) in [
        (599, 1, 0),
        (600, 1, 9),
        (659, 1, 9),
        (899, 1, 9),
        (900, 1, 0),
        (600, 5, 5),
        (600, 9, 9),
        (600, 10, 0),
        (600, 0, 9),
    ] {
        assert_eq!(now.visitors(at(second), step), visitors, "at {second} in steps of {step}");
    }
    // The same minute of the next round replaces the old one.
    now.record(at(900), Visitor::synthetic(100));
    assert_eq!(now.visitors(at(900), 1), 1);
    now.record(at(840), Visitor::synthetic(101));
    assert_eq!(now.visitors(at(900), 1), 2, "a request that arrives late counts in its own minute");
    now.record(at(900), Visitor::synthetic(100));
    assert_eq!(now.visitors(at(959), 1), 2);
    assert_eq!(now.visitors(at(1_140), 1), 1);
    assert_eq!(now.visitors(at(1_200), 1), 0);
}
