//! Sealed values are bound to their row, column, slot and store, and open for allowed purposes only.

use crate::kit::*;
use keyring::{Keyring, KeyringConfig, OVERHEAD, OpenError, Permit, Sealed, Slot, StoreId};
use policy::inventory::sealed::{AuditCase, IndexBucketPairs, PersonCompany, PersonEmail, PersonName};
use policy::purpose::{Operating, Support, Writing};
use policy::{Field, OpenFor, Purpose};
use tempfile::TempDir;

fn opens_elsewhere<F: OpenFor<P>, P: Purpose>(
    keyring: &Keyring,
    slot: Slot,
    row: &[u8],
    bytes: &[u8],
) -> bool {
    let permit = Permit::<P>::audited();
    match keyring.open_field(slot, row, &Sealed::<F>::from_bytes(bytes.to_vec()), &permit) {
        Ok(opened) => opened.bytes() == b"value",
        Err(OpenError::Damaged) => false,
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn a_value_that_was_moved_does_not_open() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 1);
    let keyring = create(&replicas);
    let (anna, bert) = (keyring.allocate_slot().unwrap(), keyring.allocate_slot().unwrap());
    let sealed = keyring.seal::<PersonName>(anna, b"1", b"value").unwrap();
    let bytes = sealed.as_bytes();
    assert_eq!(bytes.len(), 5 + OVERHEAD);
    assert!(opens_elsewhere::<PersonName, Support>(&keyring, anna, b"1", bytes));
    assert!(!opens_elsewhere::<PersonName, Support>(&keyring, bert, b"1", bytes), "another person");
    assert!(!opens_elsewhere::<PersonName, Support>(&keyring, anna, b"2", bytes), "another row");
    assert!(!opens_elsewhere::<PersonCompany, Support>(&keyring, anna, b"1", bytes), "another column");
    let elsewhere =
        Keyring::open(KeyringConfig { store: StoreId([2; 16]), ..opening(&replicas, 0) }).unwrap();
    assert!(!opens_elsewhere::<PersonName, Support>(&elsewhere, anna, b"1", bytes), "another store");
}

#[test]
fn the_same_value_sealed_twice_looks_different() {
    let dir = TempDir::new().unwrap();
    let keyring = create(&replicas(&dir, 1));
    let slot = keyring.allocate_slot().unwrap();
    let seal = || keyring.seal::<PersonName>(slot, b"1", b"value").unwrap();
    assert_ne!(seal().as_bytes(), seal().as_bytes());
}

#[test]
fn personal_values_open_only_with_an_audited_permit() {
    let dir = TempDir::new().unwrap();
    let keyring = create(&replicas(&dir, 1));
    let slot = keyring.allocate_slot().unwrap();
    let pairs = keyring.seal::<IndexBucketPairs>(slot, b"1", b"pairs").unwrap();
    assert_eq!(keyring.open_field(slot, b"1", &pairs, &Permit::operating()).unwrap().bytes(), b"pairs");
    let case = keyring.seal::<AuditCase>(slot, b"1", b"case").unwrap();
    let without = opened_for_operating(&keyring, slot, &case);
    assert!(matches!(without, Some(OpenError::Unaudited) | None));
}

/// The inventory decides whether the case opens for operating. Without an audit entry it must not.
fn opened_for_operating<F: OpenFor<Operating>>(
    keyring: &Keyring,
    slot: Slot,
    sealed: &Sealed<F>,
) -> Option<OpenError> {
    keyring.open_field(slot, b"1", sealed, &Permit::operating()).err()
}

#[test]
fn debug_output_shows_no_sealed_value_and_no_tag() {
    let dir = TempDir::new().unwrap();
    let keyring = create(&replicas(&dir, 1));
    let slot = keyring.allocate_slot().unwrap();
    let sealed = keyring.seal::<PersonEmail>(slot, b"1", b"anna@example.org").unwrap();
    assert_eq!(format!("{sealed:?}"), "sealed");
    assert_eq!(format!("{:?}", keyring.tag("address", "anna@example.org").unwrap()), "Tag16");
}

#[test]
fn tags_are_stable_within_a_kind_and_differ_between_kinds() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 1);
    let keyring = create(&replicas);
    let tag = keyring.tag("address", "anna@example.org").unwrap();
    assert_eq!(tag, open(&replicas).tag("address", "anna@example.org").unwrap());
    assert_ne!(tag, keyring.tag("order", "anna@example.org").unwrap());
    let slot = keyring.allocate_slot().unwrap();
    let own = keyring.slot_tag(slot, "email", b"anna").unwrap();
    assert_ne!(own, keyring.slot_tag(keyring.allocate_slot().unwrap(), "email", b"anna").unwrap());
    assert_ne!(keyring.mac(Slot::AUDIT_LOG, b"a").unwrap(), keyring.mac(Slot::TAGS, b"a").unwrap());
}

#[test]
fn compartments_of_a_slot_share_no_key() {
    // Same slot, row and bytes; only the field differs, and with it compartment and binding.
    assert_ne!(PersonEmail::COMPARTMENT, IndexBucketPairs::COMPARTMENT);
    let dir = TempDir::new().unwrap();
    let keyring = create(&replicas(&dir, 1));
    let slot = keyring.allocate_slot().unwrap();
    let bytes = keyring.seal::<PersonEmail>(slot, b"1", b"value").unwrap().into_bytes();
    assert!(opens_elsewhere::<PersonEmail, Writing>(&keyring, slot, b"1", &bytes));
    assert!(!opens_elsewhere::<IndexBucketPairs, Operating>(&keyring, slot, b"1", &bytes));
}

/// Does not compile when the inventory allows `$field` for `$purpose`, because two implementations then match.
macro_rules! never {
    ($field:ty, $purpose:ty) => {{
        trait Answer<A> {
            fn given() {}
        }
        struct Allowed;
        impl<T: ?Sized> Answer<()> for T {}
        impl<T: OpenFor<$purpose>> Answer<Allowed> for T {}
        <$field as Answer<_>>::given();
    }};
}

#[test]
fn the_inventory_opens_no_name_for_writing_and_no_personal_value_for_operating() {
    never!(PersonName, Writing);
    never!(PersonName, Operating);
    never!(PersonEmail, Operating);
    never!(PersonCompany, Writing);
}

#[test]
fn forbidden_uses_do_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/keyring/compile_pass/*.rs");
    cases.compile_fail("tests/keyring/compile_fail/*.rs");
}
