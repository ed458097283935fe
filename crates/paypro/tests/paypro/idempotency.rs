//! Which notifications are repetitions of one notification.

use std::collections::HashSet;

use paypro::{Draft, NotificationKind, Shop, Simulator, simulator::Party};

use crate::kit::{key, open, purchase};

fn idempotency_key(draft: &Draft) -> Vec<u8> {
    open(draft).idempotency_key()
}

#[test]
fn a_repeated_notification_has_the_same_idempotency_key() {
    for kind in NotificationKind::ALL {
        let draft = Simulator::new(key()).notification(kind);
        assert_eq!(idempotency_key(&draft), idempotency_key(&draft.clone().resent()), "{kind}");
        assert_eq!(
            open(&draft).personal_idempotency_key(),
            open(&draft.clone().resent()).personal_idempotency_key(),
            "{kind}"
        );
    }
}

#[test]
fn kind_order_item_and_test_flag_give_different_idempotency_keys() {
    let mut seen = HashSet::new();
    for kind in NotificationKind::ALL.into_iter().filter(|kind| *kind != NotificationKind::Lead) {
        let draft = Simulator::new(key()).notification(kind);
        assert!(seen.insert(idempotency_key(&draft)), "{kind}");
        for (name, value) in
            [("ORDER_ID", "12"), ("ORDER_ITEM_ID", "13"), ("SUBSCRIPTION_ID", "14"), ("TEST_MODE", "1")]
        {
            assert!(seen.insert(idempotency_key(&draft.clone().field(name, value))), "{kind} {name}");
        }
    }
}

#[test]
fn numbers_with_the_same_concatenation_give_different_keys() {
    let draft = Simulator::new(key()).notification(NotificationKind::OrderCharged);
    let one = draft.clone().field("ORDER_ID", "1").field("ORDER_ITEM_ID", "23");
    let other = draft.field("ORDER_ID", "12").field("ORDER_ITEM_ID", "3");
    assert_ne!(idempotency_key(&one), idempotency_key(&other));
}

#[test]
fn a_payment_repeated_years_later_is_recognised_by_its_numbers() {
    let draft = Simulator::new(key()).notification(NotificationKind::OrderCharged);
    let later = draft
        .clone()
        .resent()
        .field("ORDER_STATUS_ID", "3")
        .field("ORDER_STATUS", "Refunded")
        .field("ORDER_ITEM_REFUNDED", "49.00")
        .field("CUSTOMER_EMAIL", "new.address@example.org")
        .field("SUBSCRIPTION_NEXT_CHARGE_DATE", "");
    assert_eq!(idempotency_key(&draft), idempotency_key(&later));
}

#[test]
fn events_that_can_repeat_are_distinguished_by_their_day() {
    let (shop, purchase) = (Shop::new(key()), purchase());
    assert_ne!(
        idempotency_key(&shop.suspended(&purchase, 1)),
        idempotency_key(&shop.suspended(&purchase, 2))
    );
    assert_ne!(idempotency_key(&shop.renewed(&purchase, 1)), idempotency_key(&shop.renewed(&purchase, 2)));
    assert_ne!(
        idempotency_key(&shop.charge_failed(&purchase, 1)),
        idempotency_key(&shop.charge_failed(&purchase, 2))
    );
    assert_ne!(
        idempotency_key(&shop.subscription_charged(&purchase, 1)),
        idempotency_key(&shop.subscription_charged(&purchase, 2))
    );
}

#[test]
fn the_date_format_does_not_change_the_idempotency_key() {
    let draft = Simulator::new(key()).notification(NotificationKind::SubscriptionSuspended);
    let short = draft.clone().field("SUBSCRIPTION_NEXT_CHARGE_DATE", "4/21/2025 7:02 PM");
    let long = draft.field("SUBSCRIPTION_NEXT_CHARGE_DATE", "04/21/2025 19:02:00");
    assert_eq!(idempotency_key(&short), idempotency_key(&long));
}

#[test]
fn two_partial_refunds_have_different_keys_that_do_not_contain_the_amount() {
    let (shop, purchase) = (Shop::new(key()), purchase());
    let (one, other) =
        (shop.partially_refunded(&purchase, "777123.45"), shop.partially_refunded(&purchase, "5.00"));
    assert_ne!(idempotency_key(&one), idempotency_key(&other));
    assert!(!idempotency_key(&one).windows(9).any(|bytes| bytes == b"777123.45"));
}

#[test]
fn an_idempotency_key_contains_nothing_personal() {
    let purchase = purchase();
    let mut other = purchase.clone();
    other.buyer = Party::new("grace@example.net", "Grace Example");
    other.last4 = "1881".to_owned();
    for kind in NotificationKind::ALL {
        let shop = Shop::new(key());
        assert_eq!(
            idempotency_key(&shop.notification(kind, &purchase)),
            idempotency_key(&shop.notification(kind, &other)),
            "{kind}"
        );
    }
}

#[test]
fn only_a_change_of_address_or_card_has_a_personal_idempotency_key() {
    let (shop, purchase) = (Shop::new(key()), purchase());
    let personal = |draft: &Draft| open(draft).personal_idempotency_key();
    assert_ne!(
        personal(&shop.customer_changed(&purchase, "a@example.org")),
        personal(&shop.customer_changed(&purchase, "b@example.org"))
    );
    assert_ne!(
        personal(&shop.payment_changed(&purchase, "1881")),
        personal(&shop.payment_changed(&purchase, "1882"))
    );
    for kind in NotificationKind::ALL.into_iter().filter(|kind| ![15, 21].contains(&kind.id())) {
        assert!(personal(&shop.notification(kind, &purchase)).is_none(), "{kind}");
    }
}
