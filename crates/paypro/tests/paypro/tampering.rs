//! A genuine notification that was changed on its way, byte by byte.

use paypro::{
    NotificationKind, ParseFault, Secret, UnverifiedNotification,
    signature::{SignedFields, compute_signature},
};

use crate::kit::{draft, is_genuine, key, open, refusal, text};

/// The fields that the signature covers.
const SIGNED: [&str; 6] =
    ["ORDER_ID", "ORDER_STATUS", "ORDER_TOTAL_AMOUNT", "CUSTOMER_EMAIL", "TEST_MODE", "IPN_TYPE_NAME"];

/// The signature of a body.
fn signature_of(body: &str) -> &str {
    body.rsplit_once("SIGNATURE=").unwrap().1
}

#[test]
fn every_change_of_one_digit_of_the_signature_is_refused() {
    let body = draft(NotificationKind::OrderCharged).body();
    let signature = signature_of(&body);
    assert_eq!(signature.len(), 64);
    for place in 0..64 {
        for digit in "0123456789abcdef".chars() {
            let mut wrong = signature.to_owned();
            wrong.replace_range(place..=place, digit.encode_utf8(&mut [0; 4]));
            let changed = draft(NotificationKind::OrderCharged).signature(&*wrong).body();
            assert_eq!(is_genuine(changed), wrong == signature, "digit {place} as {digit}");
        }
    }
}

#[test]
fn a_signature_of_another_length_or_alphabet_is_refused() {
    let right = signature_of(&draft(NotificationKind::OrderCharged).body()).to_owned();
    let wrong = (0..64).map(|length| right[..length].to_owned()).chain([
        right.clone() + "0",
        right.repeat(2),
        format!("0x{right}"),
        format!("{} {}", &right[..32], &right[32..]),
        right.replace(|digit: char| digit.is_ascii_digit(), "٣"),
        "00".repeat(32),
        "=".repeat(64),
    ]);
    for signature in wrong {
        let changed = draft(NotificationKind::OrderCharged).signature(&*signature);
        assert!(!is_genuine(changed.body()), "{signature}");
    }
}

#[test]
fn every_change_of_one_byte_of_a_signed_value_is_noticed() {
    let genuine = draft(NotificationKind::OrderCharged);
    let body = genuine.body();
    let signature = signature_of(&body);
    for name in SIGNED {
        let value = genuine.value(name).unwrap();
        for place in 0..value.len() {
            for byte in [b'0', b'7', b'a', b'Z', b'@', b'.', b' '] {
                let mut changed = value.as_bytes().to_vec();
                changed[place] = byte;
                let changed = String::from_utf8(changed).unwrap();
                let body = genuine.clone().signature(signature).field(name, &*changed).body();
                assert_eq!(is_genuine(body), changed == value, "{name}: {changed}");
            }
            let (before, after) = value.split_at(place);
            for changed in [format!("{before}{}", &after[1..]), format!("{before}1{after}")] {
                let body = genuine.clone().signature(signature).field(name, &*changed).body();
                // The test flag is empty or one digit, and an empty one means the same as 0.
                assert!(!is_genuine(body), "{name}: {changed}");
            }
        }
    }
}

#[test]
fn a_signed_value_moved_to_its_neighbour_is_no_other_order() {
    let genuine = draft(NotificationKind::OrderCharged);
    let body = genuine.body();
    let order = open(&genuine).order().map(|order| order.expose().to_owned());
    for pair in SIGNED[..3].windows(2) {
        let (first, second) = (genuine.value(pair[0]).unwrap(), genuine.value(pair[1]).unwrap());
        let joined = format!("{first}{second}");
        for place in 0..=joined.len() {
            let (one, other) = joined.split_at(place);
            let moved = genuine.clone().field(pair[0], one).field(pair[1], other);
            let moved = moved.signature(signature_of(&body)).body();
            let Ok(unverified) = UnverifiedNotification::parse(moved.as_bytes()) else { continue };
            let accepted = unverified.verify(&key()).unwrap_or_else(|_| panic!("the same signed text"));
            assert_eq!(text(accepted.order()).map(str::to_owned), order, "{one} and {other}");
        }
    }
}

#[test]
fn fields_beside_the_signed_ones_do_not_change_the_signature() {
    // So the first notification of an order decides about product and quantity: see domain.
    let genuine = draft(NotificationKind::OrderCharged);
    let signature = signature_of(&genuine.body()).to_owned();
    for (name, _) in genuine.fields().iter().filter(|(name, _)| !SIGNED.contains(&name.as_str())) {
        let changed = genuine.clone().field(name, "2").body();
        assert_eq!(signature_of(&changed), signature, "{name}");
    }
}

#[test]
fn a_signature_for_one_kind_is_none_for_another() {
    for kind in NotificationKind::ALL {
        let genuine = draft(kind);
        let body = genuine.body();
        for other in NotificationKind::ALL.into_iter().filter(|other| *other != kind) {
            let (id, name) = (other.id().to_string(), other.names()[0]);
            let forged = genuine.clone().field("IPN_TYPE_ID", id).field("IPN_TYPE_NAME", name);
            assert!(!is_genuine(forged.signature(signature_of(&body)).body()), "{kind} as {other}");
        }
    }
}

#[test]
fn an_absent_value_is_signed_as_an_empty_one() {
    let signed = |test| SignedFields { order: "", status: "", total: "", email: "", test, type_name: "x" };
    // sha256sum of "kx" and of "k0x".
    let key = Secret::new("k").unwrap();
    assert_ne!(compute_signature(&signed(""), &key), compute_signature(&signed("0"), &key));
    for name in ["ORDER_STATUS", "ORDER_TOTAL_AMOUNT", "TEST_MODE"] {
        let absent = draft(NotificationKind::OrderCharged).without(name);
        let empty = draft(NotificationKind::OrderCharged).field(name, "");
        assert_eq!(signature_of(&absent.body()), signature_of(&empty.body()), "{name}");
        assert!(is_genuine(absent.body()) && is_genuine(empty.body()), "{name}");
    }
}

#[test]
fn white_space_around_a_signed_value_counts() {
    let genuine = draft(NotificationKind::OrderCharged);
    let body = genuine.body();
    for name in ["ORDER_STATUS", "CUSTOMER_EMAIL"] {
        let padded = format!(" {}", genuine.value(name).unwrap());
        assert!(
            !is_genuine(genuine.clone().signature(signature_of(&body)).field(name, &*padded).body()),
            "{name}"
        );
        // The provider may send it, and then it signs it.
        assert!(is_genuine(genuine.clone().field(name, &*padded).body()), "{name}");
    }
    let test = refusal(genuine.clone().field("TEST_MODE", " 0").body()).unwrap();
    assert_eq!((test.field(), test.fault()), (Some("TEST_MODE"), ParseFault::NotZeroOrOne));
}
