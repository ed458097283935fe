//! The sealed index under many hands; what it is by itself is tested beside it.

use std::collections::BTreeSet;

use keyring::Tag16;
use store::testing::Scratch;
use store::{BlindIndex, Db, Error, Inserted};

use crate::shop::{tag, write};

async fn make(db: &Db) {
    write(db, |tx| Box::pin(async move { tx.create_index().await })).await.unwrap();
}

async fn put(db: &Db, tag: Tag16, to: u64) -> Result<Inserted, Error> {
    write(db, move |tx| {
        Box::pin(async move {
            let mut old = Vec::new();
            let put = tx.index_insert(BlindIndex::Address, &tag, to, &mut old).await?;
            tx.forget_buckets(old).await?;
            Ok(put)
        })
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_who_put_the_same_entry_at_once_exactly_one_wins() {
    let scratch = Scratch::new().await;
    let other = scratch.again().await;
    make(&scratch.db).await;
    for round in 0..40 {
        let (left, right) = (scratch.db.clone(), other.clone());
        let left = tokio::spawn(async move { put(&left, tag(round), 1).await });
        let right = tokio::spawn(async move { put(&right, tag(round), 2).await });
        let (left, right) = (left.await.unwrap().unwrap(), right.await.unwrap().unwrap());
        let winner = match (left, right) {
            (Inserted::Added, Inserted::Existing(1)) => 1,
            (Inserted::Existing(2), Inserted::Added) => 2,
            both => panic!("round {round}: {both:?}"),
        };
        let found = scratch.db.read().await.unwrap().index_find(BlindIndex::Address, &tag(round)).await;
        assert_eq!(found.unwrap(), Some(winner));
    }
}

async fn put_all(db: &Db, entries: [u64; 4]) -> Result<(), Error> {
    write(db, move |tx| {
        Box::pin(async move {
            let mut old = Vec::new();
            tx.lock_index().await?;
            for entry in entries {
                let put = tx.index_insert(BlindIndex::Order, &tag(entry), entry, &mut old).await?;
                assert_eq!(put, Inserted::Added);
            }
            tx.forget_buckets(old).await
        })
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thousands_of_entries_come_in_at_once_in_any_order_and_none_is_lost() {
    let scratch = Scratch::new().await;
    let other = scratch.again().await;
    make(&scratch.db).await;
    // Each deed takes four entries from all over the index, and no two hands in the same order.
    let hands = (0..24_u64).map(|hand| {
        let db = if hand % 2 == 0 { scratch.db.clone() } else { other.clone() };
        tokio::spawn(async move {
            for n in hand * 32..(hand + 1) * 32 {
                let mut entries = [n, n + 768, n + 2 * 768, n + 3 * 768];
                entries.rotate_left(usize::try_from(n % 4).unwrap());
                put_all(&db, entries).await.unwrap();
            }
        })
    });
    for hand in hands.collect::<Vec<_>>() {
        hand.await.unwrap();
    }
    let mut tx = scratch.db.read().await.unwrap();
    for entry in 0..4 * 768 {
        assert_eq!(tx.index_find(BlindIndex::Order, &tag(entry)).await.unwrap(), Some(entry));
    }
    let handed_back: BTreeSet<_> =
        tx.erasure_intents().await.unwrap().into_iter().flat_map(|i| i.slots).collect();
    let live: BTreeSet<_> = scratch.numbers("SELECT slot FROM index_bucket").await.into_iter().collect();
    assert!(live.len() > 60, "{} buckets: nothing was split", live.len());
    assert!(handed_back.iter().all(|slot| !live.contains(&i64::try_from(slot.0).unwrap())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn deeds_that_wait_for_each_other_in_a_circle_are_done_all_the_same() {
    let scratch = Scratch::new().await;
    make(&scratch.db).await;
    // Without locking first: on PostgreSQL these meet crosswise, and the door must bring them through.
    let deeds = (0..12_u64).map(|n| {
        let db = scratch.db.clone();
        tokio::spawn(async move {
            write(&db, move |tx| {
                Box::pin(async move {
                    let mut old = Vec::new();
                    let mut entries = [100 + n, 1000];
                    if n % 2 == 0 {
                        entries.reverse();
                    }
                    for entry in entries {
                        tx.index_find_locked(BlindIndex::Order, &tag(entry)).await?;
                    }
                    tx.index_insert(BlindIndex::Order, &tag(100 + n), n, &mut old).await?;
                    tx.forget_buckets(old).await
                })
            })
            .await
        })
    });
    for deed in deeds.collect::<Vec<_>>() {
        deed.await.unwrap().unwrap();
    }
    let mut tx = scratch.db.read().await.unwrap();
    for n in 0..12 {
        assert_eq!(tx.index_find(BlindIndex::Order, &tag(100 + n)).await.unwrap(), Some(n));
    }
}

#[tokio::test]
async fn a_bucket_moved_damaged_or_missing_is_an_error_and_never_nobody() {
    for harm in [
        "UPDATE index_bucket SET pairs = (SELECT pairs FROM index_bucket WHERE kind = 'order' AND low = 0) WHERE kind = 'address'",
        "UPDATE index_bucket SET pairs = (SELECT public FROM signing_key) WHERE kind = 'address'",
        "UPDATE index_bucket SET slot = slot + 1 WHERE kind = 'address'",
        "UPDATE index_bucket SET kind = 'other' WHERE kind = 'address'",
        "DELETE FROM index_bucket",
    ] {
        let scratch = Scratch::new().await;
        crate::shop::open_shop(&scratch.db).await;
        scratch.tamper(harm).await;
        let mut tx = scratch.db.read().await.unwrap();
        for known in [tag(4), tag(5)] {
            let found = tx.index_find(BlindIndex::Address, &known).await;
            assert!(matches!(found, Err(Error::Damaged { .. })), "{harm}");
        }
        assert!(put(&scratch.db, tag(6), 6).await.is_err(), "{harm}");
    }
}
