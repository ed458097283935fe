//! Sealed values are bound to where they lie and what for they may be opened.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stands in for the journal, and may panic"
)]

mod ring;

use keyring::{OVERHEAD, OpenError, Opening, Permit, Sealed, Slot, StoreId, Vault};
use policy::inventory::sealed::{BucketPairs, JournalCase, PersonCompany, PersonEmail, PersonName};
use policy::purpose::{Operating, Support, Writing};
use policy::{Field, OpenFor, Purpose};
use ring::*;
use tempfile::TempDir;

fn moved<F: OpenFor<P>, P: Purpose>(vault: &Vault, slot: Slot, row: &[u8], bytes: &[u8]) -> bool {
    let leave = Permit::<P>::journalled();
    match vault.open_field(slot, row, &Sealed::<F>::from_bytes(bytes.to_vec()), &leave) {
        Ok(opened) => opened.bytes() == b"value",
        Err(OpenError::Damaged) => false,
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn a_value_that_was_moved_does_not_open() {
    let dir = TempDir::new().unwrap();
    let places = places(&dir, 1);
    let vault = create(&places);
    let (anna, bert) = (vault.take_slot().unwrap(), vault.take_slot().unwrap());
    let sealed = vault.seal::<PersonName>(anna, b"1", b"value").unwrap();
    let bytes = sealed.as_bytes();
    assert_eq!(bytes.len(), 5 + OVERHEAD);
    assert!(moved::<PersonName, Support>(&vault, anna, b"1", bytes));
    assert!(!moved::<PersonName, Support>(&vault, bert, b"1", bytes), "another person");
    assert!(!moved::<PersonName, Support>(&vault, anna, b"2", bytes), "another row");
    assert!(!moved::<PersonCompany, Support>(&vault, anna, b"1", bytes), "another column");
    let elsewhere = Vault::open(Opening { store: StoreId([2; 16]), ..opening(&places, 0) }).unwrap();
    assert!(!moved::<PersonName, Support>(&elsewhere, anna, b"1", bytes), "another store");
}

#[test]
fn the_same_value_sealed_twice_looks_different() {
    let dir = TempDir::new().unwrap();
    let vault = create(&places(&dir, 1));
    let slot = vault.take_slot().unwrap();
    let seal = || vault.seal::<PersonName>(slot, b"1", b"value").unwrap();
    assert_ne!(seal().as_bytes(), seal().as_bytes());
}

#[test]
fn personal_values_open_with_a_line_in_the_journal_only() {
    let dir = TempDir::new().unwrap();
    let vault = create(&places(&dir, 1));
    let slot = vault.take_slot().unwrap();
    let pairs = vault.seal::<BucketPairs>(slot, b"1", b"pairs").unwrap();
    assert_eq!(vault.open_field(slot, b"1", &pairs, &Permit::operating()).unwrap().bytes(), b"pairs");
    let case = vault.seal::<JournalCase>(slot, b"1", b"case").unwrap();
    let without = opened_for_operating(&vault, slot, &case);
    assert!(matches!(without, Some(OpenError::Unjournalled) | None));
}

/// Whether the inventory lets the case open for operating is its own affair; unjournalled it must not.
fn opened_for_operating<F: OpenFor<Operating>>(
    vault: &Vault,
    slot: Slot,
    sealed: &Sealed<F>,
) -> Option<OpenError> {
    vault.open_field(slot, b"1", sealed, &Permit::operating()).err()
}

#[test]
fn nothing_sealed_or_tagged_shows_itself_in_debug_output() {
    let dir = TempDir::new().unwrap();
    let vault = create(&places(&dir, 1));
    let slot = vault.take_slot().unwrap();
    let sealed = vault.seal::<PersonEmail>(slot, b"1", b"anna@example.org").unwrap();
    assert_eq!(format!("{sealed:?}"), "sealed");
    assert_eq!(format!("{:?}", vault.tag("address", "anna@example.org").unwrap()), "Tag16");
}

#[test]
fn tags_of_one_kind_are_steady_and_of_two_kinds_have_nothing_in_common() {
    let dir = TempDir::new().unwrap();
    let places = places(&dir, 1);
    let vault = create(&places);
    let tag = vault.tag("address", "anna@example.org").unwrap();
    assert_eq!(tag, open(&places).tag("address", "anna@example.org").unwrap());
    assert_ne!(tag, vault.tag("order", "anna@example.org").unwrap());
    let slot = vault.take_slot().unwrap();
    let own = vault.slot_tag(slot, "letter", b"anna").unwrap();
    assert_ne!(own, vault.slot_tag(vault.take_slot().unwrap(), "letter", b"anna").unwrap());
    assert_ne!(vault.mac(Slot::JOURNAL, b"a").unwrap(), vault.mac(Slot::TAGS, b"a").unwrap());
}

#[test]
fn compartments_of_a_slot_share_no_key() {
    // Same slot, row and bytes; only the field differs, and with it compartment and binding.
    assert_ne!(PersonEmail::COMPARTMENT, BucketPairs::COMPARTMENT);
    let dir = TempDir::new().unwrap();
    let vault = create(&places(&dir, 1));
    let slot = vault.take_slot().unwrap();
    let bytes = vault.seal::<PersonEmail>(slot, b"1", b"value").unwrap().into_bytes();
    assert!(moved::<PersonEmail, Writing>(&vault, slot, b"1", &bytes));
    assert!(!moved::<BucketPairs, Operating>(&vault, slot, b"1", &bytes));
}

/// Doesn't compile when the inventory allows `$field` for `$purpose`: then two answers fit the question.
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
fn the_inventory_keeps_names_out_of_letters_and_personal_values_out_of_operating() {
    never!(PersonName, Writing);
    never!(PersonName, Operating);
    never!(PersonEmail, Operating);
    never!(PersonCompany, Writing);
}

#[test]
fn what_must_not_compile_does_not() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/compile_pass/*.rs");
    cases.compile_fail("tests/compile_fail/*.rs");
}
