//! The signature, compared with hashes computed by sha256sum.

use paypro::{
    NotificationKind, ParseFault, SOURCE_ADDRESSES, Secret, Simulator, UnverifiedNotification,
    signature::{SignedFields, compute_signature},
};

#[derive(serde::Deserialize)]
struct Vector {
    name: String,
    key: String,
    order: String,
    status: String,
    total: String,
    email: String,
    test: String,
    type_name: String,
    signature: String,
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../../vectors/signatures.json")).unwrap()
}

fn key() -> Secret {
    Secret::new("validation key").unwrap()
}

fn verifies(body: &str, key: &Secret) -> bool {
    UnverifiedNotification::parse(body.as_bytes()).unwrap().verify(key).is_ok()
}

#[test]
fn every_vector_has_its_signature() {
    for vector in vectors() {
        let signed = SignedFields {
            order: &vector.order,
            status: &vector.status,
            total: &vector.total,
            email: &vector.email,
            test: &vector.test,
            type_name: &vector.type_name,
        };
        assert_eq!(
            compute_signature(&signed, &Secret::new(vector.key).unwrap()),
            vector.signature,
            "{}",
            vector.name
        );
    }
}

#[test]
fn a_complete_notification_with_the_values_of_a_vector_verifies() {
    for vector in vectors() {
        let body = Simulator::new(key())
            .notification(vector.type_name.parse().unwrap())
            .field("ORDER_ID", vector.order)
            .field("ORDER_STATUS", vector.status)
            .field("ORDER_TOTAL_AMOUNT", vector.total)
            .field("CUSTOMER_EMAIL", vector.email)
            .field("TEST_MODE", vector.test)
            .signature(vector.signature)
            .body();
        assert!(verifies(&body, &Secret::new(vector.key).unwrap()), "{}", vector.name);
    }
}

#[test]
fn upper_and_lower_case_hex_digits_are_the_same_signature() {
    let vector = vectors().remove(0);
    let draft = Simulator::new(Secret::new(vector.key).unwrap()).notification(NotificationKind::OrderCharged);
    for signature in
        [vector.signature.clone(), vector.signature.to_uppercase(), format!(" {} ", vector.signature)]
    {
        assert!(verifies(
            &draft.clone().signature(signature).body(),
            &Secret::new("validation-key-1").unwrap()
        ));
    }
}

#[test]
fn a_notification_with_a_wrong_signature_is_refused() {
    let right = vectors().remove(0).signature;
    let mut last_changed = right.clone();
    last_changed.pop();
    last_changed.push(if right.ends_with('0') { '1' } else { '0' });
    let wrong = [
        String::new(),
        "0".repeat(64),
        right[..62].to_owned(),
        right[..63].to_owned(),
        format!("{right}00"),
        right.replace(|c: char| c.is_ascii_digit(), "g"),
        last_changed,
    ];
    for signature in wrong {
        let draft = Simulator::new(key()).notification(NotificationKind::OrderCharged).signature(&*signature);
        assert!(!verifies(&draft.body(), &Secret::new("validation-key-1").unwrap()), "{signature}");
    }
}

#[test]
fn a_notification_signed_with_another_validation_key_is_refused() {
    let body = Simulator::new(key()).notification(NotificationKind::OrderCharged).body();
    assert!(verifies(&body, &key()));
    // The last letter of the key is wrong.
    assert!(!verifies(&body, &Secret::new("validation kez").unwrap()));
}

#[test]
fn a_change_of_any_signed_field_is_detected() {
    let genuine = Simulator::new(key()).notification(NotificationKind::ChargebackWon);
    let signature = genuine.body().rsplit_once("SIGNATURE=").unwrap().1.to_owned();
    let changes = [
        ("ORDER_ID", "1234568"),
        ("ORDER_STATUS", "Waiting"),
        ("ORDER_TOTAL_AMOUNT", "49.01"),
        ("CUSTOMER_EMAIL", "somebody.else@example.org"),
        ("TEST_MODE", "1"),
        ("IPN_TYPE_NAME", "OrderChargedBackWon"),
    ];
    for (name, value) in changes {
        assert!(
            !verifies(&genuine.clone().signature(&*signature).field(name, value).body(), &key()),
            "{name}"
        );
    }
}

#[test]
fn a_moved_boundary_between_signed_fields_is_refused() {
    let genuine = Simulator::new(key()).notification(NotificationKind::OrderCharged);
    let signature = genuine.body().rsplit_once("SIGNATURE=").unwrap().1.to_owned();
    let moved = [
        ([("ORDER_ID", "123456"), ("ORDER_STATUS", "7Processed")], ParseFault::BeginsWithDigit),
        ([("ORDER_ID", "1234567P"), ("ORDER_STATUS", "rocessed")], ParseFault::NotDigits),
        ([("ORDER_STATUS", "Processe"), ("ORDER_TOTAL_AMOUNT", "d49.00")], ParseFault::NotAnAmount),
        (
            [("ORDER_TOTAL_AMOUNT", "49.00zoe"), ("CUSTOMER_EMAIL", ".muster@example.org")],
            ParseFault::NotAnAmount,
        ),
        (
            [("ORDER_TOTAL_AMOUNT", "49."), ("CUSTOMER_EMAIL", "00zoe.muster@example.org")],
            ParseFault::NotAnAmount,
        ),
        ([("TEST_MODE", ""), ("IPN_TYPE_NAME", "0OrderCharged")], ParseFault::Contradicts),
    ];
    for (fields, fault) in moved {
        let [(first, one), (second, other)] = fields;
        let body = genuine.clone().signature(&*signature).field(first, one).field(second, other).body();
        assert_eq!(
            UnverifiedNotification::parse(body.as_bytes()).err().unwrap().fault(),
            fault,
            "{first} and {second}"
        );
    }
}

#[test]
fn an_empty_validation_key_is_refused() {
    assert!(Secret::new("").is_none());
}

#[test]
fn the_four_source_addresses_are_the_providers() {
    let texts =
        ["198.199.123.239", "157.230.8.40", "2604:a880:400:d0::1843:7001", "2604:a880:400:d1::b6c:c001"];
    assert_eq!(SOURCE_ADDRESSES.map(|address| address.to_string()), texts);
}
