//! Days and hours in a site's time zone.

use std::ops::Range;

use jiff::SignedDuration;
use jiff::tz::{self, TimeZoneDatabase};

use crate::{Day, Timestamp};

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

    /// Day and hour of a moment.
    pub fn day_and_hour(&self, at: Timestamp) -> (Day, u8) {
        local_day_and_hour(at, self.offset(at))
    }

    /// The first second of a day. Days are not always 24 hours long, and some begin at 01:00. If the clock is set back
    /// after midnight to the day before, the day begins at its first midnight.
    pub fn start_of_day(&self, day: Day) -> Timestamp {
        let midnight = day.to_civil().at(0, 0, 0, 0);
        // Fails only in the last hours of year 9999.
        let start = self.0.to_timestamp(midnight).ok();
        start.map_or(day.midnight(), |start| Timestamp::from_unix_seconds(start.as_second()))
    }

    /// Seconds east of UTC at a moment.
    fn offset(&self, at: Timestamp) -> i64 {
        self.0.to_offset(nearest(at)).seconds().into()
    }

    /// The moments around this one with the same offset.
    fn span_of_offset(&self, at: Timestamp) -> Range<Timestamp> {
        let at = nearest(at);
        // A transition at this very second has happened already.
        let after = at.saturating_add(SignedDuration::from_secs(1)).unwrap_or(at);
        let moment =
            |change: tz::TimeZoneTransition<'_>| Timestamp::from_unix_seconds(change.timestamp().as_second());
        let begin = self.0.preceding(after).next().map_or(Timestamp::MIN, moment);
        begin..self.0.following(at).next().map_or(Timestamp::MAX, moment)
    }
}

/// The nearest moment in the years -9999 to 9999.
fn nearest(at: Timestamp) -> jiff::Timestamp {
    let limit = if at < Timestamp::UNIX_EPOCH { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    jiff::Timestamp::from_second(at.to_unix_seconds()).unwrap_or(limit)
}

fn local_day_and_hour(at: Timestamp, offset: i64) -> (Day, u8) {
    // As if the local clock showed UTC.
    let local = at + offset;
    (local.day(), (local.second_of_day() / 3_600) as u8)
}

/// A time zone that caches its last offset: most lines of a log have the same.
pub struct CachedTimeZone<'a> {
    zone: &'a TimeZone,
    /// The moments at which the offset applies.
    span: Range<Timestamp>,
    /// In seconds east of UTC.
    offset: i64,
}

impl<'a> CachedTimeZone<'a> {
    /// Creates a cache for a time zone.
    pub fn new(zone: &'a TimeZone) -> Self {
        Self { zone, span: Timestamp::UNIX_EPOCH..Timestamp::UNIX_EPOCH, offset: 0 }
    }

    /// Day and hour as [`TimeZone::day_and_hour`].
    pub fn day_and_hour(&mut self, at: Timestamp) -> (Day, u8) {
        if !self.span.contains(&at) {
            (self.span, self.offset) = (self.zone.span_of_offset(at), self.zone.offset(at));
        }
        local_day_and_hour(at, self.offset)
    }
}
