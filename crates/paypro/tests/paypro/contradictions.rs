//! Rejected notifications: the reason is exact, and never repeats the input.

use paypro::{
    MAX_BODY, MAX_FIELDS, MAX_VALUE, NotificationKind, ParseError, ParseFault, Secret, Simulator,
    UnverifiedNotification,
};

fn simulator() -> Simulator {
    Simulator::new(Secret::new("validation key").unwrap())
}

fn refusal(body: impl AsRef<[u8]>) -> Option<ParseError> {
    UnverifiedNotification::parse(body.as_ref()).err()
}

#[track_caller]
fn refused(kind: NotificationKind, field: &'static str, value: &str, fault: ParseFault) {
    let error =
        refusal(simulator().notification(kind).field(field, value).body()).expect("it should be refused");
    assert_eq!((error.field(), error.fault()), (Some(field), fault), "{kind}");
    assert!(error.to_string().starts_with(field) && (value.len() < 4 || !error.to_string().contains(value)));
}

#[test]
fn every_kind_is_read_as_the_simulator_sends_it() {
    for kind in NotificationKind::ALL {
        assert_eq!(refusal(simulator().notification(kind).body()), None, "{kind}");
    }
}

#[test]
fn the_type_must_have_an_id_that_is_a_number() {
    refused(NotificationKind::OrderCharged, "IPN_TYPE_ID", "", ParseFault::Missing);
    for text in ["one", "-1", "+1", "1.0", "99999999999"] {
        refused(NotificationKind::OrderCharged, "IPN_TYPE_ID", text, ParseFault::NotDigits);
    }
}

#[test]
fn the_types_id_and_name_must_agree() {
    for kind in NotificationKind::ALL {
        for other in NotificationKind::ALL.into_iter().filter(|other| *other != kind) {
            refused(kind, "IPN_TYPE_NAME", other.names()[0], ParseFault::Contradicts);
        }
        refused(kind, "IPN_TYPE_NAME", "", ParseFault::Contradicts);
        refused(kind, "IPN_TYPE_NAME", &kind.names()[0].to_lowercase(), ParseFault::Contradicts);
    }
    refused(NotificationKind::Unknown(99), "IPN_TYPE_NAME", "OrderRefunded", ParseFault::Contradicts);
}

#[test]
fn a_won_dispute_has_two_spellings() {
    for name in ["OrderChargebackIsWon", "OrderChargedBackWon"] {
        assert_eq!(
            refusal(
                simulator().notification(NotificationKind::ChargebackWon).field("IPN_TYPE_NAME", name).body()
            ),
            None
        );
    }
}

#[test]
fn an_order_number_is_digits_only() {
    for kind in NotificationKind::ALL {
        for number in ["12a4", "12 34", " 1234", "１２３４", "-123", "123456789012345678901"] {
            refused(kind, "ORDER_ID", number, ParseFault::NotDigits);
        }
        if kind != NotificationKind::Lead {
            refused(kind, "ORDER_ID", "", ParseFault::Missing);
        }
    }
}

#[test]
fn item_and_subscription_are_required_where_needed() {
    for kind in NotificationKind::ALL {
        let missing = |field| refusal(simulator().notification(kind).without(field).body()).is_some();
        assert_eq!(missing("ORDER_ITEM_ID"), kind.needs_order_item(), "{kind}");
        assert_eq!(missing("SUBSCRIPTION_ID"), kind.needs_subscription(), "{kind}");
        assert_eq!(missing("PRODUCT_ID"), kind.issues_licence(), "{kind}");
        assert_eq!(missing("PRODUCT_QUANTITY"), kind.issues_licence(), "{kind}");
        assert_eq!(missing("CUSTOMER_EMAIL"), kind.needs_address(), "{kind}");
    }
    refused(NotificationKind::OrderRefunded, "ORDER_ITEM_ID", "first", ParseFault::NotDigits);
    refused(NotificationKind::SubscriptionRenewed, "SUBSCRIPTION_ID", "S-1", ParseFault::NotDigits);
    refused(NotificationKind::LicenceRequested, "PRODUCT_ID", "editor", ParseFault::NotDigits);
}

#[test]
fn a_quantity_that_cannot_be_delivered_is_refused() {
    for quantity in ["0", "65536", "-1", "1.5", "many", "99999999999999999999"] {
        refused(NotificationKind::LicenceRequested, "PRODUCT_QUANTITY", quantity, ParseFault::NotAQuantity);
    }
    assert_eq!(
        refusal(
            simulator()
                .notification(NotificationKind::OrderCharged)
                .field("PRODUCT_QUANTITY", "65535")
                .body()
        ),
        None
    );
}

#[test]
fn an_invalid_email_address_is_refused() {
    for address in ["nobody", "@example.org", "nobody@", "two words@example.org", "a@b\nBcc: c@d", "a\t@b"] {
        refused(NotificationKind::OrderCharged, "CUSTOMER_EMAIL", address, ParseFault::NotAnEmailAddress);
    }
    refused(NotificationKind::CustomerChanged, "CUSTOMER_EMAIL", " ", ParseFault::Missing);
}

#[test]
fn a_date_that_cannot_be_read_is_refused() {
    let wrong = [
        "tomorrow",
        "2025-04-21 13:45",
        "21/04/2025 13:45:00",
        "2/29/2025 1:00 PM",
        "4/21/2025 13:45 PM",
        "4/21/2025",
    ];
    for date in wrong {
        for field in [
            "ORDER_PLACED_TIME_UTC",
            "SUBSCRIPTION_NEXT_CHARGE_DATE",
            "SUBSCRIPTION_FINISH_DATE",
            "TRIAL_PERIOD_TILL",
        ] {
            refused(NotificationKind::OrderCharged, field, date, ParseFault::NotADate);
        }
    }
}

#[test]
fn a_field_that_appears_twice_is_refused() {
    let body = simulator().notification(NotificationKind::OrderCharged).field("SOMETHING_ELSE", "1").body();
    for (name, field) in
        [("ORDER_ID", Some("ORDER_ID")), ("CUSTOMER_IP", Some("CUSTOMER_IP")), ("SOMETHING_ELSE", None)]
    {
        let error = refusal(format!("{body}&{name}=1")).unwrap();
        assert_eq!((error.field(), error.fault()), (field, ParseFault::Twice));
    }
    let error = refusal(format!("{body}&ORDER%5FID=1")).unwrap();
    assert_eq!(error.fault(), ParseFault::Twice);
}

#[test]
fn invalid_utf8_is_refused() {
    let body = simulator().notification(NotificationKind::OrderCharged).without("CUSTOMER_NAME").body();
    for value in ["%ff", "Zo%EB", "%F0%9F%98", "%ED%A0%80"] {
        let error = refusal(format!("{body}&CUSTOMER_NAME={value}")).unwrap();
        assert_eq!((error.field(), error.fault()), (Some("CUSTOMER_NAME"), ParseFault::NotUtf8), "{value}");
    }
    assert_eq!(
        refusal([body.as_bytes(), b"&CUSTOMER_NAME=\xff"].concat()).unwrap().fault(),
        ParseFault::NotUtf8
    );
    assert_eq!(refusal(format!("{body}&%ff=1")).unwrap().field(), None);
}

#[test]
fn control_characters_are_refused() {
    for c in ['\0', '\u{1b}', '\u{7f}', '\u{85}'] {
        refused(
            NotificationKind::OrderCharged,
            "CUSTOMER_NAME",
            &format!("Ada{c}"),
            ParseFault::ControlCharacter,
        );
    }
}

#[test]
fn too_large_input_is_refused() {
    refused(
        NotificationKind::OrderCharged,
        "CUSTOMER_NAME",
        &"ü".repeat(MAX_VALUE / 2 + 1),
        ParseFault::TooLong,
    );
    let body = simulator()
        .notification(NotificationKind::OrderCharged)
        .field("CUSTOMER_NAME", "ü".repeat(MAX_VALUE / 2))
        .body();
    assert_eq!(refusal(body), None);
    assert_eq!(refusal(vec![b'a'; MAX_BODY + 1]).unwrap().fault(), ParseFault::BodyTooLong);
    let many = |n: usize| (0..n).map(|i| format!("f{i}=&")).collect::<String>();
    assert_eq!(refusal(many(MAX_FIELDS + 1)).unwrap().fault(), ParseFault::TooManyFields);
    assert_eq!(refusal(many(MAX_FIELDS)).unwrap().fault(), ParseFault::Missing);
}

#[test]
fn an_empty_body_is_refused() {
    for body in ["", "&&&", "=", "hello"] {
        assert_eq!(refusal(body).unwrap().field(), Some("IPN_TYPE_ID"));
    }
}
