//! Turns a request into a visit. No other module reads the network address and the user agent.

use std::{borrow::Cow, sync::Arc};

use crate::{
    campaign, country, language, path,
    referrer::{self, Referrer},
    request::{Request, VisitKind},
    screen,
    user_agent::UserAgentCache,
    visit::Visit,
    visitor::{DayKey, Visitor},
};

/// What a request is counted as.
pub enum Outcome<'a> {
    /// A visit, which is counted.
    Count(Visit<'a>, Visitor),
    /// A request of a bot: only the number of such requests is kept.
    Bot,
    /// The visitor opted out (Do Not Track or Global Privacy Control). It is not counted at all, not even as opted
    /// out.
    OptedOut,
    /// The browser prefetched the page; the visitor may never see it. It is not counted.
    Prefetch,
    /// Not a visit of this site.
    Refused(RefusalReason),
}

/// Why a request is not a visit of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalReason {
    /// The page is on another host.
    ForeignHost,
    /// The event has no name.
    UnnamedEvent,
    /// The page is neither a path nor a web URL.
    InvalidPage,
}

/// Classifies requests of one site. Threads share it.
pub struct Classifier {
    site: String,
    hosts: Vec<String>,
    agents: Arc<UserAgentCache>,
}

impl Classifier {
    /// Creates a classifier for the site called `site` on `hosts`, with and without `www.`.
    pub fn new(site: &str, hosts: &[&str], agents: Arc<UserAgentCache>) -> Self {
        let hosts = hosts.iter().map(|host| {
            let host = host.to_ascii_lowercase();
            host.strip_prefix("www.").map(str::to_owned).unwrap_or(host)
        });
        Self { site: site.to_owned(), hosts: hosts.collect(), agents }
    }

    /// Whether `host` (lower case, without `www.` and port) belongs to the site.
    pub fn is_own_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|own| own == host)
    }

    /// Whether a URL's host belongs to the site. None for a URL without a host, such as a path.
    pub fn is_own_url(&self, url: &str) -> Option<bool> {
        path::split_host(url).map(|(host, _)| self.is_own_host(&host))
    }

    /// Classifies `request`, which arrived in hour `hour` of the site's day with the key `key`.
    ///
    /// Opt-out is checked before anything else.
    pub fn classify<'a>(&self, request: &Request<'a>, hour: u8, key: &DayKey) -> Outcome<'a> {
        if request.has_opted_out() {
            return Outcome::OptedOut;
        }
        if request.is_prefetch() {
            return Outcome::Prefetch;
        }
        let page = match path::split_host(request.page) {
            Some((host, _)) if !self.is_own_host(&host) => {
                return Outcome::Refused(RefusalReason::ForeignHost);
            }
            Some((_, rest)) => rest,
            None if request.page.starts_with('/') || request.page.is_empty() => request.page,
            None => return Outcome::Refused(RefusalReason::InvalidPage),
        };
        let subject = match request.kind {
            VisitKind::Event => match campaign::clean_label(request.name) {
                Some(name) => Cow::Owned(name),
                None => return Outcome::Refused(RefusalReason::UnnamedEvent),
            },
            VisitKind::View | VisitKind::Download | VisitKind::Missing => path::clean(page),
        };
        let user_agent = self.agents.read(request.user_agent);
        if user_agent.bot {
            return Outcome::Bot;
        }
        let visitor = key.visitor(&self.site, request.address, request.user_agent);
        let (entry, referrer) =
            match request.referrer.map(|from| referrer::classify(from, |host| self.is_own_host(host))) {
                None | Some(Referrer::SameSite) => (false, None),
                Some(Referrer::Direct) => (true, Some(Cow::Borrowed(""))),
                Some(Referrer::External(name)) => (true, Some(name)),
            };
        let visit = Visit {
            kind: request.kind,
            hour: hour.min(23),
            subject,
            entry: entry && request.kind == VisitKind::View,
            referrer,
            campaign: campaign::label(page),
            country: country::of_address(request.address),
            language: language::preferred(request.languages),
            user_agent,
            screen: screen::width_class(request.width),
        };
        Outcome::Count(visit, visitor)
    }
}
