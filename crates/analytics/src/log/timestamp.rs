//! Parses the timestamps that web servers write.

use calendar::{Day, Timestamp};

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// Parses `22/Nov/2026:22:41:07 +0100`.
pub(super) fn parse_clf(text: &[u8]) -> Option<Timestamp> {
    let (stamp, time_zone) = text.split_at_checked(20)?;
    let [d1, d2, b'/', m1, m2, m3, b'/', y1, y2, y3, y4, b':', clock @ ..] = stamp else { return None };
    let month = MONTHS.iter().position(|month| *month == &[*m1, *m2, *m3])? as u32 + 1;
    let day = parse_date(&[*y1, *y2, *y3, *y4], month, &[*d1, *d2])?;
    Some(day.midnight() + parse_time_of_day(clock)? - parse_offset(time_zone.trim_ascii())?)
}

/// Parses any timestamp of a JSON log: `2026-11-22T22:41:07.5+01:00`, seconds or milliseconds since 1970, or what
/// [`parse_clf`] reads, with or without brackets.
pub(super) fn parse_any(text: &[u8]) -> Option<Timestamp> {
    let text = text.trim_ascii();
    let text = text.strip_prefix(b"[").and_then(|text| text.strip_suffix(b"]")).unwrap_or(text);
    match text {
        [_, _, b'/', ..] => parse_clf(text),
        [_, _, _, _, b'-' | b'/', ..] => parse_iso(text),
        _ => parse_unix(text),
    }
}

fn parse_iso(text: &[u8]) -> Option<Timestamp> {
    let (stamp, rest) = text.split_at_checked(19)?;
    let [y1, y2, y3, y4, b'-' | b'/', m1, m2, b'-' | b'/', d1, d2, b'T' | b't' | b' ', clock @ ..] = stamp
    else {
        return None;
    };
    let day = parse_date(&[*y1, *y2, *y3, *y4], digits(&[*m1, *m2])?, &[*d1, *d2])?;
    let rest = match rest {
        [b'.' | b',', after @ ..] => {
            let end = after.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(after.len());
            &after[end..]
        }
        rest => rest,
    };
    Some(day.midnight() + parse_time_of_day(clock)? - parse_offset(rest.trim_ascii())?)
}

/// A day since 1970.
fn parse_date(year: &[u8], month: u32, day: &[u8]) -> Option<Day> {
    let day = Day::from_date(digits(year)?.cast_signed(), month, digits(day)?)?;
    (day >= Day::UNIX_EPOCH).then_some(day)
}

fn parse_unix(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?;
    let value: f64 = text.parse().ok()?;
    // Seconds until the year 5138; greater values are milliseconds, microseconds or nanoseconds.
    let mut scales = [1.0, 1e3, 1e6, 1e9].into_iter().map(|scale| value / scale);
    scales
        .find(|seconds| (0.0..1e11).contains(seconds))
        .map(|seconds| Timestamp::from_unix_seconds(seconds.floor() as i64))
}

/// `22:41:07`; a leap second is the next minute's first.
fn parse_time_of_day(clock: &[u8]) -> Option<i64> {
    let [h1, h2, b':', m1, m2, b':', s1, s2] = clock else { return None };
    let (hour, minute, second) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?, digits(&[*s1, *s2])?);
    (hour < 24 && minute < 60 && second <= 60).then(|| i64::from(hour * 3_600 + minute * 60 + second))
}

/// `+0100`, `-05:30`, `Z` or nothing, in seconds east of UTC.
fn parse_offset(time_zone: &[u8]) -> Option<i64> {
    let (sign, h1, h2, m1, m2) = match time_zone {
        [] | [b'Z' | b'z'] => return Some(0),
        [sign, h1, h2, m1, m2] | [sign, h1, h2, b':', m1, m2] => (sign, *h1, *h2, *m1, *m2),
        _ => return None,
    };
    let (hours, minutes) = (digits(&[h1, h2])?, digits(&[m1, m2])?);
    let east = (hours < 24 && minutes < 60).then(|| i64::from(hours * 3_600 + minutes * 60))?;
    match sign {
        b'+' => Some(east),
        b'-' => Some(-east),
        _ => None,
    }
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use calendar::Timestamp;

    use super::{parse_any, parse_clf};

    #[test]
    fn every_timestamp_format_is_the_same_time() {
        for text in [
            "22/Nov/2026:22:41:07 +0100",
            "[22/Nov/2026:21:41:07 +0000]",
            "2026-11-22T22:41:07+01:00",
            "2026-11-22T21:41:07Z",
            "2026-11-22T21:41:07.123456Z",
            "2026-11-22 21:41:07",
            "2026/11/22 21:41:07",
            "1795383667",
            "1795383667.250",
            "1795383667250",
            "1.795383667e9",
        ] {
            let expected = Timestamp::from_unix_seconds(1_795_383_667);
            assert_eq!(parse_any(text.as_bytes()), Some(expected), "{text}");
        }
    }

    #[test]
    fn an_invalid_timestamp_is_none() {
        for text in [
            "",
            "-",
            "32/Foo/2026:22:41:07 +0100",
            "22/Nov/2026:24:41:07 +0100",
            "22/Nov/2026",
            "2026-11-22",
            "NaN",
            "-5",
            "inf",
            "1e300",
            "2026-13-22T21:41:07Z",
        ] {
            assert_eq!(parse_any(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse_clf(b"22/Nov/2026:22:41:07 +9900"), None);
    }
}
