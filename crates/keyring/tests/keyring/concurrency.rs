//! Several processes and threads on one keyring.

use std::collections::BTreeSet;

use crate::kit::*;
use keyring::{Keyring, KeyringError, OpenError, Slot, Tag16, Tombstone};
use tempfile::TempDir;

#[test]
fn a_slot_forgotten_by_one_process_opens_in_no_other() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 2);
    let (one, other) = (create(&replicas), open(&replicas));
    let people: Vec<_> = (0..10).map(|i| add_person(if i % 2 == 0 { &one } else { &other })).collect();
    for (i, person) in people.iter().enumerate() {
        let (forgetter, reader) = if i % 2 == 0 { (&one, &other) } else { (&other, &one) };
        assert!(opens(reader, person));
        forgetter.forget(&forget_request(&[person])).unwrap();
        assert!(!opens(reader, person) && !opens(forgetter, person));
        assert!(people[i + 1..].iter().all(|p| opens(reader, p)));
        assert_eq!(reader.epoch().unwrap(), forgetter.epoch().unwrap());
    }
}

#[test]
fn nothing_is_sealed_under_a_slot_that_another_process_has_forgotten() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 1);
    let (one, other) = (create(&replicas), open(&replicas));
    let person = add_person(&one);
    other.forget(&forget_request(&[&person])).unwrap();
    let again = one.seal::<policy::inventory::sealed::PersonEmail>(person.slot, b"row", b"x");
    assert!(matches!(again, Err(OpenError::Forgotten)));
    assert!(matches!(one.slot_tag(person.slot, "email", b"x"), Err(OpenError::Forgotten)));
}

#[test]
fn threads_and_processes_never_get_the_same_slot() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 2);
    let keyrings: Vec<Keyring> =
        std::iter::once(create(&replicas)).chain((0..3).map(|_| open(&replicas))).collect();
    let taken: Vec<Vec<Slot>> = std::thread::scope(|scope| {
        let threads: Vec<_> = keyrings
            .iter()
            .flat_map(|v| [v, v])
            .map(|v| scope.spawn(|| v.allocate_slots(500).unwrap()))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let distinct: BTreeSet<_> = taken.iter().flatten().collect();
    assert_eq!(distinct.len(), 8 * 500);
    assert!(distinct.iter().all(|slot| **slot >= Slot::FIRST_ALLOCATED));
}

#[test]
fn threads_that_forget_and_read_at_once_see_only_consistent_states() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 1);
    let (one, other) = (create(&replicas), open(&replicas));
    let staying = add_person(&one);
    let going: Vec<_> = (0..12).map(|_| add_person(&one)).collect();
    std::thread::scope(|scope| {
        for (keyring, part) in [(&one, &going[..6]), (&other, &going[6..])] {
            scope.spawn(move || {
                part.iter().for_each(|p| assert!(keyring.forget(&forget_request(&[p])).is_ok()))
            });
        }
        for keyring in [&one, &other] {
            let staying = &staying;
            scope.spawn(move || (0..300).for_each(|_| assert!(opens(keyring, staying))));
        }
    });
    assert!(going.iter().all(|p| !opens(&one, p) && !opens(&other, p)));
    assert_eq!(one.epoch().unwrap(), 13);
}

#[test]
fn tombstones_and_the_anchor_written_by_one_process_are_read_by_the_other() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 2);
    let (one, other) = (create(&replicas), open(&replicas));
    let tag = one.year_tag(2025, "order", b"123").unwrap().unwrap();
    assert_eq!(Some(tag), other.year_tag(2025, "order", b"123").unwrap());
    assert_ne!(Some(tag), other.year_tag(2026, "order", b"123").unwrap());
    let tombstone = |serial| Tombstone { year: 2025, tag, kind: 1, serial, term: 0 };
    assert!(other.tombstones(2025, tag).unwrap().is_empty());
    one.append_tombstones(&[tombstone(1), tombstone(1)]).unwrap();
    other.append_tombstones(&[tombstone(1), tombstone(2)]).unwrap();
    assert_eq!(one.tombstones(2025, tag).unwrap(), [tombstone(1), tombstone(2)]);
    assert!(one.tombstones(2025, Tag16([0; 16])).unwrap().is_empty());

    one.set_anchor(5, [5; 32]).unwrap();
    other.set_anchor(4, [4; 32]).unwrap();
    assert_eq!(other.anchor().unwrap(), Some((5, [5; 32])));
}

#[test]
fn a_year_whose_key_is_forgotten_gives_no_tags_and_keeps_no_tombstones() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 2);
    let keyring = create(&replicas);
    let tag = keyring.year_tag(2024, "order", b"1").unwrap().unwrap();
    keyring.append_tombstones(&[Tombstone { year: 2024, tag, kind: 1, serial: 9, term: 0 }]).unwrap();
    let mut year = forget_request(&[]);
    year.slots.push(Slot::year(2024));
    keyring.forget(&year).unwrap();
    assert_eq!(keyring.year_tag(2024, "order", b"1").unwrap(), None);
    assert!(keyring.tombstones(2024, tag).unwrap().is_empty());
    assert!(replicas.iter().all(|replica| !replica.join("tombstones/2024").exists()));
    keyring.append_tombstones(&[Tombstone { year: 2024, tag, kind: 1, serial: 9, term: 0 }]).unwrap();
    assert!(replicas.iter().all(|replica| !replica.join("tombstones/2024").exists()));
}

#[test]
fn the_programs_own_keys_are_not_forgotten() {
    let dir = TempDir::new().unwrap();
    let keyring = create(&replicas(&dir, 1));
    for slot in [Slot::INDEX, Slot::AUDIT_LOG, Slot(0), Slot(60_000), Slot(u64::MAX)] {
        let mut wanted = forget_request(&[]);
        wanted.slots.push(slot);
        assert!(matches!(keyring.forget(&wanted), Err(KeyringError::Reserved(_))), "{slot:?}");
    }
}

#[test]
fn when_several_processes_create_a_keyring_at_once_one_creates_it_and_the_others_open_it() {
    let dir = TempDir::new().unwrap();
    let replicas = replicas(&dir, 2);
    let made: Vec<_> = std::thread::scope(|scope| {
        let make = || Keyring::create(&replicas, keyring::StaticShare::none(), STORE);
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(make)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(made.iter().filter(|m| m.is_ok()).count(), 1);
    assert!(made.iter().all(|m| matches!(m, Ok(_) | Err(KeyringError::NotEmpty { .. }))));
    let maker = made.into_iter().find_map(Result::ok).unwrap();
    assert!(opens(&open(&replicas), &add_person(&maker)));
}
