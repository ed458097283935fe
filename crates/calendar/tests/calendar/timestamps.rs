//! Moments as text, as days and as numbers.

use std::time::{Duration, UNIX_EPOCH};

use calendar::{Day, Timestamp};

#[test]
fn a_moment_is_written_in_utc() {
    // date -u -d @1795383667
    let cases = [
        (0, "1970-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (1_709_251_199, "2024-02-29T23:59:59Z"),
        (1_795_383_667, "2026-11-22T21:41:07Z"),
        (4_107_542_399, "2100-02-28T23:59:59Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"),
        (253_402_300_800, "253402300800"),
        (i64::MIN, "-9223372036854775808"),
    ];
    for (seconds, text) in cases {
        let at = Timestamp::from_unix_seconds(seconds);
        assert_eq!((at.to_string().as_str(), at.to_unix_seconds()), (text, seconds));
        assert_eq!(format!("{at:?}"), format!("Timestamp({text})"));
        if text.ends_with('Z') {
            assert_eq!(at.day().to_string(), text[..10]);
            assert_eq!(at.day().midnight() + at.second_of_day(), at);
        }
    }
}

#[test]
fn moments_beyond_all_days_are_on_the_first_or_the_last_day() {
    assert_eq!((Timestamp::MIN.day(), Timestamp::MAX.day()), (Day::MIN, Day::MAX));
    assert_eq!((Day::MAX.midnight() + 86_400).day(), Day::MAX);
    assert_eq!((Day::MIN.midnight() - 1).day(), Day::MIN);
}

#[test]
fn arithmetic_stops_at_the_first_and_the_last_moment() {
    assert_eq!((Timestamp::MAX + 1, Timestamp::MAX - i64::MIN), (Timestamp::MAX, Timestamp::MAX));
    assert_eq!((Timestamp::MIN - 1, Timestamp::MIN + i64::MIN), (Timestamp::MIN, Timestamp::MIN));
    assert_eq!((Timestamp::MAX - Timestamp::MIN, Timestamp::MIN - Timestamp::MAX), (i64::MAX, i64::MIN));
    assert_eq!(Timestamp::from_unix_seconds(90) - Timestamp::from_unix_seconds(100), -10);
}

#[test]
fn the_systems_time_is_cut_to_seconds() {
    let later = Timestamp::from(UNIX_EPOCH + Duration::from_millis(1_999));
    assert_eq!(later, Timestamp::from_unix_seconds(1));
    assert_eq!(Timestamp::from(UNIX_EPOCH - Duration::from_secs(5)), Timestamp::UNIX_EPOCH);
}
