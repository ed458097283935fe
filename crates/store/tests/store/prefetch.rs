//! Prefetched data is always current, although the catalogue is cached in memory.

use keyring::{Slot, Tag16, Tombstone};
use store::testing::Scratch;
use store::{Db, ErasureReason, Error, Prefetched, Product};

use crate::fixtures::{product, write};

async fn prefetch(db: &Db) -> Prefetched {
    db.read().await.unwrap().prefetch().await.unwrap()
}

async fn names(db: &Db) -> Vec<String> {
    prefetch(db).await.catalog.products.iter().map(|p| p.name.clone()).collect()
}

async fn current_keys(db: &Db) -> Vec<u8> {
    prefetch(db).await.catalog.keys.iter().filter(|k| k.current).map(|k| k.id).collect()
}

#[tokio::test]
async fn a_product_added_or_edited_by_another_server_is_prefetched_at_once() {
    let scratch = Scratch::new().await;
    let (db, other) = (&scratch.db, scratch.again().await);
    assert!(names(db).await.is_empty());
    write(&other, |tx| Box::pin(async move { tx.add_product(&product(1)).await })).await.unwrap();
    assert_eq!(names(db).await, [product(1).name]);
    let edited = Product { name: "Another".into(), ..product(1) };
    write(&other, move |tx| {
        let edited = edited.clone();
        Box::pin(async move { tx.edit_product(&edited).await })
    })
    .await
    .unwrap();
    assert_eq!(names(db).await, ["Another"]);
}

#[tokio::test]
async fn a_signing_key_added_retired_or_deleted_by_another_server_is_prefetched_at_once() {
    let scratch = Scratch::new().await;
    let (db, other) = (&scratch.db, scratch.again().await);
    for id in [1, 2] {
        let add = write(&other, move |tx| {
            Box::pin(async move { tx.add_signing_key(id, &[2; 32], &[7; 32], true).await })
        });
        add.await.unwrap();
    }
    assert_eq!(current_keys(db).await, [1, 2]);
    write(&other, |tx| Box::pin(async move { tx.retire_signing_key(1).await })).await.unwrap();
    assert_eq!(current_keys(db).await, [2]);
    write(&other, |tx| Box::pin(async move { tx.delete_signing_key(2).await })).await.unwrap();
    assert!(current_keys(db).await.is_empty());
}

#[tokio::test]
async fn a_product_of_a_failed_operation_is_not_cached() {
    let scratch = Scratch::new().await;
    write(&scratch.db, |tx| Box::pin(async move { tx.add_product(&product(1)).await })).await.unwrap();
    let failed: Result<(), Error> = write(&scratch.db, |tx| {
        Box::pin(async move {
            tx.add_product(&product(2)).await?;
            assert_eq!(tx.prefetch().await?.catalog.products.len(), 2);
            Err(Error::Unknown("a reason to fail"))
        })
    })
    .await;
    assert!(failed.is_err());
    assert_eq!(names(&scratch.db).await, [product(1).name]);
}

#[tokio::test]
async fn intended_tombstones_and_early_notifications_are_prefetched_but_not_those_of_buckets() {
    let scratch = Scratch::new().await;
    let before = prefetch(&scratch.db).await;
    assert!(before.tombstones.is_empty() && !before.has_early_notifications);
    let tombstone = |n: u8| Tombstone { year: 2026, tag: Tag16([n; 16]), kind: 1, serial: 5, term: 1 };
    write(&scratch.db, move |tx| {
        Box::pin(async move {
            for (n, reason) in
                [(1, ErasureReason::Erasure), (2, ErasureReason::Retention), (3, ErasureReason::Index)]
            {
                let tombstones = vec![tombstone(n), tombstone(n + 10)];
                let (slots, day) = (vec![Slot(70_000)], tx.today());
                tx.add_erasure_intent(&store::ErasureIntent { id: 0, slots, tombstones, day, reason })
                    .await?;
            }
            tx.add_early_notification(&Tag16([9; 16]), 2026).await
        })
    })
    .await
    .unwrap();
    let after = prefetch(&scratch.db).await;
    assert!(after.has_early_notifications);
    let mut tags: Vec<u8> = after.tombstones.iter().map(|t| t.tag.0[0]).collect();
    tags.sort_unstable();
    assert_eq!(tags, [1, 2, 11, 12]);
}

#[tokio::test]
async fn a_dedicated_connection_writes_into_the_same_database_repeatedly() {
    let scratch = Scratch::new().await;
    let dedicated = scratch.db.with_dedicated_connection();
    for n in 0..3 {
        let name = format!("fact {n}");
        write(&dedicated, move |tx| {
            let name = name.clone();
            Box::pin(async move { tx.set_fact(&name, "yes").await })
        })
        .await
        .unwrap();
        let fact = scratch.db.read().await.unwrap().fact(&format!("fact {n}")).await.unwrap();
        assert_eq!(fact.as_deref(), Some("yes"));
    }
}
