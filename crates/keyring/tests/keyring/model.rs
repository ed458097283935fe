//! A keyring with two replicas and two processes, compared with a small model.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::kit::*;
use keyring::{Keyring, KeyringError, Tag16, Tombstone};
use proptest::prelude::*;
use tempfile::TempDir;

#[derive(Clone, Debug)]
enum Action {
    /// Seals a value of a new person, through process 0 or 1.
    AddPerson(usize),
    /// Forgets these people in one batch, through process 0 or 1.
    Forget(usize, Vec<prop::sample::Index>),
    /// Restarts a process.
    Restart(usize),
    /// Unmounts the disk of a replica, or mounts it again.
    Unmount(usize),
    /// Copies a replica, to be restored later.
    Copy(usize),
    /// Restores the copy of a replica.
    RestoreCopy(usize),
    /// Empties a replica and renews it.
    Renew(usize),
}

fn steps() -> impl Strategy<Value = Vec<Action>> {
    let process = 0..2usize;
    let step = prop_oneof![
        4 => process.clone().prop_map(Action::AddPerson),
        4 => (process.clone(), prop::collection::vec(any::<prop::sample::Index>(), 1..4)).prop_map(|(w, v)| Action::Forget(w, v)),
        1 => process.clone().prop_map(Action::Restart),
        1 => process.clone().prop_map(Action::Unmount),
        1 => process.clone().prop_map(Action::Copy),
        1 => process.clone().prop_map(Action::RestoreCopy),
        1 => process.prop_map(Action::Renew),
    ];
    prop::collection::vec(step, 1..40)
}

/// The keyring, and the model of its people and its epoch.
struct ModelledKeyring {
    dir: TempDir,
    replicas: Vec<PathBuf>,
    keyrings: Vec<Keyring>,
    people: Vec<Person>,
    forgotten: BTreeSet<usize>,
    epoch: u64,
    /// For each replica, the epoch of its copy.
    copies: [Option<u64>; 2],
    unmounted: Option<usize>,
}

impl ModelledKeyring {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let replicas = replicas(&dir, 2);
        let keyrings = vec![create(&replicas), open(&replicas)];
        Self {
            dir,
            replicas,
            keyrings,
            people: Vec::new(),
            forgotten: BTreeSet::new(),
            epoch: 1,
            copies: [None; 2],
            unmounted: None,
        }
    }

    fn path_in_dir(&self, name: &str, i: usize) -> PathBuf {
        self.dir.path().join(format!("{name}{i}"))
    }

    fn step(&mut self, step: Action) {
        match step {
            Action::AddPerson(w) => self.people.push(add_person(&self.keyrings[w])),
            Action::Forget(w, people) => self.forget(w, &people),
            Action::Restart(w) => {
                self.keyrings[w] = Keyring::open(opening(&self.replicas, self.epoch)).unwrap()
            }
            Action::Unmount(i) => self.unmount(i),
            Action::Copy(i) => self.copy(i),
            Action::RestoreCopy(i) => self.restore_copy(i),
            Action::Renew(i) => self.renew(i),
        }
    }

    fn forget(&mut self, w: usize, people: &[prop::sample::Index]) {
        if self.people.is_empty() {
            return;
        }
        let people: BTreeSet<usize> = people.iter().map(|i| i.index(self.people.len())).collect();
        let mut wanted = forget_request(&people.iter().map(|i| &self.people[*i]).collect::<Vec<_>>());
        wanted.tombstones.extend(people.iter().map(|i| tombstone(*i)));
        let outcome = self.keyrings[w].forget(&wanted);
        if let Some(i) = self.unmounted {
            let unreachable = [self.replicas[i].clone()];
            assert!(
                matches!(outcome, Err(KeyringError::Unreachable { replicas }) if replicas == unreachable)
            );
            return;
        }
        if !people.is_subset(&self.forgotten) {
            self.epoch += 1;
            self.forgotten.extend(people);
        }
        let done = outcome.unwrap();
        assert_eq!((done.epoch, done.replicas), (self.epoch, 2));
    }

    fn unmount(&mut self, i: usize) {
        match self.unmounted {
            Some(i) => {
                fs::rename(self.path_in_dir("unmounted", i), &self.replicas[i]).unwrap();
                self.unmounted = None;
            }
            None => {
                fs::rename(&self.replicas[i], self.path_in_dir("unmounted", i)).unwrap();
                self.unmounted = Some(i);
            }
        }
    }

    fn copy(&mut self, i: usize) {
        if self.unmounted != Some(i) {
            let to = self.path_in_dir("copy", i);
            if to.exists() {
                fs::remove_dir_all(&to).unwrap();
            }
            copy(&self.replicas[i], &to);
            self.copies[i] = Some(self.epoch);
        }
    }

    /// Restores an old copy of one replica. Beside the newest replica it is synchronised; alone it is refused.
    fn restore_copy(&mut self, i: usize) {
        let (Some(epoch), None) = (self.copies[i], self.unmounted) else { return };
        fs::remove_dir_all(&self.replicas[i]).unwrap();
        copy(&self.path_in_dir("copy", i), &self.replicas[i]);
        let alone = Keyring::open(opening(&self.replicas[i..=i], self.epoch));
        assert_eq!(alone.is_ok(), epoch == self.epoch);
        if let Err(error) = alone {
            assert!(matches!(error, KeyringError::RolledBack { .. }), "{error}");
        }
        let w = i;
        self.keyrings[w] = Keyring::open(opening(&self.replicas, self.epoch)).unwrap();
    }

    fn renew(&mut self, i: usize) {
        if self.unmounted.is_none() {
            fs::remove_dir_all(&self.replicas[i]).unwrap();
            self.keyrings[i].renew_replica(&self.replicas[i]).unwrap();
            // A copy of the old replica belongs to a dropped replica.
            self.copies[i] = None;
        }
    }

    fn check(&self) {
        for keyring in &self.keyrings {
            assert_eq!(keyring.epoch().unwrap(), self.epoch);
            for (i, person) in self.people.iter().enumerate() {
                assert_eq!(opens(keyring, person), !self.forgotten.contains(&i), "person {i}");
            }
            for i in &self.forgotten {
                assert!(keyring.tombstones(2025, tombstone(*i).tag).unwrap().contains(&tombstone(*i)));
            }
        }
        let slots: BTreeSet<_> = self.people.iter().map(|p| p.slot).collect();
        assert_eq!(slots.len(), self.people.len(), "a slot was given twice");
    }
}

fn tombstone(i: usize) -> Tombstone {
    Tombstone { year: 2025, tag: Tag16([i as u8; 16]), kind: 1, serial: i as u64, term: 0 }
}

/// Number of cases: more where there is time (`PROPTEST_CASES`).
fn cases() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(24);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn after_any_sequence_of_actions_forgotten_slots_stay_forgotten_and_the_others_open(steps in steps()) {
        let mut modelled = ModelledKeyring::new();
        for step in steps {
            modelled.step(step);
            modelled.check();
        }
    }
}
