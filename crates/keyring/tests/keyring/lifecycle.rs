//! The lifecycle of values: sealing, opening, forgetting, allocating slots.

use keyring::*;
use policy::inventory::sealed::{AuditCase, IndexBucketPairs, PersonEmail};
use policy::purpose::Writing;
use tempfile::TempDir;

const STORE: StoreId = StoreId([1; 16]);

fn forget_request(slots: &[Slot]) -> ForgetRequest {
    ForgetRequest { slots: slots.to_vec(), tombstones: Vec::new(), day: 1, digest: [0; 32] }
}

#[test]
fn a_sealed_value_opens_until_its_slot_is_forgotten_and_other_slots_are_unaffected() {
    let dir = TempDir::new().unwrap();
    let replicas = [dir.path().join("a"), dir.path().join("b")];
    let keyring = Keyring::create(&replicas, StaticShare::none(), STORE).unwrap();
    let (anna, bert) = (keyring.allocate_slot().unwrap(), keyring.allocate_slot().unwrap());
    let seal = |slot, text: &str| keyring.seal::<PersonEmail>(slot, b"1", text.as_bytes()).unwrap();
    let (a, b) = (seal(anna, "anna@example.org"), seal(bert, "bert@example.org"));
    let permit = Permit::<Writing>::audited();
    let open = |slot, value: &Sealed<PersonEmail>| {
        keyring.open_field(slot, b"1", value, &permit).map(|o| o.text().to_owned())
    };
    assert_eq!(open(anna, &a).unwrap(), "anna@example.org");
    let done = keyring.forget(&forget_request(&[anna])).unwrap();
    assert_eq!((done.epoch, done.replicas), (2, 2));
    assert!(matches!(open(anna, &a), Err(OpenError::Forgotten)));
    assert_eq!(open(bert, &b).unwrap(), "bert@example.org");
    assert_eq!(keyring.forget(&forget_request(&[anna])).unwrap().epoch, 2);
}

#[test]
fn a_view_refuses_every_slot_that_any_process_forgot_before_it() {
    let dir = TempDir::new().unwrap();
    let replicas = [dir.path().join("a")];
    let keyring = Keyring::create(&replicas, StaticShare::none(), STORE).unwrap();
    let other = Keyring::open(KeyringConfig {
        replicas: &replicas,
        share: StaticShare::none(),
        store: STORE,
        keyring_id: Some(keyring.keyring_id()),
        seen_epoch: 0,
    })
    .unwrap();
    let (anna, bert) = (keyring.allocate_slot().unwrap(), keyring.allocate_slot().unwrap());
    other.forget(&forget_request(&[anna])).unwrap();
    let view = keyring.check_epoch().unwrap();
    let seal = |slot| keyring.seal_in_view::<PersonEmail>(&view, slot, b"1", b"value");
    assert!(matches!(seal(anna), Err(OpenError::Forgotten)));
    let sealed = seal(bert).unwrap();

    other.forget(&forget_request(&[bert])).unwrap();
    let late = seal(bert).expect("the view is older than the forgetting");
    for value in [sealed, late] {
        let permit = Permit::<Writing>::audited();
        assert!(matches!(keyring.open_field(bert, b"1", &value, &permit), Err(OpenError::Forgotten)));
    }
    assert!(matches!(seal(bert), Err(OpenError::Forgotten)), "this process knows it now");
}

#[test]
fn a_replica_stays_reachable_while_another_process_forgets() {
    let dir = TempDir::new().unwrap();
    let replicas = [dir.path().join("a")];
    let keyring = Keyring::create(&replicas, StaticShare::none(), STORE).unwrap();
    let share = StaticShare::none();
    let keyring_id = Some(keyring.keyring_id());
    let other =
        Keyring::open(KeyringConfig { replicas: &replicas, share, store: STORE, keyring_id, seen_epoch: 0 })
            .unwrap();
    std::thread::scope(|scope| {
        let forgets = scope.spawn(|| {
            for _ in 0..100 {
                let slot = keyring.allocate_slot().unwrap();
                keyring.forget(&forget_request(&[slot])).unwrap();
            }
        });
        while !forgets.is_finished() {
            other.check_epoch().unwrap();
        }
    });
    assert_eq!(other.epoch().unwrap(), keyring.epoch().unwrap());
}

#[test]
fn a_view_opens_the_programs_own_secrets_and_no_personal_values() {
    let dir = TempDir::new().unwrap();
    let keyring = Keyring::create(&[dir.path().join("a")], StaticShare::none(), STORE).unwrap();
    let (slot, gone, view) =
        (keyring.allocate_slot().unwrap(), keyring.allocate_slot().unwrap(), keyring.check_epoch().unwrap());
    let seal = |slot| keyring.seal_in_view::<IndexBucketPairs>(&view, slot, b"1", b"pairs").unwrap();
    let (pairs, lost) = (seal(slot), seal(gone));
    assert_eq!(keyring.open_operating_in_view(&view, slot, b"1", &pairs).unwrap().bytes(), b"pairs");
    let case = keyring.seal::<AuditCase>(slot, b"1", b"case").unwrap();
    assert!(matches!(keyring.open_operating_in_view(&view, slot, b"1", &case), Err(OpenError::Unaudited)));
    keyring.forget(&forget_request(&[gone])).unwrap();
    assert!(matches!(keyring.open_operating_in_view(&view, gone, b"1", &lost), Err(OpenError::Forgotten)));
}
