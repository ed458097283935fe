//! Moving house.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stands in for the journal, and may panic"
)]

mod ring;

use std::fs;

use keyring::{KeyringError, Tag16, Tombstone, Vault, adopt, carry, invite};
use ring::*;
use tempfile::TempDir;

/// A keyring with a past, the invitation of a new machine, and the file carried to it.
struct Move {
    dir: TempDir,
    old: Vault,
    gone: Person,
    staying: Person,
    carried: Vec<u8>,
}

impl Move {
    fn begun() -> Self {
        let dir = TempDir::new().unwrap();
        let old = create(&places(&dir, 1));
        let (gone, staying) = (arrive(&old), arrive(&old));
        let stone = Tombstone { year: 2025, tag: Tag16([1; 16]), kind: 1, serial: 1, term: 1 };
        old.forget(&keyring::Forgetting { tombstones: vec![stone], ..forgetting(&[&gone]) }).unwrap();
        old.set_anchor(3, [3; 32]).unwrap();
        let to = invite(&dir.path().join("key")).unwrap();
        let mut carried = Vec::new();
        carry(&old, &to, &mut carried).unwrap();
        Self { dir, old, gone, staying, carried }
    }

    fn adopt(&self, carried: &[u8]) -> Result<keyring::KeyringId, KeyringError> {
        adopt(&mut &carried[..], &self.dir.path().join("key"), &self.dir.path().join("new"))
    }
}

#[test]
fn a_carried_keyring_is_the_same_keyring_elsewhere_and_its_file_worthless_after() {
    let moving = Move::begun();
    assert_eq!(moving.adopt(&moving.carried).unwrap(), moving.old.keyring_id());
    let new = [moving.dir.path().join("new")];
    let vault = Vault::open(opening(&new, 2)).unwrap();
    assert!(opens(&vault, &moving.staying) && !opens(&vault, &moving.gone));
    assert_eq!(vault.tombstones(2025, Tag16([1; 16])).unwrap().len(), 1);
    assert_eq!((vault.anchor().unwrap(), vault.erasures().unwrap().len()), (Some((3, [3; 32])), 1));
    assert_ne!(vault.take_slot().unwrap(), moving.staying.slot);
    assert_eq!(vault.forget(&forgetting(&[&moving.staying])).unwrap().epoch, 3);

    assert!(!moving.dir.path().join("key").exists());
    let again =
        adopt(&mut &moving.carried[..], &moving.dir.path().join("key"), &moving.dir.path().join("other"));
    assert!(matches!(again, Err(KeyringError::Io { .. })));
}

#[test]
fn a_carried_file_that_was_cut_or_changed_leaves_no_keyring_and_keeps_the_key() {
    let moving = Move::begun();
    let new = [moving.dir.path().join("new")];
    for cut in [0, 10, 300, moving.carried.len() / 2, moving.carried.len() - 1] {
        assert!(
            matches!(moving.adopt(&moving.carried[..cut]), Err(KeyringError::NotForUs(_))),
            "cut at {cut}"
        );
        assert!(matches!(refused(opening(&new, 0)), KeyringError::Lost { .. }));
    }
    for at in (0..moving.carried.len()).step_by(97) {
        let mut changed = moving.carried.clone();
        changed[at] ^= 1;
        assert!(matches!(moving.adopt(&changed), Err(KeyringError::NotForUs(_))), "byte {at}");
    }
    moving.adopt(&moving.carried).unwrap();
}

#[test]
fn a_file_for_another_machine_is_refused() {
    let moving = Move::begun();
    let other = moving.dir.path().join("otherkey");
    let to = invite(&other).unwrap();
    let outcome = adopt(&mut &moving.carried[..], &other, &moving.dir.path().join("new"));
    assert!(matches!(outcome, Err(KeyringError::NotForUs(_))));
    assert!(other.exists());
    assert!(matches!(invite(&other), Err(KeyringError::Taken { .. })), "a key in use is not replaced");
    assert!(to.starts_with("age1"));
    assert!(matches!(carry(&moving.old, "age1nonsense", &mut Vec::new()), Err(KeyringError::NotForUs(_))));
}

#[cfg(unix)]
#[test]
fn the_private_key_of_an_invitation_is_for_its_owner_alone() {
    let moving = Move::begun();
    let mode = fs::metadata(moving.dir.path().join("key")).unwrap().permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
}
