use std::sync::Arc;

use analytics::{DayKey, Dimension, DisclosureThresholds, Request, Tally, VisitKind};
use calendar::{Day, TimeZone, Timestamp};

use super::{Counter, Site};
use local_days::{LocalDay, local_days};

#[path = "../../../calendar/tests/calendar/tables/local_days.rs"]
mod local_days;

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn counter(zone: &str) -> (Counter, Arc<Site>) {
    let counter = Counter::new(DisclosureThresholds::default());
    let hosts = vec!["example.org".to_owned()];
    load_sites(&counter, store::Site { id: 1, name: "shop".into(), hosts, zone: zone.into(), public: false });
    let site = Arc::clone(&counter.site("shop").unwrap());
    (counter, site)
}

fn load_sites(counter: &Counter, row: store::Site) {
    counter.changed_sites(vec![row]).into_iter().for_each(|site| counter.insert(site));
}

/// Opens the day of this second, as the flusher does.
fn open(site: &Site, at: Timestamp) -> Day {
    let day_to_open = site.day_to_open(at).unwrap();
    site.open(&day_to_open, at.to_unix_seconds(), DayKey::new([7; 32]));
    day_to_open.date
}

fn view(page: &str) -> Request<'_> {
    Request { user_agent: BROWSER, ..Request::view("192.0.2.1".parse().unwrap(), page) }
}

fn counted(site: &Site, at: Timestamp) -> Tally {
    Tally::from_bytes(&site.span(at).unwrap().day.snapshot(Timestamp::UNIX_EPOCH).unwrap().state[8..])
        .unwrap()
}

fn midnight(site: &Site, date: &str) -> Timestamp {
    TimeZone::named(&site.row.zone).unwrap().start_of_day(date.parse().unwrap())
}

#[test]
fn the_next_day_is_opened_early_and_each_second_counts_for_its_own_day() {
    let (counter, site) = counter("Europe/Berlin");
    let midnight = midnight(&site, "2026-11-23");
    let (today, tomorrow) = (open(&site, midnight - 1), open(&site, midnight));
    assert_eq!((today.to_string(), tomorrow.to_string()), ("2026-11-22".to_owned(), "2026-11-23".to_owned()));
    assert!(site.day_to_open(midnight - 1).is_none() && site.day_to_open(midnight + 86_399).is_none());
    assert_eq!(site.started_days(midnight - 1).len(), 1, "the next day isn't stored yet");
    counter.record_visit(&site, &view("/before"), midnight - 1);
    counter.record_visit(&site, &view("/after"), midnight);
    let (before, after) = (counted(&site, midnight - 1), counted(&site, midnight));
    assert!(
        before.cell(Dimension::Page, "/before").is_some() && before.cell(Dimension::Page, "/after").is_none()
    );
    assert!(after.cell(Dimension::Page, "/after").is_some() && after.cell(Dimension::Hour, "00").is_some());
}

#[test]
fn visits_while_no_day_is_open_are_late_in_the_next_day() {
    let (counter, site) = counter("UTC");
    let midnight = midnight(&site, "2026-11-23");
    counter.record_visit(&site, &view("/a"), midnight);
    counter.record_visit(&site, &Request { dnt: "1", ..view("/a") }, midnight);
    counter.record_refused(&site, midnight);
    site.count_late(midnight);
    open(&site, midnight);
    site.count_late(midnight);
    site.count_late(midnight);
    let all = counted(&site, midnight);
    assert_eq!((all.uncounted().late, all.sequence()), (2, 2), "a visitor who objects is not counted at all");
}

#[test]
fn a_tally_is_stored_when_its_day_opens_when_it_changes_and_when_the_day_ends() {
    let (counter, site) = counter("UTC");
    let midnight = midnight(&site, "2026-11-23");
    open(&site, midnight);
    let day = Arc::clone(&site.span(midnight).unwrap().day);
    let first = day.snapshot(Timestamp::UNIX_EPOCH).expect("an open day is stored before its first visit");
    day.mark_sealed(&first);
    assert!(day.snapshot(Timestamp::UNIX_EPOCH).is_none(), "nothing changed");
    counter.record_visit(&site, &view("/a"), midnight);
    let second = day.snapshot(Timestamp::UNIX_EPOCH).expect("it changed");
    counter.record_visit(&site, &view("/a"), midnight);
    day.mark_sealed(&second);
    assert!(
        !second.last && day.snapshot(Timestamp::UNIX_EPOCH).is_some(),
        "what was counted meanwhile is not stored yet"
    );
    site.end(midnight + 86_400 + 59, 60);
    assert!(!day.has_ended());
    site.end(midnight + 86_400 + 60, 60);
    counter.record_visit(&site, &view("/a"), midnight);
    let last = day.snapshot(Timestamp::UNIX_EPOCH).expect("the last");
    assert!(last.last && !site.drop_finished_days());
    day.mark_sealed(&last);
    assert!(
        day.snapshot(Timestamp::UNIX_EPOCH).is_none()
            && site.drop_finished_days()
            && site.span(midnight).is_none()
    );
    open(&site, midnight + 86_400);
    site.count_late(midnight + 86_400);
    assert_eq!(counted(&site, midnight + 86_400).uncounted().late, 1, "it arrived after its day had ended");
}

#[test]
fn a_day_without_visits_is_not_stored() {
    let (_, site) = counter("UTC");
    open(&site, midnight(&site, "2026-11-23"));
    site.end(Timestamp::MAX, 0);
    assert!(
        site.started_days(Timestamp::MAX)[0].snapshot(Timestamp::UNIX_EPOCH).is_none()
            && site.drop_finished_days()
    );
}

#[test]
fn a_clock_that_is_set_back_opens_the_day_with_another_node_number() {
    let (counter, site) = counter("UTC");
    let midnight = midnight(&site, "2026-11-23");
    open(&site, midnight - 1);
    site.end(midnight + 60, 60);
    let ended = site.started_days(midnight + 60);
    assert!(
        ended[0].snapshot(Timestamp::UNIX_EPOCH).is_none() && site.drop_finished_days(),
        "no visit was counted"
    );
    open(&site, midnight - 30);
    counter.record_visit(&site, &view("/a"), midnight - 30);
    let again = Arc::clone(&site.span(midnight - 30).unwrap().day);
    assert_eq!(again.date.to_string(), "2026-11-22");
    assert!(again.node != ended[0].node, "no stored tally is overwritten");
}

#[test]
fn an_edited_site_keeps_its_open_day() {
    let (counter, site) = counter("UTC");
    let noon = midnight(&site, "2026-11-23") + 43_200;
    open(&site, noon);
    counter.record_visit(&site, &view("https://example.org/a"), noon);
    assert_eq!(site.owns("https://other.example/a"), Some(false));
    let hosts = vec!["other.example".to_owned()];
    load_sites(&counter, store::Site { hosts, ..site.row.clone() });
    let edited = counter.site("shop").unwrap();
    assert_eq!((edited.owns("https://other.example/a"), edited.owns("/a")), (Some(true), None));
    assert!(counter.owns("https://www.other.example") && !counter.owns("https://example.org"));
    let event = Request { kind: VisitKind::Event, name: "sign up", ..view("https://other.example/a") };
    counter.record_visit(&edited, &event, noon);
    assert_eq!(counted(&edited, noon).sequence(), 2);
    let row = store::Site { zone: "Mars/Olympus".into(), ..edited.row.clone() };
    load_sites(&counter, row);
    assert_eq!(counter.site("shop").unwrap().row.zone, "UTC", "an unknown time zone changes nothing");
}

#[test]
fn a_visit_counts_for_day_and_hour_on_the_sites_clocks() {
    for LocalDay { row, zone, day, seconds } in local_days() {
        let Some((seconds, hours)) = seconds else { continue };
        let (counter, site) = counter(zone);
        let (first, last) = (seconds.start, seconds.end - 1);
        assert_eq!(open(&site, first), day, "{row}");
        assert!(site.span(first - 1).is_none() && site.span(last + 1).is_none(), "{row}");
        [first, last].into_iter().for_each(|at| counter.record_visit(&site, &view("/"), at));
        let tally = counted(&site, first);
        for hour in hours {
            assert!(tally.cell(Dimension::Hour, &format!("{hour:02}")).is_some(), "{row}: hour {hour}");
        }
        assert_eq!(tally.cells(Dimension::Hour), 2, "{row}");
        assert!(site.day_to_open(first).is_none() && site.day_to_open(last).is_none(), "{row}");
        assert!(site.day_to_open(last + 1).unwrap().date > day, "{row}");
    }
}
