//! Licences: each order has exactly one, and licences outlive their holders.

use domain::compliance::prove::findings::licences::{Fault, Observation, Violation};
use policy::promise as p;

use crate::prove::shop::{Shop, assert_breaks, assert_names, assert_observes, counted};
use store::testing::serial;

#[tokio::test]
async fn a_valid_order_without_a_licence_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("DELETE FROM grants").await;
    assert_breaks(&proof, p::DETAILS_LICENCE, counted(2, Fault::ItemWithoutLicence));
}

#[tokio::test]
async fn a_term_created_by_two_orders_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("UPDATE grants SET serial = (SELECT MIN(serial) FROM licence)").await;
    assert_breaks(&proof, p::DETAILS_LICENCE, counted(1, Fault::TermGrantedTwice));
}

#[tokio::test]
async fn a_grant_of_a_missing_term_is_found() {
    let shop = Shop::with_customers().await;
    let proof = shop.prove_after("UPDATE grants SET term = 9").await;
    assert_breaks(&proof, p::DETAILS_LICENCE, counted(2, Fault::GrantWithoutTerm));
}

#[tokio::test]
async fn a_licence_of_an_erased_customer_that_does_not_verify_is_found() {
    let shop = Shop::with_customers().await;
    shop.erase(shop.slots().await[0]).await;
    domain::compliance::prove::extend_audit_chain(&shop.scratch.db).await.unwrap();
    let proof = shop.prove().await;
    let observed = Observation::WithoutHolder { licences: 1, verified: 1 };
    assert_observes(&proof, p::ERASURE_LICENCE_SURVIVES, observed);
    let held = "SELECT serial FROM holder";
    let sql = format!(
        "UPDATE licence SET current_key = {} WHERE serial NOT IN ({held})",
        shop.blob("twelve bytes")
    );
    let serials = format!("SELECT serial FROM licence WHERE serial NOT IN ({held})");
    let licence = serial(shop.scratch.numbers(&serials).await[0].cast_unsigned());
    let proof = shop.prove_after(&sql).await;
    assert_breaks(&proof, p::ERASURE_LICENCE_SURVIVES, Violation::Unverified { licence });
}

#[tokio::test]
async fn a_public_key_of_another_signer_is_found() {
    let shop = Shop::with_customers().await;
    let sql = format!("UPDATE signing_key SET public = {}", shop.blob("thirty-two bytes of another key."));
    let proof = shop.prove_after(&sql).await;
    assert_names(&proof, p::ERASURE_LICENCE_SURVIVES, Violation::PublicKeyDiffers { key: 0 });
}
