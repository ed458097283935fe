//! Arithmetic on days since 1970-01-01 (Unix days) and on calendar months.

use calendar::Day;

/// Adds calendar months to a day. Where the month has no such day, the result is its last day.
#[must_use]
pub fn add_months(day: i64, months: i64) -> i64 {
    Day::from_unix_days(day).plus_months(months).to_unix_days()
}

/// Formats a day as `YYYY-MM-DD`; empty for 0, which stands for no day.
#[must_use]
pub fn text(day: i64) -> String {
    if day == 0 { String::new() } else { Day::from_unix_days(day).to_string() }
}

/// Returns the calendar year of a day.
#[must_use]
pub fn year(day: i64) -> i32 {
    Day::from_unix_days(day).year()
}
