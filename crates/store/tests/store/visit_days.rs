//! Days of sites: each has its own key, is counted by several nodes, and is closed once. After that it is unreadable in
//! every copy.

use std::sync::LazyLock;

use analytics::{Classifier, DayKey, Outcome, Request, Tally, UncountedRequests};
use calendar::{Day, Timestamp};
use keyring::{ForgetRequest, Slot};
use store::testing::{Scratch, fresh_url};
use store::{ClosedDayTotals, Db, SealedTally, TALLY_PART, VisitDay, VisitDayState};

use crate::backup::{Copy, lines};
use crate::fixtures::write;

const DATE: Day = Day::from_unix_days(20_779);
/// A moment by its number of seconds since 1970.
const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

const APART: UncountedRequests = UncountedRequests { bots: 50, late: 100, refused: 150 };

/// Opens a day until a time. Returns `None` if it is closed.
async fn open(db: &Db, date: Day, until: i64) -> Option<(Slot, DayKey)> {
    let opened = write(db, move |tx| Box::pin(async move { tx.open_visit_day(1, date, at(until)).await }));
    match opened.await.unwrap() {
        VisitDayState::Closed => None,
        VisitDayState::Open { slot, key } => Some((slot, key)),
    }
}

async fn put(db: &Db, node: i64, last: bool, state: &'static [u8]) -> bool {
    let put = write(db, move |tx| Box::pin(async move { tx.save_tally(1, DATE, node, last, state).await }));
    put.await.unwrap()
}

async fn close(db: &Db) -> Option<Slot> {
    write(db, |tx| Box::pin(async move { tx.close_visit_day(1, DATE, APART, 7).await })).await.unwrap()
}

fn tally(node: i64, finished: bool, state: &[u8]) -> SealedTally {
    SealedTally { node, finished, state: state.to_vec() }
}

async fn tallies(db: &Db) -> Vec<SealedTally> {
    db.read().await.unwrap().tallies(1, DATE).await.unwrap()
}

async fn day(db: &Db) -> VisitDay {
    db.read().await.unwrap().visit_day(1, DATE).await.unwrap().expect("the day")
}

fn forget(scratch: &Scratch, slot: Slot) {
    let forgetting = ForgetRequest { slots: vec![slot], tombstones: vec![], day: 20_780, digest: [0; 32] };
    scratch.db.keyring().forget(&forgetting).unwrap();
}

/// Tells whether two keys give a visitor the same identity. A key has no other observable property.
fn alike(keys: [&DayKey; 2]) -> bool {
    let classifier = Classifier::new("shop", &["example.org"], std::sync::Arc::default());
    let address = std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));
    let user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let tally = |key: &DayKey| {
        let mut tally = Tally::default();
        match classifier.classify(&Request { user_agent, ..Request::view(address, "/") }, 3, key) {
            Outcome::Count(visit, visitor) => tally.count(&visit, visitor),
            _ => panic!("a visit that counts"),
        }
        tally.to_bytes()
    };
    tally(keys[0]) == tally(keys[1])
}

#[tokio::test]
async fn a_day_has_one_key_and_another_day_has_another() {
    let scratch = Scratch::new().await;
    let (slot, key) = open(&scratch.db, DATE, 1_000).await.unwrap();
    let (same_slot, same_key) = open(&scratch.again().await, DATE, 900).await.unwrap();
    let (other_slot, other_key) = open(&scratch.db, DATE + 1, 900).await.unwrap();
    assert_eq!(slot, same_slot);
    assert_ne!(slot, other_slot);
    assert!(alike([&key, &same_key]));
    assert!(!alike([&key, &other_key]));
}

#[tokio::test]
async fn the_close_of_a_day_is_only_ever_postponed() {
    let scratch = Scratch::new().await;
    let until = async |until| {
        open(&scratch.db, DATE, until).await.unwrap();
        day(&scratch.db).await.open_until.to_unix_seconds()
    };
    assert_eq!([until(1_000).await, until(7_200).await, until(3_600).await], [1_000, 7_200, 7_200]);
    open(&scratch.db, DATE + 1, 7_000).await.unwrap();
    let due = async |now| scratch.db.read().await.unwrap().visit_days_due(at(now)).await.unwrap();
    assert!(due(6_999).await.is_empty());
    assert_eq!(due(7_000).await, [(1, DATE + 1)]);
    assert_eq!(due(7_200).await, [(1, DATE), (1, DATE + 1)]);
    close(&scratch.db).await.unwrap();
    assert_eq!(due(7_200).await, [(1, DATE + 1)]);
}

#[tokio::test]
async fn each_node_has_its_last_saved_tally() {
    let scratch = Scratch::new().await;
    assert!(!put(&scratch.db, 1, false, b"before it was opened").await);
    open(&scratch.db, DATE, 1_000).await.unwrap();
    assert!(put(&scratch.db, 1, false, b"first").await);
    assert!(put(&scratch.again().await, 2, true, b"another node's").await);
    assert!(put(&scratch.db, 1, false, b"second").await);
    let expected = [tally(1, false, b"second"), tally(2, true, b"another node's")];
    assert_eq!(tallies(&scratch.db).await, expected);
    let days = scratch.db.read().await.unwrap().visit_days(1, DATE - 1, DATE + 1).await.unwrap();
    assert_eq!(days, [day(&scratch.db).await]);
}

#[tokio::test]
async fn totals_beside_the_counts_are_those_of_closed_days() {
    let scratch = Scratch::new().await;
    let aside =
        async |from, to| scratch.db.read().await.unwrap().closed_day_totals(1, from, to).await.unwrap();
    assert_eq!(aside(Day::MIN, Day::MAX).await, ClosedDayTotals::default());
    for date in [DATE, DATE + 1] {
        open(&scratch.db, date, 1_000).await.unwrap();
    }
    assert_eq!(aside(DATE, DATE + 1).await.days, 0, "both are open");
    close(&scratch.db).await.unwrap();
    let totals = ClosedDayTotals { days: 1, uncounted: APART, missing: 7 };
    assert_eq!(aside(DATE - 9, DATE + 1).await, totals);
    assert_eq!(aside(DATE + 1, DATE + 1).await.days, 0);
}

#[tokio::test]
async fn a_day_is_closed_once_and_then_neither_opened_nor_counted() {
    let scratch = Scratch::new().await;
    assert_eq!(close(&scratch.db).await, None, "no such day");
    let (slot, _) = open(&scratch.db, DATE, 1_000).await.unwrap();
    put(&scratch.db, 1, false, b"state").await;
    assert_eq!(close(&scratch.db).await, Some(slot));
    assert_eq!(close(&scratch.db).await, None);
    let closed =
        VisitDay { site: 1, date: DATE, slot, open_until: at(1_000), closed: true, apart: APART, missing: 7 };
    assert_eq!(day(&scratch.db).await, closed);
    assert!(!put(&scratch.db, 1, true, b"late").await);
    assert!(open(&scratch.db, DATE, 99_000).await.is_none());
    assert!(tallies(&scratch.db).await.is_empty());
    assert_eq!(day(&scratch.db).await, closed, "a late tally changed the row");
    assert_eq!(scratch.numbers("SELECT COUNT(*) FROM visit_tally").await, [0]);
    assert_eq!(scratch.numbers("SELECT length(day_key) FROM visit_day").await, [0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_concurrent_closes_of_a_day_exactly_one_succeeds() {
    let scratch = Scratch::new().await;
    for _ in 0..5 {
        scratch.tamper("DELETE FROM visit_day").await;
        open(&scratch.db, DATE, 1_000).await.unwrap();
        put(&scratch.db, 1, false, b"state").await;
        let mut closing = Vec::new();
        for _ in 0..8 {
            let db = scratch.again().await;
            closing.push(tokio::spawn(async move {
                // Like the operation: lock the day, read its tallies, close it.
                write(&db, |tx| {
                    Box::pin(async move {
                        let held = tx.visit_day_locked(1, DATE).await?.expect("the day");
                        let counted = tx.tallies(1, DATE).await?.len();
                        assert_eq!(counted, usize::from(!held.closed));
                        tx.close_visit_day(1, DATE, APART, 0).await
                    })
                })
                .await
                .unwrap()
            }));
        }
        let mut closed = 0;
        for one in closing {
            closed += usize::from(one.await.unwrap().is_some());
        }
        assert_eq!(closed, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_close_sees_every_tally_saved_before_it_and_none_is_saved_after() {
    let scratch = Scratch::new().await;
    for _ in 0..5 {
        scratch.tamper("DELETE FROM visit_day").await;
        open(&scratch.db, DATE, 1_000).await.unwrap();
        let mut sealing = Vec::new();
        for node in 1..=8 {
            let db = scratch.db.clone();
            sealing.push(tokio::spawn(async move { put(&db, node, true, b"state").await }));
        }
        let seen = write(&scratch.db, |tx| {
            Box::pin(async move {
                tx.visit_day_locked(1, DATE).await?;
                let seen = tx.tallies(1, DATE).await?.len();
                tx.close_visit_day(1, DATE, APART, 0).await?;
                Ok(seen)
            })
        })
        .await
        .unwrap();
        let mut sealed = 0;
        for one in sealing {
            sealed += usize::from(one.await.unwrap());
        }
        assert_eq!(seen, sealed, "a node saved a tally that the close did not see");
        assert_eq!(scratch.numbers("SELECT COUNT(*) FROM visit_tally").await, [0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_open_a_new_day_concurrently_share_its_slot() {
    let scratch = Scratch::new().await;
    let mut opening = Vec::new();
    for n in 1..=8 {
        let db = scratch.again().await;
        opening.push(tokio::spawn(async move { open(&db, DATE, 3_600 * n).await.unwrap().0 }));
    }
    let mut slots = std::collections::BTreeSet::new();
    for one in opening {
        slots.insert(one.await.unwrap());
    }
    assert_eq!(slots.len(), 1);
    assert_eq!(day(&scratch.db).await.open_until, at(3_600 * 8));
}

#[tokio::test]
async fn a_large_tally_is_stored_in_parts_and_a_smaller_one_replaces_all_of_them() {
    static LARGE: LazyLock<Vec<u8>> =
        LazyLock::new(|| (0..3 * TALLY_PART + 5).map(|n| (n % 251) as u8).collect());
    let scratch = Scratch::new().await;
    open(&scratch.db, DATE, 1_000).await.unwrap();
    let parts = async || scratch.numbers("SELECT COUNT(*) FROM visit_tally").await[0];
    put(&scratch.db, 1, false, &LARGE).await;
    put(&scratch.db, 2, true, &LARGE[..TALLY_PART]).await;
    assert_eq!(parts().await, 5);
    let sealed = [tally(1, false, &LARGE), tally(2, true, &LARGE[..TALLY_PART])];
    assert_eq!(tallies(&scratch.db).await, sealed);
    put(&scratch.db, 1, true, b"state").await;
    assert_eq!(parts().await, 2);
    assert_eq!(tallies(&scratch.db).await[0], tally(1, true, b"state"));
    put(&scratch.db, 1, true, &LARGE).await;
    scratch.tamper("UPDATE visit_tally SET part = -part WHERE node = 1").await;
    let refused = scratch.db.read().await.unwrap().tallies(1, DATE).await.unwrap_err();
    assert!(matches!(&refused, store::Error::Damaged { .. }), "swapped parts opened: {refused}");
}

#[tokio::test]
async fn a_moved_or_changed_tally_does_not_open() {
    let scratch = Scratch::new().await;
    open(&scratch.db, DATE, 1_000).await.unwrap();
    put(&scratch.db, 1, false, b"state").await;
    scratch.tamper("UPDATE visit_tally SET node = 2").await;
    let refused = scratch.db.read().await.unwrap().tallies(1, DATE).await.unwrap_err();
    assert!(
        matches!(&refused, store::Error::Damaged { column } if column == "visit_tally.state"),
        "{refused}"
    );
    scratch.tamper("UPDATE visit_day SET date = date + 1").await;
    let opened = write(&scratch.db, |tx| {
        Box::pin(async move { Ok(tx.open_visit_day(1, DATE + 1, at(0)).await.err()) })
    });
    let refused = opened.await.unwrap().expect("a refusal");
    assert!(
        matches!(&refused, store::Error::Damaged { column } if column == "visit_day.day_key"),
        "{refused}"
    );
}

#[tokio::test]
async fn after_the_close_no_copy_reveals_the_day() {
    let scratch = Scratch::new().await;
    let (slot, _) = open(&scratch.db, DATE, 1_000).await.unwrap();
    put(&scratch.db, 1, false, b"state").await;
    let old = lines(&scratch.db).await;
    let copy = Copy::empty(fresh_url().await).await;
    copy.restore(&old).await.unwrap();
    let db = copy.db(&scratch).await;
    assert_eq!(tallies(&db).await, [tally(1, false, b"state")], "the copy has no tally to compare");

    assert_eq!(close(&scratch.db).await, Some(slot));
    forget(&scratch, slot);
    assert!(tallies(&db).await.is_empty());
    assert!(!put(&db, 1, false, b"more").await);
    for column in db.read().await.unwrap().examine_sealed(|_| true).await.unwrap() {
        let of_day = column.column.table.starts_with("visit_");
        assert_eq!((column.open, column.forgotten), (0, u64::from(of_day)), "{:?}", column.column);
    }
}

#[tokio::test]
async fn a_restored_day_with_a_forgotten_slot_is_closed_and_empty() {
    let scratch = Scratch::new().await;
    let (slot, _) = open(&scratch.db, DATE, 1_000).await.unwrap();
    open(&scratch.db, DATE + 1, 99_000).await.unwrap();
    put(&scratch.db, 1, false, b"state").await;
    let old = lines(&scratch.db).await;
    close(&scratch.db).await;
    forget(&scratch, slot);

    let lost = VisitDay {
        site: 1,
        date: DATE,
        slot,
        open_until: at(1_000),
        closed: true,
        apart: UncountedRequests::default(),
        missing: 86_400,
    };
    // First by the reconciliation at start, then by the first node that opens the day.
    let copy = Copy::empty(fresh_url().await).await;
    copy.restore(&old).await.unwrap();
    let db = copy.db(&scratch).await;
    let reconciled = write(&db, |tx| Box::pin(async move { tx.purge_forgotten_slots().await }));
    assert_eq!(reconciled.await.unwrap(), 0);
    assert_eq!(day(&db).await, lost);
    assert!(open(&db, DATE + 1, 0).await.is_some(), "a day with a live slot was closed");
    assert_eq!(write(&db, |tx| Box::pin(async move { tx.close_forgotten_days().await })).await.unwrap(), 0);

    let copy = Copy::empty(fresh_url().await).await;
    copy.restore(&old).await.unwrap();
    let db = copy.db(&scratch).await;
    assert!(open(&db, DATE, 99_000).await.is_none());
    // The requested end has no effect on a closed day.
    assert_eq!(VisitDay { open_until: at(1_000), ..day(&db).await }, lost);
    assert!(tallies(&db).await.is_empty());
}
