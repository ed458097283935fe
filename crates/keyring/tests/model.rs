//! A keyring in two places, two processes on it, and a small model of what must be so.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stands in for the journal, and may panic"
)]

mod ring;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use keyring::{KeyringError, Tag16, Tombstone, Vault};
use proptest::prelude::*;
use ring::*;
use tempfile::TempDir;

#[derive(Clone, Debug)]
enum Act {
    /// Somebody arrives, through process 0 or 1.
    Arrive(usize),
    /// These are forgotten in one batch, through process 0 or 1.
    Forget(usize, Vec<prop::sample::Index>),
    /// A process starts anew.
    Restart(usize),
    /// The disk of a place is taken out, or put back.
    Unplug(usize),
    /// Somebody copies a place, and later puts the copy back.
    Copy(usize),
    PutBack(usize),
    /// A place is emptied and renewed.
    Renew(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let who = 0..2usize;
    let act = prop_oneof![
        4 => who.clone().prop_map(Act::Arrive),
        4 => (who.clone(), prop::collection::vec(any::<prop::sample::Index>(), 1..4)).prop_map(|(w, v)| Act::Forget(w, v)),
        1 => who.clone().prop_map(Act::Restart),
        1 => who.clone().prop_map(Act::Unplug),
        1 => who.clone().prop_map(Act::Copy),
        1 => who.clone().prop_map(Act::PutBack),
        1 => who.prop_map(Act::Renew),
    ];
    prop::collection::vec(act, 1..40)
}

/// The keyring and the model beside it: who came, who is forgotten, how often.
struct World {
    dir: TempDir,
    places: Vec<PathBuf>,
    vaults: Vec<Vault>,
    people: Vec<Person>,
    forgotten: BTreeSet<usize>,
    epoch: u64,
    /// Place, and the epoch of the copy.
    copies: [Option<u64>; 2],
    unplugged: Option<usize>,
}

impl World {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let places = places(&dir, 2);
        let vaults = vec![create(&places), open(&places)];
        Self {
            dir,
            places,
            vaults,
            people: Vec::new(),
            forgotten: BTreeSet::new(),
            epoch: 1,
            copies: [None; 2],
            unplugged: None,
        }
    }

    fn beside(&self, name: &str, i: usize) -> PathBuf {
        self.dir.path().join(format!("{name}{i}"))
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Arrive(w) => self.people.push(arrive(&self.vaults[w])),
            Act::Forget(w, who) => self.forget(w, &who),
            Act::Restart(w) => self.vaults[w] = Vault::open(opening(&self.places, self.epoch)).unwrap(),
            Act::Unplug(i) => self.unplug(i),
            Act::Copy(i) => self.copy(i),
            Act::PutBack(i) => self.put_back(i),
            Act::Renew(i) => self.renew(i),
        }
    }

    fn forget(&mut self, w: usize, who: &[prop::sample::Index]) {
        if self.people.is_empty() {
            return;
        }
        let who: BTreeSet<usize> = who.iter().map(|i| i.index(self.people.len())).collect();
        let mut wanted = forgetting(&who.iter().map(|i| &self.people[*i]).collect::<Vec<_>>());
        wanted.tombstones.extend(who.iter().map(|i| stone(*i)));
        let outcome = self.vaults[w].forget(&wanted);
        if let Some(i) = self.unplugged {
            let away = [self.places[i].clone()];
            assert!(matches!(outcome, Err(KeyringError::Unreachable { places }) if places == away));
            return;
        }
        if !who.is_subset(&self.forgotten) {
            self.epoch += 1;
            self.forgotten.extend(who);
        }
        let done = outcome.unwrap();
        assert_eq!((done.epoch, done.places), (self.epoch, 2));
    }

    fn unplug(&mut self, i: usize) {
        match self.unplugged {
            Some(i) => {
                fs::rename(self.beside("unplugged", i), &self.places[i]).unwrap();
                self.unplugged = None;
            }
            None => {
                fs::rename(&self.places[i], self.beside("unplugged", i)).unwrap();
                self.unplugged = Some(i);
            }
        }
    }

    fn copy(&mut self, i: usize) {
        if self.unplugged != Some(i) {
            let to = self.beside("copy", i);
            if to.exists() {
                fs::remove_dir_all(&to).unwrap();
            }
            copy(&self.places[i], &to);
            self.copies[i] = Some(self.epoch);
        }
    }

    /// An old copy of one place, beside the newest in the other: it is brought up. Alone it is refused.
    fn put_back(&mut self, i: usize) {
        let (Some(epoch), None) = (self.copies[i], self.unplugged) else { return };
        fs::remove_dir_all(&self.places[i]).unwrap();
        copy(&self.beside("copy", i), &self.places[i]);
        let alone = Vault::open(opening(&self.places[i..=i], self.epoch));
        assert_eq!(alone.is_ok(), epoch == self.epoch);
        if let Err(error) = alone {
            assert!(matches!(error, KeyringError::Older { .. }), "{error}");
        }
        let w = i;
        self.vaults[w] = Vault::open(opening(&self.places, self.epoch)).unwrap();
    }

    fn renew(&mut self, i: usize) {
        if self.unplugged.is_none() {
            fs::remove_dir_all(&self.places[i]).unwrap();
            self.vaults[i].renew_place(&self.places[i]).unwrap();
            // A copy of the old place is that of a place given up.
            self.copies[i] = None;
        }
    }

    fn check(&self) {
        for vault in &self.vaults {
            assert_eq!(vault.epoch().unwrap(), self.epoch);
            for (i, person) in self.people.iter().enumerate() {
                assert_eq!(opens(vault, person), !self.forgotten.contains(&i), "person {i}");
            }
            for i in &self.forgotten {
                assert!(vault.tombstones(2025, stone(*i).tag).unwrap().contains(&stone(*i)));
            }
        }
        let slots: BTreeSet<_> = self.people.iter().map(|p| p.slot).collect();
        assert_eq!(slots.len(), self.people.len(), "a slot was given twice");
    }
}

fn stone(i: usize) -> Tombstone {
    Tombstone { year: 2025, tag: Tag16([i as u8; 16]), kind: 1, serial: i as u64, term: 0 }
}

/// Lives: more of them where there is time (`PROPTEST_CASES`).
fn lives() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(24);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(lives())]

    #[test]
    fn whatever_happens_the_forgotten_stay_forgotten_and_the_others_open(acts in acts()) {
        let mut world = World::new();
        for act in acts {
            world.act(act);
            world.check();
        }
    }
}
