//! Retention: persons are erased after their last licence ended, and the idempotency records of the erased are
//! deleted.

use crate::kit;
use crate::kit::{Shop, products};
use domain::erasure::retention::{RetentionReport, run_retention};

async fn run(shop: &Shop) -> RetentionReport {
    run_retention(shop.db(), &shop.settings).await.expect("a retention run")
}

/// Runs retention each month until a person is erased; returns the number of months.
async fn months_until_erased(shop: &Shop, most: i64) -> Option<i64> {
    let start = shop.today();
    for month in 0..=most {
        shop.set_day(start.plus_months(month));
        if run(shop).await.forgotten > 0 {
            return Some(month);
        }
    }
    None
}

#[tokio::test]
async fn a_person_is_erased_24_months_after_their_last_licence_ended() {
    let shop = Shop::open().await;
    let trial = shop.purchase("1", products::TRYOUT, "ada@example.org");
    let key = shop.keys(&trial).await.remove(0);
    // A month of trial, then 24.
    assert_eq!(months_until_erased(&shop, 40).await, Some(25));
    assert_eq!((shop.rows("person").await, shop.rows("orders").await), (0, 0));
    shop.claims(&key).await;
    shop.check_seals().await;
    shop.process(&shop.provider.charged(&trial).resent()).await;
    assert_eq!(shop.rows("person").await, 0, "an order from before the horizon is kept");
}

#[tokio::test]
async fn no_person_is_erased_while_a_licence_is_supported_a_subscription_runs_or_an_order_is_pending() {
    let shop = Shop::open().await;
    shop.process(&shop.provider.charged(&shop.purchase("1", products::EDITOR, "ada@example.org"))).await;
    shop.process(&shop.provider.charged(&shop.purchase("2", products::NOVELTY, "bob@example.org"))).await;
    let cloud = shop.purchase("3", products::CLOUD, "cyd@example.org").subscribed("91", 365);
    shop.process(&shop.provider.charged(&cloud)).await;
    for year in 1..=4 {
        shop.pass_days(365);
        shop.process(&shop.provider.subscription_charged(&cloud, year)).await;
        assert_eq!(run(&shop).await.forgotten, 0, "year {year}");
    }
    assert_eq!(shop.rows("person").await, 3);
}

#[tokio::test]
async fn a_refunded_customer_is_erased_and_one_who_buys_again_is_not() {
    let shop = Shop::open().await;
    for (order, address) in [("1", "ada@example.org"), ("2", "bob@example.org")] {
        let p = shop.purchase(order, products::EDITOR, address);
        shop.process(&shop.provider.charged(&p)).await;
        shop.process(&shop.provider.refunded(&p)).await;
    }
    run(&shop).await;
    shop.pass_days(700);
    shop.process(&shop.provider.charged(&shop.purchase("3", products::EDITOR, "bob@example.org"))).await;
    shop.pass_days(60);
    assert_eq!(run(&shop).await.forgotten, 1);
    assert!(shop.slot("ada@example.org").await.is_none() && shop.slot("bob@example.org").await.is_some());
}

#[tokio::test]
async fn tombstones_beyond_the_horizon_are_forgotten_and_a_running_subscription_gets_new_ones() {
    let shop = Shop::open().await;
    let once = shop.purchase("1", products::EDITOR, "ada@example.org");
    let cloud = shop.purchase("2", products::CLOUD, "ada@example.org").subscribed("91", 365);
    let keys = (shop.keys(&once).await, shop.keys(&cloud).await);
    shop.erase("ada@example.org").await.unwrap();
    run(&shop).await;
    shop.pass_days(300);
    run(&shop).await;
    assert_eq!(shop.keys(&once).await, keys.0);
    for year in 1..=5 {
        shop.pass_days(if year == 1 { 65 } else { 365 });
        let before = shop.until(&keys.1[0]).await;
        shop.process(&shop.provider.subscription_charged(&cloud, year)).await;
        run(&shop).await;
        assert_eq!(shop.until(&keys.1[0]).await, before + 365, "year {year}");
        assert_eq!((shop.rows("person").await, shop.rows("licence").await), (0, 2));
    }
    assert_eq!(kit::reply_name(&shop.process(&shop.provider.licence_requested(&once)).await), "gone");
    assert!(
        shop.scratch
            .numbers("SELECT year FROM processed_notification")
            .await
            .iter()
            .all(|year| *year >= 2030)
    );
}

#[tokio::test]
async fn an_order_that_arrived_while_its_product_was_added_is_processed_by_the_retention_run() {
    let shop = Shop::open().await;
    let p = shop.purchase("1", products::NOVELTY, "ada@example.org");
    shop.process(&shop.provider.charged(&p)).await;
    // The two transactions had not seen each other.
    shop.db().execute(&AddProductRow).await.unwrap();
    assert_eq!(run(&shop).await.processed, 1);
    assert_eq!(shop.rows("pending_order").await, 0);
}

/// Adds a product's row without processing its pending orders.
struct AddProductRow;

impl store::Operation for AddProductRow {
    const NAME: &'static str = "add a product's row, for tests";
    type Output = ();

    async fn execute(&self, tx: &mut store::Tx) -> Result<(), store::Error> {
        tx.add_product(&store::Product { id: 99, ..products::product(products::NOVELTY) }).await
    }
}
