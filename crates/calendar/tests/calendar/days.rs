//! Days as text, as dates and as numbers.

use calendar::{Day, DayError};

#[test]
fn a_day_converts_to_itself() {
    for days in (Day::MIN.to_unix_days()..=Day::MAX.to_unix_days()).step_by(97) {
        let day = Day::from_unix_days(days);
        let (year, month, of_month) = day.to_date();
        assert_eq!(Day::from_date(year, month, of_month), Some(day));
        assert_eq!(day.to_string().parse(), Ok(day));
        assert_eq!(day.to_unix_days(), days);
    }
    assert_eq!(Day::MIN.to_string(), "0000-01-01");
    assert_eq!(Day::MAX.to_string(), "9999-12-31");
    assert_eq!(Day::UNIX_EPOCH.to_string(), "1970-01-01");
}

#[test]
fn a_day_is_read_only_in_its_written_form() {
    let cases = [
        ("", DayError::Format),
        ("2026-1-1", DayError::Format),
        ("2026-01-01-01", DayError::Format),
        ("+026-01-01", DayError::Format),
        ("-026-01-01", DayError::Format),
        ("2026/01/01", DayError::Format),
        ("2026-01-01 ", DayError::Format),
        ("20260101", DayError::Format),
        ("10000-01-01", DayError::Format),
        ("2026-01-0x", DayError::Format),
        ("\u{e9}26-01-01", DayError::Format),
        ("2026-W01-1", DayError::Format),
        ("2026-00-01", DayError::Month),
        ("2026-13-01", DayError::Month),
        ("2026-02-29", DayError::DayOfMonth),
        ("2100-02-29", DayError::DayOfMonth),
        ("2026-04-31", DayError::DayOfMonth),
        ("2026-01-00", DayError::DayOfMonth),
        ("2026-12-32", DayError::DayOfMonth),
    ];
    for (text, error) in cases {
        assert_eq!(text.parse::<Day>(), Err(error), "{text}");
    }
}

#[test]
fn a_date_that_does_not_exist_is_no_day() {
    let missing = [
        (2026, 2, 29),
        (1900, 2, 29),
        (2026, 0, 1),
        (2026, 13, 1),
        (2026, 1, 0),
        (2026, 1, 32),
        (2026, 257, 1),
        (2026, 1, u32::MAX),
        (-1, 12, 31),
        (10_000, 1, 1),
        (i32::MIN, 1, 1),
    ];
    for (year, month, day) in missing {
        assert_eq!(Day::from_date(year, month, day), None, "{year}-{month}-{day}");
    }
}

#[test]
fn arithmetic_stops_at_the_first_and_the_last_day() {
    assert_eq!(Day::from_unix_days(i64::MIN), Day::MIN);
    assert_eq!(Day::from_unix_days(i64::MAX), Day::MAX);
    assert_eq!((Day::MIN - 1, Day::MIN - i64::MAX, Day::MIN + i64::MIN), (Day::MIN, Day::MIN, Day::MIN));
    assert_eq!((Day::MAX + 1, Day::MAX + i64::MAX, Day::MAX - i64::MIN), (Day::MAX, Day::MAX, Day::MAX));
    assert_eq!(Day::MAX - Day::MIN, 3_652_424);
    for months in [1, 120_000, i64::MAX] {
        assert_eq!(Day::MAX.plus_months(months), Day::MAX);
        assert_eq!(Day::MIN.plus_months(-months), Day::MIN);
    }
}

#[test]
fn a_month_after_the_last_of_january_is_the_last_of_february() {
    let january: Day = "2024-01-31".parse().unwrap();
    let later = |months| january.plus_months(months).to_string();
    assert_eq!([later(1), later(13), later(11)], ["2024-02-29", "2025-02-28", "2024-12-31"]);
}

#[test]
fn weeks_begin_on_monday_months_and_years_on_their_first() {
    let day: Day = "2026-11-22".parse().unwrap();
    assert_eq!(day.monday().to_string(), "2026-11-16");
    assert_eq!(day.monday().monday(), day.monday());
    assert_eq!(day.first_of_month().to_string(), "2026-11-01");
    assert_eq!(day.first_of_year().to_string(), "2026-01-01");
    assert_eq!(day.year(), 2026);
}

#[test]
fn days_are_listed_with_both_ends() {
    let day = |text: &str| text.parse::<Day>().unwrap();
    let listed: Vec<_> = day("2024-02-28").through(day("2024-03-01")).map(|day| day.to_string()).collect();
    assert_eq!(listed, ["2024-02-28", "2024-02-29", "2024-03-01"]);
    assert_eq!(day("2024-02-28").through(day("2024-02-27")).count(), 0);
}
