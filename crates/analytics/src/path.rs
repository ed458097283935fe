//! The path of a page, cleaned: without query, fragment and parameters, and without what looks like a secret.

use std::borrow::Cow;

use crate::secret::{FOLDED, leads_to_secret, looks_secret};

/// Bytes that a cleaned path has at most.
pub(crate) const LONGEST: usize = 200;

/// What is read of a path at all; the rest would be cut anyway.
const READ: usize = 2_000;

/// The host of a URL, in small letters and without `www.` and port, with the rest; None for a bare path.
pub(crate) fn host_and_rest(url: &str) -> Option<(Cow<'_, str>, &str)> {
    // Another page's address may stand in the query of a path.
    if url.starts_with('/') && !url.starts_with("//") {
        return None;
    }
    let rest = match url.strip_prefix("//") {
        Some(rest) => rest,
        None => &url[scheme_end(url.as_bytes())?..],
    };
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#' | b'\\'));
    let (authority, rest) = rest.split_at(end.unwrap_or(rest.len()));
    let host = &authority[authority.bytes().rposition(|byte| byte == b'@').map_or(0, |at| at + 1)..];
    let host = match host.find(']') {
        Some(end) => &host[..=end],
        None => &host[..host.bytes().position(|byte| byte == b':').unwrap_or(host.len())],
    };
    Some((known_by(host.trim_end_matches('.')), rest))
}

/// Where the host begins: after the first `://`.
fn scheme_end(url: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b':', url).find(|&at| url[at..].starts_with(b"://")).map(|at| at + 3)
}

/// In small letters, as nearly all come, and without `www.`.
fn known_by(host: &str) -> Cow<'_, str> {
    if host.bytes().fold(false, |any, byte| any | byte.is_ascii_uppercase()) {
        Cow::Owned(known_by(&host.to_ascii_lowercase()).into_owned())
    } else {
        Cow::Borrowed(host.strip_prefix("www.").unwrap_or(host))
    }
}

/// Cleaned path of a path with or without query; always begins with `/`, at most 200 bytes.
pub(crate) fn clean(raw: &str) -> Cow<'_, str> {
    let mut raw = raw;
    if let Some(end) = memchr::memchr3(b'?', b'#', b';', raw.as_bytes()) {
        raw = &raw[..end];
    }
    match simple(raw) {
        Some(path) => Cow::Borrowed(path),
        None => Cow::Owned(rewritten(raw)),
    }
}

/// The path as it is, when there is nothing in it to rewrite: the many.
fn simple(raw: &str) -> Option<&str> {
    let raw = if raw.len() > 1 { raw.strip_suffix('/').unwrap_or(raw) } else { raw };
    let tail = raw.strip_prefix('/')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    // Without leaving at the first that isn't, so that many are looked at in one step.
    if raw.len() > LONGEST || !raw.bytes().fold(true, |all, byte| all & plain(byte)) {
        return None;
    }
    let mut after_lead = false;
    for segment in tail.split('/') {
        let ordinary = !after_lead
            && !matches!(segment, "." | ".." | "")
            && !is_index(segment)
            && !looks_secret(segment);
        if !ordinary && !tail.is_empty() {
            return None;
        }
        after_lead = leads_to_secret(segment);
    }
    Some(raw)
}

fn rewritten(raw: &str) -> String {
    let raw = &raw[..raw.floor_char_boundary(READ)];
    let decoded = decoded(raw);
    // What hid behind an encoding is cut as well.
    let decoded = decoded.split(['?', '#', ';']).next().unwrap_or("");
    let mut segments: Vec<&str> = Vec::new();
    for segment in decoded.split(['/', '\\']).map(str::trim) {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    if segments.last().is_some_and(|last| is_index(last)) {
        segments.pop();
    }
    let mut path = String::new();
    let mut after_lead = false;
    for segment in segments {
        let kept = if after_lead || looks_secret(segment) { FOLDED } else { segment };
        if path.len() + 1 + kept.len() > LONGEST - 1 - FOLDED.len() {
            path.push('/');
            path.push_str(FOLDED);
            break;
        }
        path.push('/');
        path.push_str(kept);
        after_lead = leads_to_secret(segment) || (after_lead && kept == FOLDED);
    }
    if path.is_empty() {
        path.push('/');
    }
    path
}

fn is_index(segment: &str) -> bool {
    matches!(segment, "index.html" | "index.htm" | "index.php")
}

/// Percent-decoded until nothing changes any more, three times at most; then whatever is still encoded, is no UTF-8 or
/// can't be printed is replaced.
pub(crate) fn decoded(raw: &str) -> String {
    let mut bytes = raw.as_bytes().to_vec();
    for _ in 0..3 {
        if !bytes.contains(&b'%') {
            break;
        }
        bytes = once(&bytes);
    }
    String::from_utf8_lossy(&bytes)
        .chars()
        .map(|c| if c.is_control() || is_invisible(c) || c == '%' { '\u{fffd}' } else { c })
        .collect()
}

/// Marks that turn the direction of a text or have no width: two paths that look alike must be alike.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
}

fn once(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        match (first, after) {
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    rest = after;
                    continue;
                }
                _ => out.push(first),
            },
            _ => out.push(first),
        }
        rest = after;
    }
    out
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, clean, host_and_rest};

    #[test]
    fn a_path_is_what_everybody_can_see_of_it() {
        let cases = [
            ("/", "/"),
            ("", "/"),
            ("/docs/", "/docs"),
            ("/docs/index.html", "/docs"),
            ("//docs//a/./b/../c", "/docs/a/c"),
            ("/../../etc", "/etc"),
            ("/a?q=secret#part", "/a"),
            ("/a%3Fq=secret", "/a"),
            ("/a%253Fq=secret", "/a"),
            ("/a;jsessionid=1234", "/a"),
            ("/search/my+illness", "/search/…"),
            ("/de/suche/meine%20krankheit/seite", "/de/suche/…/…"),
            ("/reset/correct-horse", "/reset/…"),
            ("/order/1234567890/pay", "/order/…/pay"),
            ("/o/alice%40example.org", "/o/…"),
            ("/o/alice%2540example.org", "/o/…"),
            ("/stra%C3%9Fe", "/straße"),
            ("/a%2Fb", "/a/b"),
            ("/a%00b", "/a\u{fffd}b"),
            ("/%zz", "/\u{fffd}zz"),
            ("no-slash", "/no-slash"),
        ];
        for (raw, path) in cases {
            assert_eq!(clean(raw), path, "{raw}");
        }
    }

    #[test]
    fn a_long_path_is_cut_at_a_segment() {
        let raw = "/word".repeat(100);
        let path = clean(&raw);
        assert!(path.len() <= LONGEST && path.ends_with("/word/…"), "{path}");
        assert_eq!(clean(&format!("/{}", "ab ".repeat(3_000))), "/…");
    }

    #[test]
    fn cleaning_twice_cleans_no_more() {
        for raw in ["/a/b", "/x/…", "/%2525", "/search/x", "/ü", "/a b"] {
            let once = clean(raw).into_owned();
            assert_eq!(clean(&once), once, "{raw}");
        }
    }

    #[test]
    fn a_host_comes_without_port_name_of_a_person_and_www() {
        let cases = [
            ("https://www.Example.org:8080/a", Some(("example.org", "/a"))),
            ("https://WWW.example.org./a", Some(("example.org", "/a"))),
            ("https://alice:secret@example.org/", Some(("example.org", "/"))),
            ("//example.org?x", Some(("example.org", "?x"))),
            ("/go?to=https://example.org/", None),
            ("https://[2001:db8::1]:80/x", Some(("[2001:db8::1]", "/x"))),
            ("/path", None),
            ("", None),
        ];
        for (url, parts) in cases {
            let found = host_and_rest(url);
            assert_eq!(found.as_ref().map(|(host, rest)| (&**host, *rest)), parts, "{url}");
        }
    }
}
