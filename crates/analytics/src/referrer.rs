//! Where a visit came from: a named source or a host, never a path or what was searched for.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use crate::{
    path::host_and_rest,
    secret::{FOLDED, looks_secret},
};

/// Bytes that a host has at most; longer ones lose their foremost labels.
const LONGEST: usize = 100;

/// Of what kind a named source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A search engine.
    Search,
    /// A network of people, a forum.
    Social,
    /// Mail read in a browser or an application.
    Mail,
    /// A machine that answers in sentences.
    Answers,
    /// Where software is found.
    Software,
    /// News, reference, reading.
    Reading,
}

struct Sources {
    /// Whole hosts and their subdomains.
    hosts: HashMap<&'static str, (&'static str, Source)>,
    /// `name.*`: the label before a country's ending (`.de`, `.co.uk`).
    labels: HashMap<&'static str, (&'static str, Source)>,
}

/// `facts/sources.tsv`: kind, name, hosts.
static SOURCES: LazyLock<Sources> = LazyLock::new(|| {
    let mut sources = Sources { hosts: HashMap::new(), labels: HashMap::new() };
    let lines = include_str!("facts/sources.tsv").lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let mut cells = line.split('\t');
        let mut cell =
            || cells.next().expect("sources.tsv is part of the program and has three cells a line");
        let (kind, name, hosts) = (kind(cell()), cell(), cell());
        for host in hosts.split(' ') {
            match host.strip_suffix(".*") {
                Some(label) => sources.labels.insert(label, (name, kind)),
                None => sources.hosts.insert(host, (name, kind)),
            };
        }
    }
    sources
});

fn kind(word: &str) -> Source {
    match word {
        "search" => Source::Search,
        "social" => Source::Social,
        "mail" => Source::Mail,
        "answers" => Source::Answers,
        "software" => Source::Software,
        _ => Source::Reading,
    }
}

/// The named source to which a host belongs, with its kind.
pub fn named(host: &str) -> Option<(&'static str, Source)> {
    let mut rest = host;
    loop {
        if let Some(found) = SOURCES.hosts.get(rest) {
            return Some(*found);
        }
        let (label, after) = rest.split_once('.')?;
        if let Some(found) = SOURCES.labels.get(label).filter(|_| is_ending(after)) {
            return Some(*found);
        }
        rest = after;
    }
}

/// `de`, `com`, `co.uk`, `com.br`: what a country's edition of a site ends in.
fn is_ending(rest: &str) -> bool {
    let short =
        |label: &str| (2..=3).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_lowercase());
    match rest.split_once('.') {
        None => short(rest),
        Some((second, first)) => first.len() == 2 && short(first) && short(second),
    }
}

/// What is kept of a referrer: empty for none, for the site itself (`own` is then true for its host) and for what no
/// browser sends.
pub(crate) fn of(referrer: &str, own: impl Fn(&str) -> bool) -> From<'_> {
    if referrer.is_empty() || referrer == "-" {
        return From::Nowhere;
    }
    let Some((host, _)) = host_and_rest(referrer) else { return From::Nowhere };
    if own(&host) {
        return From::Here;
    }
    if let Some((name, _)) = named(&host) {
        return From::There(Cow::Borrowed(name));
    }
    let web = referrer.len() > 4 && referrer.as_bytes()[..4].eq_ignore_ascii_case(b"http");
    if !web || !is_public_name(&host) {
        return From::Nowhere;
    }
    From::There(Cow::Owned(without_secrets(&host)))
}

/// Where a view came from.
pub(crate) enum From<'a> {
    /// From another page of the same site.
    Here,
    /// Directly, or from where no name is worth keeping.
    Nowhere,
    /// From a named source or a host.
    There(Cow<'a, str>),
}

/// A name in the public tree of names: no address, no machine of a home or an office.
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

/// The host without labels that look like secrets (a mailbox or a shop of one's own has such), and cut from the front.
fn without_secrets(host: &str) -> String {
    let labels: Vec<&str> = host
        .split('.')
        .map(|label| if looks_secret(label) && !label.starts_with("xn--") { FOLDED } else { label })
        .collect();
    let mut kept = String::new();
    for from in 0..labels.len() {
        kept = labels[from..].join(".");
        if kept.len() <= LONGEST {
            return kept;
        }
    }
    kept.truncate(kept.floor_char_boundary(LONGEST));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(referrer: &str) -> Option<String> {
        match of(referrer, |host| host == "vendor.example") {
            From::Here => None,
            From::Nowhere => Some(String::new()),
            From::There(name) => Some(name.into_owned()),
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
            assert_eq!(kept(referrer).as_deref(), Some(name), "{referrer}");
        }
        assert_eq!(kept("https://www.vendor.example/secret"), None);
    }

    #[test]
    fn at_least_150_hosts_have_a_name() {
        assert!(SOURCES.hosts.len() + SOURCES.labels.len() >= 150);
        assert!(
            SOURCES.hosts.keys().all(|host| host.chars().all(|c| !c.is_whitespace() && !c.is_uppercase()))
        );
    }
}
