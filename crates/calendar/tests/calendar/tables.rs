//! Tables of days. Python's datetime and zoneinfo have calculated what they expect; see `tables/generate.py`.

mod local_days;

use std::collections::BTreeSet;

use calendar::{CachedTimeZone, Day, TimeZone, Timestamp};
use local_days::local_days;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    let rows = table.lines().filter(|row| !row.starts_with('#'));
    rows.map(|row| (row, row.split('\t').collect()))
}

#[test]
fn each_day_has_its_number_week_month_and_year() {
    let mut read = 0;
    for (row, columns) in rows(include_str!("tables/dates.tsv")) {
        let of = day(columns[0]);
        assert_eq!(of.to_unix_days(), columns[1].parse::<i64>().unwrap(), "{row}");
        assert_eq!(of.to_string(), columns[0], "{row}");
        assert_eq!(
            [of.monday(), of.first_of_month(), of.first_of_year()].map(|day| day.to_string()),
            columns[2..],
            "{row}"
        );
        read += 1;
    }
    assert!(read > 40);
}

#[test]
fn months_are_added_up_to_the_last_day_of_the_month() {
    let mut read = 0;
    for (row, columns) in rows(include_str!("tables/months.tsv")) {
        let later = day(columns[0]).plus_months(columns[1].parse().unwrap());
        assert_eq!(later.to_string(), columns[2], "{row}");
        read += 1;
    }
    assert!(read > 50);
}

#[test]
fn a_day_begins_and_ends_on_the_clocks_of_its_zone() {
    let mut zones = BTreeSet::new();
    for local_days::LocalDay { row, zone: name, day, seconds } in local_days() {
        let zone = TimeZone::named(name).unwrap();
        zones.insert(name);
        let (begin, next) = (zone.start_of_day(day), zone.start_of_day(day + 1));
        let Some((seconds, [first_hour, last_hour])) = seconds else {
            assert_eq!(begin, next, "{row}: the day has no second");
            assert!(zone.day_and_hour(begin - 1).0 < day && zone.day_and_hour(begin).0 > day, "{row}");
            continue;
        };
        assert_eq!(begin..next, seconds, "{row}");
        let mut cached = CachedTimeZone::new(&zone);
        for (at, hour) in [(begin, first_hour), (next - 1, last_hour)] {
            assert_eq!(zone.day_and_hour(at), (day, hour), "{row}");
            assert_eq!(cached.day_and_hour(at), (day, hour), "{row}");
        }
        for (at, other) in [(begin - 1, -1), (next, 1)] {
            assert_eq!((zone.day_and_hour(at).0 - day).signum(), other, "{row}");
            assert_eq!((cached.day_and_hour(at).0 - day).signum(), other, "{row}");
        }
    }
    assert!(zones.len() >= 20, "{zones:?}");
}

#[test]
fn a_day_that_begins_twice_begins_at_its_first_midnight() {
    // The clocks went from 00:01 back to 23:01 of the day before: zone, day, and the Unix time of its first midnight
    // (Python: datetime(2010, 11, 7, fold=0, tzinfo=ZoneInfo("America/St_Johns")).timestamp()).
    let cases = [
        ("America/St_Johns", "1987-10-25", 562_127_400),
        ("America/St_Johns", "2010-11-07", 1_289_097_000),
        ("America/Goose_Bay", "2010-11-07", 1_289_098_800),
        ("America/Moncton", "2006-10-29", 1_162_090_800),
    ];
    for (name, text, midnight) in cases {
        let (zone, day) = (TimeZone::named(name).unwrap(), day(text));
        let midnight = Timestamp::from_unix_seconds(midnight);
        assert_eq!(zone.start_of_day(day), midnight, "{name} {text}");
        let mut cached = CachedTimeZone::new(&zone);
        let hours = [
            (-1, (day - 1, 23)),
            (0, (day, 0)),
            (59, (day, 0)),
            (60, (day - 1, 23)),
            (3_599, (day - 1, 23)),
            (3_600, (day, 0)),
        ];
        for (after, expected) in hours {
            assert_eq!(zone.day_and_hour(midnight + after), expected, "{name} {text} {after}");
            assert_eq!(cached.day_and_hour(midnight + after), expected, "{name} {text} {after}");
        }
    }
}
