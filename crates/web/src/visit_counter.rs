//! Counts visits in memory (`visitors.unidentifiable`). A request is borrowed, classified and counted, and nothing of it
//! outlives the call. Only counts and sketches are kept, which the [`TallyFlusher`] encrypts and stores every few seconds.
//!
//! Each process counts separately. When a day is closed, the domain merges the tallies of all processes.

mod address_rate;
mod counted_day;
mod list_snapshot;
mod site;
mod tally_flusher;
#[cfg(test)]
mod tests;

pub use site::Site;
pub use tally_flusher::TallyFlusher;

use std::sync::Arc;

use analytics::{Classifier, DisclosureThresholds, Outcome, Request, UserAgentCache};
use arc_swap::ArcSwap;
use calendar::{TimeZone, Timestamp};

use address_rate::AddressRate;
use list_snapshot::ListSnapshot;

/// Counts the visits of all sites. Counting never waits for the database.
pub struct Counter {
    /// A short list, so it is searched linearly. Every visit reads it and only the flusher writes it, so no reader waits.
    sites: ArcSwap<Vec<Arc<Site>>>,
    agents: Arc<UserAgentCache>,
    rate: AddressRate,
    thresholds: DisclosureThresholds,
}

impl Counter {
    /// A counter without sites.
    #[must_use]
    pub fn new(thresholds: DisclosureThresholds) -> Self {
        Self { sites: ArcSwap::default(), agents: Arc::default(), rate: AddressRate::default(), thresholds }
    }

    /// The disclosure thresholds: how many people a number needs before it is shown (k-anonymity).
    #[must_use]
    pub fn thresholds(&self) -> DisclosureThresholds {
        self.thresholds
    }

    /// Returns the site of that name, if this process knows it.
    #[must_use]
    pub fn site(&self, name: &str) -> Option<ListSnapshot<Arc<Site>>> {
        ListSnapshot::of(&self.sites, |site| site.row.name == name)
    }

    /// Returns whether an origin belongs to any site. A CORS preflight request does not name the site.
    #[must_use]
    pub fn owns(&self, origin: &str) -> bool {
        self.all().iter().any(|site| site.owns(origin) == Some(true))
    }

    /// Counts a request that arrived at `at`, unless it must not be counted. The caller does not learn
    /// which.
    pub fn record_visit(&self, site: &Site, request: &Request<'_>, at: Timestamp) {
        // If the visitor objects (Do Not Track, Global Privacy Control), not even the address is read.
        if request.has_opted_out() || request.is_prefetch() {
            return;
        }
        let Some(span) = site.span(at) else { return site.late(1) };
        let day = &span.day;
        if !self.rate.allows(request.address, at) {
            return site.count(day, analytics::Tally::count_refused);
        }
        match site.classifier.classify(request, site.zone.day_and_hour(at).1, day.key()) {
            Outcome::Count(visit, visitor) => {
                site.count(day, |tally| tally.count(&visit, visitor));
                site.record_presence(at, visitor);
            }
            Outcome::Bot => site.count(day, analytics::Tally::count_bot),
            Outcome::Refused(_) => site.count(day, analytics::Tally::count_refused),
            Outcome::OptedOut | Outcome::Prefetch => {}
        }
    }

    /// Counts a request that was refused.
    pub(crate) fn record_refused(&self, site: &Site, at: Timestamp) {
        match site.span(at) {
            Some(span) => site.count(&span.day, analytics::Tally::count_refused),
            None => site.late(1),
        }
    }

    /// Returns how many people this process saw on a site in the five minutes before `at`. The number is rounded
    /// down to a multiple of the audience's threshold. `None` for an unknown site.
    ///
    /// A visitor who is there at midnight counts twice for five minutes, because the key changes at midnight.
    #[must_use]
    pub fn visitors_now(&self, site: &str, for_public: bool, at: Timestamp) -> Option<u64> {
        let step = if for_public { self.thresholds.public() } else { self.thresholds.staff() };
        Some(self.site(site)?.visitors_now(at, step))
    }

    fn all(&self) -> Vec<Arc<Site>> {
        Vec::clone(&self.sites.load())
    }

    /// Returns the sites among `rows` that are new or were edited. Their open days stay open.
    fn changed_sites(&self, rows: Vec<store::Site>) -> Vec<Site> {
        let known = |row: &store::Site| self.site(&row.name);
        let changed_sites = rows.into_iter().filter(|row| known(row).is_none_or(|site| site.row != *row));
        let read = changed_sites.filter_map(|row| {
            let Some(zone) = TimeZone::named(&row.zone) else {
                tracing::error!(
                    site = row.name,
                    "the time zone of this site is unknown; its visits are not counted"
                );
                return None;
            };
            let hosts: Vec<&str> = row.hosts.iter().map(String::as_str).collect();
            let classifier = Classifier::new(&row.name, &hosts, Arc::clone(&self.agents));
            let days = known(&row).map(|site| Arc::clone(&site.days)).unwrap_or_default();
            Some(Site { row, zone, classifier, days })
        });
        read.collect()
    }

    /// Adds these sites without opening a day. Requests for them are answered but not counted.
    pub(crate) fn register_sites(&self, rows: Vec<store::Site>) {
        self.changed_sites(rows).into_iter().for_each(|site| self.insert(site));
    }

    /// Adds or replaces a site.
    fn insert(&self, site: Site) {
        let site = Arc::new(site);
        self.sites.rcu(|sites| {
            let mut sites = Vec::clone(sites);
            sites.retain(|known| known.row.name != site.row.name);
            sites.push(Arc::clone(&site));
            sites
        });
    }
}
