//! Arithmetic on days since 1970-01-01 (Unix days) and on calendar months.

use time::{Date, Month};

const UNIX_JULIAN: i64 = 2_440_588;

fn date(day: i64) -> Option<Date> {
    Date::from_julian_day(i32::try_from(day + UNIX_JULIAN).ok()?).ok()
}

/// Adds calendar months to a day. Where the month has no such day, the result is its last day.
#[must_use]
pub fn add_months(day: i64, months: i64) -> i64 {
    let Some(from) = date(day) else { return day };
    let count = i64::from(from.year()) * 12 + i64::from(u8::from(from.month())) - 1 + months;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
    let month = u8::try_from(month).ok().and_then(|m| Month::try_from(m).ok());
    let (Ok(year), Some(month)) = (i32::try_from(year), month) else { return day };
    let last = month.length(year);
    Date::from_calendar_date(year, month, from.day().min(last))
        .map_or(day, |later| i64::from(later.to_julian_day()) - UNIX_JULIAN)
}

/// Formats a day as `YYYY-MM-DD`; empty for 0, which stands for no day.
#[must_use]
pub fn text(day: i64) -> String {
    match (day, date(day)) {
        (0, _) | (_, None) => String::new(),
        (_, Some(d)) => format!("{:04}-{:02}-{:02}", d.year(), u8::from(d.month()), d.day()),
    }
}

/// Returns the calendar year of a day.
#[must_use]
pub fn year(day: i64) -> i32 {
    date(day).map_or(1970, Date::year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_after_the_last_of_january_is_the_last_of_february() {
        let january = 19_753; // 2024-01-31
        assert_eq!(text(january), "2024-01-31");
        assert_eq!(text(add_months(january, 1)), "2024-02-29");
        assert_eq!(text(add_months(january, 13)), "2025-02-28");
        assert_eq!(text(add_months(january, 11)), "2024-12-31");
    }
}
