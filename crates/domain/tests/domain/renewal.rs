//! Renewal links extend the licence that they were made for, once, and nothing else.

use crate::kit::{Shop, products, reply_name};
use domain::licensing::purchase::UNPROVED_DISCOUNT;
use paypro::simulator::Purchase;
use store::Actor;

/// Opens a shop in which a licence was bought eleven months ago.
async fn shop_with(product: &str, quantity: u32) -> (Shop, Purchase, String) {
    let shop = Shop::open().await;
    let p = Purchase { quantity, ..shop.purchase("1", product, "ada@example.org") };
    let key = shop.keys(&p).await.remove(0);
    shop.pass_days(335);
    (shop, p, key)
}

/// The token in the renewal link on a person's portal.
async fn token(shop: &Shop, address: &str) -> Option<String> {
    let data = shop.personal_data(address).await;
    let link = data.licences.iter().find_map(|l| l.renewal.as_ref())?.link.clone();
    let (_, rest) = link.split_once("x-renewal=").expect("a token in the link");
    rest.split('&').next().map(str::to_owned)
}

/// The order that results from a renewal link.
fn renewal_order(shop: &Shop, of: &Purchase, order: &str, buyer: &str, token: &str) -> Purchase {
    Purchase {
        quantity: of.quantity,
        dynamic_discount: "19.60".into(),
        custom: vec![("x-renewal".into(), token.into())],
        ..shop.purchase(order, &of.product, buyer)
    }
}

#[tokio::test]
async fn a_renewal_extends_the_licence_instead_of_issuing_another() {
    let (shop, p, key) = shop_with(products::EDITOR, 1).await;
    let before = shop.licence(&key).await;
    let token = token(&shop, "ada@example.org").await.unwrap();
    let order = renewal_order(&shop, &p, "2", "ada@example.org", &token);
    let renewed = shop.keys(&order).await;
    shop.process(&shop.provider.charged(&order)).await;
    let after = shop.licence(&key).await;
    assert_eq!(after.until_day, before.until_day.map(|until| until.plus_months(12)));
    assert_eq!(shop.claims(&renewed[0]).await.serial, shop.claims(&key).await.serial);
    assert_eq!(shop.rows("licence").await, 1);
    assert_eq!(shop.keys(&p).await, [key], "a repeated request gets the same key");
    assert_eq!(self::token(&shop, "ada@example.org").await, None, "the next window is a year away");
    shop.process(&shop.provider.refunded(&order)).await;
    let taken_back = shop.licence(&renewed[0]).await;
    assert_eq!((taken_back.until_day, taken_back.state.as_str()), (before.until_day, "active"));
    assert_eq!(reply_name(&shop.process(&shop.provider.licence_requested(&order)).await), "revoked");
    shop.process(&shop.provider.refunded(&p)).await;
    assert_eq!(shop.licence(&renewed[0]).await.state.as_str(), "revoked");
}

#[tokio::test]
async fn a_renewal_of_a_licence_whose_purchase_is_refunded_is_revoked_with_it_and_flagged() {
    let (shop, p, _) = shop_with(products::EDITOR, 1).await;
    let token = token(&shop, "ada@example.org").await.unwrap();
    shop.process(&shop.provider.refunded(&p)).await;
    let order = renewal_order(&shop, &p, "2", "ada@example.org", &token);
    assert_eq!(reply_name(&shop.process(&shop.provider.licence_requested(&order)).await), "revoked");
    let state = shop.state(calendar::Day::UNIX_EPOCH).await;
    assert!(
        state.iter().any(|l| l.contains(domain::licensing::purchase::RENEWED_REVOKED_LICENCE)),
        "{state:#?}"
    );
}

/// Orders that must not count as a renewal.
#[derive(Clone, Copy, Debug)]
enum Misuse {
    Twice,
    TooLate,
    OtherProduct,
    FewerSeats,
    Forged,
    NoToken,
}

async fn misused(product: &str, misuse: Misuse) -> (Shop, Purchase) {
    let (shop, p, _) = shop_with(product, 3).await;
    let token = token(&shop, "ada@example.org").await.expect("an offer");
    let mut order = renewal_order(&shop, &p, "2", "ada@example.org", &token);
    match misuse {
        Misuse::Twice => {
            shop.process(&shop.provider.charged(&order)).await;
            order = renewal_order(&shop, &p, "3", "eve@example.org", &token);
        }
        Misuse::TooLate => {
            shop.pass_days(70);
            order = renewal_order(&shop, &p, "2", "ada@example.org", &token);
        }
        Misuse::OtherProduct => {
            let other = if product == products::SITE { products::EDITOR } else { products::SITE };
            order.product = other.into();
        }
        Misuse::FewerSeats => order.quantity = 2,
        Misuse::Forged => order.custom[0].1 = token.chars().rev().collect(),
        Misuse::NoToken => order.custom.clear(),
    }
    (shop, order)
}

const MISUSES: [Misuse; 6] = [
    Misuse::Twice,
    Misuse::TooLate,
    Misuse::OtherProduct,
    Misuse::FewerSeats,
    Misuse::Forged,
    Misuse::NoToken,
];

#[tokio::test]
async fn an_unproved_discount_is_flagged_and_on_hold_where_the_product_requires_it_until_staff_release_it() {
    for product in [products::EDITOR, products::SITE] {
        for misuse in MISUSES {
            let (shop, order) = misused(product, misuse).await;
            let contains_mark = order.product == products::SITE;
            let answer = shop.process(&shop.provider.licence_requested(&order)).await;
            assert_eq!(
                reply_name(&answer),
                if contains_mark { "on hold" } else { "keys" },
                "{product} {misuse:?}"
            );
            shop.process(&shop.provider.charged(&order)).await;
            let flagged = |state: Vec<String>| state.iter().filter(|l| l.contains(UNPROVED_DISCOUNT)).count();
            assert_eq!(flagged(shop.state(calendar::Day::UNIX_EPOCH).await), 1, "{product} {misuse:?}");
            assert_eq!(shop.rows("licence").await, 2, "{product} {misuse:?}");
            let release = domain::licensing::manual_licensing::ReleaseOrder {
                order: &order.order,
                actor: &Actor::System,
                settings: &shop.settings,
            };
            assert!(shop.db().execute(&release).await.unwrap());
            assert_eq!(flagged(shop.state(calendar::Day::UNIX_EPOCH).await), 0);
            assert_eq!(shop.keys(&order).await.len(), 1);
        }
    }
}

#[tokio::test]
async fn releasing_an_order_that_was_never_paid_does_not_issue_its_key() {
    let shop = Shop::open().await;
    let p =
        Purchase { dynamic_discount: "5.00".into(), ..shop.purchase("1", products::SITE, "ada@example.org") };
    shop.process(&shop.provider.partially_refunded(&p, "1.00")).await;
    let release = domain::licensing::manual_licensing::ReleaseOrder {
        order: "1",
        actor: &Actor::System,
        settings: &shop.settings,
    };
    assert!(shop.db().execute(&release).await.unwrap());
    assert!(shop.state(calendar::Day::UNIX_EPOCH).await.iter().any(|l| l.contains("x1 pending")));
    assert_eq!(shop.keys(&p).await.len(), 1, "the provider's request issues it");
}

#[tokio::test]
async fn an_order_of_three_single_keys_is_not_the_renewal_of_one() {
    let shop = Shop::empty().await;
    let each = store::Product { keys: store::KeysPerOrder::Each, ..products::product(products::EDITOR) };
    shop.add(&each).await;
    let p = shop.purchase("1", products::EDITOR, "ada@example.org");
    shop.keys(&p).await;
    shop.pass_days(335);
    let token = token(&shop, "ada@example.org").await.unwrap();
    let order = Purchase { quantity: 3, ..renewal_order(&shop, &p, "2", "ada@example.org", &token) };
    assert_eq!(shop.keys(&order).await.len(), 3);
    assert_eq!(shop.rows("licence").await, 4);
}

#[tokio::test]
async fn a_renewal_link_used_after_erasure_extends_the_licence_and_makes_its_buyer_the_holder() {
    let (shop, p, key) = shop_with(products::EDITOR, 1).await;
    let before = shop.until(&key).await;
    let token = token(&shop, "ada@example.org").await.unwrap();
    shop.erase("ada@example.org").await.unwrap();
    let order = renewal_order(&shop, &p, "2", "ada@example.org", &token);
    shop.process(&shop.provider.charged(&order)).await;
    assert_eq!(shop.until(&key).await, before.plus_months(12));
    let data = shop.personal_data("ada@example.org").await;
    assert_eq!((data.licences.len(), data.orders.len()), (1, 1), "the old order is visible");
    shop.process(&shop.provider.refunded(&p)).await;
    assert_eq!(
        shop.licence(&key).await.state.as_str(),
        "revoked",
        "a refund of the erased order still revokes"
    );
    assert_eq!((shop.rows("person").await, shop.rows("licence").await), (1, 1));
}

#[tokio::test]
async fn a_renewal_after_the_end_of_updates_counts_from_its_own_day() {
    let (shop, p, key) = shop_with(products::EDITOR, 1).await;
    shop.pass_days(45);
    let token = token(&shop, "ada@example.org").await.unwrap();
    let order = renewal_order(&shop, &p, "2", "ada@example.org", &token);
    shop.process(&shop.provider.charged(&order)).await;
    assert_eq!(shop.until(&key).await, shop.today().plus_months(12));
}
