//! Licences: each order has exactly one, and licences outlive their holders.

use policy::promise as p;

use crate::prove::shop::{Shop, assert_breaks, assert_names};

#[tokio::test]
async fn a_valid_order_without_a_licence_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("DELETE FROM grants").await;
    assert_breaks(&proof, p::DETAILS_LICENCE, "valid items without a licence: 2");
}

#[tokio::test]
async fn a_term_created_by_two_orders_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("UPDATE grants SET serial = (SELECT MIN(serial) FROM licence)").await;
    assert_breaks(&proof, p::DETAILS_LICENCE, "terms that two order items created: 1");
}

#[tokio::test]
async fn a_grant_of_a_missing_term_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("UPDATE grants SET term = 9").await;
    assert_breaks(&proof, p::DETAILS_LICENCE, "terms that do not exist: 2");
}

#[tokio::test]
async fn a_licence_of_an_erased_customer_that_does_not_verify_is_found() {
    let shop = Shop::with_customers().await;
    shop.erase(shop.slots().await[0]).await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    let proof = shop.prove().await;
    assert!(
        proof.to_string().contains(
            "licences without a holder (erased, or issued without one): 1; keys of them that were verified: 1"
        ),
        "{proof}"
    );
    let held = "SELECT serial FROM holder";
    let sql = format!(
        "UPDATE licence SET current_key = {} WHERE serial NOT IN ({held})",
        shop.blob("twelve bytes")
    );
    assert_breaks(&shop.prove_after(&sql).await, p::ERASURE_LICENCE_SURVIVES, "its key does not verify");
}

#[tokio::test]
async fn a_public_key_of_another_signer_is_found() {
    let shop = Shop::with_customers().await;
    let sql = format!("UPDATE signing_key SET public = {}", shop.blob("thirty-two bytes of another key."));
    let proof = shop.prove_after(&sql).await;
    assert_names(&proof, p::ERASURE_LICENCE_SURVIVES, "signing_key.public");
}
