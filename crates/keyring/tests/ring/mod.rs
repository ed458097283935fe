//! A keyring with people in it, for the tests.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyring::disk::Disk;
use keyring::*;
use policy::inventory::sealed::PersonEmail;
use policy::purpose::Writing;
use tempfile::TempDir;

pub const STORE: StoreId = StoreId([1; 16]);

/// A person: a slot, and what is sealed under it.
pub struct Person {
    pub slot: Slot,
    pub email: Sealed<PersonEmail>,
    pub text: String,
}

/// Seals the address of a new person.
pub fn arrive(vault: &Vault) -> Person {
    let slot = vault.take_slot().unwrap();
    let text = format!("person{}@example.org", slot.0);
    let email = vault.seal(slot, b"row", text.as_bytes()).unwrap();
    Person { slot, email, text }
}

/// Does the person's address open? Panics on anything but "yes" and "forgotten".
pub fn opens(vault: &Vault, person: &Person) -> bool {
    match vault.open_field(person.slot, b"row", &person.email, &Permit::<Writing>::journalled()) {
        Ok(opened) => {
            assert_eq!(opened.text(), person.text);
            true
        }
        Err(OpenError::Forgotten) => false,
        Err(error) => panic!("{error:?}"),
    }
}

pub fn forgetting(people: &[&Person]) -> Forgetting {
    Forgetting {
        slots: people.iter().map(|p| p.slot).collect(),
        tombstones: Vec::new(),
        day: 1,
        digest: [7; 32],
    }
}

pub fn opening(places: &[PathBuf], seen_epoch: u64) -> Opening<'_> {
    Opening { places, share: StaticShare::none(), store: STORE, keyring: None, seen_epoch }
}

pub fn create(places: &[PathBuf]) -> Vault {
    Vault::create(places, StaticShare::none(), STORE).unwrap()
}

pub fn open(places: &[PathBuf]) -> Vault {
    Vault::open(opening(places, 0)).unwrap()
}

pub fn open_on(disk: Arc<dyn Disk>, places: &[PathBuf]) -> Result<Vault, KeyringError> {
    Vault::open_on(disk, opening(places, 0))
}

/// Why a keyring doesn't open.
pub fn refused(opening: Opening<'_>) -> KeyringError {
    Vault::open(opening).err().expect("it must not open")
}

/// `count` places in a folder.
pub fn places(dir: &TempDir, count: usize) -> Vec<PathBuf> {
    (0..count).map(|i| dir.path().join(format!("place{i}"))).collect()
}

/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) {
    keyring::disk::SystemDisk.make_folder(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// All files of a place that matter, by name.
pub fn files(place: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for folder in ["", "nodes", "tombstones"] {
        for entry in fs::read_dir(place.join(folder)).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.file_type().unwrap().is_file()
                && name != "lock"
                && name != "place"
                && !name.ends_with(".new")
            {
                all.insert(format!("{folder}/{name}"), fs::read(entry.path()).unwrap());
            }
        }
    }
    all
}
