//! Anchors, tombstones and leases of three replicas and two processes, compared with a model, while replicas are
//! unmounted and come back, at most two at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use crate::kit::*;
use keyring::{Keyring, KeyringError, Slot, Tag16, Tombstone};
use proptest::prelude::*;
use tempfile::TempDir;

const REPLICAS: usize = 3;
const YEARS: [i32; 2] = [2024, 2025];

#[derive(Clone, Copy, Debug)]
enum Action {
    /// Sets the anchor, through process 0 or 1.
    Anchor(usize, u64),
    /// Appends a tombstone of a year.
    Append(usize, usize, u8),
    /// Forgets the key of a year.
    ForgetYear(usize, usize),
    /// Allocates slots.
    Allocate(usize, usize),
    /// Restarts a process.
    Restart(usize),
    /// Unmounts the disk of a replica.
    Unmount(usize),
    /// Mounts it again.
    Mount(usize),
}

fn action() -> impl Strategy<Value = Action> {
    let (process, year, replica) = (0..2usize, 0..2usize, 0..REPLICAS);
    prop_oneof![
        4 => (process.clone(), 0..8u64).prop_map(|(w, seq)| Action::Anchor(w, seq)),
        4 => (process.clone(), year.clone(), 0..4u8).prop_map(|(w, y, n)| Action::Append(w, y, n)),
        1 => (process.clone(), year).prop_map(|(w, y)| Action::ForgetYear(w, y)),
        2 => (process.clone(), 1..4usize).prop_map(|(w, count)| Action::Allocate(w, count)),
        1 => process.prop_map(Action::Restart),
        2 => replica.clone().prop_map(Action::Unmount),
        3 => replica.prop_map(Action::Mount),
    ]
}

struct ModelledKeyring {
    dir: TempDir,
    replicas: Vec<PathBuf>,
    keyrings: Vec<Keyring>,
    epoch: u64,
    mounted: [bool; REPLICAS],
    /// The anchor in each replica.
    anchors: [Option<u64>; REPLICAS],
    /// The tombstones of each year; none once its key is forgotten.
    tombstones: BTreeMap<i32, Option<BTreeSet<u8>>>,
    slots: BTreeSet<Slot>,
}

fn tombstone(year: i32, n: u8) -> Tombstone {
    Tombstone { year, tag: Tag16([n; 16]), kind: 1, serial: u64::from(n), term: 0 }
}

impl ModelledKeyring {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let replicas = replicas(&dir, REPLICAS);
        let keyrings = vec![create(&replicas), open(&replicas)];
        let tombstones = YEARS.map(|year| (year, Some(BTreeSet::new()))).into();
        let (mounted, anchors) = ([true; REPLICAS], [None; REPLICAS]);
        Self { dir, replicas, keyrings, epoch: 1, mounted, anchors, tombstones, slots: BTreeSet::new() }
    }

    fn hidden(&self, i: usize) -> PathBuf {
        self.dir.path().join(format!("unmounted{i}"))
    }

    fn unmounted(&self) -> Vec<PathBuf> {
        (0..REPLICAS).filter(|i| !self.mounted[*i]).map(|i| self.replicas[i].clone()).collect()
    }

    /// Whether a change that must reach every replica succeeds. Otherwise it names the replicas that are not there.
    fn expects<T>(&self, outcome: Result<T, KeyringError>) -> bool {
        match outcome {
            Ok(_) => assert_eq!(self.unmounted(), [] as [PathBuf; 0]),
            Err(KeyringError::Unreachable { replicas }) => {
                let missing = self.unmounted();
                assert!(
                    !missing.is_empty() && missing.iter().all(|path| replicas.contains(path)),
                    "{replicas:?}"
                );
                return false;
            }
            Err(error) => panic!("{error}"),
        }
        true
    }

    fn step(&mut self, action: Action) {
        match action {
            Action::Anchor(w, seq) => {
                self.keyrings[w].set_anchor(seq, [seq as u8; 32]).unwrap();
                for (anchor, _) in self.anchors.iter_mut().zip(self.mounted).filter(|(_, mounted)| *mounted) {
                    *anchor = (*anchor).max(Some(seq));
                }
            }
            Action::Append(w, y, n) => {
                let year = YEARS[y];
                if self.expects(self.keyrings[w].append_tombstones(&[tombstone(year, n)]))
                    && let Some(kept) = self.tombstones.get_mut(&year).unwrap()
                {
                    kept.insert(n);
                }
            }
            Action::ForgetYear(w, y) => {
                let mut request = forget_request(&[]);
                request.slots = vec![Slot::year(YEARS[y])];
                if self.expects(self.keyrings[w].forget(&request)) {
                    let before = self.tombstones.insert(YEARS[y], None).flatten();
                    self.epoch += u64::from(before.is_some());
                }
            }
            Action::Allocate(w, count) => {
                for slot in self.keyrings[w].allocate_slots(count).unwrap() {
                    assert!(slot >= Slot::FIRST_ALLOCATED && slot <= Slot::LAST);
                    assert!(self.slots.insert(slot), "{slot:?} was given twice");
                }
            }
            Action::Restart(w) => {
                self.keyrings[w] = Keyring::open(opening(&self.replicas, self.epoch)).unwrap()
            }
            Action::Unmount(i) => {
                // One replica always stays.
                if self.mounted[i] && self.mounted.iter().filter(|mounted| **mounted).count() > 1 {
                    fs::rename(&self.replicas[i], self.hidden(i)).unwrap();
                    self.mounted[i] = false;
                }
            }
            Action::Mount(i) => {
                if !self.mounted[i] {
                    fs::rename(self.hidden(i), &self.replicas[i]).unwrap();
                    self.mounted[i] = true;
                }
            }
        }
    }

    fn check(&self) {
        let reachable = self.anchors.iter().zip(self.mounted).filter(|(_, mounted)| *mounted);
        let anchor = reachable.filter_map(|(anchor, _)| *anchor).max();
        for keyring in &self.keyrings {
            assert_eq!(keyring.epoch().unwrap(), self.epoch);
            assert_eq!(keyring.anchor().unwrap(), anchor.map(|seq| (seq, [seq as u8; 32])));
            for (year, kept) in &self.tombstones {
                assert_eq!(keyring.is_forgotten(Slot::year(*year)).unwrap(), kept.is_none());
                for n in 0..4 {
                    let expected: Vec<_> = kept
                        .iter()
                        .flatten()
                        .filter(|of| **of == n)
                        .map(|of| tombstone(*year, *of))
                        .collect();
                    assert_eq!(keyring.tombstones(*year, Tag16([n; 16])).unwrap(), expected);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_any_sequence_of_actions_anchors_grow_tombstones_stay_and_slots_are_unique(
        actions in prop::collection::vec(action(), 1..40),
    ) {
        let mut modelled = ModelledKeyring::new();
        for action in actions {
            modelled.step(action);
            modelled.check();
        }
    }
}
