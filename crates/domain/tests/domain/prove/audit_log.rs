//! The audit log: its chain and its entries.

use domain::compliance::prove::extend_audit_chain;
use domain::lookup::{LookUpCustomer, LookupQuery};
use policy::promise as p;
use store::Actor;

use crate::prove::shop::{AppendChange, Shop, assert_breaks, assert_names};

#[tokio::test]
async fn a_changed_entry_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("UPDATE audit_entry SET actor = 'nobody' WHERE kind = 'change'").await;
    assert_breaks(&proof, p::DETAILS_SUPPORT, "link 1 does not match its entries");
}

#[tokio::test]
async fn a_deleted_entry_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("DELETE FROM audit_entry WHERE kind = 'change'").await;
    assert_breaks(&proof, p::DETAILS_SUPPORT, "link 1 covers");
}

#[tokio::test]
async fn a_truncated_audit_log_is_found() {
    let shop = Shop::with_customers().await;
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    shop.execute(&AppendChange("a change to be hidden")).await;
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    let cut = "DELETE FROM audit_entry WHERE audit_link = 2; DELETE FROM audit_link WHERE seq = 2";
    assert_breaks(
        &shop.prove_after(cut).await,
        p::DETAILS_SUPPORT,
        "it ends at link 1, but the keyring remembers link 2",
    );
}

#[tokio::test]
async fn an_audit_log_continued_after_a_truncation_is_found() {
    let shop = Shop::with_customers().await;
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    shop.execute(&AppendChange("a change to be hidden")).await;
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    shop.scratch
        .tamper("DELETE FROM audit_entry WHERE audit_link = 2; DELETE FROM audit_link WHERE seq = 2")
        .await;
    shop.execute(&AppendChange("a harmless change")).await;
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    assert_breaks(
        &shop.prove().await,
        p::DETAILS_SUPPORT,
        "link 2 of the audit chain differs from the link that the keyring remembers",
    );
}

#[tokio::test]
async fn a_keyring_that_remembers_no_link_is_found() {
    let shop = Shop::with_customers().await;
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    let anchor = std::fs::read_dir(shop.scratch.replica())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains("anchor"));
    std::fs::remove_file(anchor.unwrap()).unwrap();
    assert_breaks(&shop.prove().await, p::DETAILS_SUPPORT, "the keyring remembers no link");
}

#[tokio::test]
async fn entries_without_a_link_yet_are_counted_and_no_fault() {
    let shop = Shop::with_customers().await;
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    assert!(!extend_audit_chain(&shop.scratch.db).await.unwrap());
    shop.execute(&AppendChange("a new change")).await;
    let proof = shop.prove().await;
    assert!(proof.all_kept() && proof.to_string().contains("not covered yet: 1"), "{proof}");
}

#[tokio::test]
async fn an_opening_for_marketing_is_found() {
    let shop = Shop::with_customers().await;
    let insert =
        shop.insert_audit_entry("opening", "person.email", "marketing", "staff", shop.slots().await[0], 0);
    let proof = shop.prove_after(&insert).await;
    assert_breaks(&proof, p::CONTACT_ADMINISTRATIVE, "person.email opened for marketing");
}

#[tokio::test]
async fn an_opening_for_a_purpose_that_the_inventory_does_not_allow_is_found() {
    let shop = Shop::with_customers().await;
    let insert = shop.insert_audit_entry(
        "opening",
        "person.email orders.payment",
        "writing",
        "system",
        shop.slots().await[0],
        0,
    );
    let proof = shop.prove_after(&insert).await;
    assert_breaks(&proof, p::CONTACT_ADMINISTRATIVE, "orders.payment opened for writing");
}

#[tokio::test]
async fn support_without_staff_or_case_is_found() {
    let shop = Shop::with_customers().await;
    let actor = Actor::Staff("grace".into());
    let find = |case| LookUpCustomer { query: LookupQuery::Email("ada@example.org"), case, actor: &actor };
    assert_eq!(shop.execute(&find("lost key, ticket 7")).await.len(), 1);
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    let proof = shop.prove().await;
    assert!(
        proof.all_kept() && proof.to_string().contains("checked for staff member and case: 1"),
        "{proof}"
    );
    shop.execute(&find("")).await;
    assert_breaks(&shop.prove().await, p::DETAILS_SUPPORT, "without staff member or case: 1");
}

#[tokio::test]
async fn an_erasure_without_an_agreement_is_found() {
    let shop = Shop::with_customers().await;
    shop.erase(shop.slots().await[0]).await;
    let insert = shop.insert_audit_entry("erasure", "erasure", "", "system", keyring::Slot(0), 0);
    let proof = shop.prove_after(&insert).await;
    assert_breaks(&proof, p::ERASURE_AGREEMENT, "more erasures than agreements: 2 and 1");
}

#[tokio::test]
async fn an_agreement_that_names_a_person_is_found() {
    let shop = Shop::with_customers().await;
    let insert =
        shop.insert_audit_entry("agreement", "agreed to erasure", "", "person", shop.slots().await[0], 0);
    let proof = shop.prove_after(&insert).await;
    assert_breaks(&proof, p::ERASURE_AGREEMENT, "that name a person: 1");
    assert_names(&proof, p::ERASURE_AGREEMENT, "without the hash of the agreed text: 1");
}
