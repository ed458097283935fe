//! The data of a notification, as the simulator's shop sends it.

use paypro::{NotificationKind, Purchase, Shop, Simulator, simulator::Party};

use crate::kit::{key, open, purchase, text};

fn shop() -> Shop {
    Shop::new(key())
}

#[test]
fn a_paid_order_contains_buyer_quantity_and_product() {
    let mut purchase = purchase();
    purchase.quantity = 12;
    purchase.company = "Example\nWorks  Ltd".to_owned();
    purchase.licensee = Some(Party::new("grace@example.net", "Grace Example"));
    purchase.custom = vec![("x-a".to_owned(), "1, 2".to_owned()), ("x-b".to_owned(), "=".to_owned())];
    let notification = open(&shop().charged(&purchase));

    assert_eq!(
        (text(notification.order()), text(notification.order_item())),
        (Some("100200"), Some("1002001"))
    );
    assert_eq!((text(notification.subscription()), notification.product()), (Some("5005"), Some("4711")));
    assert_eq!((notification.quantity(), notification.order_status()), (Some(12), Some(5)));
    assert_eq!(notification.placed(), "2025-03-21".parse().ok());
    let buyer = notification.buyer();
    assert_eq!(text(buyer.email.as_ref()), Some("ada@example.org"));
    assert_eq!(text(buyer.name.as_ref()), Some("Ada Example"));
    assert_eq!(text(buyer.company.as_ref()), Some("Example Works Ltd"));
    assert_eq!(text(buyer.language.as_ref()), Some("en"));
    let licensee = notification.licensee().unwrap();
    assert_eq!(text(licensee.email.as_ref()), Some("grace@example.net"));
    assert_eq!(text(licensee.name.as_ref()), Some("Grace Example"));
    assert_eq!(text(notification.payment().last4.as_ref()), Some("4242"));
    assert_eq!(text(notification.custom_field("x-a")), Some("1, 2"));
    assert_eq!(text(notification.custom_field("x-b")), Some("="));
    assert!(!notification.test() && !notification.resent() && !notification.dynamic_discount());
}

#[test]
fn without_a_licensee_the_buyer_is_the_only_person() {
    assert!(open(&shop().charged(&purchase())).licensee().is_none());
}

#[test]
fn the_notifications_of_one_purchase_are_consistent() {
    let (shop, purchase) = (shop(), purchase());
    let life = [
        shop.waiting(&purchase),
        shop.charged(&purchase),
        shop.licence_requested(&purchase),
        shop.trial(&purchase, 14),
        shop.subscription_charged(&purchase, 1),
        shop.charge_failed(&purchase, 1),
        shop.suspended(&purchase, 1),
        shop.renewed(&purchase, 2),
        shop.payment_changed(&purchase, "1881"),
        shop.customer_changed(&purchase, "ada@example.com"),
        shop.terminated(&purchase),
        shop.finished(&purchase, 2),
        shop.partially_refunded(&purchase, "5.00"),
        shop.charged_back(&purchase),
        shop.won(&purchase),
        shop.refunded(&purchase),
        shop.declined(&purchase),
        shop.lead(&purchase.buyer),
    ];
    let mut kinds: Vec<u32> = life.iter().map(|draft| open(draft).kind().id()).collect();
    for notification in
        life.iter().map(open).filter(|notification| notification.kind() != NotificationKind::Lead)
    {
        assert_eq!(text(notification.subscription()), Some("5005"), "{}", notification.kind());
        assert!(text(notification.order()).unwrap().starts_with("100200"), "{}", notification.kind());
    }
    kinds.sort_unstable();
    assert_eq!(kinds, NotificationKind::ALL.map(NotificationKind::id));
}

#[test]
fn a_recurring_charge_has_its_own_order_and_pays_for_one_period_more() {
    let (shop, purchase) = (shop(), purchase());
    let first = open(&shop.charged(&purchase)).next_charge().unwrap();
    assert_eq!(first - purchase.placed.day(), 30);
    let second = open(&shop.subscription_charged(&purchase, 1));
    assert_eq!(second.next_charge().unwrap() - first, 30);
    assert_eq!(second.placed(), Some(first));
    assert_eq!(text(second.subscription_initial_order()), Some("100200"));
    assert_ne!(text(second.order()), Some("100200"));
}

#[test]
fn a_terminated_subscription_has_no_next_charge_and_a_finished_one_has_its_end() {
    let (shop, purchase) = (shop(), purchase());
    let terminated = open(&shop.terminated(&purchase));
    assert_eq!((terminated.next_charge(), terminated.subscription_status()), (None, Some(3)));
    let finished = open(&shop.finished(&purchase, 1));
    assert_eq!((finished.next_charge(), finished.subscription_status()), (None, Some(4)));
    assert_eq!(finished.finish(), Some(purchase.paid_until(1).day()));
}

#[test]
fn a_product_bought_once_has_no_subscription() {
    let purchase = Purchase::new("7", "4711", Party::new("ada@example.org", "Ada"));
    let notification = open(&shop().charged(&purchase));
    assert!(notification.subscription().is_none() && notification.next_charge().is_none());
    assert!(
        open(
            &Simulator::new(key()).notification(NotificationKind::OrderCharged).field("SUBSCRIPTION_ID", "0")
        )
        .subscription()
        .is_none()
    );
}

#[test]
fn each_date_may_come_in_either_format() {
    let fields = [
        "ORDER_PLACED_TIME_UTC",
        "SUBSCRIPTION_NEXT_CHARGE_DATE",
        "SUBSCRIPTION_FINISH_DATE",
        "TRIAL_PERIOD_TILL",
    ];
    let read = |kind, text: &str| {
        let draft = Simulator::new(key()).notification(kind);
        open(&fields.iter().fold(draft, |draft, name| draft.field(name, text)))
    };
    for text in ["04/05/2025 13:45:59", "4/5/2025 1:45 PM"] {
        let of = read(NotificationKind::TrialCharged, text);
        let days = [of.placed(), of.next_charge(), of.finish(), of.trial_till()];
        assert_eq!(days.map(|day| day.unwrap().to_string()), ["2025-04-05"; 4], "{text}");
    }
    let renewed = |text| read(NotificationKind::SubscriptionRenewed, text).idempotency_key();
    assert_eq!(renewed("04/05/2025 13:45:59"), renewed("4/5/2025 1:45 PM"));
    assert_ne!(renewed("4/5/2025 1:45 PM"), renewed("4/5/2025 1:46 PM"), "another notification");
}

#[test]
fn custom_fields_are_split_only_before_a_name() {
    let pairs = |text: &str| {
        let notification = open(
            &Simulator::new(key())
                .notification(NotificationKind::OrderCharged)
                .field("ORDER_CUSTOM_FIELDS", text),
        );
        notification
            .custom_fields()
            .iter()
            .map(|field| format!("{}|{}", field.name, field.value.expose()))
            .collect::<Vec<_>>()
    };
    assert_eq!(pairs("x-a=1,x-b=2"), ["x-a|1", "x-b|2"]);
    assert_eq!(pairs("x-a=1,2,x-b=,x-c=3"), ["x-a|1,2", "x-b|", "x-c|3"]);
    assert_eq!(pairs("x-a=b=c,y-d=1,x-=2,x e=3"), ["x-a|b=c,y-d=1,x-=2,x e=3"]);
    assert_eq!(pairs("before,x-a=1"), ["x-a|1"]);
    assert_eq!(pairs("x-a=ü,x-b=é,"), ["x-a|ü", "x-b|é,"]);
    assert!(pairs("").is_empty() && pairs("nothing").is_empty());
}

#[test]
fn a_custom_field_that_appears_twice_counts_as_absent() {
    let draft = Simulator::new(key()).notification(NotificationKind::OrderCharged);
    let notification = open(&draft.field("ORDER_CUSTOM_FIELDS", "x-a=1,x-renewal=mine,x-renewal=theirs"));
    assert!(notification.custom_field("x-renewal").is_none());
    assert_eq!(text(notification.custom_field("x-a")), Some("1"));
}

#[test]
fn any_discount_except_zero_is_detected() {
    let discount = |text: &str| {
        let draft = Simulator::new(key())
            .notification(NotificationKind::OrderCharged)
            .field("ORDER_ITEM_DYNAMIC_DISCOUNT", text);
        open(&draft).dynamic_discount()
    };
    assert!(!["", "0", "0.00", "0,00"].into_iter().any(discount));
    assert!(["0.01", "40", "-5", "1,000.00", "forty"].into_iter().all(discount));
}

#[test]
fn an_unreadable_field_that_is_not_needed_is_left_out() {
    let draft = Simulator::new(key()).notification(NotificationKind::OrderRefunded);
    let odd = [
        ("PRODUCT_QUANTITY", "0"),
        ("CUSTOMER_EMAIL", "nobody"),
        ("CREDIT_CARD_LAST4", "42424"),
        ("LICENSED_TO_EMAIL", "@"),
    ];
    let notification = open(&odd.iter().fold(draft, |draft, (name, value)| draft.field(name, *value)));
    assert!(
        notification.quantity().is_none()
            && notification.buyer().email.is_none()
            && notification.payment().last4.is_none()
    );
    assert!(notification.licensee().unwrap().email.is_none());
}

#[test]
fn test_orders_and_resent_notifications_are_marked() {
    let mut purchase = purchase();
    purchase.test = true;
    let notification = open(&shop().charged(&purchase).resent());
    assert!(notification.test() && notification.resent());
}
