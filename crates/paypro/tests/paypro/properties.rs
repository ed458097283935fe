//! Properties that hold for any notification and any bytes.

use calendar::{Day, Timestamp};
use paypro::date_text::{long_text, parse_timestamp, short_text};
use paypro::{
    FIELDS, Notification, NotificationKind, Personal, Purchase, Secret, Shop, UnverifiedNotification,
    simulator::Party,
};
use proptest::prelude::*;

fn key() -> Secret {
    Secret::new("validation key").unwrap()
}

fn open(body: &str) -> Notification {
    UnverifiedNotification::parse(body.as_bytes()).unwrap().verify(&key()).unwrap()
}

fn text(personal: Option<&Personal>) -> &str {
    personal.map_or("", Personal::expose)
}

/// A body that looks like a notification, with arbitrary values.
fn almost_a_notification() -> impl Strategy<Value = Vec<u8>> {
    let name = prop::sample::select(FIELDS.iter().map(|field| field.name).collect::<Vec<_>>());
    let value = prop_oneof![
        "[0-9]{0,22}",
        "\\PC{0,20}",
        "[0-9/: APM]{0,20}",
        "(%[0-9a-fA-F]{2}){0,5}",
        "x-[a-z]=.{0,9}(,x-b=)?"
    ];
    let kind = prop::sample::select(NotificationKind::ALL.to_vec());
    (kind, prop::collection::vec((name, value), 0..30)).prop_map(|(kind, pairs)| {
        let head = format!("IPN_TYPE_ID={}&IPN_TYPE_NAME={}", kind.id(), kind.names()[0]);
        pairs.iter().fold(head, |body, (name, value)| format!("{body}&{name}={value}")).into_bytes()
    })
}

/// A minute of a day since 1970.
fn minute_of(day: i64, hour: i64, minute: i64) -> Timestamp {
    Day::from_unix_days(day).midnight() + 3_600 * hour + 60 * minute
}

prop_compose! {
    fn purchase()(
        order in "[1-9][0-9]{0,15}",
        order_item in "[1-9][0-9]{0,15}",
        product in "[1-9][0-9]{0,9}",
        quantity in 1..=65535_u32,
        day in 0..40_000_i64, hour in 0..24_i64, minute in 0..60_i64,
        email in "[^\\s@\\p{Cc}]{1,20}@[a-z]{1,9}\\.[a-z]{2,3}",
        name in "[^\\s\\p{Cc}]{1,9}( [^\\s\\p{Cc}]{1,9}){0,3}",
        licensee in prop::option::of("[a-z]{1,9}@[a-z]{1,9}"),
        value in "[^\\p{Cc}=]{0,30}",
        last4 in "[0-9]{4}",
        subscription in prop::option::of(("[1-9][0-9]{0,12}", 1..400_u16)),
        test in any::<bool>(),
    ) -> Purchase {
        let mut purchase = Purchase::new(order, product, Party::new(email, name));
        (purchase.order_item, purchase.quantity, purchase.test, purchase.last4) = (order_item, quantity, test, last4);
        purchase.placed = minute_of(day, hour, minute);
        purchase.licensee = licensee.map(|email| Party::new(email, "Somebody Else"));
        purchase.custom = vec![("x-value".to_owned(), value), ("x-last".to_owned(), String::new())];
        match subscription {
            Some((id, days)) => purchase.subscribed(id, days),
            None => purchase,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_simulated_notification_reads_back(purchase in purchase()) {
        let notification = open(&Shop::new(key()).charged(&purchase).body());
        prop_assert_eq!(text(notification.order()), &purchase.order);
        prop_assert_eq!(text(notification.order_item()), &purchase.order_item);
        prop_assert_eq!(notification.product(), Some(&*purchase.product));
        prop_assert_eq!(notification.quantity(), Some(purchase.quantity));
        prop_assert_eq!(notification.placed(), Some(purchase.placed.day()));
        prop_assert_eq!(notification.test(), purchase.test);
        prop_assert_eq!(text(notification.buyer().email.as_ref()), &purchase.buyer.email);
        prop_assert_eq!(text(notification.buyer().name.as_ref()), &purchase.buyer.name);
        prop_assert_eq!(text(notification.payment().last4.as_ref()), &purchase.last4);
        prop_assert_eq!(text(notification.custom_field("x-value")), &purchase.custom[0].1);
        let licensee = notification.licensee().map(|licensee| text(licensee.email.as_ref()));
        prop_assert_eq!(licensee, purchase.licensee.as_ref().map(|party| party.email.as_str()));
        prop_assert_eq!(notification.subscription().is_some(), purchase.subscription.is_some());
        prop_assert_eq!(notification.next_charge(), purchase.subscription.as_ref().map(|_| purchase.paid_until(0).day()));
    }

    #[test]
    fn no_bytes_cause_a_panic(body in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(UnverifiedNotification::parse(&body).is_err());
    }

    #[test]
    fn no_values_cause_a_panic_and_none_is_signed_by_chance(body in almost_a_notification()) {
        if let Ok(unverified) = UnverifiedNotification::parse(&body) {
            prop_assert!(unverified.verify(&key()).is_err());
        }
    }

    #[test]
    fn a_changed_byte_makes_a_genuine_notification_unreadable_or_forged_or_keeps_the_order(
        purchase in purchase(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut body = Shop::new(key()).charged(&purchase).body().into_bytes();
        let at = at.index(body.len());
        body[at] = byte;
        if let Some(notification) = UnverifiedNotification::parse(&body).ok().and_then(|unverified| unverified.verify(&key()).ok()) {
            prop_assert_eq!(text(notification.order()), &purchase.order);
            prop_assert_eq!(text(notification.buyer().email.as_ref()), &purchase.buyer.email);
            prop_assert_eq!(notification.test(), purchase.test);
        }
    }

    #[test]
    fn a_moment_reads_back_from_both_formats(day in 0..2_932_896_i64, hour in 0..24_i64, minute in 0..60_i64, second in 0..60_i64) {
        let at = minute_of(day, hour, minute);
        prop_assert_eq!(parse_timestamp(&long_text(at + second)), Some(at), "seconds are dropped");
        prop_assert_eq!(parse_timestamp(&short_text(at + second)), Some(at));
    }
}
