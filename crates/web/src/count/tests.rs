use std::sync::Arc;

use analytics::{Date, DayKey, Dimension, DisclosureThresholds, Kind, Request, Tally, Zone};

use super::{Counter, Site};

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn counter(zone: &str) -> (Counter, Arc<Site>) {
    let counter = Counter::new(DisclosureThresholds::default());
    let hosts = vec!["example.org".to_owned()];
    learn(&counter, store::Site { id: 1, name: "shop".into(), hosts, zone: zone.into(), public: false });
    let site = Arc::clone(&counter.site("shop").unwrap());
    (counter, site)
}

fn learn(counter: &Counter, row: store::Site) {
    counter.changed(vec![row]).into_iter().for_each(|site| counter.put(site));
}

/// Opens the day of this second, as the keeper does.
fn open(site: &Site, at: i64) -> Date {
    let wanted = site.wanted(at).unwrap();
    site.open(&wanted, at, DayKey::new([7; 32]));
    wanted.date
}

fn view(page: &str) -> Request<'_> {
    Request { agent: BROWSER, ..Request::view("192.0.2.1".parse().unwrap(), page) }
}

fn counted(site: &Site, at: i64) -> Tally {
    Tally::from_bytes(&site.span(at).unwrap().day.copy(0).unwrap().state[8..]).unwrap()
}

fn midnight(site: &Site, date: &str) -> i64 {
    Zone::named(&site.row.zone).unwrap().begin(Date::parse(date).unwrap())
}

#[test]
fn tomorrow_is_open_before_it_begins_and_each_second_counts_for_its_own_day() {
    let (counter, site) = counter("Europe/Berlin");
    let midnight = midnight(&site, "2026-11-23");
    let (today, tomorrow) = (open(&site, midnight - 1), open(&site, midnight));
    assert_eq!((today.to_string(), tomorrow.to_string()), ("2026-11-22".to_owned(), "2026-11-23".to_owned()));
    assert!(site.wanted(midnight - 1).is_none() && site.wanted(midnight + 86_399).is_none());
    assert_eq!(site.begun(midnight - 1).len(), 1, "tomorrow isn't sealed yet");
    counter.take(&site, &view("/before"), midnight - 1);
    counter.take(&site, &view("/after"), midnight);
    let (before, after) = (counted(&site, midnight - 1), counted(&site, midnight));
    assert!(
        before.cell(Dimension::Page, "/before").is_some() && before.cell(Dimension::Page, "/after").is_none()
    );
    assert!(after.cell(Dimension::Page, "/after").is_some() && after.cell(Dimension::Hour, "00").is_some());
}

#[test]
fn what_comes_while_no_day_is_open_is_late_in_the_next_one() {
    let (counter, site) = counter("UTC");
    let midnight = midnight(&site, "2026-11-23");
    counter.take(&site, &view("/a"), midnight);
    counter.take(&site, &Request { dnt: "1", ..view("/a") }, midnight);
    counter.refuse(&site, midnight);
    site.count_late(midnight);
    open(&site, midnight);
    site.count_late(midnight);
    site.count_late(midnight);
    let all = counted(&site, midnight);
    assert_eq!((all.apart().late, all.sequence()), (2, 2), "and who objects leaves no trace at all");
}

#[test]
fn a_day_is_sealed_when_it_opens_when_it_changed_and_once_when_it_ends() {
    let (counter, site) = counter("UTC");
    let midnight = midnight(&site, "2026-11-23");
    open(&site, midnight);
    let day = Arc::clone(&site.span(midnight).unwrap().day);
    let first = day.copy(0).expect("a stop before the first visit is to be seen");
    day.sealed(&first);
    assert!(day.copy(0).is_none(), "nothing changed");
    counter.take(&site, &view("/a"), midnight);
    let second = day.copy(0).expect("it changed");
    counter.take(&site, &view("/a"), midnight);
    day.sealed(&second);
    assert!(!second.last && day.copy(0).is_some(), "what was counted meanwhile isn't sealed");
    site.end(midnight + 86_400 + 59, 60);
    assert!(!day.has_ended());
    site.end(midnight + 86_400 + 60, 60);
    counter.take(&site, &view("/a"), midnight);
    let last = day.copy(0).expect("the last");
    assert!(last.last && !site.drop_gone());
    day.sealed(&last);
    assert!(day.copy(0).is_none() && site.drop_gone() && site.span(midnight).is_none());
    open(&site, midnight + 86_400);
    site.count_late(midnight + 86_400);
    assert_eq!(counted(&site, midnight + 86_400).apart().late, 1, "it came when its day had ended");
}

#[test]
fn a_day_on_which_nobody_came_before_it_began_leaves_nothing() {
    let (_, site) = counter("UTC");
    open(&site, midnight(&site, "2026-11-23"));
    site.end(i64::MAX, 0);
    assert!(site.begun(i64::MAX)[0].copy(0).is_none() && site.drop_gone());
}

#[test]
fn a_clock_that_is_turned_back_opens_the_day_under_another_number() {
    let (counter, site) = counter("UTC");
    let midnight = midnight(&site, "2026-11-23");
    open(&site, midnight - 1);
    site.end(midnight + 60, 60);
    let ended = site.begun(midnight + 60);
    assert!(ended[0].copy(0).is_none() && site.drop_gone(), "nobody came");
    open(&site, midnight - 30);
    counter.take(&site, &view("/a"), midnight - 30);
    let again = Arc::clone(&site.span(midnight - 30).unwrap().day);
    assert_eq!(again.date.to_string(), "2026-11-22");
    assert!(again.node != ended[0].node, "nothing sealed before is written over");
}

#[test]
fn an_edited_site_keeps_its_open_day() {
    let (counter, site) = counter("UTC");
    let noon = midnight(&site, "2026-11-23") + 43_200;
    open(&site, noon);
    counter.take(&site, &view("https://example.org/a"), noon);
    assert_eq!(site.owns("https://other.example/a"), Some(false));
    let hosts = vec!["other.example".to_owned()];
    learn(&counter, store::Site { hosts, ..site.row.clone() });
    let edited = counter.site("shop").unwrap();
    assert_eq!((edited.owns("https://other.example/a"), edited.owns("/a")), (Some(true), None));
    assert!(counter.owns("https://www.other.example") && !counter.owns("https://example.org"));
    let event = Request { kind: Kind::Event, name: "sign up", ..view("https://other.example/a") };
    counter.take(&edited, &event, noon);
    assert_eq!(counted(&edited, noon).sequence(), 2);
    let row = store::Site { zone: "Mars/Olympus".into(), ..edited.row.clone() };
    learn(&counter, row);
    assert_eq!(counter.site("shop").unwrap().row.zone, "UTC", "what is no zone changes nothing");
}
