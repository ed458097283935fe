//! The journal: its chain, and what it tells.

use domain::compliance::prove::extend_audit_chain;
use domain::lookup::{LookUpCustomer, LookupQuery};
use policy::promise as p;
use store::Actor;

use crate::shop::{Note, Shop, assert_breaks, assert_names};

#[tokio::test]
async fn a_line_that_was_changed_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("UPDATE audit_entry SET actor = 'nobody' WHERE kind = 'change'").await;
    assert_breaks(&proof, p::DETAILS_SUPPORT, "link 1 does not match its entries");
}

#[tokio::test]
async fn a_line_that_was_taken_out_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("DELETE FROM audit_entry WHERE kind = 'change'").await;
    assert_breaks(&proof, p::DETAILS_SUPPORT, "link 1 covers");
}

#[tokio::test]
async fn a_journal_that_was_cut_short_is_found() {
    let shop = Shop::with_customers().await;
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    shop.does(&Note("something that is to be hidden")).await;
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    let cut = "DELETE FROM audit_entry WHERE audit_link = 2; DELETE FROM audit_link WHERE seq = 2";
    assert_breaks(
        &shop.prove_after(cut).await,
        p::DETAILS_SUPPORT,
        "it ends at link 1, but the keyring remembers link 2",
    );
}

#[tokio::test]
async fn a_journal_that_was_cut_short_and_written_on_is_found() {
    let shop = Shop::with_customers().await;
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    shop.does(&Note("something that is to be hidden")).await;
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    shop.scratch
        .tamper("DELETE FROM audit_entry WHERE audit_link = 2; DELETE FROM audit_link WHERE seq = 2")
        .await;
    shop.does(&Note("something harmless")).await;
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
async fn lines_that_no_link_covers_yet_are_a_figure_and_no_fault() {
    let shop = Shop::with_customers().await;
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    assert!(!extend_audit_chain(&shop.scratch.db).await.unwrap());
    shop.does(&Note("something new")).await;
    let proof = shop.prove().await;
    assert!(proof.all_kept() && proof.to_string().contains("not covered yet: 1"), "{proof}");
}

#[tokio::test]
async fn an_opening_for_marketing_is_found() {
    let shop = Shop::with_customers().await;
    let line = shop.line("opening", "person.email", "marketing", "staff", shop.slots().await[0], 0);
    let proof = shop.prove_after(&line).await;
    assert_breaks(&proof, p::CONTACT_ADMINISTRATIVE, "person.email opened for marketing");
}

#[tokio::test]
async fn an_opening_that_the_inventory_does_not_allow_that_purpose_is_found() {
    let shop = Shop::with_customers().await;
    let line =
        shop.line("opening", "person.email orders.payment", "writing", "system", shop.slots().await[0], 0);
    let proof = shop.prove_after(&line).await;
    assert_breaks(&proof, p::CONTACT_ADMINISTRATIVE, "orders.payment opened for writing");
}

#[tokio::test]
async fn support_with_staff_and_case_is_fine_and_without_is_found() {
    let shop = Shop::with_customers().await;
    let actor = Actor::Staff("grace".into());
    let find = |case| LookUpCustomer { query: LookupQuery::Email("ada@example.org"), case, actor: &actor };
    assert_eq!(shop.does(&find("lost key, ticket 7")).await.len(), 1);
    extend_audit_chain(&shop.scratch.db).await.unwrap();
    let proof = shop.prove().await;
    assert!(
        proof.all_kept() && proof.to_string().contains("checked for staff member and case: 1"),
        "{proof}"
    );
    shop.does(&find("")).await;
    assert_breaks(&shop.prove().await, p::DETAILS_SUPPORT, "without staff member or case: 1");
}

#[tokio::test]
async fn an_erasure_to_which_nobody_agreed_is_found() {
    let shop = Shop::with_customers().await;
    shop.erase(shop.slots().await[0]).await;
    let line = shop.line("erasure", "erasure", "", "system", keyring::Slot(0), 0);
    let proof = shop.prove_after(&line).await;
    assert_breaks(&proof, p::ERASURE_AGREEMENT, "more erasures than agreements: 2 and 1");
}

#[tokio::test]
async fn an_agreement_that_names_somebody_is_found() {
    let shop = Shop::with_customers().await;
    let line = shop.line("agreement", "agreed to erasure", "", "person", shop.slots().await[0], 0);
    let proof = shop.prove_after(&line).await;
    assert_breaks(&proof, p::ERASURE_AGREEMENT, "that name a person: 1");
    assert_names(&proof, p::ERASURE_AGREEMENT, "without the hash of the agreed text: 1");
}
