//! Which notices are the same notice.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashSet;

use paypro::{Draft, Kind, Notice, Purchase, Secret, Shop, Simulator, Unverified, simulator::Party};

fn key() -> Secret {
    Secret::new("validation key").unwrap()
}

fn open(draft: &Draft) -> Notice {
    Unverified::parse(draft.body().as_bytes()).unwrap().verify(&key()).unwrap()
}

fn identity(draft: &Draft) -> Vec<u8> {
    open(draft).identity()
}

fn purchase() -> Purchase {
    Purchase::new("100200", "4711", Party::new("ada@example.org", "Ada Example")).subscribed("5005", 30)
}

#[test]
fn a_notice_sent_again_is_the_same_notice() {
    for kind in Kind::ALL {
        let draft = Simulator::new(key()).notice(kind);
        assert_eq!(identity(&draft), identity(&draft.clone().resent()), "{kind}");
        assert_eq!(
            open(&draft).personal_identity(),
            open(&draft.clone().resent()).personal_identity(),
            "{kind}"
        );
    }
}

#[test]
fn every_kind_order_item_and_test_is_a_notice_of_its_own() {
    let mut seen = HashSet::new();
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Lead) {
        let draft = Simulator::new(key()).notice(kind);
        assert!(seen.insert(identity(&draft)), "{kind}");
        for (name, value) in
            [("ORDER_ID", "12"), ("ORDER_ITEM_ID", "13"), ("SUBSCRIPTION_ID", "14"), ("TEST_MODE", "1")]
        {
            assert!(seen.insert(identity(&draft.clone().field(name, value))), "{kind} {name}");
        }
    }
}

#[test]
fn numbers_do_not_run_into_each_other() {
    let draft = Simulator::new(key()).notice(Kind::OrderCharged);
    let one = draft.clone().field("ORDER_ID", "1").field("ORDER_ITEM_ID", "23");
    let other = draft.field("ORDER_ID", "12").field("ORDER_ITEM_ID", "3");
    assert_ne!(identity(&one), identity(&other));
}

#[test]
fn a_payment_sent_again_years_later_is_known_by_its_numbers_alone() {
    let draft = Simulator::new(key()).notice(Kind::OrderCharged);
    let later = draft
        .clone()
        .resent()
        .field("ORDER_STATUS_ID", "3")
        .field("ORDER_STATUS", "Refunded")
        .field("ORDER_ITEM_REFUNDED", "49.00")
        .field("CUSTOMER_EMAIL", "new.address@example.org")
        .field("SUBSCRIPTION_NEXT_CHARGE_DATE", "");
    assert_eq!(identity(&draft), identity(&later));
}

#[test]
fn what_happens_again_is_told_apart_by_its_day() {
    let (shop, purchase) = (Shop::new(key()), purchase());
    assert_ne!(identity(&shop.suspended(&purchase, 1)), identity(&shop.suspended(&purchase, 2)));
    assert_ne!(identity(&shop.renewed(&purchase, 1)), identity(&shop.renewed(&purchase, 2)));
    assert_ne!(identity(&shop.charge_failed(&purchase, 1)), identity(&shop.charge_failed(&purchase, 2)));
    assert_ne!(
        identity(&shop.subscription_charged(&purchase, 1)),
        identity(&shop.subscription_charged(&purchase, 2))
    );
}

#[test]
fn a_date_in_the_other_format_makes_no_new_notice() {
    let draft = Simulator::new(key()).notice(Kind::SubscriptionSuspended);
    let short = draft.clone().field("SUBSCRIPTION_NEXT_CHARGE_DATE", "4/21/2025 7:02 PM");
    let long = draft.field("SUBSCRIPTION_NEXT_CHARGE_DATE", "04/21/2025 19:02:00");
    assert_eq!(identity(&short), identity(&long));
}

#[test]
fn two_partial_refunds_are_two_notices_and_their_amounts_stay_unknown() {
    let (shop, purchase) = (Shop::new(key()), purchase());
    let (one, other) =
        (shop.partially_refunded(&purchase, "777123.45"), shop.partially_refunded(&purchase, "5.00"));
    assert_ne!(identity(&one), identity(&other));
    assert!(!identity(&one).windows(9).any(|bytes| bytes == b"777123.45"));
}

#[test]
fn an_identity_holds_nothing_personal() {
    let purchase = purchase();
    let mut other = purchase.clone();
    other.buyer = Party::new("grace@example.net", "Grace Example");
    other.last4 = "1881".to_owned();
    for kind in Kind::ALL {
        let shop = Shop::new(key());
        assert_eq!(identity(&shop.notice(kind, &purchase)), identity(&shop.notice(kind, &other)), "{kind}");
    }
}

#[test]
fn only_a_change_of_address_or_card_has_a_personal_identity() {
    let (shop, purchase) = (Shop::new(key()), purchase());
    let personal = |draft: &Draft| open(draft).personal_identity();
    assert_ne!(
        personal(&shop.customer_changed(&purchase, "a@example.org")),
        personal(&shop.customer_changed(&purchase, "b@example.org"))
    );
    assert_ne!(
        personal(&shop.payment_changed(&purchase, "1881")),
        personal(&shop.payment_changed(&purchase, "1882"))
    );
    for kind in Kind::ALL.into_iter().filter(|kind| ![15, 21].contains(&kind.id())) {
        assert!(personal(&shop.notice(kind, &purchase)).is_none(), "{kind}");
    }
}
