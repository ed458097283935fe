//! The limits of a notification, each on both sides, and the reason that each refusal gives.

use paypro::{MAX_BODY, MAX_FIELDS, MAX_VALUE, NotificationKind, ParseFault};

use crate::kit::{draft, open, refusal, text};

const PAID: NotificationKind = NotificationKind::OrderCharged;

/// A field, a value that it can't have, the fault, and the words that say so.
const FAULTS: [(&str, &str, ParseFault, &str); 10] = [
    ("COMPANY_NAME", "a\u{7}b", ParseFault::ControlCharacter, "contains a control character"),
    ("IPN_TYPE_ID", "", ParseFault::Missing, "missing"),
    ("PRODUCT_ID", "4711a", ParseFault::NotDigits, "not 1 to 20 digits"),
    ("PRODUCT_QUANTITY", "0", ParseFault::NotAQuantity, "not a whole number from 1 to 65535"),
    ("ORDER_TOTAL_AMOUNT", "EUR 5", ParseFault::NotAnAmount, "not an amount"),
    ("ORDER_PLACED_TIME_UTC", "now", ParseFault::NotADate, "not a date in either of the provider's formats"),
    ("TEST_MODE", "true", ParseFault::NotZeroOrOne, "neither 0 nor 1"),
    ("CUSTOMER_EMAIL", "nobody", ParseFault::NotAnEmailAddress, "not an e-mail address"),
    ("ORDER_STATUS", "5Processed", ParseFault::BeginsWithDigit, "begins with a digit"),
    ("IPN_TYPE_NAME", "Lead", ParseFault::Contradicts, "doesn't belong to this IPN_TYPE_ID"),
];

#[track_caller]
fn assert_refused(body: &str, fault: ParseFault, field: Option<&str>, words: &str) {
    let refused = refusal(body).unwrap_or_else(|| panic!("{fault:?} was accepted"));
    assert_eq!((refused.fault(), refused.field(), refused.to_string().as_str()), (fault, field, words));
}

#[test]
fn every_fault_of_a_value_has_its_field_and_its_words() {
    for (field, value, fault, words) in FAULTS {
        let body = draft(PAID).field(field, value).body();
        assert_refused(&body, fault, Some(field), &format!("{field}: {words}"));
    }
    let long = draft(PAID).field("COMPANY_NAME", "y".repeat(MAX_VALUE + 1)).body();
    let words = "COMPANY_NAME: longer than 4096 bytes";
    assert_refused(&long, ParseFault::TooLong, Some("COMPANY_NAME"), words);
}

#[test]
fn every_fault_of_a_body_has_its_words() {
    let body = draft(PAID).without("COMPANY_NAME").body();
    let with = |more: &str| format!("{body}&{more}");
    let company = Some("COMPANY_NAME");
    assert_refused(&with("COMPANY_NAME=%FF"), ParseFault::NotUtf8, company, "COMPANY_NAME: not UTF-8");
    assert_refused(&with("%FF="), ParseFault::NotUtf8, None, "an unknown field: not UTF-8");
    assert_refused(&with("TEST_MODE=0"), ParseFault::Twice, Some("TEST_MODE"), "TEST_MODE: appears twice");
    assert_refused(&with("new=1&new=1"), ParseFault::Twice, None, "an unknown field: appears twice");
    let many: String = (0..=MAX_FIELDS).map(|n| format!("f{n}=&")).collect();
    assert_refused(&many, ParseFault::TooManyFields, None, "more than 400 fields");
    let long = "x".repeat(MAX_BODY + 1);
    assert_refused(&long, ParseFault::BodyTooLong, None, "the body is longer than 65536 bytes");
}

#[test]
fn a_body_of_the_greatest_size_is_read() {
    let body = draft(PAID).body();
    let filled = |size: usize| format!("{body}&FILL={}", "x".repeat(size - body.len() - 6));
    assert_eq!(filled(MAX_BODY).len(), MAX_BODY);
    assert_eq!(refusal(filled(MAX_BODY)), None);
    assert_eq!(refusal(filled(MAX_BODY + 1)).unwrap().fault(), ParseFault::BodyTooLong);
}

#[test]
fn the_most_fields_are_read_and_empty_pairs_are_none() {
    let draft = draft(PAID);
    // One more than the fields of the draft: the signature.
    let more = MAX_FIELDS - draft.fields().len() - 1;
    let with = |count: usize| draft.body() + &(0..count).map(|n| format!("&f{n}=1")).collect::<String>();
    assert_eq!(refusal(with(more)), None);
    assert_eq!(refusal(with(more) + &"&".repeat(900)), None);
    assert_eq!(refusal(with(more + 1)).unwrap().fault(), ParseFault::TooManyFields);
}

#[test]
fn a_used_value_has_at_most_4096_bytes_after_decoding_and_an_unused_one_any_number() {
    for field in
        ["CUSTOMER_NAME", "COMPANY_NAME", "CUSTOMER_LANGUAGE_CODE", "LICENSED_TO_NAME", "CUSTOM_LICENSE_INFO"]
    {
        for (value, fault) in [
            ("x".repeat(MAX_VALUE), None),
            ("x".repeat(MAX_VALUE + 1), Some(ParseFault::TooLong)),
            // Three bytes each, and nine as they are sent.
            ("€".repeat(MAX_VALUE / 3), None),
            ("€".repeat(MAX_VALUE / 3 + 1), Some(ParseFault::TooLong)),
        ] {
            let refused = refusal(draft(PAID).field(field, &*value).body());
            assert_eq!(refused.map(|error| error.fault()), fault, "{} bytes of {field}", value.len());
        }
    }
    for field in ["CUSTOMER_STREET_ADDRESS", "ORDER_ITEM_LICENSES", "UNKNOWN"] {
        assert_eq!(refusal(draft(PAID).field(field, "x".repeat(9 * MAX_VALUE)).body()), None, "{field}");
    }
}

#[test]
fn a_number_of_the_provider_has_at_most_twenty_digits() {
    let paid =
        |field, value: &str| refusal(draft(PAID).field(field, value).body()).map(|error| error.fault());
    for field in
        ["ORDER_ID", "ORDER_ITEM_ID", "SUBSCRIPTION_ID", "SUBSCRIPTION_INITIAL_ORDER_ID", "PRODUCT_ID"]
    {
        for accepted in ["1", "12345678901234567890", "99999999999999999999"] {
            assert_eq!(paid(field, accepted), None, "{field} {accepted}");
        }
        for refused in ["123456789012345678901", "1.0", "1,000", "0x1", "1e3", "+1", "-1", "¹", "٣", "1 2"]
        {
            assert_eq!(paid(field, refused), Some(ParseFault::NotDigits), "{field} {refused}");
        }
    }
    // The provider sends 0 for "none".
    for field in ["SUBSCRIPTION_ID", "SUBSCRIPTION_INITIAL_ORDER_ID"] {
        assert_eq!(paid(field, "0"), None, "{field}");
    }
    for field in ["ORDER_ID", "ORDER_ITEM_ID", "PRODUCT_ID"] {
        assert_eq!(paid(field, "0"), Some(ParseFault::Missing), "{field}");
    }
}

#[test]
fn an_amount_is_digits_with_points_and_commas_inside() {
    let total = |value: &str| refusal(draft(PAID).field("ORDER_TOTAL_AMOUNT", value).body());
    for accepted in ["", "0", "5", "49.00", "1,234.50", "1.234,50", "-5", "-1,234.50", "0.001"] {
        assert_eq!(total(accepted), None, "{accepted}");
    }
    for refused in
        [" ", "-", "--5", "+5", ".5", "5.", ",5", "5,", "5 EUR", "€5", "5e3", "٥", "5-", "-.5", " 5", "5 "]
    {
        assert_eq!(total(refused).unwrap().fault(), ParseFault::NotAnAmount, "{refused}");
    }
}

#[test]
fn the_test_flag_is_zero_one_or_absent() {
    for (flag, test) in [("0", false), ("1", true), ("", false)] {
        assert_eq!(open(&draft(PAID).field("TEST_MODE", flag)).test(), test, "{flag}");
    }
    assert!(!open(&draft(PAID).without("TEST_MODE")).test());
    for flag in ["2", "01", "10", "-1", "yes", "true", "False", " ", "1 "] {
        let refused = refusal(draft(PAID).field("TEST_MODE", flag).body()).unwrap();
        assert_eq!(refused.fault(), ParseFault::NotZeroOrOne, "{flag}");
    }
}

#[test]
fn a_value_is_decoded_once_and_bad_escapes_stay() {
    let body = draft(PAID).without("CUSTOMER_NAME").body();
    // The signature does not cover the name, so the body stays genuine.
    for (sent, read) in [
        ("Ada+Example", "Ada Example"),
        ("Ada%20Example", "Ada Example"),
        ("Ada%2BExample", "Ada+Example"),
        ("%41da", "Ada"),
        ("%2541da", "%41da"),
        ("100%", "100%"),
        ("100%4", "100%4"),
        ("100%zz", "100%zz"),
        ("a=b=c", "a=b=c"),
        ("Zo%C3%AB", "Zoë"),
        ("++Ada++Example++", "Ada Example"),
        ("Ada%0D%0AExample%09", "Ada Example"),
        ("Ada%C2%A0Example", "Ada Example"),
    ] {
        let body = format!("CUSTOMER_NAME={sent}&{body}");
        let notification = paypro::UnverifiedNotification::parse(body.as_bytes()).unwrap();
        let notification = notification.verify(&crate::kit::key()).unwrap_or_else(|_| panic!("{sent}"));
        assert_eq!(text(notification.buyer().name.as_ref()), Some(read), "{sent}");
    }
}

#[test]
fn payment_data_is_four_digits_and_a_number_or_nothing() {
    let payment = |field, value: &str| open(&draft(PAID).field(field, value));
    for (sent, kept) in [
        ("4242", true),
        (" 4242 ", true),
        ("424", false),
        ("42424", false),
        ("4 42", false),
        ("４２", false),
        ("abcd", false),
        ("", false),
    ] {
        let last4 = payment("CREDIT_CARD_LAST4", sent);
        assert_eq!(text(last4.payment().last4.as_ref()), kept.then_some("4242"), "{sent}");
    }
    for (sent, kept) in [("7", Some("7")), ("VISA", None), ("", None), ("123456789012345678901", None)] {
        assert_eq!(text(payment("PAYMENT_METHOD_ID", sent).payment().method.as_ref()), kept, "{sent}");
    }
}
