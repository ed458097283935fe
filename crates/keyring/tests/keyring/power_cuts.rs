//! A power cut at every write, fsync and rename leaves either the old state or the new one, complete.

use std::fs;
use std::sync::Arc;

use crate::kit::*;
use keyring::testing::{FaultDisk, PowerCut};
use keyring::{ForgetRequest, Keyring, KeyringError, Slot, StaticShare, Tag16, Tombstone};
use tempfile::TempDir;

const CUTS: [PowerCut; 3] = [PowerCut::Kept, PowerCut::Lost, PowerCut::Torn];

fn tombstone(n: u8) -> Tombstone {
    Tombstone { year: 2025, tag: Tag16([n; 16]), kind: n, serial: u64::from(n), term: 1 }
}

/// Interrupts a forgetting at each of its operations in turn. Returns the number of operations.
fn stop_a_forgetting_at_every_operation(count: usize, batch: usize, cut: PowerCut) -> usize {
    let dir = TempDir::new().unwrap();
    let originals = replicas(&dir, count);
    let keyring = create(&originals);
    let people: Vec<_> = (0..6).map(|_| add_person(&keyring)).collect();
    keyring.forget(&forget_request(&[&people[5]])).unwrap();
    drop(keyring);
    let tombstones = vec![tombstone(1), tombstone(2)];
    let wanted = ForgetRequest {
        slots: people[..batch].iter().map(|p| p.slot).collect(),
        tombstones: tombstones.clone(),
        day: 2,
        digest: [2; 32],
    };
    for stop in 0.. {
        let run = TempDir::new().unwrap();
        let replicas = replicas(&run, count);
        originals.iter().zip(&replicas).for_each(|(from, to)| copy(from, to));

        let disk = Arc::new(FaultDisk::new(None, cut));
        let keyring = open_on(disk.clone(), &replicas).unwrap();
        disk.stop_at(stop);
        let outcome = keyring.forget(&wanted);
        drop(keyring);
        let unharmed = !disk.has_stopped();
        if unharmed {
            assert_eq!(outcome.unwrap().replicas, count);
        } else if let Ok(done) = &outcome {
            panic!("operation {stop}: stopped, but it reports {done:?}");
        }

        let keyring =
            Keyring::open(opening(&replicas, 2)).unwrap_or_else(|e| panic!("operation {stop} {cut:?}: {e}"));
        let found: Vec<_> = people[..batch].iter().map(|p| opens(&keyring, p)).collect();
        assert!(found.iter().all(|o| *o == found[0]), "operation {stop} {cut:?}: half a batch {found:?}");
        assert!(!(unharmed && found[0]), "operation {stop}");
        assert!(
            people[batch..5].iter().all(|p| opens(&keyring, p)),
            "operation {stop} {cut:?}: other values do not open"
        );

        let done = keyring.forget(&wanted).unwrap();
        assert_eq!((done.epoch, done.replicas), (3, count), "operation {stop} {cut:?}");
        assert!(people[..batch].iter().all(|p| !opens(&keyring, p)));
        assert!(people[batch..5].iter().all(|p| opens(&keyring, p)));
        assert_eq!(keyring.tombstones(2025, Tag16([1; 16])).unwrap(), [tombstones[0]]);
        assert_eq!(keyring.erasure_records().unwrap().last().unwrap().digest, [2; 32]);
        // Each replica alone is complete, and no leftovers remain.
        for replica in &replicas {
            let alone = open(std::slice::from_ref(replica));
            assert!(people[batch..5].iter().all(|p| opens(&alone, p)), "operation {stop} {cut:?}");
            let nodes = fs::read_dir(replica.join("nodes")).unwrap().count() as u64;
            assert_eq!(nodes, alone.status().unwrap().nodes, "operation {stop} {cut:?}");
        }
        if unharmed {
            return stop;
        }
    }
    unreachable!("the loop ends when the forgetting completes")
}

#[test]
fn an_interrupted_forgetting_is_complete_or_absent_in_one_replica() {
    for cut in CUTS {
        for batch in 1..=3 {
            let steps = stop_a_forgetting_at_every_operation(1, batch, cut);
            assert!(steps > 10, "only {steps} operations: the test disk misses some");
        }
    }
}

#[test]
fn an_interrupted_forgetting_is_complete_or_absent_in_two_replicas() {
    for cut in CUTS {
        for batch in [1, 3] {
            stop_a_forgetting_at_every_operation(2, batch, cut);
        }
    }
}

#[test]
fn an_interrupted_creation_is_finished_or_restarted() {
    for cut in CUTS {
        for stop in 0.. {
            let dir = TempDir::new().unwrap();
            let replicas = replicas(&dir, 2);
            let disk = Arc::new(FaultDisk::new(Some(stop), cut));
            let first = Keyring::create_on(disk.clone(), &replicas, StaticShare::none(), STORE);
            let unharmed = !disk.has_stopped();
            assert_eq!(unharmed, first.is_ok());
            drop(first);
            let keyring = match Keyring::create(&replicas, StaticShare::none(), STORE) {
                Ok(keyring) => keyring,
                Err(KeyringError::NotEmpty { .. }) => open(&replicas),
                Err(error) => panic!("operation {stop} {cut:?}: {error}"),
            };
            let person = add_person(&keyring);
            assert_eq!(
                keyring.forget(&forget_request(&[&person])).unwrap().replicas,
                2,
                "operation {stop} {cut:?}"
            );
            assert!(!opens(&keyring, &person));
            if unharmed {
                break;
            }
        }
    }
}

#[test]
fn an_interrupted_synchronisation_of_a_replica_is_completed_at_the_next_start() {
    let dir = TempDir::new().unwrap();
    let originals = replicas(&dir, 2);
    let keyring = create(&originals);
    let people: Vec<_> = (0..4).map(|_| add_person(&keyring)).collect();
    let old = dir.path().join("old");
    copy(&originals[1], &old);
    let gone = ForgetRequest { tombstones: vec![tombstone(3)], ..forget_request(&[&people[0]]) };
    keyring.forget(&gone).unwrap();
    drop(keyring);
    for cut in CUTS {
        for stop in 0.. {
            let run = TempDir::new().unwrap();
            let replicas = replicas(&run, 2);
            copy(&originals[0], &replicas[0]);
            copy(&old, &replicas[1]);
            let disk = Arc::new(FaultDisk::new(Some(stop), cut));
            let unharmed = open_on(disk.clone(), &replicas).is_ok();
            assert_eq!(unharmed, !disk.has_stopped());
            drop(open(&replicas));
            assert_eq!(files(&replicas[0]), files(&replicas[1]), "operation {stop} {cut:?}");
            let alone = open(&replicas[1..]);
            assert_eq!(people.iter().filter(|p| opens(&alone, p)).count(), 3);
            if unharmed {
                break;
            }
        }
    }
}

#[test]
fn an_interrupted_lease_never_gives_a_slot_twice() {
    for cut in CUTS {
        for stop in 0.. {
            let dir = TempDir::new().unwrap();
            let replicas = replicas(&dir, 2);
            drop(create(&replicas));
            let disk = Arc::new(FaultDisk::new(None, cut));
            let keyring = open_on(disk.clone(), &replicas).unwrap();
            disk.stop_at(stop);
            let first: Option<Slot> = keyring.allocate_slot().ok();
            let unharmed = !disk.has_stopped();
            drop(keyring);
            let second = open(&replicas).allocate_slot().unwrap();
            assert_ne!(first, Some(second), "operation {stop} {cut:?}");
            if unharmed {
                assert!(first.is_some());
                break;
            }
        }
    }
}
