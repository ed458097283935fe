//! Remains of erased persons, and the retention of the others.

use std::sync::atomic::Ordering;

use keyring::{ForgetRequest, Slot};
use policy::promise as p;
use store::testing::NOON;
use store::{BlindIndex, ErasureIntent, ErasureReason, Error, Operation, Tx};

use domain::compliance::prove::findings::persons::{Fault, Violation};
use domain::compliance::prove::findings::schema;

use crate::prove::shop::{Shop, assert_breaks, assert_names, broken, counted};

#[tokio::test]
async fn rows_without_a_person_are_found() {
    let shop = Shop::with_customers().await;
    let sql = format!(
        "INSERT INTO session (token_hash, slot, expires_at, address_change_requested) VALUES ({}, 777777, 0, 0)",
        shop.blob("tag")
    );
    let expected = counted(1, Fault::RowWithoutPerson { table: "session" });
    assert_breaks(&shop.prove_after(&sql).await, p::ERASURE_REQUEST, expected);
}

#[tokio::test]
async fn a_renewal_link_of_a_missing_person_is_found() {
    let shop = Shop::with_customers().await;
    let offer = |tag: &str, slot: u64| {
        let tag = shop.blob(tag);
        format!(
            "INSERT INTO renewal (token_hash, slot, serial, expires_at, used) VALUES ({tag}, {slot}, 1, 0, 0)"
        )
    };
    shop.scratch.tamper(&offer("unbound", 0)).await;
    let proof = shop.prove_after(&offer("bound", 777_777)).await;
    assert_breaks(&proof, p::ERASURE_REQUEST, counted(1, Fault::RowWithoutPerson { table: "renewal" }));
}

#[tokio::test]
async fn rows_and_index_entries_of_a_deleted_person_are_found() {
    let shop = Shop::with_customers().await;
    let sql = format!("DELETE FROM person WHERE slot = {}", shop.slots().await[0].0);
    let proof = shop.prove_after(&sql).await;
    assert_eq!(broken(&proof), ["erasure.request", "erasure.unidentifiable"], "{proof:#?}");
    for table in ["orders", "grants", "holder", "magic_link"] {
        assert_names(&proof, p::ERASURE_REQUEST, counted(1, Fault::RowWithoutPerson { table }));
    }
    let entry = counted(1, Fault::EntryWithoutRow { index: BlindIndex::Address });
    assert_names(&proof, p::ERASURE_UNIDENTIFIABLE, entry);
}

#[tokio::test]
async fn rows_of_a_forgotten_person_are_found_unless_their_erasure_is_in_progress() {
    let shop = Shop::with_customers().await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    let ada = shop.slots().await[0];
    shop.agree(ada).await;
    forget(&shop, ada);
    let proof = shop.prove().await;
    assert!(proof.all_kept(), "{proof:#?}");
    let proof = shop.prove_after("DELETE FROM erasure_intent").await;
    for column in ["person.email", "orders.provider_ids"] {
        let expected = counted(1, Fault::RowOfForgotten { column: column.to_owned() });
        assert_names(&proof, p::ERASURE_REQUEST, expected);
    }
}

fn forget(shop: &Shop, slot: Slot) {
    let forgetting = ForgetRequest { slots: vec![slot], tombstones: Vec::new(), day: 1, digest: [0; 32] };
    shop.scratch.db.keyring().forget(&forgetting).unwrap();
}

#[tokio::test]
async fn a_forgotten_bucket_that_still_exists_is_found() {
    let shop = Shop::with_customers().await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    let bucket = shop.scratch.numbers("SELECT MIN(slot) FROM index_bucket").await[0];
    forget(&shop, Slot(u64::try_from(bucket).unwrap()));
    let proof = shop.prove().await;
    let expected = counted(1, Fault::RowOfForgotten { column: "index_bucket.pairs".to_owned() });
    assert_breaks(&proof, p::ERASURE_REQUEST, expected);
}

/// Adds an erasure intent that is some days old, and returns its row.
struct AddErasureIntent(i64);

impl Operation for AddErasureIntent {
    const NAME: &'static str = "add an erasure intent, for tests";
    type Output = i64;

    async fn execute(&self, tx: &mut Tx) -> Result<i64, Error> {
        let slots = vec![tx.keyring().allocate_slot()?];
        let day = tx.today() - self.0;
        tx.add_erasure_intent(&ErasureIntent {
            id: 0,
            slots,
            tombstones: Vec::new(),
            day,
            reason: ErasureReason::Erasure,
        })
        .await
    }
}

#[tokio::test]
async fn an_erasure_intent_older_than_a_day_is_found() {
    let shop = Shop::with_customers().await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    shop.execute(&AddErasureIntent(1)).await;
    assert!(shop.prove().await.all_kept());
    let intent = shop.execute(&AddErasureIntent(2)).await;
    let since = shop.scratch.db.clock.today() - 2;
    assert_breaks(&shop.prove().await, p::ERASURE_REQUEST, Violation::OverdueIntent { intent, since });
}

#[tokio::test]
async fn a_keyring_older_than_the_data_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("UPDATE meta SET value = '99' WHERE name = 'epoch'").await;
    let epoch = shop.scratch.db.keyring().epoch().unwrap();
    assert_breaks(&proof, p::ERASURE_REQUEST, Violation::OldKeyring { seen: 99, epoch });
}

#[tokio::test]
async fn an_unreconciled_backup_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("INSERT INTO meta (name, value) VALUES ('restored', 'yes')").await;
    assert_breaks(&proof, p::ERASURE_REQUEST, Violation::Unreconciled);
}

#[tokio::test]
async fn an_index_that_lost_its_entries_is_found() {
    let shop = Shop::with_customers().await;
    let sql = format!("UPDATE index_bucket SET pairs = {}", shop.blob("no bucket"));
    let proof = shop.prove_after(&sql).await;
    let differs = Violation::IndexDiffers { addresses: 0, persons: 2 };
    assert_names(&proof, p::ERASURE_UNIDENTIFIABLE, differs);
    let buckets = shop.scratch.numbers("SELECT COUNT(*) FROM index_bucket").await[0];
    let unreadable = schema::Fault::Unreadable { column: "index_bucket.pairs".to_owned() };
    assert_names(&proof, p::DETAILS_SECURE, counted(buckets, unreadable));
}

#[tokio::test]
async fn idempotency_records_beyond_the_horizon_are_found() {
    let shop = Shop::with_customers().await;
    let record = |table: &str, year: i64| {
        format!("INSERT INTO {table} (tag, year) VALUES ({}, {year})", shop.blob(&format!("{table}{year}")))
    };
    shop.scratch.tamper(&record("processed_notification", 2025)).await;
    let proof = shop
        .prove_after(&format!(
            "{}; {}",
            record("processed_notification", 2024),
            record("early_notification", 2023)
        ))
        .await;
    let expected = counted(2, Fault::OldNotificationTag { first_year: 2025 });
    assert_breaks(&proof, p::ERASURE_UNIDENTIFIABLE, expected);
}

#[tokio::test]
async fn a_person_kept_beyond_their_retention_is_found() {
    let shop = Shop::with_customers().await;
    let ended = format!("UPDATE person SET ended_day = {}", NOON / 86_400);
    shop.scratch.tamper(&ended).await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    assert!(shop.prove().await.all_kept());
    let months_24_and_a_week = NOON + (731 + 7) * 86_400;
    shop.scratch.now.store(months_24_and_a_week, Ordering::SeqCst);
    assert_names(&shop.prove().await, p::DETAILS_SUPPORT, counted(2, Fault::PersonPastRetention));
}

#[tokio::test]
async fn an_overdue_erasure_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("UPDATE person SET erase_day = 1").await;
    assert_breaks(&proof, p::DETAILS_SUPPORT, counted(2, Fault::OverdueErasure));
}
