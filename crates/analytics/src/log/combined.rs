//! Apache's combined format, which nginx writes too:
//! `address identity name [time] "request" status bytes "referrer" "user agent"`. Common format (without the last two) and
//! further fields after them are read as well; a host with or without port may stand before (`vhost_combined`).

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use super::{Line, Unread, address, moment, text};

pub(super) fn read(line: &[u8]) -> Result<Line<'_>, Unread> {
    let open = memchr(b'[', line).ok_or(Unread::Malformed)?;
    // An address in brackets would stand before; the time never does.
    let open = if open == 0 { 1 + memchr(b'[', &line[1..]).ok_or(Unread::Malformed)? } else { open };
    let (before, after) = line.split_at(open);
    let close = memchr(b']', after).ok_or(Unread::Malformed)?;
    let time = moment::of_log(&after[1..close]).ok_or(Unread::NoTime)?;
    let (host, address) = who(before)?;

    let mut rest = Rest(&after[close + 1..]);
    let request = rest.quoted().ok_or(Unread::Malformed)?;
    let status = rest.word().and_then(number).ok_or(Unread::Malformed)?;
    // Bytes sent, of no meaning here.
    rest.word();
    let referrer = rest.quoted().unwrap_or_default();
    let agent = rest.quoted().unwrap_or_default();

    let (get, target) = of_request(request);
    let nothing = || Cow::Borrowed("");
    Ok(Line {
        address,
        time,
        status,
        get,
        target,
        referrer,
        agent,
        host,
        languages: nothing(),
        dnt: nothing(),
        gpc: nothing(),
        purpose: nothing(),
    })
}

/// The address is the first word, or the second after a host.
fn who(before: &[u8]) -> Result<(Cow<'_, str>, core::net::IpAddr), Unread> {
    let mut words = before.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let first = text(words.next().ok_or(Unread::Malformed)?);
    // `1.2.3.4:80` before another address is a host, but then it is followed by one.
    let second = words.next().map(text).and_then(|word| address(&word));
    match (address(&first), second) {
        (_, Some(second)) => Ok((first, second)),
        (Some(first), None) => Ok((Cow::Borrowed(""), first)),
        (None, None) => Err(Unread::NoAddress),
    }
}

/// `GET /path HTTP/1.1` as whether it is a GET, and the target. A target may hold blanks that nobody encoded.
pub(super) fn of_request(request: Cow<'_, str>) -> (bool, Cow<'_, str>) {
    let (start, end) = {
        let Some(start) = memchr(b' ', request.as_bytes()) else { return (false, Cow::Borrowed("")) };
        let end = request.rfind(" HTTP/").filter(|end| *end > start).unwrap_or(request.len());
        (start, end)
    };
    let get = &request[..start] == "GET";
    let target = match request {
        Cow::Borrowed(request) => Cow::Borrowed(&request[start + 1..end]),
        Cow::Owned(request) => Cow::Owned(request[start + 1..end].to_owned()),
    };
    (get, target)
}

fn number(word: &[u8]) -> Option<u16> {
    let [a, b, c] = word else { return None };
    [a, b, c]
        .iter()
        .try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u16::from(*digit - b'0')))
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn word(&mut self) -> Option<&'a [u8]> {
        let start = self.0.iter().position(|byte| *byte != b' ')?;
        let rest = &self.0[start..];
        let end = memchr(b' ', rest).unwrap_or(rest.len());
        self.0 = &rest[end..];
        Some(&rest[..end])
    }

    /// What stands between quotes, without the escapes of Apache (`\"`, `\\`) and nginx (`\x22`).
    fn quoted(&mut self) -> Option<Cow<'a, str>> {
        let start = self.0.iter().position(|byte| *byte != b' ')?;
        let rest = self.0[start..].strip_prefix(b"\"")?;
        let mut end = 0;
        let mut escaped = false;
        loop {
            end += memchr2(b'"', b'\\', &rest[end..])?;
            if rest[end] == b'"' {
                break;
            }
            escaped = true;
            end = (end + 2).min(rest.len());
        }
        self.0 = &rest[end + 1..];
        let inner = &rest[..end];
        Some(if escaped { Cow::Owned(unescaped(inner)) } else { text(inner) })
    }
}

fn unescaped(bytes: &[u8]) -> String {
    let hex = |digit: &u8| char::from(*digit).to_digit(16);
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        rest = match rest {
            [] => break,
            [b'\\', b'x', high, low, after @ ..] if hex(high).is_some() && hex(low).is_some() => {
                out.push((hex(high).unwrap_or(0) * 16 + hex(low).unwrap_or(0)) as u8);
                after
            }
            [b'\\', b't' | b'n' | b'r', after @ ..] => {
                out.push(b' ');
                after
            }
            [b'\\', byte, after @ ..] | [byte, after @ ..] => {
                out.push(*byte);
                after
            }
        };
    }
    text(&out).into_owned()
}
