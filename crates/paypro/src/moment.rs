//! The provider's dates, in both formats, UTC.

/// A minute in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    day: i32,
    /// Always below 1440.
    minute: u16,
}

impl Moment {
    /// A minute from days since 1970-01-01 and a time of day; `None` when there is no such time.
    pub fn at(unix_day: i32, hour: u8, minute: u8) -> Option<Self> {
        let minute_of_day = u16::from(hour) * 60 + u16::from(minute);
        (hour < 24 && minute < 60).then_some(Self { day: unix_day, minute: minute_of_day })
    }

    /// The first minute of a day, in days since 1970-01-01.
    pub const fn midnight(unix_day: i32) -> Self {
        Self { day: unix_day, minute: 0 }
    }

    /// Days since 1970-01-01, the time of day cut off.
    pub const fn day(self) -> i32 {
        self.day
    }

    /// The same time of day, `days` later; stops at the last day that an i32 holds.
    pub const fn days_later(self, days: i32) -> Self {
        Self { day: self.day.saturating_add(days), minute: self.minute }
    }

    /// Minutes since 1970-01-01 00:00 UTC.
    pub fn unix_minutes(self) -> i64 {
        i64::from(self.day) * 24 * 60 + i64::from(self.minute)
    }

    /// Parses `MM/DD/YYYY HH:mm:ss` and `M/D/YYYY h:mm AM`, and drops the seconds. `None` for other formats, and
    /// for days that do not exist or are outside the years 1970 to 9999.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let (date, clock, half) = (words.next()?, words.next()?, words.next());
        if words.next().is_some() {
            return None;
        }
        Some(Self { day: parse_date(date)?, minute: parse_clock(clock, half)? })
    }

    /// As in `ORDER_PLACED_TIME_UTC`: `03/21/2023 19:02:00`.
    pub fn long_text(self) -> String {
        let ((year, month, day), minute) = (date_of(i64::from(self.day)), self.minute);
        format!("{month:02}/{day:02}/{year} {:02}:{:02}:00", minute / 60, minute % 60)
    }

    /// As in `SUBSCRIPTION_NEXT_CHARGE_DATE`: `4/21/2023 1:45 PM`.
    pub fn short_text(self) -> String {
        let ((year, month, day), minute) = (date_of(i64::from(self.day)), self.minute);
        let (hour, half) = (minute / 60, if minute < 12 * 60 { "AM" } else { "PM" });
        format!(
            "{month}/{day}/{year} {}:{:02} {half}",
            if hour % 12 == 0 { 12 } else { hour % 12 },
            minute % 60
        )
    }
}

fn parse_date(text: &str) -> Option<i32> {
    let mut parts = text.split('/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let (month, day, year) = (number(month, 2)?, number(day, 2)?, number(year, 4)?);
    let unix_day = day_of(year, month, day);
    // A day that does not exist is converted to a different date.
    (year >= 1970 && date_of(unix_day) == (year, month, day)).then(|| i32::try_from(unix_day).ok())?
}

fn parse_clock(text: &str, half: Option<&str>) -> Option<u16> {
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
    u16::try_from(hour * 60 + minute).ok()
}

/// Parses digits only; `str::parse` alone would accept a sign.
fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() <= digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Days since 1970-01-01 of a day in the Gregorian calendar. The year is counted from March, so that the leap day is
/// its last; 400 years are 146,097 days.
fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The reverse of [`day_of`]: (year, month, day).
fn date_of(unix_day: i64) -> (i64, i64, i64) {
    let shifted = unix_day + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * of_era + of_era / 4 - of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let year = era * 400 + of_era + i64::from(month >= 10);
    (year, if month < 10 { month + 3 } else { month - 9 }, of_year - (153 * month + 2) / 5 + 1)
}
