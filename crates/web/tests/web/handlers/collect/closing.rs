//! Days begin and end in the site's time zone. The test controls the clock.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use web::visit_counter::{Counter, TallyFlusher};

use super::*;

/// Sets the clock to some seconds after the site's next midnight.
async fn midnight(kit: &Kit, site: &Site, after: i64) -> Day {
    let today = kit.today(site);
    let tomorrow = today + 1;
    let begins = TimeZone::named(&site.zone).unwrap().start_of_day(tomorrow);
    kit.later(begins + after - kit.app.db.clock.now()).await;
    today
}

#[tokio::test]
async fn a_day_ends_at_the_sites_midnight_and_requests_from_before_still_count_for_it() {
    let (mut kit, site) = Kit::counting("Asia/Kathmandu").await;
    let someone = person("192.0.2.1");
    midnight(&kit, &site, -5).await;
    kit.flush().await;
    kit.image("s=shop&p=/before", &someone).await;
    // Its header arrives before midnight, and the rest of its body after.
    let body = r#"{"s":"shop","p":"/slow"}"#;
    let head = format!(
        "POST /count HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\nUser-Agent: {FIREFOX}\r\n\
         X-Forwarded-For: 192.0.2.2\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    let at = kit.at;
    let mut slow = tokio::task::spawn_blocking(move || {
        let mut slow = TcpStream::connect(at).unwrap();
        slow.write_all(head.as_bytes()).unwrap();
        // The server sends 100 Continue once it waits for the body. It has taken the time of the visit by then.
        let mut interim = [0; 25];
        slow.read_exact(&mut interim).unwrap();
        assert!(interim.starts_with(b"HTTP/1.1 100"));
        slow
    })
    .await
    .unwrap();
    let yesterday = midnight(&kit, &site, 59).await;
    kit.flush().await;
    kit.image("s=shop&p=/after", &someone).await;
    let answer = tokio::task::spawn_blocking(move || {
        slow.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        slow.read_to_string(&mut answer).unwrap();
        answer
    });
    assert!(answer.await.unwrap().starts_with("HTTP/1.1 204"));
    let before = kit.sealed(&site, yesterday).await;
    assert_eq!(before.population(analytics::Population::Viewers).views(), 2);
    assert_eq!(cell(&before, Dimension::Page, "/slow"), (1, 1));
    let after = sealed(&kit, &site, yesterday + 1).await;
    assert_eq!(cell(&after, Dimension::Page, "/after"), (1, 1));
    assert_eq!(cell(&after, Dimension::Hour, "00"), (1, 1));

    // After another flush, the day may be closed, because its last tally was stored.
    kit.later(31).await;
    kit.flush().await;
    let closed = close_due(&kit.app.db, DisclosureThresholds::new(2, 2).unwrap()).await.unwrap();
    assert_eq!((closed.days, closed.crashed, closed.waiting), (1, 0, 0));
    let days = kit.app.db.read().await.unwrap().visit_days(site.id, yesterday, yesterday).await.unwrap();
    assert!(days[0].closed && days[0].missing == 0);
    assert!(kit.app.db.read().await.unwrap().tallies(site.id, yesterday).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_visit_after_its_day_is_closed_counts_only_as_late() {
    let (mut kit, site) = Kit::counting("UTC").await;
    let noon = kit.app.db.clock.now();
    let (counter, shop) = (Arc::clone(&kit.app.counter), kit.app.counter.site("shop").unwrap());
    let visit = analytics::Request {
        user_agent: FIREFOX,
        ..analytics::Request::view("192.0.2.1".parse().unwrap(), "/a")
    };
    counter.record_visit(&shop, &visit, noon);
    let yesterday = midnight(&kit, &site, 61).await;
    kit.flush().await;
    counter.record_visit(&shop, &visit, noon);
    kit.later(1).await;
    let today = kit.today(&site);
    let all = kit.sealed(&site, today).await;
    assert_eq!((all.uncounted().late, all.sequence()), (1, 1));
    assert_eq!(sealed(&kit, &site, yesterday).await.sequence(), 1);
}

#[tokio::test]
async fn after_a_restart_the_day_continues_and_a_second_server_counts_too() {
    let (mut kit, site) = Kit::counting("UTC").await;
    let today = kit.today(&site);
    let db = kit.app.db.clone();
    kit.image("s=shop&p=/a", &person("192.0.2.1")).await;
    kit.flusher.stop(&db).await.unwrap();
    // Its successor and a second server: other nodes with the same key.
    let mut others = Vec::new();
    for n in 0..2 {
        let counter = Arc::new(Counter::new(DisclosureThresholds::default()));
        let mut flusher = TallyFlusher::new(Arc::clone(&counter));
        flusher.flush_due(&db).await.unwrap();
        let visit = analytics::Request {
            user_agent: FIREFOX,
            ..analytics::Request::view(format!("192.0.2.{}", n + 1).parse().unwrap(), "/a")
        };
        counter.record_visit(&counter.site("shop").unwrap(), &visit, db.clock.now());
        others.push(flusher);
    }
    for mut flusher in others {
        flusher.stop(&db).await.unwrap();
    }
    let all = sealed(&kit, &site, today).await;
    assert_eq!(
        cell(&all, Dimension::Page, "/a"),
        (3, 2),
        "a visitor from before the restart is the same person"
    );
    assert_eq!(kit.image("s=shop&p=/a", &person("192.0.2.1")).await.status, 200, "after the last seal");
    assert_eq!(sealed(&kit, &site, today).await.sequence(), 3);
}

#[tokio::test]
async fn a_day_that_another_server_closed_reports_its_late_visits() {
    let (mut kit, site) = Kit::counting("UTC").await;
    kit.image("s=shop&p=/a", &person("192.0.2.1")).await;
    let date = kit.today(&site);
    kit.sealed(&site, date).await;
    kit.image("s=shop&p=/b", &person("192.0.2.1")).await;
    // This server was suspended over midnight, and another one closed the day.
    midnight(&kit, &site, 300).await;
    let closed = close_due(&kit.app.db, DisclosureThresholds::default()).await.unwrap();
    assert_eq!((closed.days, closed.crashed), (1, 1));
    kit.flush().await;
    let today = kit.today(&site);
    let all = kit.sealed(&site, today).await;
    assert_eq!((all.uncounted().late, all.sequence()), (1, 1));
    let days = kit.app.db.read().await.unwrap().visit_days(site.id, date, date).await.unwrap();
    assert_eq!(days[0].missing, 5, "the day records what may be missing");
    let open = OpenDay { site: &site, date, until: KeepOpen::Over };
    assert!(matches!(kit.app.db.execute(&open).await.unwrap(), DayOpening::Closed));
}

#[tokio::test]
async fn an_edited_site_is_reloaded_within_seconds_and_its_day_continues() {
    let (mut kit, site) = Kit::counting("Europe/Berlin").await;
    let someone = person("192.0.2.1");
    kit.image("s=shop&p=/a", &someone).await;
    let elsewhere = [&someone[..], &[("Referer", "https://new.example/")]].concat();
    assert_eq!(kit.image("s=shop&p=/a", &elsewhere).await.status, 403);
    let hosts = ["new.example".to_owned()];
    let edit = EditSite {
        name: "shop",
        hosts: Some(&hosts),
        zone: Some("America/New_York"),
        public: None,
        actor: &Actor::System,
    };
    let SiteOutcome::Done(edited) = kit.app.db.execute(&edit).await.unwrap() else { panic!("not edited") };
    kit.later(5).await;
    kit.flush().await;
    assert_eq!(kit.image("s=shop&p=/a", &elsewhere).await.status, 200);
    // Midnight in Berlin is 18:00 in New York, so the same day continues.
    let today = midnight(&kit, &site, 10).await;
    kit.flush().await;
    assert_eq!(kit.today(&edited), today);
    kit.image("s=shop&p=/a", &elsewhere).await;
    let all = kit.sealed(&site, today).await;
    assert_eq!(cell(&all, Dimension::Page, "/a"), (3, 1));
    assert_eq!(cell(&all, Dimension::Hour, "18"), (1, 1));
}
