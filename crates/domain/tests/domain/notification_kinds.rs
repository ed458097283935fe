//! Each kind of notification: alone, first, twice, resent, and in pairs in both orders.

use crate::kit::{Shop, products, reply_name};
use domain::licensing::purchase::NotificationReply;
use paypro::NotificationKind;
use paypro::simulator::{Draft, Purchase};
use store::testing::serial;

const BUYER: &str = "ada@example.org";

fn subscribed(shop: &Shop, order: &str) -> Purchase {
    shop.purchase(order, products::CLOUD, BUYER).subscribed("77", 30)
}

/// The only licence of the shop, if there is one.
async fn the_licence(shop: &Shop) -> Option<store::Licence> {
    let serials = shop.scratch.numbers("SELECT serial FROM licence").await;
    assert!(serials.len() <= 1, "{} licences", serials.len());
    let mut tx = shop.db().read().await.expect("readable");
    match serials.first() {
        Some(number) => tx.licence(serial(number.cast_unsigned())).await.expect("readable"),
        None => None,
    }
}

/// The effect of each kind on an unknown order: the state of its licence (`None`: no licence) and the number of
/// persons.
const FIRST: [(u32, Option<&str>, i64); 18] = [
    (1, Some("active"), 1),
    (2, Some("revoked"), 1),
    (3, Some("revoked"), 1),
    (4, None, 0),
    (5, Some("on hold"), 1),
    (6, Some("active"), 1),
    (7, Some("on hold"), 1),
    (8, Some("on hold"), 1),
    (9, Some("on hold"), 1),
    (10, Some("on hold"), 1),
    (11, Some("on hold"), 1),
    (12, Some("active"), 1),
    (13, Some("active"), 1),
    (14, Some("active"), 1),
    (15, Some("on hold"), 1),
    (16, None, 0),
    (17, None, 0),
    (21, Some("on hold"), 1),
];

#[tokio::test]
async fn a_first_notification_of_each_kind_has_its_effect_once_although_it_is_repeated_and_resent() {
    for (id, state, persons) in FIRST {
        let shop = Shop::open().await;
        let draft = shop.provider.notification(NotificationKind::from_id(id), &subscribed(&shop, "1"));
        let answer = shop.process(&draft).await;
        assert_eq!(reply_name(&answer), if id == 12 { "keys" } else { "accepted" }, "kind {id}");
        let once = shop.state(calendar::Day::UNIX_EPOCH).await;
        assert_eq!(the_licence(&shop).await.map(|l| l.state.as_str()), state, "kind {id}");
        assert_eq!(shop.rows("person").await, persons, "kind {id}");
        for again in [&draft, &draft.clone().resent()] {
            assert!(shop.process(again).await == answer, "kind {id} answers otherwise");
            assert_eq!(shop.state(calendar::Day::UNIX_EPOCH).await, once, "kind {id} acts again");
        }
        shop.check_seals().await;
    }
}

/// Tells whether two kinds end alike in both orders: all pairs except suspension and resumption, and chargeback and
/// won dispute.
fn independent_of_order(a: u32, b: u32) -> bool {
    ![(3, 14), (8, 9)].contains(&(a.min(b), a.max(b)))
}

#[tokio::test]
async fn two_kinds_end_in_the_same_state_in_both_orders() {
    let mut states = Vec::new();
    for turned in [false, true] {
        let shop = Shop::open().await;
        for (a, ..) in FIRST {
            for (b, ..) in FIRST.into_iter().filter(|(b, ..)| *b > a && independent_of_order(a, *b)) {
                let number = format!("{}", 1000 + a * 100 + b);
                let buyer = format!("kinds.{a}.and.{b}@example.org");
                let p = shop.purchase(&number, products::CLOUD, &buyer).subscribed(&number, 30);
                // A refund must not depend on the order of arrival: the notification of payment follows each pair.
                for kind in if turned { [b, a, 1] } else { [a, b, 1] } {
                    shop.process(&shop.provider.notification(NotificationKind::from_id(kind), &p)).await;
                }
            }
        }
        states.push(shop.state(shop.today()).await);
    }
    assert_eq!(states[0], states[1]);
}

#[tokio::test]
async fn the_reply_to_a_key_request_depends_on_the_state_of_the_order() {
    let shop = Shop::open().await;
    let p = |order: &str, product| shop.purchase(order, product, BUYER);
    let ask = |p: &Purchase| shop.provider.licence_requested(p);
    let editor = p("1", products::EDITOR);
    let keys = shop.keys(&editor).await;
    assert_eq!(keys.len(), 1);
    assert!(shop.process(&ask(&editor).resent()).await == NotificationReply::Keys(keys.clone()));
    let mut pack = p("2", products::PACK);
    pack.quantity = 3;
    assert_eq!(shop.keys(&pack).await.len(), 3, "a key for each unit");
    assert_eq!(reply_name(&shop.process(&ask(&p("3", products::NOVELTY))).await), "unknown product");
    let mut site = p("4", products::SITE);
    site.dynamic_discount = "10.00".into();
    assert_eq!(reply_name(&shop.process(&ask(&site)).await), "on hold", "a discount that nothing proves");
    shop.process(&shop.provider.refunded(&editor)).await;
    assert_eq!(reply_name(&shop.process(&ask(&editor)).await), "revoked");
    let mut old = p("5", products::EDITOR);
    old.placed = (shop.today() - 800).midnight();
    assert_eq!(reply_name(&shop.process(&ask(&old)).await), "gone");
    assert_eq!(reply_name(&shop.process(&shop.provider.charged(&old)).await), "accepted");
    assert_eq!(shop.rows("orders").await, 3, "nothing is kept of what is older than the horizon");
}

#[tokio::test]
async fn an_unknown_kind_a_lead_and_a_waiting_order_store_nothing() {
    let shop = Shop::open().await;
    let before =
        [shop.rows("person").await, shop.rows("orders").await, shop.rows("early_notification").await];
    let p = subscribed(&shop, "1");
    for kind in [NotificationKind::Unknown(99), NotificationKind::Lead, NotificationKind::OrderWaiting] {
        assert_eq!(reply_name(&shop.process(&shop.provider.notification(kind, &p)).await), "accepted");
    }
    assert_eq!(
        before,
        [shop.rows("person").await, shop.rows("orders").await, shop.rows("early_notification").await]
    );
}

#[tokio::test]
async fn an_issued_key_is_repeated_after_charges_and_after_rotation_of_signing_keys() {
    let shop = Shop::open().await;
    let p = subscribed(&shop, "1");
    shop.process(&shop.provider.charged(&p)).await;
    let given = shop.keys(&p).await;
    for n in 1..=3 {
        shop.process(&shop.provider.subscription_charged(&p, n)).await;
    }
    shop.db()
        .execute(&domain::licensing::signing_keys::AddSigningKey { actor: &store::Actor::System })
        .await
        .unwrap();
    shop.db()
        .execute(&domain::licensing::signing_keys::RetireSigningKey { id: 0, actor: &store::Actor::System })
        .await
        .unwrap();
    shop.process(&shop.provider.subscription_charged(&p, 4)).await;
    assert_eq!(shop.keys(&p).await, given);
    let now = shop.licence(&given[0]).await;
    assert_eq!(now.until_day, Some(shop.today() + 150), "five times 30 days");
    let mut tx = shop.db().read().await.unwrap();
    let fresh = match domain::licensing::refresh::refresh_key(&mut tx, &given[0]).await.unwrap() {
        domain::licensing::refresh::RefreshOutcome::Current(key) => key,
        other => panic!("{other:?}"),
    };
    assert_ne!(fresh, given[0]);
    assert_eq!(shop.claims(&fresh).await.signing_key, 1);
}

#[tokio::test]
async fn the_life_of_a_subscription() {
    let shop = Shop::open().await;
    let (s, today) = (shop.provider.clone(), shop.today());
    let p = subscribed(&shop, "1");
    let steps: Vec<(Draft, &str, i64)> = vec![
        (s.charged(&p), "active", 30),
        (s.subscription_charged(&p, 1), "active", 60),
        (s.charge_failed(&p, 1), "active", 60),
        (s.suspended(&p, 1), "suspended", 60),
        (s.renewed(&p, 2), "active", 90),
        (s.suspended(&p, 1).resent(), "active", 90),
        (s.subscription_charged(&p, 2), "active", 90),
        (s.subscription_charged(&p, 3), "active", 120),
        (s.terminated(&p), "active", 120),
        (s.finished(&p, 3), "ended", 120),
    ];
    for (n, (draft, state, until)) in steps.iter().enumerate() {
        shop.process(draft).await;
        let licence = the_licence(&shop).await.unwrap();
        assert_eq!((licence.state.as_str(), licence.until_day), (*state, Some(today + *until)), "step {n}");
    }
}

#[tokio::test]
async fn a_terminated_subscription_has_no_days_of_grace() {
    let shop = Shop::open().await;
    let p = subscribed(&shop, "1");
    let key = shop.keys(&p).await.remove(0);
    let ends = |claims: licence::Claims| match claims.term {
        licence::Term::Ends(day) => day.to_unix_days() - shop.today().to_unix_days(),
        other => panic!("{other:?}"),
    };
    assert_eq!(ends(shop.claims(&key).await), 44);
    shop.process(&shop.provider.terminated(&p)).await;
    let mut tx = shop.db().read().await.unwrap();
    let Ok(domain::licensing::refresh::RefreshOutcome::Current(now)) =
        domain::licensing::refresh::refresh_key(&mut tx, &key).await
    else {
        panic!("no current key")
    };
    assert_eq!(ends(shop.claims(&now).await), 30);
}

#[tokio::test]
async fn a_charge_of_an_unknown_subscription_creates_it_and_its_first_order_joins_later() {
    let shop = Shop::open().await;
    let p = subscribed(&shop, "1");
    shop.process(&shop.provider.subscription_charged(&p, 2)).await;
    assert_eq!(the_licence(&shop).await.unwrap().state.as_str(), "active");
    shop.process(&shop.provider.charged(&p)).await;
    shop.process(&shop.provider.subscription_charged(&p, 1)).await;
    let licence = the_licence(&shop).await.unwrap();
    assert_eq!(licence.until_day, Some(shop.today() + 90));
    assert_eq!(shop.rows("orders").await, 3);
}

#[tokio::test]
async fn a_refunded_charge_removes_only_its_own_days() {
    let shop = Shop::open().await;
    let p = subscribed(&shop, "1");
    let charge = Purchase { order: "1001".into(), order_item: "11001".into(), ..p.clone() };
    shop.process(&shop.provider.charged(&p)).await;
    shop.process(&shop.provider.subscription_charged(&p, 1)).await;
    shop.process(&shop.provider.refunded(&charge)).await;
    let licence = the_licence(&shop).await.unwrap();
    assert_eq!((licence.state.as_str(), licence.until_day), ("active", Some(shop.today() + 30)));
    shop.process(&shop.provider.refunded(&p)).await;
    assert_eq!(the_licence(&shop).await.unwrap().state.as_str(), "revoked");
}

#[tokio::test]
async fn a_refund_or_decline_that_arrives_before_its_charge_counts_although_the_subscription_is_known() {
    for kind in [2, 3, 4] {
        let shop = Shop::open().await;
        let p = subscribed(&shop, "1");
        let charge = Purchase { order: "1001".into(), order_item: "11001".into(), ..p.clone() };
        shop.process(&shop.provider.notification(NotificationKind::from_id(kind), &charge)).await;
        shop.process(&shop.provider.charged(&p)).await;
        shop.process(&shop.provider.subscription_charged(&p, 1)).await;
        let licences = shop.state(shop.today()).await;
        assert!(licences.iter().any(|l| l.contains("until 30 ")), "kind {kind}: {licences:#?}");
    }
}

#[tokio::test]
async fn a_won_dispute_leaves_an_order_on_hold_until_staff_release_it() {
    let shop = Shop::open().await;
    let mut p = shop.purchase("1", products::SITE, BUYER);
    p.dynamic_discount = "10.00".into();
    for draft in [shop.provider.charged(&p), shop.provider.charged_back(&p), shop.provider.won(&p)] {
        shop.process(&draft).await;
    }
    assert_eq!(reply_name(&shop.process(&shop.provider.licence_requested(&p)).await), "on hold");
    let release = domain::licensing::manual_licensing::ReleaseOrder {
        order: "1",
        actor: &store::Actor::System,
        settings: &shop.settings,
    };
    assert!(shop.db().execute(&release).await.unwrap());
    assert_eq!(shop.keys(&p).await.len(), 1);
}

#[tokio::test]
async fn the_first_notification_determines_product_and_quantity() {
    let shop = Shop::open().await;
    let first = shop.purchase("1", products::EDITOR, BUYER);
    let key = shop.keys(&first).await;
    let mut other = first.clone();
    (other.product, other.quantity) = (products::SITE.into(), 500);
    shop.process(&shop.provider.charged(&other)).await;
    assert_eq!(shop.keys(&other).await, key);
    assert_eq!(shop.claims(&key[0]).await.seats, 1);
}

#[tokio::test]
async fn an_order_that_names_the_item_of_another_order_does_not_get_its_key() {
    let shop = Shop::open().await;
    let victim = shop.purchase("1", products::EDITOR, BUYER);
    let key = shop.keys(&victim).await;
    let mut thief = shop.purchase("2", products::EDITOR, "eve@example.org");
    thief.order_item.clone_from(&victim.order_item);
    assert_ne!(shop.keys(&thief).await, key);
    shop.process(&shop.provider.refunded(&thief)).await;
    assert_eq!(shop.keys(&victim).await, key, "a refund of the thief's order leaves the victim's alone");
}

#[tokio::test]
async fn the_same_number_as_order_item_and_subscription_is_kept_apart() {
    let shop = Shop::open().await;
    let mut a = shop.purchase("7", products::CLOUD, BUYER).subscribed("7", 30);
    a.order_item = "7".into();
    let mut b = shop.purchase("8", products::CLOUD, "bob@example.org").subscribed("9", 30);
    b.order_item = "7".into();
    let mut c = shop.purchase("9", products::CLOUD, "cyd@example.org").subscribed("8", 30);
    c.order_item = "9".into();
    let keys = [shop.keys(&a).await, shop.keys(&b).await, shop.keys(&c).await];
    assert!(keys[0] != keys[1] && keys[1] != keys[2]);
    assert_eq!(shop.rows("person").await, 3);
}

#[tokio::test]
async fn a_large_order_of_single_keys_gets_all_of_them() {
    let shop = Shop::open().await;
    let mut p = shop.purchase("1", products::PACK, BUYER);
    p.quantity = 500;
    let keys = shop.keys(&p).await;
    assert_eq!(keys.len(), 500);
    assert_eq!(shop.keys(&p).await, keys);
}
