//! Apache's combined log format, which nginx writes too:
//! `address identity name [time] "request" status bytes "referrer" "user agent"`. The common format (without the last
//! two fields), further fields at the end, and a host before the address (`vhost_combined`) are read as well.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use super::{LineError, LogLine, address, text, timestamp};

pub(super) fn read(line: &[u8]) -> Result<LogLine<'_>, LineError> {
    let open_bracket = memchr(b'[', line).ok_or(LineError::Malformed)?;
    // A bracket at the start belongs to an IPv6 address; the time never comes first.
    let open_bracket = if open_bracket == 0 {
        1 + memchr(b'[', &line[1..]).ok_or(LineError::Malformed)?
    } else {
        open_bracket
    };
    let (prefix, suffix) = line.split_at(open_bracket);
    let close_bracket = memchr(b']', suffix).ok_or(LineError::Malformed)?;
    let time = timestamp::parse_clf(&suffix[1..close_bracket]).ok_or(LineError::NoTime)?;
    let (host, address) = host_and_address(prefix)?;

    let mut fields = Fields(&suffix[close_bracket + 1..]);
    let request = fields.next_quoted().ok_or(LineError::Malformed)?;
    let status = fields.next_word().and_then(parse_status).ok_or(LineError::Malformed)?;
    // Bytes sent: not used.
    fields.next_word();
    let referrer = fields.next_quoted().unwrap_or_default();
    let user_agent = fields.next_quoted().unwrap_or_default();

    let (get, target) = split_request(request);
    let nothing = || Cow::Borrowed("");
    Ok(LogLine {
        address,
        time,
        status,
        get,
        target,
        referrer,
        user_agent,
        host,
        languages: nothing(),
        dnt: nothing(),
        gpc: nothing(),
        purpose: nothing(),
    })
}

/// The address is the first field, or the second after a host.
fn host_and_address(prefix: &[u8]) -> Result<(Cow<'_, str>, core::net::IpAddr), LineError> {
    let mut words = prefix.split(|byte| *byte == b' ').filter(|next_word| !next_word.is_empty());
    let first = text(words.next().ok_or(LineError::Malformed)?);
    // `1.2.3.4:80` before another address is a host.
    let second = words.next().map(text).and_then(|next_word| address(&next_word));
    match (address(&first), second) {
        (_, Some(second)) => Ok((first, second)),
        (Some(first), None) => Ok((Cow::Borrowed(""), first)),
        (None, None) => Err(LineError::NoAddress),
    }
}

/// Splits `GET /path HTTP/1.1` into whether it is a GET and the target. A target may hold unencoded blanks.
pub(super) fn split_request(request: Cow<'_, str>) -> (bool, Cow<'_, str>) {
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

fn parse_status(next_word: &[u8]) -> Option<u16> {
    let [a, b, c] = next_word else { return None };
    [a, b, c]
        .iter()
        .try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u16::from(*digit - b'0')))
}

struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn next_word(&mut self) -> Option<&'a [u8]> {
        let start = self.0.iter().position(|byte| *byte != b' ')?;
        let fields = &self.0[start..];
        let end = memchr(b' ', fields).unwrap_or(fields.len());
        self.0 = &fields[end..];
        Some(&fields[..end])
    }

    /// The text between quotes, without the escapes of Apache (`\"`, `\\`) and nginx (`\x22`).
    fn next_quoted(&mut self) -> Option<Cow<'a, str>> {
        let start = self.0.iter().position(|byte| *byte != b' ')?;
        let fields = self.0[start..].strip_prefix(b"\"")?;
        let mut end = 0;
        let mut escaped = false;
        loop {
            end += memchr2(b'"', b'\\', &fields[end..])?;
            if fields[end] == b'"' {
                break;
            }
            escaped = true;
            end = (end + 2).min(fields.len());
        }
        self.0 = &fields[end + 1..];
        let inner = &fields[..end];
        Some(if escaped { Cow::Owned(unescape(inner)) } else { text(inner) })
    }
}

fn unescape(bytes: &[u8]) -> String {
    let hex = |digit: &u8| char::from(*digit).to_digit(16);
    let mut out = Vec::with_capacity(bytes.len());
    let mut fields = bytes;
    loop {
        fields = match fields {
            [] => break,
            [b'\\', b'x', high, low, suffix @ ..] if hex(high).is_some() && hex(low).is_some() => {
                out.push((hex(high).unwrap_or(0) * 16 + hex(low).unwrap_or(0)) as u8);
                suffix
            }
            [b'\\', b't' | b'n' | b'r', suffix @ ..] => {
                out.push(b' ');
                suffix
            }
            [b'\\', byte, suffix @ ..] | [byte, suffix @ ..] => {
                out.push(*byte);
                suffix
            }
        };
    }
    text(&out).into_owned()
}
