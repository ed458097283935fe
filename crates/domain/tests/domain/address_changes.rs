//! Changes of address (kind 15) and of card (kind 21).

use crate::kit::{Shop, products};
use paypro::simulator::Party;

#[tokio::test]
async fn a_new_address_belongs_to_the_person_and_the_old_one_to_a_stranger() {
    let shop = Shop::open().await;
    let p = shop.purchase("1", products::EDITOR, "old@example.org");
    let key = shop.keys(&p).await;
    let change = shop.provider.customer_changed(&p, "new@example.org");
    shop.process(&change).await;
    shop.roll_forward().await;
    assert!(shop.slot("old@example.org").await.is_none());
    assert_eq!(shop.personal_data("new@example.org").await.licences[0].key, key[0]);
    shop.process(&shop.provider.customer_changed(&p, "newest@example.org")).await;
    shop.process(&change.resent()).await;
    assert!(shop.slot("newest@example.org").await.is_some(), "a resent change acts again");
    assert_eq!(shop.rows("person").await, 1);
}

#[tokio::test]
async fn an_order_is_reassigned_with_its_subscription_to_the_person_who_has_the_new_address() {
    let shop = Shop::open().await;
    let p = shop.purchase("1", products::CLOUD, "old@example.org").subscribed("91", 30);
    let theirs = shop.purchase("2", products::EDITOR, "new@example.org");
    shop.process(&shop.provider.charged(&p)).await;
    shop.process(&shop.provider.subscription_charged(&p, 1)).await;
    shop.keys(&theirs).await;
    shop.process(&shop.provider.customer_changed(&p, "new@example.org")).await;
    shop.roll_forward().await;
    assert!(shop.slot("old@example.org").await.is_none(), "nothing is left of them");
    assert_eq!(shop.rows("person").await, 1);
    let now = shop.personal_data("new@example.org").await;
    assert_eq!((now.licences.len(), now.orders.len()), (2, 3));
    shop.process(&shop.provider.subscription_charged(&p, 2)).await;
    assert_eq!((shop.rows("person").await, shop.rows("licence").await), (1, 2));
    shop.check_seals().await;
}

#[tokio::test]
async fn a_person_with_another_order_stays_when_one_is_reassigned() {
    let shop = Shop::open().await;
    let p = shop.purchase("1", products::EDITOR, "old@example.org");
    shop.keys(&p).await;
    shop.keys(&shop.purchase("2", products::EDITOR, "old@example.org")).await;
    shop.keys(&shop.purchase("3", products::EDITOR, "new@example.org")).await;
    shop.process(&shop.provider.customer_changed(&p, "new@example.org")).await;
    assert_eq!(shop.personal_data("old@example.org").await.licences.len(), 1);
    assert_eq!(shop.personal_data("new@example.org").await.licences.len(), 2);
}

#[tokio::test]
async fn an_order_reassigned_to_its_licensee_makes_them_its_buyer() {
    let shop = Shop::open().await;
    let mut p = shop.purchase("1", products::EDITOR, "old@example.org");
    p.licensee = Some(Party::new("new@example.org", "Licensee"));
    shop.keys(&p).await;
    assert!(!shop.personal_data("new@example.org").await.licences[0].bought);
    shop.process(&shop.provider.customer_changed(&p, "new@example.org")).await;
    assert!(shop.personal_data("new@example.org").await.licences[0].bought);
}

#[tokio::test]
async fn a_new_card_changes_the_last_four_digits_and_nothing_else() {
    let shop = Shop::open().await;
    let p = shop.purchase("1", products::CLOUD, "ada@example.org").subscribed("91", 30);
    let key = shop.keys(&p).await;
    let before = shop.state(calendar::Day::UNIX_EPOCH).await;
    shop.process(&shop.provider.payment_changed(&p, "1881").field("CUSTOMER_EMAIL", "else@example.org"))
        .await;
    let now = shop.personal_data("ada@example.org").await;
    assert_eq!((now.orders[0].last4.as_str(), now.orders[0].payment_method.as_str()), ("1881", "1"));
    assert_eq!(shop.state(calendar::Day::UNIX_EPOCH).await, before);
    assert_eq!(shop.keys(&p).await, key);
}

#[tokio::test]
async fn the_company_is_kept_from_the_first_product_that_prints_it() {
    let shop = Shop::open().await;
    for (order, product, company) in [("1", products::EDITOR, ""), ("2", products::SITE, "The Works")] {
        let mut p = shop.purchase(order, product, "ada@example.org");
        p.company = "The Works".into();
        shop.process(&shop.provider.charged(&p)).await;
        assert_eq!(shop.personal_data("ada@example.org").await.company, company);
    }
}
