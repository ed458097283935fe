//! Reads the offsets of a time zone from its compiled form (TZif, RFC 9636). No library is used, because only offsets
//! are needed and the libraries bring calendars.

use super::date::{Date, days_before};

/// Offsets from UTC over time.
pub(super) struct TransitionRules {
    /// When each offset begins, in seconds since 1970, rising.
    transitions: Vec<(i64, i32)>,
    /// The offset before the first transition, in seconds east of UTC.
    first: i32,
    /// The rule after the last transition.
    posix_rule: Option<PosixRule>,
}

/// The yearly rule (POSIX.1, `TZ`).
struct PosixRule {
    standard: i32,
    summer: Option<(i32, Transition, Transition)>,
}

/// A yearly transition, in local seconds after the day's midnight.
#[derive(Clone, Copy)]
struct Transition {
    day: TransitionDay,
    seconds: i64,
}

#[derive(Clone, Copy)]
enum TransitionDay {
    /// Month, week (5 is the last) and day of the week (0 is Sunday).
    WeekdayOfMonth(u32, u32, u32),
    /// Day of the year from 1, never counting 29 February.
    JulianWithoutLeapDay(u32),
    /// Day of the year from 0.
    ZeroBasedJulian(u32),
}

impl TransitionRules {
    /// Parses TZif; None for anything but version 2 or later.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (_, rest) = block(bytes, 4)?;
        let (times, rest) = block(rest, 8)?;
        let Block { counts, body } = times;
        let (stamps, body) = body.split_at_checked(counts.times * 8)?;
        let (kinds, body) = body.split_at_checked(counts.times)?;
        let (offsets, _) = body.split_at_checked(counts.kinds * 6)?;
        let offset = |kind: usize| Some(i32::from_be_bytes(*offsets.get(kind * 6..)?.first_chunk()?));
        let transitions = stamps.chunks_exact(8).zip(kinds).map(|(stamp, kind)| {
            let begin = i64::from_be_bytes(*stamp.first_chunk()?);
            Some((begin, offset(usize::from(*kind))?))
        });
        let posix_rule = std::str::from_utf8(rest).ok()?.trim_matches('\n');
        let posix_rule = if posix_rule.is_empty() { None } else { Some(PosixRule::read(posix_rule)?) };
        Some(Self { transitions: transitions.collect::<Option<_>>()?, first: offset(0)?, posix_rule })
    }

    /// Seconds east of UTC at a Unix time.
    pub(super) fn offset(&self, unix: i64) -> i32 {
        let past = self.transitions.partition_point(|(begin, _)| *begin <= unix);
        match (&self.posix_rule, past.checked_sub(1)) {
            (Some(posix_rule), _) if past == self.transitions.len() => posix_rule.offset(unix),
            (_, Some(last)) => self.transitions[last].1,
            (_, None) => self.first,
        }
    }
}

struct Counts {
    times: usize,
    kinds: usize,
}

struct Block<'a> {
    counts: Counts,
    body: &'a [u8],
}

/// Splits off a header and its body with times of `width` bytes, and returns the rest.
fn block(bytes: &[u8], width: usize) -> Option<(Block<'_>, &[u8])> {
    let (head, rest) = bytes.split_at_checked(44)?;
    if !head.starts_with(b"TZif") || head[4] < b'2' {
        return None;
    }
    let count = |place: usize| Some(u32::from_be_bytes(*head.get(20 + 4 * place..)?.first_chunk()?) as usize);
    let (utc, standard, leaps, times, kinds, letters) =
        (count(0)?, count(1)?, count(2)?, count(3)?, count(4)?, count(5)?);
    let length = times * (width + 1) + kinds * 6 + letters + leaps * (width + 4) + standard + utc;
    let (body, rest) = rest.split_at_checked(length)?;
    Some((Block { counts: Counts { times, kinds }, body }, rest))
}

impl PosixRule {
    fn read(text: &str) -> Option<Self> {
        let (standard, rest) = offset_after_name(text)?;
        let standard = standard?;
        if rest.is_empty() {
            return Some(Self { standard, summer: None });
        }
        let (summer, rest) = offset_after_name(rest)?;
        let (begin, end) = rest.strip_prefix(',')?.split_once(',')?;
        Some(Self {
            standard,
            summer: Some((
                summer.unwrap_or(standard + 3_600),
                Transition::read(begin)?,
                Transition::read(end)?,
            )),
        })
    }

    fn offset(&self, unix: i64) -> i32 {
        let Some((summer, begin, end)) = self.summer else { return self.standard };
        let days = (unix + i64::from(self.standard)).div_euclid(86_400);
        let (year, ..) = Date(days.clamp(0, 2_932_896) as i32).parts();
        let begin = begin.local(year) - i64::from(self.standard);
        let end = end.local(year) - i64::from(summer);
        let is_summer =
            if begin < end { (begin..end).contains(&unix) } else { !(end..begin).contains(&unix) };
        if is_summer { summer } else { self.standard }
    }
}

/// Splits `CET-1`, `<+03>-3` or `CEST` into the offset east of UTC, if there is one, and the rest.
fn offset_after_name(text: &str) -> Option<(Option<i32>, &str)> {
    let end = match text.strip_prefix('<') {
        Some(inner) => inner.find('>')? + 2,
        None => text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len()),
    };
    let rest = text.get(end..)?;
    let end =
        rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '+' | '-' | ':'))).unwrap_or(rest.len());
    let (offset, rest) = rest.split_at(end);
    match offset {
        "" => Some((None, rest)),
        // POSIX counts westwards.
        offset => Some((Some(-i32::try_from(seconds(offset)?).ok()?), rest)),
    }
}

/// `2`, `-1:30`, `24:00:00`.
fn seconds(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut sum = 0;
    for (part, worth) in text.split(':').zip([3_600, 60, 1]) {
        sum += i64::from(part.parse::<u16>().ok()?) * worth;
    }
    Some(sign * sum)
}

impl Transition {
    fn read(text: &str) -> Option<Self> {
        let (day, time) = text.split_once('/').unwrap_or((text, "2"));
        let day = match day.strip_prefix('M') {
            Some(week) => {
                let mut parts = week.split('.').map(str::parse);
                TransitionDay::WeekdayOfMonth(parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?)
            }
            None => match day.strip_prefix('J') {
                Some(counted) => TransitionDay::JulianWithoutLeapDay(counted.parse().ok()?),
                None => TransitionDay::ZeroBasedJulian(day.parse().ok()?),
            },
        };
        Some(Self { day, seconds: seconds(time)? })
    }

    /// Seconds since 1970 by the local clock.
    fn local(self, year: i32) -> i64 {
        let first_of = |month| i64::from(days_before(year, month, 1).unwrap_or(0));
        let day = match self.day {
            TransitionDay::ZeroBasedJulian(day) => first_of(1) + i64::from(day),
            TransitionDay::JulianWithoutLeapDay(day) => {
                let leap = first_of(3) - first_of(1) == 60;
                first_of(1) + i64::from(day) - 1 + i64::from(leap && day >= 60)
            }
            TransitionDay::WeekdayOfMonth(month, week, weekday) => {
                let first = first_of(month);
                // 1970-01-01 was a Thursday, the fourth after Sunday.
                let ahead = (i64::from(weekday) - (first + 4)).rem_euclid(7);
                let next = if month == 12 { first + 31 } else { first_of(month + 1) };
                let day = first + ahead + 7 * (i64::from(week) - 1);
                if day >= next { day - 7 } else { day }
            }
        };
        day * 86_400 + self.seconds
    }
}
