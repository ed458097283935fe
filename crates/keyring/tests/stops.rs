//! A stop at every write, fsync and rename: what comes back is the old state or the new one, whole.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stands in for the journal, and may panic"
)]

mod ring;

use std::fs;
use std::sync::Arc;

use keyring::testing::{Cut, FaultDisk};
use keyring::{Forgetting, KeyringError, Slot, StaticShare, Tag16, Tombstone, Vault};
use ring::*;
use tempfile::TempDir;

const CUTS: [Cut; 3] = [Cut::Kept, Cut::Lost, Cut::Torn];

fn stone(n: u8) -> Tombstone {
    Tombstone { year: 2025, tag: Tag16([n; 16]), kind: n, serial: u64::from(n), term: 1 }
}

/// Stops a forgetting at each of its acts in turn; gives how many acts it has.
fn stop_a_forgetting_everywhere(count: usize, batch: usize, cut: Cut) -> usize {
    let dir = TempDir::new().unwrap();
    let originals = places(&dir, count);
    let vault = create(&originals);
    let people: Vec<_> = (0..6).map(|_| arrive(&vault)).collect();
    vault.forget(&forgetting(&[&people[5]])).unwrap();
    drop(vault);
    let stones = vec![stone(1), stone(2)];
    let wanted = Forgetting {
        slots: people[..batch].iter().map(|p| p.slot).collect(),
        tombstones: stones.clone(),
        day: 2,
        digest: [2; 32],
    };
    for stop in 0.. {
        let run = TempDir::new().unwrap();
        let places = places(&run, count);
        originals.iter().zip(&places).for_each(|(from, to)| copy(from, to));

        let disk = Arc::new(FaultDisk::new(None, cut));
        let vault = open_on(disk.clone(), &places).unwrap();
        disk.stop_at(stop);
        let outcome = vault.forget(&wanted);
        drop(vault);
        let unharmed = !disk.has_stopped();
        if unharmed {
            assert_eq!(outcome.unwrap().places, count);
        } else if let Ok(done) = &outcome {
            panic!("act {stop}: stopped, and yet it says {done:?}");
        }

        let vault = Vault::open(opening(&places, 2)).unwrap_or_else(|e| panic!("act {stop} {cut:?}: {e}"));
        let found: Vec<_> = people[..batch].iter().map(|p| opens(&vault, p)).collect();
        assert!(found.iter().all(|o| *o == found[0]), "act {stop} {cut:?}: half a batch {found:?}");
        assert!(!(unharmed && found[0]), "act {stop}");
        assert!(
            people[batch..5].iter().all(|p| opens(&vault, p)),
            "act {stop} {cut:?}: others are locked out"
        );

        let done = vault.forget(&wanted).unwrap();
        assert_eq!((done.epoch, done.places), (3, count), "act {stop} {cut:?}");
        assert!(people[..batch].iter().all(|p| !opens(&vault, p)));
        assert!(people[batch..5].iter().all(|p| opens(&vault, p)));
        assert_eq!(vault.tombstones(2025, Tag16([1; 16])).unwrap(), [stones[0]]);
        assert_eq!(vault.erasures().unwrap().last().unwrap().digest, [2; 32]);
        // Each place alone holds all of it, and nothing else is left lying about.
        for place in &places {
            let alone = open(std::slice::from_ref(place));
            assert!(people[batch..5].iter().all(|p| opens(&alone, p)), "act {stop} {cut:?}");
            let nodes = fs::read_dir(place.join("nodes")).unwrap().count() as u64;
            assert_eq!(nodes, alone.status().unwrap().nodes, "act {stop} {cut:?}");
        }
        if unharmed {
            return stop;
        }
    }
    unreachable!("a forgetting has an end")
}

#[test]
fn a_forgetting_stopped_anywhere_is_whole_or_not_begun_in_one_place() {
    for cut in CUTS {
        for batch in 1..=3 {
            let acts = stop_a_forgetting_everywhere(1, batch, cut);
            assert!(acts > 10, "only {acts} acts: the disk of the test sees too little");
        }
    }
}

#[test]
fn a_forgetting_stopped_anywhere_is_whole_or_not_begun_in_two_places() {
    for cut in CUTS {
        for batch in [1, 3] {
            stop_a_forgetting_everywhere(2, batch, cut);
        }
    }
}

#[test]
fn a_making_stopped_anywhere_is_finished_or_begun_again() {
    for cut in CUTS {
        for stop in 0.. {
            let dir = TempDir::new().unwrap();
            let places = places(&dir, 2);
            let disk = Arc::new(FaultDisk::new(Some(stop), cut));
            let first = Vault::create_on(disk.clone(), &places, StaticShare::none(), STORE);
            let unharmed = !disk.has_stopped();
            assert_eq!(unharmed, first.is_ok());
            drop(first);
            let vault = match Vault::create(&places, StaticShare::none(), STORE) {
                Ok(vault) => vault,
                Err(KeyringError::Taken { .. }) => open(&places),
                Err(error) => panic!("act {stop} {cut:?}: {error}"),
            };
            let person = arrive(&vault);
            assert_eq!(vault.forget(&forgetting(&[&person])).unwrap().places, 2, "act {stop} {cut:?}");
            assert!(!opens(&vault, &person));
            if unharmed {
                break;
            }
        }
    }
}

#[test]
fn a_place_whose_bringing_up_is_stopped_anywhere_is_brought_up_the_next_time() {
    let dir = TempDir::new().unwrap();
    let originals = places(&dir, 2);
    let vault = create(&originals);
    let people: Vec<_> = (0..4).map(|_| arrive(&vault)).collect();
    let old = dir.path().join("old");
    copy(&originals[1], &old);
    let gone = Forgetting { tombstones: vec![stone(3)], ..forgetting(&[&people[0]]) };
    vault.forget(&gone).unwrap();
    drop(vault);
    for cut in CUTS {
        for stop in 0.. {
            let run = TempDir::new().unwrap();
            let places = places(&run, 2);
            copy(&originals[0], &places[0]);
            copy(&old, &places[1]);
            let disk = Arc::new(FaultDisk::new(Some(stop), cut));
            let unharmed = open_on(disk.clone(), &places).is_ok();
            assert_eq!(unharmed, !disk.has_stopped());
            drop(open(&places));
            assert_eq!(files(&places[0]), files(&places[1]), "act {stop} {cut:?}");
            let alone = open(&places[1..]);
            assert_eq!(people.iter().filter(|p| opens(&alone, p)).count(), 3);
            if unharmed {
                break;
            }
        }
    }
}

#[test]
fn a_lease_stopped_anywhere_never_gives_a_slot_twice() {
    for cut in CUTS {
        for stop in 0.. {
            let dir = TempDir::new().unwrap();
            let places = places(&dir, 2);
            drop(create(&places));
            let disk = Arc::new(FaultDisk::new(None, cut));
            let vault = open_on(disk.clone(), &places).unwrap();
            disk.stop_at(stop);
            let first: Option<Slot> = vault.take_slot().ok();
            let unharmed = !disk.has_stopped();
            drop(vault);
            let second = open(&places).take_slot().unwrap();
            assert_ne!(first, Some(second), "act {stop} {cut:?}");
            if unharmed {
                assert!(first.is_some());
                break;
            }
        }
    }
}
