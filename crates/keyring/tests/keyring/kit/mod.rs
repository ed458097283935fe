//! A keyring with people in it, for the tests.

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

/// A person: a slot, and a value sealed under it.
pub struct Person {
    pub slot: Slot,
    pub email: Sealed<PersonEmail>,
    pub text: String,
}

/// Adds a person: allocates a slot and seals an address.
pub fn add_person(keyring: &Keyring) -> Person {
    let slot = keyring.allocate_slot().unwrap();
    let text = format!("person{}@example.org", slot.0);
    let email = keyring.seal(slot, b"row", text.as_bytes()).unwrap();
    Person { slot, email, text }
}

/// Tells whether the person's address opens. Panics on every error except "forgotten".
pub fn opens(keyring: &Keyring, person: &Person) -> bool {
    match keyring.open_field(person.slot, b"row", &person.email, &Permit::<Writing>::audited()) {
        Ok(opened) => {
            assert_eq!(opened.text(), person.text);
            true
        }
        Err(OpenError::Forgotten) => false,
        Err(error) => panic!("{error:?}"),
    }
}

pub fn forget_request(people: &[&Person]) -> ForgetRequest {
    ForgetRequest {
        slots: people.iter().map(|p| p.slot).collect(),
        tombstones: Vec::new(),
        day: 1,
        digest: [7; 32],
    }
}

pub fn opening(replicas: &[PathBuf], seen_epoch: u64) -> KeyringConfig<'_> {
    KeyringConfig { replicas, share: StaticShare::none(), store: STORE, keyring_id: None, seen_epoch }
}

pub fn create(replicas: &[PathBuf]) -> Keyring {
    Keyring::create(replicas, StaticShare::none(), STORE).unwrap()
}

pub fn open(replicas: &[PathBuf]) -> Keyring {
    Keyring::open(opening(replicas, 0)).unwrap()
}

pub fn open_on(disk: Arc<dyn Disk>, replicas: &[PathBuf]) -> Result<Keyring, KeyringError> {
    Keyring::open_on(disk, opening(replicas, 0))
}

/// The error with which the keyring does not open.
pub fn refused(opening: KeyringConfig<'_>) -> KeyringError {
    Keyring::open(opening).err().expect("it must not open")
}

/// The paths of `count` replicas in a folder.
pub fn replicas(dir: &TempDir, count: usize) -> Vec<PathBuf> {
    (0..count).map(|i| dir.path().join(format!("replica{i}"))).collect()
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

/// All files of a replica that matter, by name.
pub fn files(replica: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for folder in ["", "nodes", "tombstones"] {
        for entry in fs::read_dir(replica.join(folder)).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.file_type().unwrap().is_file()
                && name != "lock"
                && name != "replica"
                && !name.ends_with(".new")
            {
                all.insert(format!("{folder}/{name}"), fs::read(entry.path()).unwrap());
            }
        }
    }
    all
}
