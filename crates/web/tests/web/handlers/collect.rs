//! Routes that collect visits: what is counted, what is not, and that the response never reveals it.

use std::sync::Arc;

use analytics::{DayTallies, Dimension, DisclosureThresholds, Tally};
use calendar::{Day, TimeZone};
use domain::statistics::{AddSite, DayOpening, EditSite, KeepOpen, OpenDay, SiteOutcome, close_due};
use store::{Actor, Site};

use crate::http::Answer;
use crate::kit::Kit;

mod closing;
mod refused;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const CRAWLER: &str = "Mozilla/5.0 (compatible; Examplebot/2.1; +https://bot.example/)";
const JSON: (&str, &str) = ("Content-Type", "application/json");
const TEXT: (&str, &str) = ("Content-Type", "text/plain;charset=UTF-8");

/// A visitor: an address and the headers of a browser.
fn person(address: &str) -> [(&str, &str); 3] {
    [("X-Forwarded-For", address), ("User-Agent", FIREFOX), ("Accept-Language", "de-DE,de;q=0.9,en;q=0.5")]
}

impl Kit {
    /// A server with a site whose day is open.
    async fn counting(zone: &str) -> (Self, Site) {
        let mut kit = Self::behind_a_proxy().await;
        let hosts = ["example.org".to_owned(), "docs.example.org".to_owned()];
        let add = AddSite { name: "shop", hosts: &hosts, zone, public: true, actor: &Actor::System };
        let SiteOutcome::Done(site) = kit.app.db.execute(&add).await.unwrap() else { panic!("no site") };
        kit.flush().await;
        (kit, site)
    }

    async fn flush(&mut self) {
        self.flusher.flush_due(&self.app.db.clone()).await.unwrap();
    }

    async fn image(&self, query: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", &format!("/count.gif?{query}"), headers, "").await
    }

    async fn beacon(&self, kind: (&str, &str), headers: &[(&str, &str)], body: &str) -> Answer {
        self.send("POST", "/count", &[headers, &[kind]].concat(), body).await
    }

    fn today(&self, site: &Site) -> Day {
        TimeZone::named(&site.zone).unwrap().day_and_hour(self.app.db.clock.now()).0
    }

    /// The stored tallies of a day, five seconds later.
    async fn sealed(&mut self, site: &Site, date: Day) -> Tally {
        self.later(5).await;
        self.flush().await;
        sealed(self, site, date).await
    }
}

async fn sealed(kit: &Kit, site: &Site, date: Day) -> Tally {
    let tallies = kit.app.db.read().await.unwrap().tallies(site.id, date).await.unwrap();
    let mut day = DayTallies::new();
    for tally in tallies {
        day.insert(tally.node.cast_unsigned(), Tally::from_bytes(&tally.state[8..]).unwrap());
    }
    day.total()
}

/// Views and people of one cell.
fn cell(of: &Tally, dimension: Dimension, word: &str) -> (u64, u64) {
    of.cell(dimension, word).map_or((0, 0), |cell| (cell.views(), cell.visitors()))
}

#[tokio::test]
async fn every_kind_of_visit_is_counted_by_every_route() {
    let (mut kit, site) = Kit::counting("UTC").await;
    let own = ("Referer", "https://www.example.org/from?secret=1");
    for address in ["192.0.2.1", "192.0.2.2"] {
        let from = &[&person(address)[..], &[own]].concat();
        let image =
            kit.image("s=shop&p=%2Fdocs%3Futm_source%3Dnews&r=https%3A%2F%2Fsearch.example%2F&w=1440", from);
        assert_eq!(image.await.status, 200);
        let json =
            r#"{"s":"shop","p":"https://example.org/docs/","r":"https://search.example/?q=x","w":390}"#;
        assert_eq!(kit.beacon(JSON, from, json).await.status, 204);
        assert_eq!(kit.beacon(TEXT, from, r#"{"s":"shop","k":"event","n":"sign up"}"#).await.status, 204);
        let form = crate::http::FORM;
        assert_eq!(kit.beacon(form, from, "s=shop&k=download&p=%2Ffiles%2Fa.zip").await.status, 204);
        assert_eq!(kit.image("s=shop&k=404&p=/gone", from).await.status, 200);
        // Without script and without p the page is that of the image's Referer.
        assert_eq!(kit.image("s=shop", from).await.status, 200);
    }
    let today = kit.today(&site);
    let all = kit.sealed(&site, today).await;
    assert_eq!(cell(&all, Dimension::Page, "/docs"), (4, 2));
    assert_eq!(cell(&all, Dimension::Page, "/from"), (2, 2));
    assert_eq!(cell(&all, Dimension::Entry, "/docs"), (4, 2));
    assert_eq!(cell(&all, Dimension::Entry, "/from"), (0, 0), "its source is unknown");
    assert_eq!(cell(&all, Dimension::Referrer, "search.example"), (4, 2));
    assert_eq!(cell(&all, Dimension::Campaign, "news / - / -"), (2, 2));
    assert_eq!(cell(&all, Dimension::Event, "sign up"), (2, 2));
    assert_eq!(cell(&all, Dimension::Download, "/files/a.zip"), (2, 2));
    assert_eq!(cell(&all, Dimension::Missing, "/gone"), (2, 2));
    assert_eq!(cell(&all, Dimension::Screen, "phone"), (2, 2));
    assert_eq!(cell(&all, Dimension::Browser, "Firefox"), (6, 2));
    assert_eq!(cell(&all, Dimension::Language, "de"), (6, 2));
    assert_eq!(cell(&all, Dimension::Hour, "12"), (6, 2));
    assert_eq!(
        kit.app.counter.visitors_now("shop", false, kit.app.db.clock.now()),
        Some(0),
        "two visitors are below the threshold"
    );
    assert_eq!(kit.app.counter.visitors_now("elsewhere", false, kit.app.db.clock.now()), None);
}

#[tokio::test]
async fn current_visitors_are_counted_for_five_minutes() {
    let (kit, _) = Kit::counting("UTC").await;
    for n in 0..13 {
        kit.image("s=shop&p=/", &person(&format!("192.0.2.{n}"))).await;
    }
    let now = |kit: &Kit, everybody| kit.app.counter.visitors_now("shop", everybody, kit.app.db.clock.now());
    assert_eq!((now(&kit, false), now(&kit, true)), (Some(10), Some(10)));
    kit.later(300).await;
    assert_eq!(now(&kit, false), Some(0));
}

#[tokio::test]
async fn objecting_flooding_and_automated_visitors_get_the_same_response() {
    let (mut kit, site) = Kit::counting("UTC").await;
    let someone = person("192.0.2.1");
    let counted = kit.image("s=shop&p=/a", &someone).await;
    assert_eq!((counted.status, counted.header("content-type")), (200, "image/gif"));
    assert_eq!((counted.header("cache-control"), counted.header("content-length")), ("no-store", "43"));
    let beacon = kit.beacon(JSON, &someone, r#"{"s":"shop","p":"/a"}"#).await;
    let left_out: [&[(&str, &str)]; 6] = [
        &[("DNT", "1")],
        &[("Sec-GPC", "1")],
        &[("Sec-Purpose", "prefetch;prerender")],
        &[("Purpose", "prefetch")],
        &[("X-Moz", "prefetch")],
        &[("Cookie", "scruple_session=x"), ("DNT", "1")],
    ];
    for more in left_out {
        let from = [&someone[..], more].concat();
        assert_eq!(kit.image("s=shop&p=/a", &from).await.but_the_date(), counted.but_the_date());
        let answer = kit.beacon(JSON, &from, r#"{"s":"shop","p":"/a"}"#).await;
        assert_eq!(answer.but_the_date(), beacon.but_the_date());
    }
    let machine = [("X-Forwarded-For", "192.0.2.3"), ("User-Agent", CRAWLER)];
    assert_eq!(kit.image("s=shop&p=/a", &machine).await.but_the_date(), counted.but_the_date());
    let head = kit.send("HEAD", "/count.gif?s=shop&p=/a", &someone, "").await;
    assert_eq!((head.status, &*head.body), (200, ""));
    let often = person("192.0.2.9");
    for n in 0..601 {
        let answer = kit.image(&format!("s=shop&p=/flood-{n}"), &often).await;
        assert_eq!(answer.but_the_date(), counted.but_the_date());
    }
    let today = kit.today(&site);
    let all = kit.sealed(&site, today).await;
    assert_eq!(cell(&all, Dimension::Page, "/a"), (2, 1));
    assert_eq!((all.uncounted().bots, all.uncounted().refused, all.uncounted().late), (1, 1, 0));
    assert_eq!(all.cells(Dimension::Page), 601, "/a and 600 of the flood");
}

#[tokio::test]
async fn the_script_is_small_and_cacheable_on_every_page() {
    let (kit, _) = Kit::counting("UTC").await;
    let script = kit.get("/count.js", "").await;
    assert_eq!((script.status, script.header("content-type")), (200, "text/javascript; charset=utf-8"));
    assert!(script.body.len() <= 600, "{} bytes", script.body.len());
    assert!(script.header("cache-control").contains("max-age=86400"));
    assert_eq!(script.header("cross-origin-resource-policy"), "cross-origin");
    let tag = script.header("etag");
    let known = kit.send("GET", "/count.js", &[("If-None-Match", tag)], "").await;
    assert_eq!((known.status, &*known.body, known.header("etag")), (304, "", tag));
    let weak = format!("\"other\", W/{tag}");
    assert_eq!(kit.send("GET", "/count.js", &[("If-None-Match", &weak)], "").await.status, 304);
    assert_eq!(kit.send("GET", "/count.js", &[("If-None-Match", "\"other\"")], "").await.status, 200);
}

#[tokio::test]
async fn a_flood_of_invented_values_has_bounded_memory() {
    let (kit, site) = Kit::counting("UTC").await;
    let counter = Arc::clone(&kit.app.counter);
    let shop = counter.site("shop").unwrap();
    // Six thousand addresses with ten invented values each, without HTTP.
    for n in 0..60_000_u32 {
        let address = std::net::Ipv4Addr::from(0x0a00_0000 + n / 10).into();
        let (page, from) = (format!("/{n:x}-x"), format!("https://h{n:x}.example/"));
        let visit = analytics::Request {
            user_agent: FIREFOX,
            referrer: Some(&from),
            name: &page,
            kind: if n % 3 == 0 { analytics::VisitKind::Event } else { analytics::VisitKind::View },
            ..analytics::Request::view(address, &page)
        };
        counter.record_visit(&shop, &visit, kit.app.db.clock.now());
    }
    let mut kit = kit;
    let today = kit.today(&site);
    let all = kit.sealed(&site, today).await;
    for dimension in [Dimension::Page, Dimension::Entry, Dimension::Referrer, Dimension::Event] {
        assert!(all.cells(dimension) <= dimension.max_cells(), "{}", dimension.name());
        assert!(all.evicted_views(dimension) > 10_000, "{}", dimension.name());
    }
    let size = kit.app.db.read().await.unwrap().tallies(site.id, today).await.unwrap()[0].state.len();
    assert!(size < 4_000_000, "{size} bytes");
}
