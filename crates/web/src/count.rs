//! Visits are counted here, in memory (`visitors.unidentifiable`): a request comes in borrowed, is classified and counted,
//! and nothing of it outlives the call. What is kept are counts and sketches, which the [`TallyFlusher`] seals every few seconds.
//!
//! Each process counts for itself; the desk merges what several have sealed when a day is closed.

mod day;
mod keeper;
mod nth;
mod rate;
mod site;
#[cfg(test)]
mod tests;

pub use keeper::TallyFlusher;
pub use site::Site;

use std::sync::Arc;

use analytics::{Agents, Classifier, DisclosureThresholds, Outcome, Request, Zone};
use arc_swap::ArcSwap;

use nth::ListSnapshot;
use rate::Rate;

/// Counts the visits of all sites. Nothing here waits for anything but other counts.
pub struct Counter {
    /// Few, so they are looked through; every visit reads them and one keeper writes, so nobody waits for it.
    sites: ArcSwap<Vec<Arc<Site>>>,
    agents: Arc<Agents>,
    rate: Rate,
    folding: DisclosureThresholds,
}

impl Counter {
    /// Counts for no site yet.
    #[must_use]
    pub fn new(folding: DisclosureThresholds) -> Self {
        Self { sites: ArcSwap::default(), agents: Arc::default(), rate: Rate::default(), folding }
    }

    /// How many people a number needs before it is shown.
    #[must_use]
    pub fn folding(&self) -> DisclosureThresholds {
        self.folding
    }

    /// The site of that name; none that is known yet.
    #[must_use]
    pub fn site(&self, name: &str) -> Option<ListSnapshot<Arc<Site>>> {
        ListSnapshot::of(&self.sites, |site| site.row.name == name)
    }

    /// Whether a page of this origin is any site's: the question that a browser asks before it says for which site.
    #[must_use]
    pub fn owns(&self, origin: &str) -> bool {
        self.all().iter().any(|site| site.owns(origin) == Some(true))
    }

    /// Counts what arrived for a site at second `at` since 1970, or leaves it out. Nobody is told which.
    pub fn take(&self, site: &Site, request: &Request<'_>, at: i64) {
        // Of those who object not even their address is looked at.
        if request.objects() || request.ahead() {
            return;
        }
        let Some(span) = site.span(at) else { return site.late(1) };
        let day = &span.day;
        if !self.rate.allows(request.address, at) {
            return site.count(day, analytics::Tally::count_refused);
        }
        match site.classifier.classify(request, site.zone.at(at).1, day.key()) {
            Outcome::Count(visit, visitor) => {
                site.count(day, |tally| tally.count(&visit, visitor));
                site.seen(at, visitor);
            }
            Outcome::Bot => site.count(day, analytics::Tally::count_bot),
            Outcome::Refused(_) => site.count(day, analytics::Tally::count_refused),
            Outcome::Optout | Outcome::Ahead => {}
        }
    }

    /// Counts a request that was turned away.
    pub fn refuse(&self, site: &Site, at: i64) {
        match site.span(at) {
            Some(span) => site.count(&span.day, analytics::Tally::count_refused),
            None => site.late(1),
        }
    }

    /// How many people this process saw on a site in the five minutes before second `at`, for the site's own staff or for
    /// everybody: rounded down to a multiple of what that audience's numbers need. None for an unknown site.
    ///
    /// Who is there at midnight is another person after it, and counts twice for five minutes.
    #[must_use]
    pub fn now(&self, site: &str, everybody: bool, at: i64) -> Option<u64> {
        let step = if everybody { self.folding.public() } else { self.folding.own() };
        Some(self.site(site)?.here(at, step))
    }

    fn all(&self) -> Vec<Arc<Site>> {
        Vec::clone(&self.sites.load())
    }

    /// Sites that are new or were edited, of all that are written. Days that are open stay open.
    fn changed(&self, rows: Vec<store::Site>) -> Vec<Site> {
        let known = |row: &store::Site| self.site(&row.name);
        let changed = rows.into_iter().filter(|row| known(row).is_none_or(|site| site.row != *row));
        let read = changed.filter_map(|row| {
            let Some(zone) = Zone::named(&row.zone) else {
                tracing::error!(site = row.name, "has a time zone that is none: it is not counted");
                return None;
            };
            let hosts: Vec<&str> = row.hosts.iter().map(String::as_str).collect();
            let classifier = Classifier::new(&row.name, &hosts, Arc::clone(&self.agents));
            let days = known(&row).map(|site| Arc::clone(&site.days)).unwrap_or_default();
            Some(Site { row, zone, classifier, days })
        });
        read.collect()
    }

    /// Knows these sites without opening a day of theirs: whoever asks is answered, and nobody is counted.
    pub fn know(&self, rows: Vec<store::Site>) {
        self.changed(rows).into_iter().for_each(|site| self.put(site));
    }

    /// Counts for this site from now on, or for what it has become.
    fn put(&self, site: Site) {
        let site = Arc::new(site);
        self.sites.rcu(|sites| {
            let mut sites = Vec::clone(sites);
            sites.retain(|known| known.row.name != site.row.name);
            sites.push(Arc::clone(&site));
            sites
        });
    }
}
