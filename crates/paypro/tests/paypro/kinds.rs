//! Each kind of notification: its number, its names, what it needs, and which of its parts make it another event.

use paypro::{Draft, NotificationKind, RetainedData, Shop, kind::UnknownKindName};

use crate::kit::{draft, key, open, purchase};

/// What is known of a kind.
struct Row {
    id: u32,
    name: &'static str,
    retained: RetainedData,
    /// `i`: it issues a licence; `t`, `s`, `a`: it needs an order item, a subscription, the buyer's address; `r`: it can
    /// repeat.
    marks: &'static str,
    /// The order's and the subscription's status that the simulator sends.
    statuses: (Option<u32>, Option<u32>),
}

const fn row(
    id: u32,
    name: &'static str,
    retained: RetainedData,
    marks: &'static str,
    statuses: (Option<u32>, Option<u32>),
) -> Row {
    Row { id, name, retained, marks, statuses }
}

const KINDS: [Row; 18] = [
    row(1, "OrderCharged", RetainedData::ByClass, "ita", (Some(5), None)),
    row(2, "OrderRefunded", RetainedData::ByClass, "t", (Some(3), None)),
    row(3, "OrderChargedBack", RetainedData::ByClass, "t", (Some(4), None)),
    row(4, "OrderDeclined", RetainedData::NoPerson, "t", (Some(2), None)),
    row(5, "OrderPartiallyRefunded", RetainedData::ByClass, "tr", (Some(5), None)),
    row(6, "SubscriptionChargeSucceed", RetainedData::ByClass, "itsa", (Some(5), Some(1))),
    row(7, "SubscriptionChargeFailed", RetainedData::ByClass, "sr", (Some(5), Some(1))),
    row(8, "SubscriptionSuspended", RetainedData::ByClass, "sr", (Some(5), Some(2))),
    row(9, "SubscriptionRenewed", RetainedData::ByClass, "sr", (Some(5), Some(1))),
    row(10, "SubscriptionTerminated", RetainedData::ByClass, "sr", (Some(5), Some(3))),
    row(11, "SubscriptionFinished", RetainedData::ByClass, "s", (Some(5), Some(4))),
    row(12, "LicenseRequested", RetainedData::ByClass, "ita", (Some(5), None)),
    row(13, "TrialCharge", RetainedData::ByClass, "ita", (Some(5), Some(1))),
    row(14, "OrderChargebackIsWon", RetainedData::ByClass, "t", (Some(5), None)),
    row(15, "OrderCustomerInformationChanged", RetainedData::ByClass, "ar", (Some(5), None)),
    row(16, "InstantLeadNotification", RetainedData::Nothing, "", (None, None)),
    row(17, "OrderOnWaiting", RetainedData::NoPerson, "", (Some(1), None)),
    row(21, "SubscriptionPaymentInfoChanged", RetainedData::ByClass, "sr", (Some(5), Some(1))),
];

fn idempotency_key(draft: &Draft) -> Vec<u8> {
    open(draft).idempotency_key()
}

#[test]
fn each_kind_is_as_the_provider_documents_it() {
    for (Row { id, name, retained, marks, .. }, kind) in KINDS.iter().zip(NotificationKind::ALL) {
        assert_eq!((kind.id(), kind.names()[0], kind.retained_data()), (*id, *name, *retained));
        let needs = [
            ('i', kind.issues_licence()),
            ('t', kind.needs_order_item()),
            ('s', kind.needs_subscription()),
            ('a', kind.needs_address()),
        ];
        for (mark, needed) in needs {
            assert_eq!(needed, marks.contains(mark), "{mark} of {kind}");
        }
        assert_eq!((NotificationKind::from_id(*id), NotificationKind::from_name(name)), (kind, Some(kind)));
        assert_eq!(
            (name.parse(), id.to_string().parse(), kind.to_string()),
            (Ok(kind), Ok(kind), (*name).into())
        );
    }
}

#[test]
fn numbers_between_and_beyond_the_known_ones_are_unknown_kinds() {
    for id in [0, 18, 19, 20, 22, 99, u32::MAX] {
        let kind = NotificationKind::from_id(id);
        assert_eq!(
            (kind, kind.id(), kind.retained_data()),
            (NotificationKind::Unknown(id), id, RetainedData::Nothing)
        );
        assert!(kind.names().is_empty());
        assert!(!(kind.issues_licence() || kind.needs_order_item() || kind.needs_subscription()));
        assert_eq!((kind.to_string(), id.to_string().parse()), (format!("unknown kind {id}"), Ok(kind)));
    }
}

#[test]
fn a_name_of_no_kind_is_refused_with_what_to_give() {
    for name in ["", "ordercharged", "OrderCharged ", "Order Charged", "-1", "1.0", "4294967296", "licence"] {
        let refused = name.parse::<NotificationKind>();
        assert_eq!(refused, Err(UnknownKindName), "{name}");
        assert_eq!(NotificationKind::from_name(name), None, "{name}");
    }
    assert!(
        UnknownKindName.to_string().ends_with("give its number or its name, such as 12 or LicenseRequested")
    );
}

#[test]
fn the_simulator_sends_the_statuses_of_each_kind() {
    for (row, kind) in KINDS.iter().zip(NotificationKind::ALL) {
        let notification = open(&draft(kind));
        // What a kind doesn't keep can't be read from it.
        let expected = if row.retained == RetainedData::Nothing { (None, None) } else { row.statuses };
        let sent = (notification.order_status(), notification.subscription_status());
        assert_eq!(sent, expected, "{kind}");
    }
}

#[test]
fn only_a_kind_that_can_repeat_is_another_event_with_another_state_or_day() {
    for (row, kind) in KINDS.iter().zip(NotificationKind::ALL) {
        let known = draft(kind);
        for (field, value) in [
            ("ORDER_STATUS_ID", "9"),
            ("SUBSCRIPTION_STATUS_ID", "9"),
            ("SUBSCRIPTION_NEXT_CHARGE_DATE", "1/2/2031 3:04 PM"),
            ("SUBSCRIPTION_FINISH_DATE", "1/2/2031 3:04 PM"),
        ] {
            let other = known.clone().field(field, value);
            let differs = idempotency_key(&known) != idempotency_key(&other);
            assert_eq!(differs, row.marks.contains('r'), "{field} of {kind}");
            if differs {
                let absent = known.clone().without(field);
                assert_ne!(idempotency_key(&absent), idempotency_key(&other), "{field} of {kind}");
            }
        }
    }
}

#[test]
fn a_refunded_amount_distinguishes_partial_refunds_alone() {
    for kind in NotificationKind::ALL {
        let known = draft(kind).field("ORDER_ITEM_REFUNDED", "5.00");
        let differs = |amount: &str| {
            idempotency_key(&known) != idempotency_key(&known.clone().field("ORDER_ITEM_REFUNDED", amount))
        };
        let partial = kind == NotificationKind::OrderPartiallyRefunded;
        for amount in ["5.01", "", "5.000", "5,00", "-5.00"] {
            assert_eq!(differs(amount), partial, "{amount} of {kind}");
        }
        assert!(!differs("5.00"), "{kind}");
    }
}

#[test]
fn parts_that_move_from_one_field_to_the_next_make_another_event() {
    let suspended = draft(NotificationKind::SubscriptionSuspended);
    let (date, none) = ("1/2/2031 3:04 PM", "");
    let of = |next, finish| {
        let draft = suspended.clone().field("SUBSCRIPTION_NEXT_CHARGE_DATE", next);
        idempotency_key(&draft.field("SUBSCRIPTION_FINISH_DATE", finish))
    };
    let keys = [of(date, none), of(none, date), of(date, date), of(none, none)];
    for (n, key) in keys.iter().enumerate() {
        assert!(!keys[..n].contains(key), "{n}");
    }
    let statuses = |order, subscription| {
        let draft = suspended.clone().field("ORDER_STATUS_ID", order);
        idempotency_key(&draft.field("SUBSCRIPTION_STATUS_ID", subscription))
    };
    assert_ne!(statuses("2", ""), statuses("", "2"));
    assert_ne!(statuses("1", "2"), statuses("2", "1"));
}

#[test]
fn the_shop_sends_each_event_about_the_same_order_and_subscription() {
    let (shop, bought) = (Shop::new(key()), purchase());
    for kind in NotificationKind::ALL.into_iter().filter(|kind| *kind != NotificationKind::Lead) {
        let notification = open(&shop.notification(kind, &bought));
        let number = |part: Option<&paypro::Personal>| part.map(|part| part.expose().to_owned());
        assert_eq!(number(notification.order()).as_deref(), Some("100200"), "{kind}");
        assert_eq!(number(notification.order_item()).as_deref(), Some("1002001"), "{kind}");
        assert_eq!(number(notification.subscription()).as_deref(), Some("5005"), "{kind}");
    }
}
