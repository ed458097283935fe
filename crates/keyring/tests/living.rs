//! A keyring in use: sealing, opening, forgetting, taking slots.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stands in for the journal, and may panic"
)]

use keyring::*;
use policy::inventory::sealed::{BucketPairs, JournalCase, PersonEmail};
use policy::purpose::Writing;
use tempfile::TempDir;

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
    let leave = Permit::<Writing>::journalled();
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

#[test]
fn after_a_look_everything_that_was_forgotten_before_it_is_refused_in_every_process() {
    let dir = TempDir::new().unwrap();
    let places = [dir.path().join("a")];
    let vault = Vault::create(&places, StaticShare::none(), STORE).unwrap();
    let other = Vault::open(Opening {
        places: &places,
        share: StaticShare::none(),
        store: STORE,
        keyring: Some(vault.keyring_id()),
        seen_epoch: 0,
    })
    .unwrap();
    let (anna, bert) = (vault.take_slot().unwrap(), vault.take_slot().unwrap());
    other.forget(&forgetting(&[anna])).unwrap();
    let look = vault.look().unwrap();
    let seal = |slot| vault.seal_after::<PersonEmail>(&look, slot, b"1", b"value");
    assert!(matches!(seal(anna), Err(OpenError::Forgotten)));
    let sealed = seal(bert).unwrap();

    other.forget(&forgetting(&[bert])).unwrap();
    let late = seal(bert).expect("the look was before");
    for value in [sealed, late] {
        let leave = Permit::<Writing>::journalled();
        assert!(matches!(vault.open_field(bert, b"1", &value, &leave), Err(OpenError::Forgotten)));
    }
    assert!(matches!(seal(bert), Err(OpenError::Forgotten)), "this process knows it now");
}

#[test]
fn a_place_is_never_away_because_another_process_forgets() {
    let dir = TempDir::new().unwrap();
    let places = [dir.path().join("a")];
    let vault = Vault::create(&places, StaticShare::none(), STORE).unwrap();
    let share = StaticShare::none();
    let keyring = Some(vault.keyring_id());
    let other =
        Vault::open(Opening { places: &places, share, store: STORE, keyring, seen_epoch: 0 }).unwrap();
    std::thread::scope(|scope| {
        let forgets = scope.spawn(|| {
            for _ in 0..100 {
                let slot = vault.take_slot().unwrap();
                vault.forget(&forgetting(&[slot])).unwrap();
            }
        });
        while !forgets.is_finished() {
            other.look().unwrap();
        }
    });
    assert_eq!(other.epoch().unwrap(), vault.epoch().unwrap());
}

#[test]
fn after_a_look_the_programs_own_secrets_open_and_no_others() {
    let dir = TempDir::new().unwrap();
    let vault = Vault::create(&[dir.path().join("a")], StaticShare::none(), STORE).unwrap();
    let (slot, gone, look) = (vault.take_slot().unwrap(), vault.take_slot().unwrap(), vault.look().unwrap());
    let seal = |slot| vault.seal_after::<BucketPairs>(&look, slot, b"1", b"pairs").unwrap();
    let (pairs, lost) = (seal(slot), seal(gone));
    assert_eq!(vault.open_own_after(&look, slot, b"1", &pairs).unwrap().bytes(), b"pairs");
    let case = vault.seal::<JournalCase>(slot, b"1", b"case").unwrap();
    assert!(matches!(vault.open_own_after(&look, slot, b"1", &case), Err(OpenError::Unjournalled)));
    vault.forget(&forgetting(&[gone])).unwrap();
    assert!(matches!(vault.open_own_after(&look, gone, b"1", &lost), Err(OpenError::Forgotten)));
}
