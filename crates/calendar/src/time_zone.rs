//! Days and hours in a site's time zone.

use std::ops::Range;

use jiff::tz::{self, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

use crate::Day;

/// A time zone of the IANA database, which is compiled into the program.
#[derive(Clone)]
pub struct TimeZone(tz::TimeZone);

impl TimeZone {
    /// The time zone with this name (`Europe/Berlin`, `UTC`); `None` for an unknown name.
    pub fn named(name: &str) -> Option<Self> {
        // The machine's own database is not asked.
        let zone = TimeZoneDatabase::bundled().get(name).ok()?;
        (!zone.is_unknown()).then_some(Self(zone))
    }

    /// Its name as the database spells it.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or_default()
    }

    /// Day and hour at a Unix time in seconds.
    pub fn day_and_hour(&self, unix: i64) -> (Day, u8) {
        local_day_and_hour(unix, self.offset(unix))
    }

    /// The Unix time in seconds at which a day begins in this zone. Days are not always 24 hours long, and some begin
    /// at 01:00. If the clock is set back after midnight to the day before, the day begins at its first midnight.
    pub fn start_of_day(&self, day: Day) -> i64 {
        let midnight = day.to_civil().at(0, 0, 0, 0);
        // Fails only in the first hours of year -9999 and the last ones of year 9999.
        self.0.to_timestamp(midnight).map_or(day.to_unix_days() * 86_400, Timestamp::as_second)
    }

    /// Seconds east of UTC at a Unix time.
    fn offset(&self, unix: i64) -> i64 {
        self.0.to_offset(timestamp(unix)).seconds().into()
    }

    /// The Unix times around this one with the same offset.
    fn span_of_offset(&self, unix: i64) -> Range<i64> {
        let at = timestamp(unix);
        // A transition at this very second has happened already.
        let after = at.saturating_add(SignedDuration::from_secs(1)).unwrap_or(at);
        let begin = self.0.preceding(after).next().map_or(i64::MIN, |change| change.timestamp().as_second());
        let end = self.0.following(at).next().map_or(i64::MAX, |change| change.timestamp().as_second());
        begin..end
    }
}

/// The moment in the years -9999 to 9999 that is nearest to a Unix time.
fn timestamp(unix: i64) -> Timestamp {
    let limit = if unix < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_second(unix).unwrap_or(limit)
}

fn local_day_and_hour(unix: i64, offset: i64) -> (Day, u8) {
    let local = unix.saturating_add(offset);
    (Day::from_unix_days(local.div_euclid(86_400)), (local.rem_euclid(86_400) / 3_600) as u8)
}

/// A time zone that caches its last offset: most lines of a log have the same.
pub struct CachedTimeZone<'a> {
    zone: &'a TimeZone,
    /// The Unix times at which the offset applies.
    span: Range<i64>,
    /// In seconds east of UTC.
    offset: i64,
}

impl<'a> CachedTimeZone<'a> {
    /// Creates a cache for a time zone.
    pub fn new(zone: &'a TimeZone) -> Self {
        Self { zone, span: 0..0, offset: 0 }
    }

    /// Day and hour as [`TimeZone::day_and_hour`].
    pub fn day_and_hour(&mut self, unix: i64) -> (Day, u8) {
        if !self.span.contains(&unix) {
            (self.span, self.offset) = (self.zone.span_of_offset(unix), self.zone.offset(unix));
        }
        local_day_and_hour(unix, self.offset)
    }
}
