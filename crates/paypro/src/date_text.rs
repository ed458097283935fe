//! The provider's dates as text, in both formats. All are in UTC.

use calendar::{Day, Timestamp};

/// Parses `MM/DD/YYYY HH:mm:ss` and `M/D/YYYY h:mm AM`, and drops the seconds. `None` for other formats, and for days
/// that do not exist or are outside the years 1970 to 9999.
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let mut words = text.split_ascii_whitespace();
    let (date, clock, half) = (words.next()?, words.next()?, words.next());
    if words.next().is_some() {
        return None;
    }
    Some(parse_date(date)?.midnight() + 60 * parse_clock(clock, half)?)
}

/// As in `ORDER_PLACED_TIME_UTC`: `03/21/2023 19:02:00`.
pub fn long_text(at: Timestamp) -> String {
    let ((year, month, day), second) = (at.day().to_date(), at.second_of_day());
    format!("{month:02}/{day:02}/{year:04} {:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
}

/// As in `SUBSCRIPTION_NEXT_CHARGE_DATE`: `4/21/2023 1:45 PM`.
pub fn short_text(at: Timestamp) -> String {
    let ((year, month, day), second) = (at.day().to_date(), at.second_of_day());
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    let (hour, half) = (if hour % 12 == 0 { 12 } else { hour % 12 }, if hour < 12 { "AM" } else { "PM" });
    format!("{month}/{day}/{year:04} {hour}:{minute:02} {half}")
}

fn parse_date(text: &str) -> Option<Day> {
    let mut parts = text.split('/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let date = Day::from_date(number(year, 4)?.cast_signed(), number(month, 2)?, number(day, 2)?)?;
    (date >= Day::UNIX_EPOCH).then_some(date)
}

/// Parses a time of day into minutes since midnight.
fn parse_clock(text: &str, half: Option<&str>) -> Option<i64> {
    let mut parts = text.split(':');
    let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let second = parts.next().map_or(Some(0), |second| number(second, 2))?;
    if parts.next().is_some() || minute > 59 || second > 59 {
        return None;
    }
    let hour = match half {
        None if hour < 24 => hour,
        Some(half) if (1..=12).contains(&hour) && half.eq_ignore_ascii_case("AM") => hour % 12,
        Some(half) if (1..=12).contains(&hour) && half.eq_ignore_ascii_case("PM") => hour % 12 + 12,
        _ => return None,
    };
    Some(i64::from(hour * 60 + minute))
}

/// Parses digits only; `str::parse` alone would accept a sign.
fn number(text: &str, digits: usize) -> Option<u32> {
    (text.len() <= digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}
