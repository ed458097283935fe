//! The webhook of the payment provider: who may send, what is refused, and when it is sent again.

use domain::licensing::products::{AddProduct, AddProductOutcome};
use paypro::simulator::Party;
use paypro::{Purchase, Secret};
use store::{Actor, Product};

use crate::http::Answer;
use crate::kit::{Kit, Setup};

fn purchase(kit: &Kit, order: &str, product: &str) -> Purchase {
    let party = Party::new("ada@example.com", "Ada Lovelace");
    Purchase { placed: kit.app.db.clock.today().midnight(), ..Purchase::new(order, product, party) }
}

/// Checks a refusal: its status, its reason, and whether the provider should send it again.
#[track_caller]
fn assert_refused(answer: &Answer, status: u16, reason: &str) {
    assert_eq!((answer.status, answer.body.as_str()), (status, format!("{reason}\n").as_str()));
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("retry-after"), if status == 503 { "60" } else { "" });
}

#[tokio::test]
async fn only_the_network_of_the_provider_may_send() {
    let setup = || Setup { provider_network: "203.0.113.0/28", ..Setup::default() };
    let proxied = Kit::with(Setup { proxy: "127.0.0.0/8", ..setup() }).await;
    let direct = Kit::with(setup()).await;
    let refusal = "this address is not one of the provider's";
    for (forwarded, accepted) in [
        ("203.0.113.0", true),
        ("203.0.113.15", true),
        ("::ffff:203.0.113.9", true),
        ("203.0.113.16", false),
        ("198.51.100.7", false),
        ("2001:db8::1", false),
        // The proxy appends the address from which it got the request; the others are claims.
        ("198.51.100.7, 203.0.113.9", true),
        ("203.0.113.9, 198.51.100.7", false),
        ("203.0.113.9, 127.0.0.1", true),
        ("nonsense", false),
        ("", false),
    ] {
        let body = proxied.provider.charged(&purchase(&proxied, "7", "4711")).body();
        let answer = proxied.post("/paypro", &[("X-Forwarded-For", forwarded)], &body).await;
        if accepted {
            assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{forwarded}");
        } else {
            assert_refused(&answer, 403, refusal);
        }
        // Without a trusted proxy the header is a claim of the sender.
        let claimed = direct.post("/paypro", &[("X-Forwarded-For", forwarded)], &body).await;
        assert_refused(&claimed, 403, refusal);
    }
}

#[tokio::test]
async fn without_a_validation_key_every_notification_is_sent_again_later() {
    let kit = Kit::with(Setup { validation_key: None, ..Setup::default() }).await;
    for body in [kit.provider.charged(&purchase(&kit, "7", "4711")).body(), "nonsense".to_owned()] {
        assert_refused(&kit.post("/paypro", &[], &body).await, 503, "no validation key is configured yet");
    }
    assert_eq!(kit.scratch.numbers("SELECT COUNT(*) FROM orders").await, [0]);
}

#[tokio::test]
async fn a_test_order_is_accepted_only_where_the_configuration_allows_it() {
    for test_orders in [false, true] {
        let kit = Kit::with(Setup { test_orders, ..Setup::default() }).await;
        let order = Purchase { test: true, ..purchase(&kit, "7", "4711") };
        let answer = kit.post("/paypro", &[], &kit.provider.charged(&order).body()).await;
        if test_orders {
            assert_eq!(answer.status, 200);
        } else {
            assert_refused(&answer, 403, "test orders are not accepted (paypro.allow_test_orders)");
        }
        let orders = kit.scratch.numbers("SELECT COUNT(*) FROM orders").await;
        assert_eq!(orders, [i64::from(test_orders)]);
    }
}

#[tokio::test]
async fn an_unreadable_or_forged_notification_is_refused_with_its_reason_and_without_its_values() {
    let kit = Kit::open().await;
    let genuine = kit.provider.charged(&purchase(&kit, "7", "4711"));
    let forger = paypro::Shop::new(Secret::new("a guess").unwrap());
    for (body, status, reason) in [
        (String::new(), 400, "IPN_TYPE_ID: missing"),
        ("IPN_TYPE_ID=one".to_owned(), 400, "IPN_TYPE_ID: not 1 to 20 digits"),
        (
            genuine.clone().field("CUSTOMER_EMAIL", "secret at home").body(),
            400,
            "CUSTOMER_EMAIL: not an e-mail address",
        ),
        (
            genuine.clone().field("PRODUCT_QUANTITY", "secret").body(),
            400,
            "PRODUCT_QUANTITY: not a whole number from 1 to 65535",
        ),
        (genuine.body() + "&ORDER_ID=8", 400, "ORDER_ID: appears twice"),
        (genuine.body() + "&secret=1&secret=2", 400, "an unknown field: appears twice"),
        (forger.charged(&purchase(&kit, "7", "4711")).body(), 403, "the signature is wrong"),
        (genuine.signature("").body(), 403, "the signature is wrong"),
    ] {
        let answer = kit.post("/paypro", &[], &body).await;
        assert_refused(&answer, status, reason);
        assert!(!answer.body.contains("secret"), "{}", answer.body);
    }
    assert_eq!(kit.scratch.numbers("SELECT COUNT(*) FROM orders").await, [0]);
}

#[tokio::test]
async fn an_order_of_an_unknown_product_gets_its_key_when_the_product_is_added() {
    let kit = Kit::open().await;
    let order = purchase(&kit, "7", "9999");
    let request = kit.provider.licence_requested(&order).body();
    for _ in 0..2 {
        let answer = kit.post("/paypro", &[], &request).await;
        assert_refused(&answer, 503, "this product is not configured yet; the order is kept");
    }
    let known = kit.app.db.read().await.unwrap().product_of_provider("4711").await.unwrap().unwrap();
    let product = &Product { provider_id: "9999".into(), ..known };
    let add = AddProduct { product, actor: &Actor::System, settings: &kit.app.settings };
    let added = kit.app.db.execute(&add).await.unwrap();
    assert!(matches!(added, AddProductOutcome::Added { served: 1, .. }), "{added:?}");
    let answer = kit.post("/paypro", &[], &request).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/plain; charset=utf-8"));
    licence::Key::parse(&answer.body).unwrap();
}

#[tokio::test]
async fn an_order_that_can_get_no_key_any_more_is_not_sent_again() {
    let mut kit = Kit::open().await;
    let order = purchase(&kit, "7", "4711");
    let request = kit.provider.licence_requested(&order).body();
    assert_eq!(kit.post("/paypro", &[], &request).await.status, 200);
    assert_eq!(kit.post("/paypro", &[], &kit.provider.refunded(&order).body()).await.status, 200);
    assert_refused(&kit.post("/paypro", &[], &request).await, 409, "this licence was revoked");
    let old = Purchase { placed: (kit.app.db.clock.today() - 800).midnight(), ..purchase(&kit, "8", "4711") };
    let request = kit.provider.licence_requested(&old).body();
    assert_refused(&kit.post("/paypro", &[], &request).await, 410, "this order was erased");
    assert!(kit.emails().await.is_empty(), "no notification causes an e-mail");
}
