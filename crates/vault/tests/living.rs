//! A keyring in use: sealing, opening, forgetting, taking slots.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stands in for the journal, and may panic"
)]

use policy::inventory::sealed::PersonEmail;
use policy::purpose::Writing;
use tempfile::TempDir;
use vault::*;

const STORE: StoreId = StoreId([1; 16]);

fn forgetting(slots: &[Slot]) -> Forgetting {
    Forgetting { slots: slots.to_vec(), tombstones: Vec::new(), day: 1, digest: [0; 32] }
}

#[test]
fn what_is_sealed_opens_until_its_slot_is_forgotten_and_others_go_on() {
    let dir = TempDir::new().unwrap();
    let places = [dir.path().join("a"), dir.path().join("b")];
    let vault = Vault::create(&places, StaticShare::none(), STORE).unwrap();
    let (anna, bert) = (vault.take_slot().unwrap(), vault.take_slot().unwrap());
    let seal = |slot, text: &str| vault.seal::<PersonEmail>(slot, b"1", text.as_bytes()).unwrap();
    let (a, b) = (seal(anna, "anna@example.org"), seal(bert, "bert@example.org"));
    let leave = Leave::<Writing>::journalled();
    let open = |slot, value: &Sealed<PersonEmail>| {
        vault.open_field(slot, b"1", value, &leave).map(|o| o.text().to_owned())
    };
    assert_eq!(open(anna, &a).unwrap(), "anna@example.org");
    let done = vault.forget(&forgetting(&[anna])).unwrap();
    assert_eq!((done.epoch, done.places), (2, 2));
    assert!(matches!(open(anna, &a), Err(OpenError::Forgotten)));
    assert_eq!(open(bert, &b).unwrap(), "bert@example.org");
    assert_eq!(vault.forget(&forgetting(&[anna])).unwrap().epoch, 2);
}
