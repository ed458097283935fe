//! The audit log: its chain and its entries.

use domain::compliance::prove::findings::audit_log::{Fault, Observation, Violation};
use domain::compliance::prove::{Observation as Observed, Violation as Found, extend_audit_chain};
use domain::lookup::{LookUpCustomer, LookupQuery};
use policy::promise as p;
use store::{Actor, ChainFault};

use crate::prove::shop::{
    AppendChange, Shop, assert_breaks, assert_finds, assert_names, assert_observes, counted,
};

#[tokio::test]
async fn a_changed_entry_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("UPDATE audit_entry SET actor = 'nobody' WHERE kind = 'change'").await;
    assert_breaks(&proof, p::DETAILS_SUPPORT, Violation::Chain(ChainFault::HashDiffers { link: 1 }));
}

#[tokio::test]
async fn a_deleted_entry_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("DELETE FROM audit_entry WHERE kind = 'change'").await;
    assert_finds(&proof, p::DETAILS_SUPPORT, |found| {
        let Found::AuditLog(Violation::Chain(fault)) = found else { return false };
        matches!(fault, ChainFault::EntriesMissing { link: 1, covers, exist } if exist < covers)
    });
}

#[tokio::test]
async fn a_truncated_audit_log_is_found() {
    let shop = Shop::with_customers().await;
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    shop.execute(&AppendChange("a change to be hidden")).await;
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    let cut = "DELETE FROM audit_entry WHERE audit_link = 2; DELETE FROM audit_link WHERE seq = 2";
    let expected = Violation::Truncated { last: 1, anchor: 2 };
    assert_breaks(&shop.prove_after(cut).await, p::DETAILS_SUPPORT, expected);
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
    let expected = Violation::LinkDiffersFromAnchor { link: 2 };
    assert_breaks(&shop.prove().await, p::DETAILS_SUPPORT, expected);
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
    assert_breaks(&shop.prove().await, p::DETAILS_SUPPORT, Violation::NoAnchor);
}

#[tokio::test]
async fn entries_without_a_link_yet_are_counted_and_no_fault() {
    let shop = Shop::with_customers().await;
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    assert!(!extend_audit_chain(&shop.scratch.db).await.unwrap());
    shop.execute(&AppendChange("a new change")).await;
    let proof = shop.prove().await;
    assert!(proof.all_kept(), "{proof:#?}");
    let evidence = &proof.finding(p::DETAILS_SUPPORT).unwrap().evidence;
    let is_one = |seen: &_| matches!(seen, Observed::AuditLog(Observation::Chain { unlinked: 1, .. }));
    assert!(evidence.iter().any(is_one), "{evidence:#?}");
}

#[tokio::test]
async fn an_opening_for_marketing_is_found() {
    let shop = Shop::with_customers().await;
    let insert =
        shop.insert_audit_entry("opening", "person.email", "marketing", "staff", shop.slots().await[0], 0);
    let proof = shop.prove_after(&insert).await;
    let expected = Fault::DisallowedPurpose { column: "person.email".into(), purpose: "marketing".into() };
    assert_breaks(&proof, p::CONTACT_ADMINISTRATIVE, counted(1, expected));
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
    let expected = Fault::DisallowedPurpose { column: "orders.payment".into(), purpose: "writing".into() };
    assert_breaks(&proof, p::CONTACT_ADMINISTRATIVE, counted(1, expected));
}

#[tokio::test]
async fn support_without_staff_or_case_is_found() {
    let shop = Shop::with_customers().await;
    let actor = Actor::Staff("grace".into());
    let find = |case| LookUpCustomer { query: LookupQuery::Email("ada@example.org"), case, actor: &actor };
    assert_eq!(shop.execute(&find("lost key, ticket 7")).await.len(), 1);
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    let proof = shop.prove().await;
    assert!(proof.all_kept(), "{proof:#?}");
    assert_observes(&proof, p::DETAILS_SUPPORT, Observation::SupportOpenings { openings: 1 });
    shop.execute(&find("")).await;
    assert_breaks(&shop.prove().await, p::DETAILS_SUPPORT, counted(1, Fault::SupportWithoutCase));
}

#[tokio::test]
async fn an_erasure_without_an_agreement_is_found() {
    let shop = Shop::with_customers().await;
    shop.erase(shop.slots().await[0]).await;
    let insert = shop.insert_audit_entry("erasure", "erasure", "", "system", keyring::Slot(0), 0);
    let proof = shop.prove_after(&insert).await;
    let expected = Violation::MoreErasuresThanAgreements { erasures: 2, agreements: 1 };
    assert_breaks(&proof, p::ERASURE_AGREEMENT, expected);
}

#[tokio::test]
async fn an_agreement_that_names_a_person_is_found() {
    let shop = Shop::with_customers().await;
    let insert =
        shop.insert_audit_entry("agreement", "agreed to erasure", "", "person", shop.slots().await[0], 0);
    let proof = shop.prove_after(&insert).await;
    assert_breaks(&proof, p::ERASURE_AGREEMENT, counted(1, Fault::NamesPerson));
    assert_names(&proof, p::ERASURE_AGREEMENT, counted(1, Fault::AgreementWithoutText));
}
