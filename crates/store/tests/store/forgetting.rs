//! Forgetting a slot deletes its rows in every table that the inventory names, and no row of another person.

use keyring::{ForgetRequest, Slot};
use policy::inventory::{OnForgetting, TABLES};
use store::testing::{Scratch, serial};

use crate::fixtures::{person_with_everything, seed_shop, write};

async fn rows_of(scratch: &Scratch, of: Slot) -> Vec<(&'static str, i64)> {
    let mut rows = Vec::new();
    for table in TABLES {
        if let OnForgetting::Delete(slot) = table.on_forgetting {
            let sql = format!("SELECT COUNT(*) FROM {} WHERE {slot} = {}", table.name, of.0);
            rows.push((table.name, scratch.numbers(&sql).await[0]));
        }
    }
    rows
}

#[tokio::test]
async fn every_row_of_a_person_is_deleted_and_no_row_of_another() {
    let scratch = Scratch::new().await;
    let forgotten = seed_shop(&scratch.db).await;
    let other = write(&scratch.db, |tx| Box::pin(async move { person_with_everything(tx, 2).await }));
    let other = other.await.unwrap();
    for (table, n) in rows_of(&scratch, forgotten).await {
        assert_eq!(n, 1, "{table} has no row to delete: the fixtures lack one");
    }
    let before = rows_of(&scratch, other).await;
    let untouched = "SELECT (SELECT COUNT(*) FROM licence) + (SELECT COUNT(*) FROM term) + (SELECT COUNT(*) FROM audit_entry)";
    let kept = scratch.numbers(untouched).await;

    let deleted = write(&scratch.db, move |tx| Box::pin(async move { tx.purge_slot(forgotten).await }));
    assert_eq!(deleted.await.unwrap(), u64::try_from(before.len()).unwrap());

    for (table, n) in rows_of(&scratch, forgotten).await {
        assert_eq!(n, 0, "{table} still has a row");
    }
    assert_eq!(rows_of(&scratch, other).await, before);
    assert_eq!(scratch.numbers(untouched).await, kept);
    let again = write(&scratch.db, move |tx| Box::pin(async move { tx.purge_slot(forgotten).await }));
    assert_eq!(again.await.unwrap(), 0);
}

#[tokio::test]
async fn only_the_audit_log_still_names_a_forgotten_slot() {
    let scratch = Scratch::new().await;
    let forgotten = seed_shop(&scratch.db).await;
    write(&scratch.db, move |tx| Box::pin(async move { tx.purge_slot(forgotten).await })).await.unwrap();
    let live = scratch.db.read().await.unwrap().live_columns().await.unwrap();
    for column in live.iter().filter(|c| c.shape() == store::Shape::Number && c.table != "audit_entry") {
        let sql = format!("SELECT COUNT(*) FROM {} WHERE {} = {}", column.table, column.column, forgotten.0);
        assert_eq!(scratch.numbers(&sql).await, [0], "{}.{}", column.table, column.column);
    }
}

#[tokio::test]
async fn restored_rows_of_forgotten_slots_are_deleted() {
    let scratch = Scratch::new().await;
    let mut persons = vec![seed_shop(&scratch.db).await];
    for n in 2..=5 {
        let one = write(&scratch.db, move |tx| Box::pin(async move { person_with_everything(tx, n).await }));
        persons.push(one.await.unwrap());
    }
    let forgotten = vec![persons[0], persons[3]];
    let forgetting =
        ForgetRequest { slots: forgotten.clone(), tombstones: vec![], day: 20_700, digest: [0; 32] };
    scratch.db.keyring().forget(&forgetting).unwrap();
    for _ in 0..2 {
        let purged = write(&scratch.db, |tx| Box::pin(async move { tx.purge_forgotten_slots().await }));
        purged.await.unwrap();
        for of in &persons {
            let expected = i64::from(!forgotten.contains(of));
            for (table, n) in rows_of(&scratch, *of).await {
                assert_eq!(n, expected, "{table}");
            }
        }
    }
    let found = scratch.db.read().await.unwrap().examine_sealed(|_| true).await.unwrap();
    for column in found {
        let in_audit_log = column.column.table == "audit_entry";
        assert_eq!(
            (column.forgotten, column.broken),
            (if in_audit_log { 2 } else { 0 }, 0),
            "{:?}",
            column.column
        );
    }
}

#[tokio::test]
async fn a_detached_renewal_link_outlives_its_person() {
    let scratch = Scratch::new().await;
    let forgotten = seed_shop(&scratch.db).await;
    let unbound = write(&scratch.db, move |tx| {
        Box::pin(async move {
            tx.detach_renewals(forgotten).await?;
            tx.purge_slot(forgotten).await?;
            tx.renewal(&crate::fixtures::tag32(1)).await
        })
    });
    assert_eq!(unbound.await.unwrap().map(|r| (r.serial, r.used)), Some((serial(1), false)));
    let forgetting =
        ForgetRequest { slots: vec![forgotten], tombstones: vec![], day: 20_700, digest: [0; 32] };
    scratch.db.keyring().forget(&forgetting).unwrap();
    let purged = write(&scratch.db, |tx| Box::pin(async move { tx.purge_forgotten_slots().await }));
    assert_eq!(purged.await.unwrap(), 0, "a link without a person is not forgotten");
    assert!(scratch.db.read().await.unwrap().renewal(&crate::fixtures::tag32(1)).await.unwrap().is_some());
}
