//! Signing and verification over several years: renewal, rotation of signing keys, refusals and public keys.

use licence::{
    BadPublicKey, Check, Claims, Day, Key, OutOfRange, PublicKey, PublicKeys, Refusal, Serial, SigningKey,
    Term, Unreadable, check, verify,
};

fn signing(id: u8) -> SigningKey {
    SigningKey::from_seed(id, &[id + 1; 32]).unwrap()
}

fn trusting(ids: &[u8]) -> PublicKeys {
    let mut keys = PublicKeys::new();
    ids.iter().for_each(|id| keys.add(signing(*id).public()).unwrap());
    keys
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn claims() -> Claims {
    Claims {
        signing_key: 1,
        product: 7,
        edition: 0,
        term: Term::Forever,
        seats: 1,
        serial: Serial::from_bytes([1, 2, 3, 4, 5]),
    }
}

fn conditions(today: &str) -> Check {
    Check { product: 7, today: day(today), build: None }
}

/// A fixed text: if it changed, keys already sold would get other texts.
const TEXT: &str = "243G0-00100-0020G-30G2Z-D5HTT-MY3B4-ZGFKJ-0EA0R-X3JJP-MSFHZ-MYXBJ-6MH8C-\
    5HNTE-FFVJN-MRTS2-JV7BB-NMH1G-VQ225-2Q8J0-V86S7-KXZW4-24HZS-SRK2A-CWZME-1W";

#[test]
fn the_same_claims_always_give_the_same_text() {
    for _ in 0..3 {
        assert_eq!(signing(1).sign(&claims()).unwrap().to_string(), TEXT);
    }
}

#[test]
fn a_key_is_122_symbols_in_groups_of_five() {
    let groups: Vec<_> = TEXT.split('-').collect();
    assert_eq!(groups.len(), 25);
    assert!(groups[..24].iter().all(|group| group.len() == 5));
    assert_eq!(groups[24].len(), 2);
}

#[test]
fn keys_of_a_retired_signing_key_still_verify_beside_the_new_one() {
    let keys = trusting(&[1, 2]);
    for id in [1, 2] {
        let key = signing(id).sign(&Claims { signing_key: id, ..claims() }).unwrap();
        assert!(verify(&key, &keys).is_ok());
    }
    let newer = signing(3).sign(&Claims { signing_key: 3, ..claims() }).unwrap();
    assert_eq!(verify(&newer, &keys), Err(Refusal::UnknownSigningKey(3)));
    assert_eq!(verify(&newer, &PublicKeys::new()), Err(Refusal::UnknownSigningKey(3)));
}

#[test]
fn a_renewed_subscription_has_a_new_key_with_the_same_serial() {
    let until = |last| Claims { term: Term::Ends(day(last)), ..claims() };
    let (old, new) =
        (signing(1).sign(&until("2026-06-30")).unwrap(), signing(1).sign(&until("2027-06-30")).unwrap());
    assert_eq!(old.unverified().serial, new.unverified().serial);
    let outcome = |key: &Key| check(&key.to_string(), &trusting(&[1]), &conditions("2026-07-01"));
    assert_eq!(outcome(&old), Err(Refusal::Ended(day("2026-06-30"))));
    assert_eq!(outcome(&new), Ok(until("2027-06-30")));
}

#[test]
fn claims_that_do_not_fit_a_key_are_not_signed() {
    assert_eq!(signing(1).sign(&Claims { edition: 128, ..claims() }), Err(OutOfRange::Edition));
    assert_eq!(signing(2).sign(&claims()), Err(OutOfRange::SigningKey));
    assert_eq!(SigningKey::from_seed(16, &[1; 32]).map(|key| key.id()), Err(OutOfRange::SigningKey));
}

#[test]
fn debug_output_contains_no_key() {
    let key = signing(1).sign(&claims()).unwrap();
    assert_eq!(format!("{key:?}"), "Key(..)");
    assert_eq!(format!("{:?}", signing(1)), "SigningKey { id: 1, .. }");
}

#[test]
fn no_refusal_repeats_the_typed_text() {
    for typed in ["anna@example.org", "4111 1111 1111 1111", "AB!"] {
        let refusal = check(typed, &trusting(&[1]), &conditions("2026-01-01")).unwrap_err();
        for shown in [refusal.to_string(), format!("{refusal:?}")] {
            assert!(!shown.contains("anna") && !shown.contains("4111") && !shown.contains("AB!"), "{shown}");
        }
    }
}

#[test]
fn every_refusal_is_a_sentence_for_the_person() {
    let (first, last) = (day("2026-01-01"), day("2026-02-01"));
    for (refusal, sentence) in [
        (
            Refusal::Unreadable(Unreadable::Length { symbols: 121, wanted: 122 }),
            "this licence key can't be read: it has 121 letters and digits instead of 122",
        ),
        (
            Refusal::Unreadable(Unreadable::Symbol { position: 17 }),
            "this licence key can't be read: character 17, not counting spaces and dashes, is not allowed",
        ),
        (
            Refusal::Unreadable(Unreadable::Padding),
            "this licence key can't be read: its last character is mistyped",
        ),
        (
            Refusal::Unreadable(Unreadable::EndWithoutDay),
            "this licence key can't be read: it has an end but no end date",
        ),
        (
            Refusal::UnknownVersion(2),
            "this licence key is mistyped, or has a newer format (2) than this program knows",
        ),
        (
            Refusal::UnknownSigningKey(3),
            "this licence key is mistyped, or signed with a key (3) that this program doesn't know",
        ),
        (Refusal::Forged, "this licence key is mistyped or not genuine"),
        (
            Refusal::OtherProduct { of_key: 9, wanted: 7 },
            "this licence key is for product 9, not for product 7",
        ),
        (Refusal::Ended(first), "this licence ended; its last day was 2026-01-01"),
        (
            Refusal::UpdatesOver { until: first, build: last },
            "this licence covers releases up to 2026-01-01, and this release is from 2026-02-01; earlier releases continue to work",
        ),
    ] {
        assert_eq!(refusal.to_string(), sentence);
    }
}

#[test]
fn an_exported_file_of_public_keys_reads_back_sorted_by_number() {
    let keys = trusting(&[15, 0, 2]);
    let file = format!("# public keys of the shop\n\n{keys}");
    assert_eq!(PublicKeys::parse(&file), Ok(keys.clone()));
    assert_eq!(keys.iter().map(PublicKey::id).collect::<Vec<_>>(), [0, 2, 15]);
    assert_eq!(keys.get(2), Some(&signing(2).public()));
    assert_eq!(keys.get(1), None);
}

#[test]
fn a_number_belongs_to_one_public_key() {
    let mut keys = trusting(&[1]);
    assert_eq!(keys.add(signing(1).public()), Err(BadPublicKey::Twice));
    let bytes = signing(1).public().to_bytes();
    assert_eq!(PublicKey::from_bytes(1, &bytes), Ok(signing(1).public()));
    assert_eq!(PublicKey::from_bytes(16, &bytes), Err(BadPublicKey::Id));
}
