//! Transferring a keyring to another machine.

use std::fs;

use crate::kit::*;
use keyring::{
    Keyring, KeyringError, Tag16, Tombstone, create_transfer_request, export_keyring, import_keyring,
};
use tempfile::TempDir;

/// A keyring with a history, the transfer request of a new machine, and the file exported for it.
struct Transfer {
    dir: TempDir,
    old: Keyring,
    gone: Person,
    staying: Person,
    exported: Vec<u8>,
}

impl Transfer {
    fn started() -> Self {
        let dir = TempDir::new().unwrap();
        let old = create(&replicas(&dir, 1));
        let (gone, staying) = (add_person(&old), add_person(&old));
        let tombstone = Tombstone { year: 2025, tag: Tag16([1; 16]), kind: 1, serial: 1, term: 1 };
        old.forget(&keyring::ForgetRequest { tombstones: vec![tombstone], ..forget_request(&[&gone]) })
            .unwrap();
        old.set_anchor(3, [3; 32]).unwrap();
        let to = create_transfer_request(&dir.path().join("key")).unwrap();
        let mut exported = Vec::new();
        export_keyring(&old, &to, &mut exported).unwrap();
        Self { dir, old, gone, staying, exported }
    }

    fn import_keyring(&self, exported: &[u8]) -> Result<keyring::KeyringId, KeyringError> {
        import_keyring(&mut &exported[..], &self.dir.path().join("key"), &self.dir.path().join("new"))
    }
}

#[test]
fn an_imported_keyring_is_the_same_keyring_and_the_exported_file_becomes_worthless() {
    let transfer = Transfer::started();
    assert_eq!(transfer.import_keyring(&transfer.exported).unwrap(), transfer.old.keyring_id());
    let new = [transfer.dir.path().join("new")];
    let keyring = Keyring::open(opening(&new, 2)).unwrap();
    assert!(opens(&keyring, &transfer.staying) && !opens(&keyring, &transfer.gone));
    assert_eq!(keyring.tombstones(2025, Tag16([1; 16])).unwrap().len(), 1);
    assert_eq!(
        (keyring.anchor().unwrap(), keyring.erasure_records().unwrap().len()),
        (Some((3, [3; 32])), 1)
    );
    assert_ne!(keyring.allocate_slot().unwrap(), transfer.staying.slot);
    assert_eq!(keyring.forget(&forget_request(&[&transfer.staying])).unwrap().epoch, 3);

    assert!(!transfer.dir.path().join("key").exists());
    let again = import_keyring(
        &mut &transfer.exported[..],
        &transfer.dir.path().join("key"),
        &transfer.dir.path().join("other"),
    );
    assert!(matches!(again, Err(KeyringError::Io { .. })));
}

#[test]
fn a_truncated_or_changed_export_leaves_no_keyring_and_keeps_the_private_key() {
    let transfer = Transfer::started();
    let new = [transfer.dir.path().join("new")];
    for cut in [0, 10, 300, transfer.exported.len() / 2, transfer.exported.len() - 1] {
        assert!(
            matches!(
                transfer.import_keyring(&transfer.exported[..cut]),
                Err(KeyringError::InvalidTransfer(_))
            ),
            "cut at {cut}"
        );
        assert!(matches!(refused(opening(&new, 0)), KeyringError::NoUsableReplica { .. }));
    }
    for at in (0..transfer.exported.len()).step_by(97) {
        let mut changes = transfer.exported.clone();
        changes[at] ^= 1;
        assert!(
            matches!(transfer.import_keyring(&changes), Err(KeyringError::InvalidTransfer(_))),
            "byte {at}"
        );
    }
    transfer.import_keyring(&transfer.exported).unwrap();
}

#[test]
fn an_export_for_another_machine_is_refused() {
    let transfer = Transfer::started();
    let other = transfer.dir.path().join("otherkey");
    let to = create_transfer_request(&other).unwrap();
    let outcome = import_keyring(&mut &transfer.exported[..], &other, &transfer.dir.path().join("new"));
    assert!(matches!(outcome, Err(KeyringError::InvalidTransfer(_))));
    assert!(other.exists());
    assert!(
        matches!(create_transfer_request(&other), Err(KeyringError::NotEmpty { .. })),
        "a key in use is not replaced"
    );
    assert!(to.starts_with("age1"));
    assert!(matches!(
        export_keyring(&transfer.old, "age1nonsense", &mut Vec::new()),
        Err(KeyringError::InvalidTransfer(_))
    ));
}

#[cfg(unix)]
#[test]
fn the_private_key_of_a_transfer_request_is_readable_by_the_owner_only() {
    let transfer = Transfer::started();
    let mode = fs::metadata(transfer.dir.path().join("key")).unwrap().permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
}
