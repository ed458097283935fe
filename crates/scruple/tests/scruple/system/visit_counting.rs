//! Counts visits with servers that are killed, stopped and doubled. Sealed counts are never lost, and the day reports
//! how many seconds may be missing.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use analytics::{DayTallies, Dimension, DisclosureThresholds, Tally};
use calendar::Day;
use domain::statistics::{AddSite, ClosedDays, SiteOutcome, close_due};
use store::{Actor, Clock, Site};

use super::kit::process::Server;
use super::kit::{OpenStore, Shop, block_on, wait_until};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn site(store: &OpenStore) -> Site {
    let hosts = ["example.org".to_owned()];
    let add = AddSite { name: "shop", hosts: &hosts, zone: "UTC", public: false, actor: &Actor::System };
    match block_on(store.db.execute(&add)).expect("the database") {
        SiteOutcome::Done(site) => site,
        other => panic!("{other:?}"),
    }
}

fn view(server: &Server, visitor: u32, path: &str) {
    let address = std::net::Ipv4Addr::from(0xc000_0200 + visitor).to_string();
    let headers = [("user-agent", FIREFOX), ("x-forwarded-for", &*address)];
    let at = format!("/count.gif?s=shop&r=&p={path}");
    let answer = server.connect().request("GET", &at, &headers, b"").expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("set-cookie"), None);
}

/// Returns the days with a tally: usually today, and also tomorrow if midnight passes.
fn days(store: &OpenStore, site: &Site) -> Vec<Day> {
    let today = store.db.clock.today();
    let days = block_on(async { store.db.read().await?.visit_days(site.id, today - 1, today + 1).await });
    days.expect("the days").into_iter().map(|day| day.date).collect()
}

/// Returns the sealed tallies of all days.
fn sealed(store: &OpenStore, site: &Site) -> Tally {
    let mut all = DayTallies::new();
    for date in days(store, site) {
        let tallies = block_on(async { store.db.read().await?.tallies(site.id, date).await });
        for tally in tallies.expect("the tallies") {
            all.insert(tally.node.cast_unsigned(), Tally::from_bytes(&tally.state[8..]).expect("a tally"));
        }
    }
    all.total()
}

fn cell(of: &Tally, word: &str) -> (u64, u64) {
    of.cell(Dimension::Page, word).map_or((0, 0), |cell| (cell.views(), cell.visitors()))
}

/// Closes all days, as a server does long after they are over.
fn close_days(store: &OpenStore) -> ClosedDays {
    let mut later = store.db.clone();
    let at = store.db.clock.now() + 2 * 86_400;
    later.clock = Clock::Fixed(Arc::new(AtomicI64::new(at.to_unix_seconds())));
    block_on(close_due(&later, DisclosureThresholds::default())).expect("closed")
}

/// Waits until the server counts visits. A running server learns of a new site within seconds.
fn wait_until_counting(server: &Server) {
    wait_until("the site", || {
        let answer = server.connect().request("GET", "/count.gif?s=shop&p=/", &[("dnt", "1")], b"");
        (answer.expect("an answer").status == 200).then_some(())
    });
}

#[test]
fn a_killed_server_loses_only_unsealed_counts_and_the_day_reports_it() {
    let shop = Shop::empty();
    let mut server = shop.serve();
    let store = shop.open_store();
    let site = site(&store);
    wait_until_counting(&server);
    for visitor in 0..20 {
        view(&server, visitor, "/sealed");
    }
    wait_until("the seal", || (cell(&sealed(&store, &site), "/sealed") == (20, 20)).then_some(()));
    for visitor in 0..20 {
        view(&server, visitor, "/perhaps");
    }
    server.kill();
    let server = shop.serve();
    for visitor in 0..20 {
        view(&server, visitor, "/after");
    }
    assert!(server.stop().success(), "a stopped server seals its counts");
    let all = sealed(&store, &site);
    assert_eq!((cell(&all, "/sealed"), cell(&all, "/after")), ((20, 20), (20, 20)));
    assert!(cell(&all, "/perhaps").0 <= 20);
    assert_eq!(
        all.population(analytics::Population::Viewers).visitors(),
        20,
        "the same people before and after"
    );
    let days = days(&store, &site);
    let done = close_days(&store);
    assert_eq!((done.days, done.crashed), (days.len() as u64, 1));
    let missing = block_on(async { store.db.read().await?.visit_days(site.id, days[0], days[0] + 1).await });
    let missing: i64 = missing.expect("the days").iter().map(|day| day.missing).sum();
    assert_eq!(missing, 5);
    for date in days {
        let opened = block_on(async { store.db.read().await?.tallies(site.id, date).await });
        assert!(opened.expect("the tallies").is_empty(), "nothing of {} is left", date);
    }
    store.prove_promises();
}

#[test]
fn two_servers_count_a_visitor_of_both_once() {
    let shop = Shop::empty();
    let (one, other) = (shop.serve(), shop.serve());
    let store = shop.open_store();
    let site = site(&store);
    wait_until_counting(&one);
    wait_until_counting(&other);
    for visitor in 0..30 {
        view(if visitor % 2 == 0 { &one } else { &other }, visitor, "/a");
        view(&one, visitor, "/b");
        view(&other, visitor, "/b");
    }
    assert!(one.stop().success() && other.stop().success());
    let all = sealed(&store, &site);
    assert_eq!((cell(&all, "/a"), cell(&all, "/b")), ((30, 30), (60, 30)));
    let done = close_days(&store);
    assert_eq!((done.crashed, done.waiting), (0, 0));
    store.prove_promises();
}

#[test]
fn the_log_of_a_counting_server_contains_no_personal_data() {
    let shop = Shop::empty();
    let server = shop.serve();
    let store = shop.open_store();
    let site = site(&store);
    wait_until_counting(&server);
    let headers =
        [("user-agent", "Mozilla/5.0 (X11; VqzHolunder) Firefox/1.0"), ("x-forwarded-for", "203.0.113.77")];
    for query in ["s=shop&p=/VqzHolunder?q=VqzHolunder", "s=VqzHolunder", "s=shop&p=VqzHolunder"] {
        let at = format!("/count.gif?{query}");
        server.connect().request("GET", &at, &headers, b"").expect("an answer");
    }
    wait_until("the seal", || (sealed(&store, &site).sequence() == 1).then_some(()));
    let log = server.log();
    assert!(!log.contains("Holunder") && !log.contains("203.0.113"), "{log}");
    assert!(server.stop().success());
}
