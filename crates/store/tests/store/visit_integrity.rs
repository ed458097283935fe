//! The checks of visitor statistics. They find published numbers that are too small, unrounded or unreadable. They
//! also find closed days that are not forgotten, and words that identify a person.

use analytics::{ArchivedTable, Dimension, DisclosureThresholds, Figures, UncountedRequests};
use calendar::{Day, Timestamp};
use keyring::ForgetRequest;
use policy::inventory::PLAIN;
use store::testing::Scratch;
use store::{Audience, DisclosureReport, ErasureIntent, ErasureReason, FiguresKey, Span, VisitIntegrity};

use crate::fixtures::write;

const DATE: Day = Day::from_unix_days(20_779);

fn figures(views: u64, visitors: u64) -> Figures {
    Figures { views, visitors }
}

/// The report of a store with these figures alone.
async fn disclosure_report(scratch: &Scratch, audience: Audience, of: ArchivedTable) -> DisclosureReport {
    write(&scratch.db, move |tx| {
        let of = of.clone();
        Box::pin(async move {
            tx.save_figures(1, audience, Dimension::Page, Span::Day, Day::from_unix_days(20_700), &of).await
        })
    })
    .await
    .unwrap();
    let found =
        scratch.db.read().await.unwrap().check_disclosure(DisclosureThresholds::default()).await.unwrap();
    scratch.tamper("DELETE FROM figures").await;
    found
}

#[tokio::test]
async fn figures_within_the_thresholds_pass_and_all_others_are_reported() {
    let scratch = Scratch::new().await;
    let sound = || ArchivedTable {
        total: figures(200, 100),
        evicted_views: 20,
        days: 1,
        rows: vec![(1, figures(50, 10)), (7, figures(100, 20))],
    };
    let no_fault = DisclosureReport { rows: 1, cells: 2, small: 0, first: None };
    assert_eq!(disclosure_report(&scratch, Audience::Own, sound()).await, no_fault);
    assert_eq!(disclosure_report(&scratch, Audience::Public, sound()).await, no_fault);
    let no_visitors = ArchivedTable { days: 1, ..ArchivedTable::default() };
    assert_eq!(disclosure_report(&scratch, Audience::Own, no_visitors).await.small, 0);
    let fives = ArchivedTable { rows: vec![(1, figures(5, 5))], ..sound() };
    assert_eq!(disclosure_report(&scratch, Audience::Own, fives.clone()).await.small, 0);

    let at = |audience: Audience| {
        let (audience, dimension, span) = (audience.as_str().into(), "page".into(), "day".into());
        Some(FiguresKey { site: 1, audience, dimension, span, start: Day::from_unix_days(20_700) })
    };
    let public = disclosure_report(&scratch, Audience::Public, fives).await;
    assert_eq!(public, DisclosureReport { rows: 1, cells: 0, small: 1, first: at(Audience::Public) });
    for small in [
        ArchivedTable { rows: vec![(1, figures(50, 10)), (2, figures(7, 5))], ..sound() },
        ArchivedTable { rows: vec![(1, figures(50, 11))], ..sound() },
        ArchivedTable { rows: vec![(1, figures(5, 0))], ..sound() },
        ArchivedTable { rows: vec![(1, figures(0, 0))], ..sound() },
        ArchivedTable { total: figures(201, 100), ..sound() },
        ArchivedTable { total: figures(5, 0), ..sound() },
        ArchivedTable { evicted_views: 1, ..sound() },
    ] {
        let found = disclosure_report(&scratch, Audience::Own, small.clone()).await;
        assert_eq!((found.small, found.first), (1, at(Audience::Own)), "{small:?}");
    }
}

#[tokio::test]
async fn figures_whose_cells_contradict_their_columns_or_are_unreadable_are_reported() {
    let scratch = Scratch::new().await;
    let numbers = PLAIN.iter().filter(|c| c.table == "figures").map(|c| c.column);
    let changes = numbers.filter_map(|column| match column {
        "views" | "visitors" | "evicted_views" | "days" => Some(format!("{column} = {column} + 10")),
        "audience" | "dimension" | "span" => Some(format!("{column} = 'another'")),
        "cells" => Some("cells = day_key FROM visit_day".to_owned()),
        _ => None,
    });
    let mut changed = 0;
    for change in changes {
        write(&scratch.db, |tx| {
            Box::pin(async move {
                tx.open_visit_day(1, Day::from_unix_days(20_700), Timestamp::UNIX_EPOCH).await?;
                let of = crate::fixtures::figures(&[1, 2]);
                tx.save_figures(
                    1,
                    Audience::Own,
                    Dimension::Page,
                    Span::Day,
                    Day::from_unix_days(20_700),
                    &of,
                )
                .await
            })
        })
        .await
        .unwrap();
        let sound =
            scratch.db.read().await.unwrap().check_disclosure(DisclosureThresholds::default()).await.unwrap();
        assert_eq!((sound.rows, sound.small), (1, 0));
        assert_eq!(scratch.tamper(&format!("UPDATE figures SET {change}")).await, 1);
        let found =
            scratch.db.read().await.unwrap().check_disclosure(DisclosureThresholds::default()).await.unwrap();
        assert_eq!((found.rows, found.small), (1, 1), "{change}");
        scratch.tamper("DELETE FROM figures").await;
        changed += 1;
    }
    assert_eq!(changed, 8);
}

#[tokio::test]
async fn identifying_words_are_counted() {
    let scratch = Scratch::new().await;
    let identifying = async || scratch.db.read().await.unwrap().count_identifying_words().await.unwrap();
    let words = |words: &'static [&'static str]| {
        write(&scratch.db, move |tx| Box::pin(async move { tx.dictionary_ids(1, words).await }))
    };
    words(&["/docs", "", "DE", "example.org"]).await.unwrap();
    assert_eq!(identifying().await, 0);
    words(&["192.0.2.7", "ada@example.org", "/docs/more"]).await.unwrap();
    assert_eq!(identifying().await, 2);
}

#[tokio::test]
async fn a_closed_day_whose_slot_is_not_forgotten_is_reported() {
    let scratch = Scratch::new().await;
    let slot = write(&scratch.db, |tx| {
        Box::pin(async move {
            tx.open_visit_day(1, DATE, Timestamp::from_unix_seconds(1_000)).await?;
            Ok(tx.visit_day(1, DATE).await?.expect("the day").slot)
        })
    });
    let slot = slot.await.unwrap();
    let not_forgotten = async || scratch.db.read().await.unwrap().closed_days_not_forgotten().await.unwrap();
    assert!(not_forgotten().await.is_empty());
    let intent = move || ErasureIntent {
        id: 5,
        slots: vec![slot],
        tombstones: vec![],
        day: DATE,
        reason: ErasureReason::Day,
    };
    write(&scratch.db, move |tx| {
        Box::pin(async move {
            assert_eq!(tx.close_visit_day(1, DATE, UncountedRequests::default(), 0).await?, Some(slot));
            tx.add_erasure_intent(&intent()).await
        })
    })
    .await
    .unwrap();
    assert!(not_forgotten().await.is_empty(), "its erasure intent waits");
    write(&scratch.db, |tx| Box::pin(async move { tx.delete_erasure_intent(5).await })).await.unwrap();
    assert_eq!(not_forgotten().await, [(1, DATE)]);
    let forgetting = ForgetRequest { slots: vec![slot], tombstones: vec![], day: 20_780, digest: [0; 32] };
    scratch.db.keyring().forget(&forgetting).unwrap();
    assert!(not_forgotten().await.is_empty());
}

#[tokio::test]
async fn inconsistent_days_are_counted() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| Box::pin(crate::fixtures::seed_visits(tx))).await.unwrap();
    let integrity = async |since| scratch.db.read().await.unwrap().visit_integrity(since).await.unwrap();
    let sound = integrity(Timestamp::UNIX_EPOCH).await;
    let expected = VisitIntegrity { sites: 1, open: 1, figures: 1, values: 1, ..Default::default() };
    assert_eq!(sound, expected);
    assert_eq!(integrity(Timestamp::MAX).await, VisitIntegrity { overdue: 1, ..expected });
    scratch.tamper("UPDATE visit_day SET closed = 1").await;
    let closed = VisitIntegrity { open: 0, closed: 1, with_key: 1, with_tallies: 1, ..expected };
    assert_eq!(integrity(Timestamp::MAX).await, closed);
    scratch.tamper("UPDATE visit_tally SET slot = slot + 1").await;
    assert_eq!(integrity(Timestamp::UNIX_EPOCH).await.mismatched_tallies, 1);
    scratch.tamper("UPDATE figures SET span = 'day'").await;
    assert_eq!(integrity(Timestamp::UNIX_EPOCH).await.early, 1, "figures of a day that isn't there");
    scratch.tamper("UPDATE site SET id = 2").await;
    assert_eq!(integrity(Timestamp::UNIX_EPOCH).await.without_site, 5, "each table knows its site");
}
