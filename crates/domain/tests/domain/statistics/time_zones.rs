//! Days are closed when they are over on the clocks of their site: ends of months and years, leap days and both changes
//! of the clock, in 26 zones.

#[path = "../../../../calendar/tests/calendar/tables/local_days.rs"]
mod local_days;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use analytics::Dimension;
use calendar::Timestamp;
use domain::statistics::{CloseDay, CloseOutcome, CloseTrigger, GRACE_SECONDS, day_end};
use local_days::{LocalDay, local_days};
use store::{Audience, Site};

use crate::statistics::website::{Action, Node, Web, add_site, read};

#[tokio::test]
async fn a_day_is_closed_when_its_last_second_on_the_sites_clocks_is_over() {
    let web = Web::open().await;
    let set = |at: Timestamp| web.scratch.now.store(at.to_unix_seconds(), Ordering::SeqCst);
    let end = |site: &Site, day| day_end(site, day).unwrap();
    let mut sites: BTreeMap<&str, Site> = BTreeMap::new();
    for LocalDay { row, zone, day, seconds } in local_days() {
        if !sites.contains_key(zone) {
            sites.insert(zone, add_site(web.db(), &format!("site-{}", sites.len()), zone).await);
        }
        let site = &sites[zone];
        let Some((seconds, _)) = seconds else {
            assert_eq!(end(site, day), end(site, day - 1), "{row}: the day has no second");
            continue;
        };
        assert_eq!(end(site, day), seconds.end, "{row}");
        // Visits are counted and published on the odd days only: those of 24 hours are all alike.
        if seconds.end - seconds.start == 86_400 && !row.contains("-02-29") {
            continue;
        }
        set(seconds.start);
        let mut node = Node::new(site);
        node.open(web.db(), day).await;
        (0..10).for_each(|person| node.count(day, Action::view(person, 1)));
        node.seal(web.db(), true).await;
        let close = CloseDay { site, date: day, thresholds: web.thresholds, trigger: CloseTrigger::Due };
        set(seconds.end - 1 + GRACE_SECONDS);
        assert_eq!(web.execute(&close).await, CloseOutcome::NotYet, "{row}");
        set(seconds.end + GRACE_SECONDS);
        assert_eq!(web.execute(&close).await, CloseOutcome::Closed { crashed: 0 }, "{row}");
        let page = read(web.db(), site, Audience::Own, Dimension::Page, day, day).await;
        assert_eq!((page.days, page.total.views), (1, 10), "{row}");
    }
    assert!(sites.len() >= 20, "{} zones", sites.len());
}
