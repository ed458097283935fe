//! Cleans the path of a page: removes query, fragment, parameters and segments that look sensitive.

use std::borrow::Cow;

use crate::sensitive_segments::{REDACTED, looks_sensitive, precedes_sensitive};

/// Maximum bytes of a cleaned path.
pub(crate) const MAX_PATH_BYTES: usize = 200;

/// Maximum bytes of a path that are read; the rest would be cut anyway.
const MAX_READ_BYTES: usize = 2_000;

/// Splits a URL into its host (lower case, without `www.` and port) and the rest. None for a bare path.
pub(crate) fn split_host(url: &str) -> Option<(Cow<'_, str>, &str)> {
    // The query of a path may hold another page's URL.
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
    Some((normalized_host(host.trim_end_matches('.')), rest))
}

/// Where the host begins: after the first `://`.
fn scheme_end(url: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b':', url).find(|&at| url[at..].starts_with(b"://")).map(|at| at + 3)
}

/// Lower case and without `www.`. Nearly all hosts come in lower case.
fn normalized_host(host: &str) -> Cow<'_, str> {
    if host.bytes().fold(false, |any, byte| any | byte.is_ascii_uppercase()) {
        Cow::Owned(normalized_host(&host.to_ascii_lowercase()).into_owned())
    } else {
        Cow::Borrowed(host.strip_prefix("www.").unwrap_or(host))
    }
}

/// Cleans a path with or without query. The result begins with `/` and has at most 200 bytes.
pub(crate) fn clean(raw: &str) -> Cow<'_, str> {
    let mut raw = raw;
    if let Some(end) = memchr::memchr3(b'?', b'#', b';', raw.as_bytes()) {
        raw = &raw[..end];
    }
    match already_clean(raw) {
        Some(path) => Cow::Borrowed(path),
        None => Cow::Owned(rewrite(raw)),
    }
}

/// Returns the path as it is when nothing needs rewriting, the common case.
fn already_clean(raw: &str) -> Option<&str> {
    let raw = if raw.len() > 1 { raw.strip_suffix('/').unwrap_or(raw) } else { raw };
    let tail = raw.strip_prefix('/')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    // No early exit, so that the compiler vectorizes the loop.
    if raw.len() > MAX_PATH_BYTES || !raw.bytes().fold(true, |all, byte| all & plain(byte)) {
        return None;
    }
    let mut after_marker = false;
    for segment in tail.split('/') {
        let ordinary = !after_marker
            && !matches!(segment, "." | ".." | "")
            && !is_index(segment)
            && !looks_sensitive(segment);
        if !ordinary && !tail.is_empty() {
            return None;
        }
        after_marker = precedes_sensitive(segment);
    }
    Some(raw)
}

fn rewrite(raw: &str) -> String {
    let raw = &raw[..raw.floor_char_boundary(MAX_READ_BYTES)];
    let decoded = decoded(raw);
    // Also cut what was hidden by percent-encoding.
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
    let mut after_marker = false;
    for segment in segments {
        let kept = if after_marker || looks_sensitive(segment) { REDACTED } else { segment };
        if path.len() + 1 + kept.len() > MAX_PATH_BYTES - 1 - REDACTED.len() {
            path.push('/');
            path.push_str(REDACTED);
            break;
        }
        path.push('/');
        path.push_str(kept);
        after_marker = precedes_sensitive(segment) || (after_marker && kept == REDACTED);
    }
    if path.is_empty() {
        path.push('/');
    }
    path
}

fn is_index(segment: &str) -> bool {
    matches!(segment, "index.html" | "index.htm" | "index.php")
}

/// Percent-decodes until nothing changes, at most three times. Then replaces characters that are still encoded, not
/// UTF-8, or not printable.
pub(crate) fn decoded(raw: &str) -> String {
    let mut bytes = raw.as_bytes().to_vec();
    for _ in 0..3 {
        if !bytes.contains(&b'%') {
            break;
        }
        bytes = decode_percent_once(&bytes);
    }
    String::from_utf8_lossy(&bytes)
        .chars()
        .map(|c| if c.is_control() || is_invisible(c) || c == '%' { '\u{fffd}' } else { c })
        .collect()
}

/// Bidirectional controls and zero-width characters. Two paths that look alike must be equal.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
}

fn decode_percent_once(bytes: &[u8]) -> Vec<u8> {
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
    use super::{MAX_PATH_BYTES, clean, split_host};

    #[test]
    fn a_cleaned_path_holds_only_public_segments() {
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
        assert!(path.len() <= MAX_PATH_BYTES && path.ends_with("/word/…"), "{path}");
        assert_eq!(clean(&format!("/{}", "ab ".repeat(3_000))), "/…");
    }

    #[test]
    fn cleaning_is_idempotent() {
        for raw in ["/a/b", "/x/…", "/%2525", "/search/x", "/ü", "/a b"] {
            let decode_percent_once = clean(raw).into_owned();
            assert_eq!(clean(&decode_percent_once), decode_percent_once, "{raw}");
        }
    }

    #[test]
    fn a_host_is_split_without_port_credentials_and_www() {
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
            let found = split_host(url);
            assert_eq!(found.as_ref().map(|(host, rest)| (&**host, *rest)), parts, "{url}");
        }
    }
}
