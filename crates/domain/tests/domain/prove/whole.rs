//! The complete proof.

use domain::compliance::prove::findings::{schema, visits};
use domain::compliance::prove::{Verdict, prove};
use policy::promise as p;

use crate::prove::shop::{Shop, assert_names, broken};

#[tokio::test]
async fn a_working_shop_keeps_every_promise() {
    let shop = Shop::with_customers().await;
    shop.buy("1003", "eve@example.org").await;
    let eve = shop.slots().await[2];
    shop.request_magic_link("eve@example.org").await;
    shop.erase(eve).await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    let proof = shop.prove().await;
    assert!(proof.all_kept(), "{proof:#?}");
    assert_eq!(proof.promises.len(), p::ALL.len());
    let not_yet: Vec<_> =
        proof.promises.iter().filter(|f| f.verdict == Verdict::NotYet).map(|f| f.promise.id).collect();
    assert_eq!(not_yet, ["visitors.general"], "no website is counted");
    assert!(proof.promises.iter().all(|f| !f.evidence.is_empty()), "{proof:#?}");
}

#[tokio::test]
async fn an_empty_shop_keeps_every_promise() {
    let shop = Shop::open().await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    let proof = shop.prove().await;
    assert!(proof.all_kept(), "{proof:#?}");
}

#[tokio::test]
async fn the_proof_contains_no_personal_data() {
    let shop = Shop::with_customers().await;
    let sql = format!("UPDATE person SET name = {}, email = {0}", shop.blob("Ada"));
    let proof = shop.prove_after(&sql).await;
    let all = format!("{proof:?}");
    for personal in ["Ada", "ada@", "example.org", "1001", "4242"] {
        assert!(!all.contains(personal), "{all}");
    }
}

#[tokio::test]
async fn an_unknown_table_breaks_promises() {
    let shop = Shop::open().await;
    let proof = shop.prove_after("CREATE TABLE visitor (slot BIGINT NOT NULL, code TEXT NOT NULL)").await;
    let column = "visitor.code".to_owned();
    let unknown = visits::Violation::UnknownColumn { column: column.clone() };
    assert_names(&proof, p::VISITORS_UNIDENTIFIABLE, unknown);
    assert_names(&proof, p::DETAILS_SECURE, schema::Violation::NotInInventory { column });
}

#[tokio::test]
async fn a_schema_without_a_listed_column_proves_nothing() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("ALTER TABLE receipt RENAME COLUMN body TO paper").await;
    let missing = schema::Violation::NotInDatabase { column: "receipt.body".to_owned() };
    assert_names(&proof, p::DETAILS_SECURE, missing);
    let unlisted = schema::Violation::NotInInventory { column: "receipt.paper".to_owned() };
    assert_names(&proof, p::DETAILS_SECURE, unlisted);
    assert_names(&proof, p::MAIL_SOLICITED, schema::Violation::NotExamined);
    assert_eq!(broken(&proof).len(), p::ALL.len(), "{proof:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn erasures_and_purchases_during_the_proof_are_no_fault() {
    let shop = Shop::open().await;
    for n in 0..12 {
        shop.buy(&format!("20{n:02}"), &format!("p{n}@example.org")).await;
    }
    let slots = shop.slots().await;
    let busy = async {
        for (n, slot) in slots.into_iter().enumerate() {
            shop.erase(slot).await;
            shop.buy(&format!("30{n:02}"), &format!("q{n}@example.org")).await;
            domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
        }
    };
    let (db, processors) = (shop.scratch.db.clone(), shop.processors());
    domain::compliance::prove::extend_audit_chain(&db).await.unwrap();
    let proofs = tokio::spawn(async move {
        for _ in 0..8 {
            let proof = prove(&db, &crate::prove::shop::settings(), &processors).await.unwrap();
            assert!(proof.all_kept(), "{proof:#?}");
        }
    });
    busy.await;
    proofs.await.unwrap();
}
