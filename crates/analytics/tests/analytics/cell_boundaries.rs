//! Labels, languages, screens and cells at their limits.

use analytics::{CellLimits, Dimension, Outcome, Request, Tally};

use crate::site::{Site, view};

/// Counts a view of `page` and returns the only value of a dimension.
fn counted(request: &Request<'_>, dimension: Dimension, value: &str) -> bool {
    let mut site = Site::open();
    assert!(site.count(request, 12));
    site.tally.cell(dimension, value).is_some()
}

fn campaign(query: &str) -> Option<String> {
    let site = Site::open();
    let page = format!("/?{query}");
    match site.classifier.classify(&view(1, &page), 1, &site.key) {
        Outcome::Count(visit, _) => visit.campaign().map(str::to_owned),
        _ => None,
    }
}

#[test]
fn a_campaign_is_made_of_the_first_value_of_three_parameters() {
    for (query, expected) in [
        ("utm_source=a&utm_medium=b&utm_campaign=c", Some("a / b / c")),
        ("utm_campaign=c&utm_source=a", Some("a / - / c")),
        ("utm_source=a&utm_source=b", Some("a / - / -")),
        ("utm_source=&utm_source=b", Some("b / - / -")),
        ("utm_source=%20&utm_medium=b", Some("- / b / -")),
        ("utm_source=A%2FB", Some("a-b / - / -")),
        ("utm_source=alice%40example.org&utm_medium=mail", Some("… / mail / -")),
        ("UTM_SOURCE=a", None),
        ("xutm_source=a", None),
        ("utm_source", None),
        ("utm_id=1&utm_term=secret", None),
        ("a=utm_source=b", None),
        ("", None),
    ] {
        assert_eq!(campaign(query).as_deref(), expected, "{query}");
    }
    let late = |before: usize| format!("{}utm_source=a", "x=1&".repeat(before));
    assert_eq!(campaign(&late(39)).as_deref(), Some("a / - / -"));
    assert_eq!(campaign(&late(40)), None, "forty parameters are read");
    let words = |count: usize| format!("utm_source={}", "ab+".repeat(count));
    assert_eq!(campaign(&words(17)).unwrap(), format!("{} / - / -", "ab ".repeat(17).trim_end()));
    assert_eq!(
        campaign(&words(18)).unwrap(),
        format!("{} / - / -", "ab ".repeat(17).trim_end()),
        "at most 50 bytes"
    );
}

#[test]
fn a_path_has_at_most_200_bytes_and_is_cut_at_a_segment() {
    let path =
        |length: usize| format!("/{}{}", "word/".repeat(38), "word-of-many-letters".split_at(length - 191).0);
    for (length, whole) in [(199, true), (200, true), (201, false), (202, false)] {
        let path = path(length);
        assert_eq!(path.len(), length);
        assert_eq!(counted(&view(1, &path), Dimension::Page, &path), whole, "{length} bytes");
    }
}

#[test]
fn a_width_and_a_language_are_counted_by_class() {
    for (width, class) in [
        (None, ""),
        (Some(99), ""),
        (Some(100), "phone"),
        (Some(599), "phone"),
        (Some(600), "tablet"),
        (Some(1_023), "tablet"),
        (Some(1_024), "laptop"),
        (Some(1_439), "laptop"),
        (Some(1_440), "desktop"),
        (Some(2_199), "desktop"),
        (Some(2_200), "wide"),
        (Some(20_000), "wide"),
        (Some(20_001), ""),
    ] {
        assert!(counted(&Request { width, ..view(1, "/") }, Dimension::Screen, class), "{width:?}");
    }
    for (languages, tag) in [
        ("de", "de"),
        ("DE-ch", "de"),
        ("en;q=0.1,fr;q=0.2", "fr"),
        ("en;q=0.10,fr;q=0.1", "en"),
        ("en;q=0.999,fr;q=1", "fr"),
        ("en;q=0.999,fr;q=0.9999", "en"),
        ("en;q=2,fr", "en"),
        ("en;q=x,fr", "en"),
        ("en;q=0,fr;q=0", ""),
        ("*,de", ""),
        ("e", ""),
        ("engl", ""),
        ("d3", ""),
        ("de\u{e9}", ""),
    ] {
        assert!(counted(&Request { languages, ..view(1, "/") }, Dimension::Language, tag), "{languages}");
    }
    let far = |before: usize| format!("{}fr;q=0.9", "en;q=0.1,".repeat(before));
    for (before, tag) in [(15, "fr"), (16, "en")] {
        let languages = far(before);
        assert!(
            counted(&Request { languages: &languages, ..view(1, "/") }, Dimension::Language, tag),
            "{before}"
        );
    }
}

#[test]
fn a_full_dimension_evicts_a_tenth_of_its_cells_and_keeps_those_of_most_visitors() {
    for (limit, evicted) in [(1, 1), (9, 1), (10, 1), (19, 1), (20, 2), (50, 5)] {
        let mut site = Site::open();
        site.tally = Tally::with_limits(CellLimits::with_max_cells(limit));
        // The first page has three visitors; the others have one view each.
        (0..3).for_each(|person| site.see(person, "/page-0"));
        (1..limit).for_each(|n| site.see(9, &format!("/page-{n}")));
        assert_eq!(site.tally.cells(Dimension::Page), limit);
        assert_eq!(site.tally.evicted_views(Dimension::Page), 0, "full, and nothing too much");
        site.see(9, "/one-more");
        assert_eq!(site.tally.cells(Dimension::Page), limit - evicted + 1, "limit {limit}");
        let gone = if limit == 1 { 3 } else { evicted as u64 };
        assert_eq!(site.tally.evicted_views(Dimension::Page), gone, "limit {limit}");
        assert!(site.tally.cell(Dimension::Page, "/one-more").is_some());
        assert_eq!(site.tally.cell(Dimension::Page, "/page-0").is_some(), limit > 1);
        site.see(9, "/one-more");
        assert_eq!(site.tally.evicted_views(Dimension::Page), gone, "a known cell evicts nothing");
        let views = site.tally.population(Dimension::Page.population()).views();
        assert_eq!(views, limit as u64 + 4, "the population keeps evicted views");
    }
}

#[test]
fn limits_of_cells_are_never_above_the_default_and_never_zero() {
    let cells = |limits: CellLimits, dimension: Dimension, values: u32| {
        let mut site = Site::open();
        site.tally = Tally::with_limits(limits);
        for n in 0..values {
            let request = Request { kind: analytics::VisitKind::Event, name: "x", ..view(1, "/") };
            match dimension {
                Dimension::Event => drop(site.count(&Request { name: &format!("event-{n}"), ..request }, 1)),
                _ => site.see(1, &format!("/page-{n}")),
            }
        }
        site.tally.cells(dimension)
    };
    assert_eq!(cells(CellLimits::with_max_cells(0), Dimension::Page, 3), 1);
    assert_eq!(cells(CellLimits::with_max_cells(2), Dimension::Page, 9), 2);
    assert_eq!(CellLimits::with_max_cells(usize::MAX), CellLimits::default());
    let most = Dimension::Event.max_cells() as u32;
    assert_eq!(cells(CellLimits::default(), Dimension::Event, most), most as usize);
    assert_eq!(cells(CellLimits::default(), Dimension::Event, most + 1), most as usize - 49);
}

#[test]
fn names_of_dimensions_are_unique_and_read_as_they_are_written() {
    for (n, dimension) in Dimension::ALL.into_iter().enumerate() {
        assert_eq!(dimension as usize, n, "tables are found by this number");
        assert_eq!(Dimension::from_name(dimension.name()), Some(dimension));
        assert_eq!(Dimension::from_name(&dimension.name().to_uppercase()), None);
    }
    for wrong in ["", "pages", "visitor", " page"] {
        assert_eq!(Dimension::from_name(wrong), None, "{wrong}");
    }
}
