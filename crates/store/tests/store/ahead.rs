//! What notices look at before they act: always what is so now, although the shop is kept in memory.

use keyring::{Slot, Tag16, Tombstone};
use store::testing::Scratch;
use store::{Db, ErasureReason, Error, Prefetched, Product};

use crate::shop::{product, write};

async fn look(db: &Db) -> Prefetched {
    db.read().await.unwrap().prefetch().await.unwrap()
}

async fn names(db: &Db) -> Vec<String> {
    look(db).await.catalog.products.iter().map(|p| p.name.clone()).collect()
}

async fn current_keys(db: &Db) -> Vec<u8> {
    look(db).await.catalog.keys.iter().filter(|k| k.current).map(|k| k.id).collect()
}

#[tokio::test]
async fn a_product_that_another_server_adds_or_edits_is_seen_at_once() {
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
async fn a_signing_key_that_another_server_adds_retires_or_removes_is_seen_at_once() {
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
async fn a_product_that_was_seen_in_a_deed_that_failed_is_not_kept() {
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
async fn what_is_being_forgotten_and_what_came_early_is_seen_but_not_buckets() {
    let scratch = Scratch::new().await;
    let before = look(&scratch.db).await;
    assert!(before.tombstones.is_empty() && !before.has_early_notifications);
    let stone = |n: u8| Tombstone { year: 2026, tag: Tag16([n; 16]), kind: 1, serial: 5, term: 1 };
    write(&scratch.db, move |tx| {
        Box::pin(async move {
            for (n, reason) in
                [(1, ErasureReason::Erasure), (2, ErasureReason::Retention), (3, ErasureReason::Index)]
            {
                let tombstones = vec![stone(n), stone(n + 10)];
                let (slots, day) = (vec![Slot(70_000)], tx.today());
                tx.add_erasure_intent(&store::ErasureIntent { id: 0, slots, tombstones, day, reason })
                    .await?;
            }
            tx.add_early_notification(&Tag16([9; 16]), 2026).await
        })
    })
    .await
    .unwrap();
    let after = look(&scratch.db).await;
    assert!(after.has_early_notifications);
    let mut tags: Vec<u8> = after.tombstones.iter().map(|t| t.tag.0[0]).collect();
    tags.sort_unstable();
    assert_eq!(tags, [1, 2, 11, 12]);
}

#[tokio::test]
async fn who_writes_apart_writes_into_the_same_database_again_and_again() {
    let scratch = Scratch::new().await;
    let apart = scratch.db.with_dedicated_connection();
    for n in 0..3 {
        let name = format!("fact {n}");
        write(&apart, move |tx| {
            let name = name.clone();
            Box::pin(async move { tx.set_fact(&name, "yes").await })
        })
        .await
        .unwrap();
        let fact = scratch.db.read().await.unwrap().fact(&format!("fact {n}")).await.unwrap();
        assert_eq!(fact.as_deref(), Some("yes"));
    }
}
