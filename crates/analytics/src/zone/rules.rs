//! The offsets of one time zone, from its compiled form (TZif, RFC 9636). Read here and not by a library: days and hours
//! need offsets alone, and the libraries bring calendars.

use super::{Date, days_before};

/// Offsets from UTC over time.
pub(super) struct Rules {
    /// When an offset begins, in seconds since 1970, rising.
    begins: Vec<(i64, i32)>,
    /// Before the first of them, in seconds east of UTC.
    first: i32,
    /// After the last of them, when the zone goes on by a rule.
    footer: Option<Footer>,
}

/// A year's rule (POSIX.1, `TZ`).
struct Footer {
    standard: i32,
    summer: Option<(i32, Turn, Turn)>,
}

/// When in a year, in local seconds after the day's midnight.
#[derive(Clone, Copy)]
struct Turn {
    day: Day,
    seconds: i64,
}

#[derive(Clone, Copy)]
enum Day {
    /// Month, week (5 is the last) and day of the week (0 is Sunday).
    Week(u32, u32, u32),
    /// Of the year from 1, never counting 29 February.
    Counted(u32),
    /// Of the year from 0.
    Plain(u32),
}

impl Rules {
    /// None for bytes that aren't TZif of version 2 or later.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (_, rest) = block(bytes, 4)?;
        let (times, rest) = block(rest, 8)?;
        let Block { counts, body } = times;
        let (stamps, body) = body.split_at_checked(counts.times * 8)?;
        let (kinds, body) = body.split_at_checked(counts.times)?;
        let (offsets, _) = body.split_at_checked(counts.kinds * 6)?;
        let offset = |kind: usize| Some(i32::from_be_bytes(*offsets.get(kind * 6..)?.first_chunk()?));
        let begins = stamps.chunks_exact(8).zip(kinds).map(|(stamp, kind)| {
            let begin = i64::from_be_bytes(*stamp.first_chunk()?);
            Some((begin, offset(usize::from(*kind))?))
        });
        let footer = std::str::from_utf8(rest).ok()?.trim_matches('\n');
        let footer = if footer.is_empty() { None } else { Some(Footer::read(footer)?) };
        Some(Self { begins: begins.collect::<Option<_>>()?, first: offset(0)?, footer })
    }

    /// Seconds east of UTC at a Unix time.
    pub(super) fn offset(&self, unix: i64) -> i32 {
        let past = self.begins.partition_point(|(begin, _)| *begin <= unix);
        match (&self.footer, past.checked_sub(1)) {
            (Some(footer), _) if past == self.begins.len() => footer.offset(unix),
            (_, Some(last)) => self.begins[last].1,
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

/// A header, its body with times of `width` bytes, and what follows.
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

impl Footer {
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
            summer: Some((summer.unwrap_or(standard + 3_600), Turn::read(begin)?, Turn::read(end)?)),
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

/// `CET-1`, `<+03>-3`, `CEST`: the offset east of UTC if there is one, and the rest.
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

impl Turn {
    fn read(text: &str) -> Option<Self> {
        let (day, time) = text.split_once('/').unwrap_or((text, "2"));
        let day = match day.strip_prefix('M') {
            Some(week) => {
                let mut parts = week.split('.').map(str::parse);
                Day::Week(parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?)
            }
            None => match day.strip_prefix('J') {
                Some(counted) => Day::Counted(counted.parse().ok()?),
                None => Day::Plain(day.parse().ok()?),
            },
        };
        Some(Self { day, seconds: seconds(time)? })
    }

    /// Seconds since 1970 by the local clock.
    fn local(self, year: i32) -> i64 {
        let first_of = |month| i64::from(days_before(year, month, 1).unwrap_or(0));
        let day = match self.day {
            Day::Plain(day) => first_of(1) + i64::from(day),
            Day::Counted(day) => {
                let leap = first_of(3) - first_of(1) == 60;
                first_of(1) + i64::from(day) - 1 + i64::from(leap && day >= 60)
            }
            Day::Week(month, week, weekday) => {
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
