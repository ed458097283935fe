//! The schema and the data inventory, compared in both directions.

use std::collections::BTreeSet;

use policy::inventory::{OnForgetting, PLAIN, SEALED, TABLES};
use store::Shape;
use store::testing::Scratch;

use crate::fixtures::seed_shop;

#[tokio::test]
async fn every_live_column_is_in_the_inventory_and_every_listed_one_is_live() {
    let scratch = Scratch::new().await;
    let live = scratch.db.read().await.unwrap().live_columns().await.unwrap();
    let live: BTreeSet<_> = live.iter().map(|c| (&*c.table, &*c.column)).collect();
    let listed: BTreeSet<_> = SEALED.iter().chain(PLAIN).map(|c| (c.table, c.column)).collect();
    let unlisted: Vec<_> = live.difference(&listed).collect();
    let dead: Vec<_> = listed.difference(&live).collect();
    assert!(unlisted.is_empty() && dead.is_empty(), "live only: {unlisted:?}, listed only: {dead:?}");
}

#[tokio::test]
async fn an_unlisted_column_is_found() {
    let scratch = Scratch::new().await;
    scratch.tamper("ALTER TABLE person ADD COLUMN phone TEXT").await;
    let live = scratch.db.read().await.unwrap().live_columns().await.unwrap();
    let unlisted: Vec<_> =
        live.iter().filter(|c| policy::inventory::find_column(&c.table, &c.column).is_none()).collect();
    assert_eq!(unlisted.len(), 1);
    assert_eq!((&*unlisted[0].table, &*unlisted[0].column), ("person", "phone"));
}

#[tokio::test]
async fn sealed_columns_are_bytes_and_slots_are_numbers() {
    let scratch = Scratch::new().await;
    let live = scratch.db.read().await.unwrap().live_columns().await.unwrap();
    for column in &live {
        assert_ne!(column.shape(), Shape::Other, "{column:?}");
    }
    let shape = |table: &str, name: &str| {
        live.iter().find(|c| c.table == table && c.column == name).map(store::LiveColumn::shape)
    };
    for column in SEALED {
        assert_eq!(shape(column.table, column.column), Some(Shape::Bytes), "{column:?}");
    }
    for table in TABLES {
        if let OnForgetting::Delete(slot) | OnForgetting::StaysUnreadable(slot) = table.on_forgetting {
            assert_eq!(shape(table.name, slot), Some(Shape::Number), "{table:?}");
        }
    }
}

#[tokio::test]
async fn the_examination_reaches_every_sealed_column_and_each_has_a_value_that_opens() {
    let scratch = Scratch::new().await;
    seed_shop(&scratch.db).await;
    let found = scratch.db.read().await.unwrap().examine_sealed(|_| true).await.unwrap();
    let examined: BTreeSet<_> = found.iter().map(|f| (f.column.table, f.column.column)).collect();
    let sealed: BTreeSet<_> = SEALED.iter().map(|c| (c.table, c.column)).collect();
    assert_eq!(examined, sealed);
    assert_eq!(found.len(), SEALED.len());
    for column in found {
        assert!(column.open > 0, "no value of {:?} was examined", column.column);
        assert_eq!((column.forgotten, column.broken, column.failing), (0, 0, 0), "{:?}", column.column);
    }
}

#[tokio::test]
async fn the_examination_counts_broken_values_and_those_that_fail_its_check() {
    let scratch = Scratch::new().await;
    seed_shop(&scratch.db).await;
    scratch.tamper("UPDATE person SET name = email").await;
    let found = scratch.db.read().await.unwrap().examine_sealed(|text| !text.starts_with(b"canary")).await;
    for column in found.unwrap() {
        let name = format!("{}.{}", column.column.table, column.column.column);
        match &*name {
            "person.name" => assert_eq!((column.open, column.broken), (0, 1)),
            // Keys, indexes and files are never checked: random bytes would match by chance.
            "orders.processed_notifications"
            | "index_bucket.pairs"
            | "signing_key.secret"
            | "person.company"
            | "conversation.address_tag"
            | "chunk.bytes"
            | "visit_day.day_key"
            | "visit_tally.state" => {
                assert_eq!(column.failing, 0, "{name}");
            }
            _ => assert_eq!((column.failing, column.broken), (1, 0), "{name}"),
        }
    }
}

#[tokio::test]
async fn no_value_in_clear_is_about_a_person() {
    let scratch = Scratch::new().await;
    seed_shop(&scratch.db).await;
    let values = scratch.db.read().await.unwrap().clear_values().await.unwrap();
    assert!(values.iter().any(|(_, text)| text == crate::fixtures::PRODUCT), "the search reads nothing");
    for (column, text) in values {
        assert!(!text.to_lowercase().contains("canary"), "{column:?} holds {text}");
    }
}
