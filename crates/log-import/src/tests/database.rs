//! The day store with a real database and keyring.

use std::sync::atomic::Ordering;

use analytics::{DisclosureThresholds, Tally};
use calendar::{Day, Timestamp};
use domain::statistics::{AddSite, SiteOutcome, close_due};
use store::testing::Scratch;
use store::{Actor, Error, Site};

use super::*;
use crate::count_files;
use crate::day_store::{DayAccess, SealedRange};
use crate::db_day_store::{DbDayStore, KEEP_OPEN_SECONDS};

const HEAD: &[u8] = b"84.1.2.3 - - [27/Mar/2026:10:00:00 +0000]";

/// A database with a site in a time zone, at a moment.
async fn site_at(zone: &str, now: &str) -> (Scratch, Site) {
    let scratch = Scratch::new().await;
    domain::startup::prepare_store(&scratch.db).await.unwrap();
    set(&scratch, now);
    let site = add_site(&scratch, "vendor", zone).await;
    (scratch, site)
}

async fn add_site(scratch: &Scratch, name: &str, zone: &str) -> Site {
    let hosts = ["vendor.example".to_owned()];
    let operation = AddSite { name, hosts: &hosts, zone, public: false, actor: &Actor::System };
    match scratch.db.execute(&operation).await.unwrap() {
        SiteOutcome::Done(site) => site,
        other => panic!("{other:?}"),
    }
}

fn set(scratch: &Scratch, now: &str) {
    let (date, clock) = now.split_once('T').unwrap();
    let seconds = clock.split(':').fold(0, |sum, part| sum * 60 + part.parse::<i64>().unwrap());
    let now = date.parse::<Day>().unwrap().midnight() + seconds;
    scratch.now.store(now.to_unix_seconds(), Ordering::SeqCst);
}

/// Runs `work` where it may wait for the database.
async fn blocking<T: Send + 'static>(
    scratch: &Scratch,
    site: &Site,
    work: impl FnOnce(&DbDayStore) -> T + Send + 'static,
) -> T {
    let store = DbDayStore::new(scratch.db.clone(), site.clone()).unwrap();
    tokio::task::spawn_blocking(move || work(&store)).await.unwrap()
}

fn access_name(access: &DayAccess) -> &'static str {
    match access {
        DayAccess::Open(_) => "open",
        DayAccess::Closed => "closed",
        DayAccess::Future => "future",
    }
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tomorrow_opens_one_minute_early_because_clocks_differ() {
    for (zone, now, date, expected) in [
        ("UTC", "2026-03-27T12:00:00", "2026-03-27", "open"),
        ("UTC", "2026-03-27T12:00:00", "2026-03-28", "future"),
        ("UTC", "2026-03-27T23:58:59", "2026-03-28", "future"),
        ("UTC", "2026-03-27T23:59:00", "2026-03-28", "open"),
        ("UTC", "2026-03-27T23:59:00", "2026-03-29", "future"),
        ("UTC", "2026-03-27T12:00:00", "2020-02-29", "open"),
        ("Europe/Berlin", "2026-03-27T22:58:59", "2026-03-28", "future"),
        ("Europe/Berlin", "2026-03-27T22:59:00", "2026-03-28", "open"),
        ("Pacific/Kiritimati", "2026-03-27T10:00:00", "2026-03-28", "open"),
        ("America/Los_Angeles", "2026-03-28T06:00:00", "2026-03-28", "future"),
    ] {
        let (scratch, site) = site_at(zone, now).await;
        let access = blocking(&scratch, &site, move |store| store.open(day(date)).unwrap()).await;
        assert_eq!(access_name(&access), expected, "{date} at {now} UTC in {zone}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_past_day_stays_open_for_a_day_after_its_lines_were_counted() {
    let (scratch, site) = site_at("UTC", "2026-03-30T12:00:00").await;
    let past = day("2026-03-27");
    let opened = blocking(&scratch, &site, move |store| store.open(past).unwrap()).await;
    assert_eq!(access_name(&opened), "open");
    let close = async || close_due(&scratch.db, DisclosureThresholds::default()).await.unwrap().days;
    scratch.now.fetch_add(KEEP_OPEN_SECONDS - 1, Ordering::SeqCst);
    assert_eq!(close().await, 0);
    scratch.now.fetch_add(1, Ordering::SeqCst);
    assert_eq!(close().await, 1);
    let again = blocking(&scratch, &site, move |store| store.open(past).unwrap()).await;
    assert_eq!(access_name(&again), "closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_open_days_before_today_are_left_to_publish() {
    let (scratch, site) = site_at("Europe/Berlin", "2026-03-29T22:30:00").await;
    // It is the 30th in Berlin.
    let dates = ["2026-03-26", "2026-03-28", "2026-03-29", "2026-03-30"].map(day);
    blocking(&scratch, &site, move |store| {
        assert_eq!(store.today(), day("2026-03-30"));
        dates.iter().for_each(|date| drop(store.open(*date).unwrap()));
    })
    .await;
    let past = async || DbDayStore::new(scratch.db.clone(), site.clone()).unwrap().past_days().await.unwrap();
    assert_eq!(past().await, dates[..3]);
    scratch.now.fetch_add(KEEP_OPEN_SECONDS + 3_600, Ordering::SeqCst);
    close_due(&scratch.db, DisclosureThresholds::default()).await.unwrap();
    assert_eq!(past().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_belongs_to_one_log_of_one_site() {
    let (scratch, site) = site_at("UTC", "2026-03-30T12:00:00").await;
    let other_site = add_site(&scratch, "docs", "UTC").await;
    blocking(&scratch, &site, |store| {
        assert_eq!(store.position(HEAD).unwrap(), 0);
        let range = SealedRange { head: HEAD, from: 0, to: 700 };
        assert_eq!(store.seal(1, &[], range).unwrap(), []);
        assert_eq!(store.position(HEAD).unwrap(), 700);
        assert_eq!(store.position(&HEAD[1..]).unwrap(), 0);
        assert_eq!(store.position(b"").unwrap(), 0);
    })
    .await;
    let elsewhere = blocking(&scratch, &other_site, |store| store.position(HEAD).unwrap()).await;
    assert_eq!(elsewhere, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_from_another_position_are_refused_and_none_is_stored() {
    let (scratch, site) = site_at("UTC", "2026-03-30T12:00:00").await;
    let (today, empty) = (day("2026-03-30"), Tally::default().to_bytes());
    blocking(&scratch, &site, move |store| {
        drop(store.open(today).unwrap());
        let seal = |from, to| store.seal(7, &[(today, empty.clone())], SealedRange { head: HEAD, from, to });
        assert_eq!(seal(0, 700).unwrap(), []);
        for (from, to) in [(0, 700), (699, 900), (701, 900)] {
            let refused = seal(from, to).unwrap_err().to_string();
            assert!(refused.contains("another import is counting the same log"), "{refused}");
        }
    })
    .await;
    let tallies = scratch.db.read().await.unwrap().tallies(site.id, today).await.unwrap();
    assert_eq!(tallies.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_published_meanwhile_is_named_and_the_others_are_sealed() {
    let (scratch, site) = site_at("UTC", "2026-03-30T12:00:00").await;
    let (past, today) = (day("2026-03-29"), day("2026-03-30"));
    blocking(&scratch, &site, move |store| drop(store.open(past).unwrap())).await;
    scratch.now.fetch_add(KEEP_OPEN_SECONDS, Ordering::SeqCst);
    close_due(&scratch.db, DisclosureThresholds::default()).await.unwrap();
    let closed = blocking(&scratch, &site, move |store| {
        drop(store.open(today).unwrap());
        let days = [past, today].map(|date| (date, Tally::default().to_bytes()));
        let closed = store.seal(7, &days, SealedRange { head: HEAD, from: 0, to: 9 }).unwrap();
        assert_eq!(store.position(HEAD).unwrap(), 9);
        closed
    })
    .await;
    assert_eq!(closed, [past]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_into_the_database_is_resumed_by_another_process() {
    let (scratch, site) = site_at("Europe/Berlin", "2026-04-01T12:00:00").await;
    let text = log(600, 3);
    let (_folder, path) = file_of(&text[..text.len() / 2]);
    let import = async |db: store::Db| {
        let (store, path) = (DbDayStore::new(db, site.clone()).unwrap(), path.clone());
        let run = move || {
            let (hosts, zone) = (store.site().hosts.clone(), store.zone().clone());
            let (stop, progress) = (Arc::default(), Progress::disabled());
            count_files(&store, (&store.site().name, &hosts, &zone), &[path], &stop, &progress).unwrap()
        };
        let files = tokio::task::spawn_blocking(run).await.unwrap();
        crate::report::ImportReport { files, ..Default::default() }.counts().read
    };
    let first = import(scratch.db.clone()).await;
    std::fs::write(&path, &text).unwrap();
    let second = import(scratch.again().await).await;
    assert!(first > 250 && second > 250, "{first} {second}");
    assert_eq!((first + second, import(scratch.db.clone()).await), (600, 0));
}

#[tokio::test]
async fn a_site_in_an_unknown_time_zone_is_refused() {
    let (scratch, site) = site_at("UTC", "2026-03-30T12:00:00").await;
    for zone in ["", "Mars/Olympus", "utc\0"] {
        let site = Site { zone: zone.into(), ..site.clone() };
        let refused = DbDayStore::new(scratch.db.clone(), site).err().unwrap();
        assert!(matches!(refused, Error::Unknown("site.zone")), "{zone}");
    }
    assert_eq!(scratch.db.clock.now(), Timestamp::from_unix_seconds(1_774_872_000));
}
