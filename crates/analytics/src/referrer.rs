//! Where a visit came from: a named source or a host, never a path or a search term.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use crate::{
    path::split_host,
    sensitive_segments::{REDACTED, looks_sensitive},
};

/// Maximum bytes of a host; a longer one loses its leftmost labels.
const MAX_HOST_BYTES: usize = 100;

/// The kind of a named source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SourceKind {
    /// A search engine.
    Search,
    /// A social network or a forum.
    Social,
    /// Webmail or a mail application.
    Mail,
    /// A chatbot or other answer engine.
    Answers,
    /// A site that lists or hosts software.
    Software,
    /// News, encyclopedias, blogs.
    Reading,
}

struct Sources {
    /// Hosts, matched with their subdomains.
    hosts: HashMap<&'static str, (&'static str, SourceKind)>,
    /// `name.*`: the label before a country suffix (`.de`, `.co.uk`).
    labels: HashMap<&'static str, (&'static str, SourceKind)>,
}

/// `facts/sources.tsv`: kind, name, hosts.
static SOURCES: LazyLock<Sources> = LazyLock::new(|| {
    let mut sources = Sources { hosts: HashMap::new(), labels: HashMap::new() };
    let lines = include_str!("facts/sources.tsv").lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let mut cells = line.split('\t');
        let mut cell =
            || cells.next().expect("sources.tsv is part of the program and has three cells a line");
        let (kind, name, hosts) = (parse_kind(cell()), cell(), cell());
        for host in hosts.split(' ') {
            match host.strip_suffix(".*") {
                Some(label) => sources.labels.insert(label, (name, kind)),
                None => sources.hosts.insert(host, (name, kind)),
            };
        }
    }
    sources
});

fn parse_kind(word: &str) -> SourceKind {
    match word {
        "search" => SourceKind::Search,
        "social" => SourceKind::Social,
        "mail" => SourceKind::Mail,
        "answers" => SourceKind::Answers,
        "software" => SourceKind::Software,
        _ => SourceKind::Reading,
    }
}

/// Returns the named source of a host, and its kind.
pub fn named_source(host: &str) -> Option<(&'static str, SourceKind)> {
    let mut rest = host;
    loop {
        if let Some(found) = SOURCES.hosts.get(rest) {
            return Some(*found);
        }
        let (label, after) = rest.split_once('.')?;
        if let Some(found) = SOURCES.labels.get(label).filter(|_| is_country_suffix(after)) {
            return Some(*found);
        }
        rest = after;
    }
}

/// `de`, `com`, `co.uk`, `com.br`: the suffix of a site's national edition.
fn is_country_suffix(rest: &str) -> bool {
    let short =
        |label: &str| (2..=3).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_lowercase());
    match rest.split_once('.') {
        None => short(rest),
        Some((second, first)) => first.len() == 2 && short(first) && short(second),
    }
}

/// Classifies a referrer. `is_own` tells whether a host is the site's own. Values that no browser sends count as
/// direct.
pub(crate) fn classify(referrer: &str, is_own: impl Fn(&str) -> bool) -> Referrer<'_> {
    if referrer.is_empty() || referrer == "-" {
        return Referrer::Direct;
    }
    let Some((host, _)) = split_host(referrer) else { return Referrer::Direct };
    if is_own(&host) {
        return Referrer::SameSite;
    }
    if let Some((name, _)) = named_source(&host) {
        return Referrer::External(Cow::Borrowed(name));
    }
    let web = referrer.len() > 4 && referrer.as_bytes()[..4].eq_ignore_ascii_case(b"http");
    if !web || !is_public_name(&host) {
        return Referrer::Direct;
    }
    Referrer::External(Cow::Owned(redact_labels(&host)))
}

/// Where a view came from.
pub(crate) enum Referrer<'a> {
    /// From another page of the same site.
    SameSite,
    /// Directly, or from a place whose name is not worth keeping.
    Direct,
    /// From a named source or another host.
    External(Cow<'a, str>),
}

/// Whether a host is a public DNS name: no network address, no machine of a home or an office network.
fn is_public_name(host: &str) -> bool {
    let mut labels = host.rsplit('.');
    let top = labels.next().unwrap_or("");
    let allowed = host.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_'));
    let inner = matches!(
        top,
        "local"
            | "localhost"
            | "lan"
            | "internal"
            | "home"
            | "corp"
            | "intranet"
            | "test"
            | "invalid"
            | "arpa"
            | "onion"
    );
    allowed
        && !inner
        && top.chars().count() >= 2
        && !top.bytes().any(|byte| byte.is_ascii_digit())
        && labels.next().is_some_and(|label| !label.is_empty())
        || top.starts_with("xn--")
}

/// Redacts labels that look sensitive (a mailbox or a personal shop has such) and cuts a long host from the front.
fn redact_labels(host: &str) -> String {
    let labels: Vec<&str> = host
        .split('.')
        .map(|label| if looks_sensitive(label) && !label.starts_with("xn--") { REDACTED } else { label })
        .collect();
    let mut suffix = String::new();
    for from in 0..labels.len() {
        suffix = labels[from..].join(".");
        if suffix.len() <= MAX_HOST_BYTES {
            return suffix;
        }
    }
    suffix.truncate(suffix.floor_char_boundary(MAX_HOST_BYTES));
    suffix
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported_name(referrer: &str) -> Option<String> {
        match classify(referrer, |host| host == "vendor.example") {
            Referrer::SameSite => None,
            Referrer::Direct => Some(String::new()),
            Referrer::External(name) => Some(name.into_owned()),
        }
    }

    #[test]
    fn a_referrer_is_a_source_or_a_host_and_never_what_was_searched() {
        let cases = [
            ("https://www.google.de/search?q=my+illness", "Google"),
            ("https://google.co.uk/", "Google"),
            ("https://duckduckgo.com/?q=secret", "DuckDuckGo"),
            ("https://old.reddit.com/r/secret", "Reddit"),
            ("https://t.co/abc", "X"),
            ("android-app://com.google.android.gm/", "Gmail"),
            ("https://mail.google.com/mail/u/0/", "Gmail"),
            ("https://blog.example.org/secret/path", "blog.example.org"),
            ("https://google.example.org/", "google.example.org"),
            ("https://a8f3e2d1c0b9.shop.example.org/", "….shop.example.org"),
            ("http://192.168.0.1/", ""),
            ("http://router.lan/", ""),
            ("http://localhost:8000/", ""),
            ("http://[2001:db8::1]/", ""),
            ("javascript://x.example.org/", ""),
            ("-", ""),
            ("", ""),
            ("not a url", ""),
        ];
        for (referrer, name) in cases {
            assert_eq!(reported_name(referrer).as_deref(), Some(name), "{referrer}");
        }
        assert_eq!(reported_name("https://www.vendor.example/secret"), None);
    }

    #[test]
    fn at_least_150_hosts_have_a_name() {
        assert!(SOURCES.hosts.len() + SOURCES.labels.len() >= 150);
        assert!(
            SOURCES.hosts.keys().all(|host| host.chars().all(|c| !c.is_whitespace() && !c.is_uppercase()))
        );
    }
}
