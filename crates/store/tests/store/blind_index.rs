//! The blind index under concurrent operations. Its unit tests stand beside its code.

use std::collections::BTreeSet;

use keyring::Tag16;
use store::testing::Scratch;
use store::{BlindIndex, Db, Error, Inserted};

use crate::fixtures::{tag, write};

async fn create(db: &Db) {
    write(db, |tx| Box::pin(async move { tx.create_index().await })).await.unwrap();
}

async fn insert(db: &Db, tag: Tag16, to: u64) -> Result<Inserted, Error> {
    write(db, move |tx| {
        Box::pin(async move {
            let mut old = Vec::new();
            let inserted = tx.index_insert(BlindIndex::Address, &tag, to, &mut old).await?;
            tx.forget_buckets(old).await?;
            Ok(inserted)
        })
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_concurrent_inserts_of_one_entry_exactly_one_wins() {
    let scratch = Scratch::new().await;
    let other = scratch.again().await;
    create(&scratch.db).await;
    for round in 0..40 {
        let (left, right) = (scratch.db.clone(), other.clone());
        let left = tokio::spawn(async move { insert(&left, tag(round), 1).await });
        let right = tokio::spawn(async move { insert(&right, tag(round), 2).await });
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

async fn insert_all(db: &Db, entries: [u64; 4]) -> Result<(), Error> {
    write(db, move |tx| {
        Box::pin(async move {
            let mut old = Vec::new();
            tx.lock_index().await?;
            for entry in entries {
                let inserted = tx.index_insert(BlindIndex::Order, &tag(entry), entry, &mut old).await?;
                assert_eq!(inserted, Inserted::Added);
            }
            tx.forget_buckets(old).await
        })
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thousands_of_concurrent_inserts_in_any_order_lose_no_entry() {
    let scratch = Scratch::new().await;
    let other = scratch.again().await;
    create(&scratch.db).await;
    // Each operation inserts four entries from distant buckets, and no two tasks in the same order.
    let tasks = (0..24_u64).map(|task| {
        let db = if task % 2 == 0 { scratch.db.clone() } else { other.clone() };
        tokio::spawn(async move {
            for n in task * 32..(task + 1) * 32 {
                let mut entries = [n, n + 768, n + 2 * 768, n + 3 * 768];
                entries.rotate_left(usize::try_from(n % 4).unwrap());
                insert_all(&db, entries).await.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let mut tx = scratch.db.read().await.unwrap();
    for entry in 0..4 * 768 {
        assert_eq!(tx.index_find(BlindIndex::Order, &tag(entry)).await.unwrap(), Some(entry));
    }
    let freed: BTreeSet<_> = tx.erasure_intents().await.unwrap().into_iter().flat_map(|i| i.slots).collect();
    let live: BTreeSet<_> = scratch.numbers("SELECT slot FROM index_bucket").await.into_iter().collect();
    assert!(live.len() > 60, "{} buckets: nothing was split", live.len());
    assert!(freed.iter().all(|slot| !live.contains(&i64::try_from(slot.0).unwrap())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn deadlocked_operations_are_retried_and_succeed() {
    let scratch = Scratch::new().await;
    create(&scratch.db).await;
    // Without locking first, these deadlock on PostgreSQL; `execute` must retry them.
    let operations = (0..12_u64).map(|n| {
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
    for operation in operations.collect::<Vec<_>>() {
        operation.await.unwrap().unwrap();
    }
    let mut tx = scratch.db.read().await.unwrap();
    for n in 0..12 {
        assert_eq!(tx.index_find(BlindIndex::Order, &tag(100 + n)).await.unwrap(), Some(n));
    }
}

#[tokio::test]
async fn a_bucket_moved_damaged_or_missing_is_an_error_and_never_an_empty_result() {
    for damage in [
        "UPDATE index_bucket SET pairs = (SELECT pairs FROM index_bucket WHERE kind = 'order' AND low = 0) WHERE kind = 'address'",
        "UPDATE index_bucket SET pairs = (SELECT public FROM signing_key) WHERE kind = 'address'",
        "UPDATE index_bucket SET slot = slot + 1 WHERE kind = 'address'",
        "UPDATE index_bucket SET kind = 'other' WHERE kind = 'address'",
        "DELETE FROM index_bucket",
    ] {
        let scratch = Scratch::new().await;
        crate::fixtures::seed_shop(&scratch.db).await;
        scratch.tamper(damage).await;
        let mut tx = scratch.db.read().await.unwrap();
        for known in [tag(4), tag(5)] {
            let found = tx.index_find(BlindIndex::Address, &known).await;
            assert!(matches!(found, Err(Error::Damaged { .. })), "{damage}");
        }
        assert!(insert(&scratch.db, tag(6), 6).await.is_err(), "{damage}");
    }
}
