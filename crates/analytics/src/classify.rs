//! From what a request says to a visit: the one place where address and user agent are looked at.

use std::{borrow::Cow, sync::Arc};

use crate::{
    agent::Agents,
    campaign, country, language, path,
    referrer::{self, From},
    request::{Kind, Request},
    screen,
    visit::Visit,
    visitor::{DayKey, Visitor},
};

/// What becomes of a request.
pub enum Outcome<'a> {
    /// It is counted.
    Count(Visit<'a>, Visitor),
    /// A machine without a person: one more of a number.
    Bot,
    /// The person asked not to be counted. Not even this is counted.
    Optout,
    /// Fetched ahead; perhaps nobody ever looks. Not counted.
    Ahead,
    /// Not a visit of this site.
    Refused(Refusal),
}

/// Why a request is no visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The page is on a host that isn't the site's.
    ForeignHost,
    /// An event without a name.
    Nameless,
    /// The page is neither a path nor a URL of the web.
    NoPage,
}

/// Classifies what arrives for one site. Shared by threads.
pub struct Classifier {
    site: String,
    hosts: Vec<String>,
    agents: Arc<Agents>,
}

impl Classifier {
    /// For the site called `site`, which lives on `hosts` (and on `www.` before each).
    pub fn new(site: &str, hosts: &[&str], agents: Arc<Agents>) -> Self {
        let hosts = hosts.iter().map(|host| {
            let host = host.to_ascii_lowercase();
            host.strip_prefix("www.").map(str::to_owned).unwrap_or(host)
        });
        Self { site: site.to_owned(), hosts: hosts.collect(), agents }
    }

    /// Whether `host` (small letters, no `www.`, no port) is the site's.
    pub fn is_own(&self, host: &str) -> bool {
        self.hosts.iter().any(|own| own == host)
    }

    /// Whether a URL's host is the site's; None for what names no host, such as a path.
    pub fn owns(&self, url: &str) -> Option<bool> {
        path::host_and_rest(url).map(|(host, _)| self.is_own(&host))
    }

    /// What becomes of `request`, which arrived in hour `hour` of the site's day whose key is `key`.
    ///
    /// A person's objection is looked at before anything else.
    pub fn classify<'a>(&self, request: &Request<'a>, hour: u8, key: &DayKey) -> Outcome<'a> {
        if request.objects() {
            return Outcome::Optout;
        }
        if request.ahead() {
            return Outcome::Ahead;
        }
        let page = match path::host_and_rest(request.page) {
            Some((host, _)) if !self.is_own(&host) => return Outcome::Refused(Refusal::ForeignHost),
            Some((_, rest)) => rest,
            None if request.page.starts_with('/') || request.page.is_empty() => request.page,
            None => return Outcome::Refused(Refusal::NoPage),
        };
        let subject = match request.kind {
            Kind::Event => match campaign::word(request.name) {
                Some(name) => Cow::Owned(name),
                None => return Outcome::Refused(Refusal::Nameless),
            },
            Kind::View | Kind::Download | Kind::Missing => path::clean(page),
        };
        let agent = self.agents.read(request.agent);
        if agent.bot {
            return Outcome::Bot;
        }
        let visitor = key.visitor(&self.site, request.address, request.agent);
        let (entry, referrer) =
            match request.referrer.map(|from| referrer::of(from, |host| self.is_own(host))) {
                None | Some(From::Here) => (false, None),
                Some(From::Nowhere) => (true, Some(Cow::Borrowed(""))),
                Some(From::There(name)) => (true, Some(name)),
            };
        let visit = Visit {
            kind: request.kind,
            hour: hour.min(23),
            subject,
            entry: entry && request.kind == Kind::View,
            referrer,
            campaign: campaign::of(page),
            country: country::of(request.address),
            language: language::first(request.languages),
            agent,
            screen: screen::class(request.width),
        };
        Outcome::Count(visit, visitor)
    }
}
