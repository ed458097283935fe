//! Transferring a keyring to another machine.

use std::fs;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::PathBuf;

use crate::kit::*;
use keyring::disk::Disk as _;
use keyring::{
    Keyring, KeyringError, Tag16, Tombstone, TransferFault, create_transfer_request, export_keyring,
    import_keyring,
};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tempfile::TempDir;

/// A keyring with a history, the transfer request of a new machine, and the file exported for it.
struct Transfer {
    dir: TempDir,
    old: Keyring,
    gone: Person,
    staying: Person,
    /// The private key's file, as the request wrote it.
    key: Vec<u8>,
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
        let key = fs::read(dir.path().join("key")).unwrap();
        // The target exists and is empty, as a mounted disk is.
        keyring::disk::SystemDisk.make_folder(&dir.path().join("new")).unwrap();
        Self { dir, old, gone, staying, key, exported }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn import_keyring(&self, exported: &[u8]) -> Result<keyring::KeyringId, KeyringError> {
        import_keyring(&mut Cursor::new(exported), &self.path("key"), &self.path("new"))
    }

    /// Checks that the import fails, writes nothing and keeps the private key.
    fn refuses(&self, exported: &[u8], what: &str) {
        let outcome = self.import_keyring(exported);
        assert!(matches!(outcome, Err(KeyringError::InvalidTransfer(_))), "{what}: {outcome:?}");
        assert_eq!(fs::read_dir(self.path("new")).unwrap().count(), 0, "{what}");
        assert_eq!(fs::read(self.path("key")).unwrap(), self.key, "{what}");
    }
}

#[test]
fn an_imported_keyring_is_the_same_keyring_and_the_exported_file_becomes_worthless() {
    let transfer = Transfer::started();
    assert_eq!(transfer.import_keyring(&transfer.exported).unwrap(), transfer.old.keyring_id());
    let new = [transfer.path("new")];
    let keyring = Keyring::open(opening(&new, 2)).unwrap();
    assert!(opens(&keyring, &transfer.staying) && !opens(&keyring, &transfer.gone));
    assert_eq!(keyring.tombstones(2025, Tag16([1; 16])).unwrap().len(), 1);
    assert_eq!(
        (keyring.anchor().unwrap(), keyring.erasure_records().unwrap().len()),
        (Some((3, [3; 32])), 1)
    );
    assert_ne!(keyring.allocate_slot().unwrap(), transfer.staying.slot);
    assert_eq!(keyring.forget(&forget_request(&[&transfer.staying])).unwrap().epoch, 3);

    assert!(!transfer.path("key").exists());
    let again =
        import_keyring(&mut Cursor::new(&transfer.exported), &transfer.path("key"), &transfer.path("other"));
    assert!(matches!(again, Err(KeyringError::Io { .. })));
}

#[test]
fn a_flipped_bit_anywhere_in_the_head_is_refused() {
    let transfer = Transfer::started();
    // Magic, format, public key and encapsulated key.
    for at in 0..74 {
        let mut changed = transfer.exported.clone();
        changed[at] ^= 1 << (at % 8);
        transfer.refuses(&changed, &format!("byte {at}"));
    }
    transfer.import_keyring(&transfer.exported).unwrap();
}

/// A way to damage a file. Positions are parts of the file's length.
#[derive(Debug, Clone)]
enum Damage {
    FlippedBit(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    RemovedBytes(prop::sample::Index, u8),
    AddedByte(prop::sample::Index, u8),
}

impl Damage {
    fn any() -> impl Strategy<Value = Self> {
        let position = any::<prop::sample::Index>;
        prop_oneof![
            4 => (position(), 0..8u8).prop_map(|(at, bit)| Self::FlippedBit(at, bit)),
            2 => position().prop_map(Self::Cut),
            1 => (position(), 1..=255u8).prop_map(|(at, count)| Self::RemovedBytes(at, count)),
            1 => (position(), any::<u8>()).prop_map(|(at, byte)| Self::AddedByte(at, byte)),
        ]
    }

    fn apply(&self, file: &[u8]) -> Vec<u8> {
        let mut file = file.to_vec();
        let length = file.len();
        match self {
            Self::FlippedBit(at, bit) => file[at.index(length)] ^= 1 << bit,
            Self::Cut(at) => file.truncate(at.index(length)),
            Self::RemovedBytes(at, count) => {
                let start = at.index(length);
                file.drain(start..(start + usize::from(*count)).min(length));
            }
            Self::AddedByte(at, byte) => file.insert(at.index(length + 1), *byte),
        }
        file
    }
}

#[test]
fn any_damage_is_refused_writes_nothing_and_keeps_the_private_key() {
    let transfer = Transfer::started();
    assert!(transfer.exported.len() > 3 * 4096, "several chunks");
    let mut runner = TestRunner::new(ProptestConfig { failure_persistence: None, ..Default::default() });
    runner
        .run(&Damage::any(), |damage| {
            let damaged = damage.apply(&transfer.exported);
            prop_assume!(damaged != transfer.exported);
            transfer.refuses(&damaged, "damaged");
            Ok(())
        })
        .unwrap();
    transfer.import_keyring(&transfer.exported).unwrap();
}

#[test]
fn bytes_of_the_export_that_are_cut_at_its_end_are_missed() {
    let transfer = Transfer::started();
    for cut in (1..40).chain([4096, 4112, 4113, 8224]) {
        transfer.refuses(&transfer.exported[..transfer.exported.len() - cut], &format!("{cut} bytes"));
    }
    transfer.import_keyring(&transfer.exported).unwrap();
}

/// A file that another program changes after it was read once.
struct ChangingFile {
    file: Cursor<Vec<u8>>,
    later: Vec<u8>,
}

impl Read for ChangingFile {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.file.read(out)
    }
}

impl Seek for ChangingFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file = Cursor::new(self.later.clone());
        self.file.seek(to)
    }
}

#[test]
fn a_file_that_changes_during_the_import_gives_no_keyring() {
    let transfer = Transfer::started();
    let later = transfer.exported[..transfer.exported.len() - 1].to_vec();
    let mut file = ChangingFile { file: Cursor::new(transfer.exported.clone()), later };
    let outcome = import_keyring(&mut file, &transfer.path("key"), &transfer.path("new"));
    assert!(matches!(outcome, Err(KeyringError::InvalidTransfer(TransferFault::Damaged))));
    assert!(matches!(refused(opening(&[transfer.path("new")], 0)), KeyringError::NoUsableReplica { .. }));
    assert_eq!(fs::read(transfer.path("key")).unwrap(), transfer.key);
    // The next attempt removes what the first one left.
    transfer.import_keyring(&transfer.exported).unwrap();
}

#[test]
fn every_file_of_the_replica_arrives_also_a_log_of_several_pieces() {
    let dir = TempDir::new().unwrap();
    let old = create(&replicas(&dir, 1));
    let person = add_person(&old);
    let tombstone =
        |number: u64| Tombstone { year: 2025, tag: Tag16([2; 16]), kind: 1, serial: number, term: 1 };
    // 37 bytes each: more than 1 MiB.
    let tombstones = (0..30_000).map(tombstone).collect();
    old.forget(&keyring::ForgetRequest { tombstones, ..forget_request(&[&person]) }).unwrap();
    let mut exported = Vec::new();
    let (key, new) = (dir.path().join("key"), dir.path().join("new"));
    export_keyring(&old, &create_transfer_request(&key).unwrap(), &mut exported).unwrap();
    assert!(exported.len() > 1 << 20);
    import_keyring(&mut Cursor::new(exported), &key, &new).unwrap();
    let mut files = [files(&replicas(&dir, 1)[0]), files(&new)];
    // Each replica has an id of its own.
    files.iter_mut().for_each(|files| assert!(files.remove("/replicas").is_some()));
    assert!(files[0] == files[1], "{:?} and {:?}", files[0].keys(), files[1].keys());
}

#[test]
fn an_occupied_folder_is_no_target() {
    let transfer = Transfer::started();
    fs::write(transfer.path("new").join("notes"), "mine").unwrap();
    let outcome = transfer.import_keyring(&transfer.exported);
    assert!(matches!(outcome, Err(KeyringError::NotEmpty { .. })));
    assert!(transfer.path("key").exists());
}

#[test]
fn an_export_for_another_machine_is_refused() {
    let transfer = Transfer::started();
    let other = transfer.path("otherkey");
    let to = create_transfer_request(&other).unwrap();
    let outcome = import_keyring(&mut Cursor::new(&transfer.exported), &other, &transfer.path("new"));
    assert!(matches!(outcome, Err(KeyringError::InvalidTransfer(TransferFault::OtherRequest))));
    assert!(other.exists());
    assert!(
        matches!(create_transfer_request(&other), Err(KeyringError::NotEmpty { .. })),
        "a key in use is not replaced"
    );
    assert!(to.starts_with("scruple-transfer-request-1-"));
}

#[test]
fn a_mistyped_request_is_refused_before_anything_is_written() {
    let transfer = Transfer::started();
    let to = create_transfer_request(&transfer.path("otherkey")).unwrap();
    let refused = |typed: &str| {
        let mut out = Vec::new();
        let outcome = export_keyring(&transfer.old, typed, &mut out);
        assert!(matches!(outcome, Err(KeyringError::InvalidTransferRequest(_))), "{typed}");
        assert!(out.is_empty());
    };
    for at in 0..to.len() {
        let with = |text: &str| format!("{}{text}{}", &to[..at], &to[at + 1..]);
        refused(&with(if &to[at..=at] == "7" { "3" } else { "7" }));
        refused(&with(""));
        refused(&with(&to[at..=at].repeat(2)));
    }
    refused("nonsense");
    let private = String::from_utf8(transfer.key.clone()).unwrap();
    refused(&private);
    export_keyring(&transfer.old, &to, &mut Vec::new()).unwrap();
}

#[cfg(unix)]
#[test]
fn the_private_key_of_a_transfer_request_is_readable_by_the_owner_only() {
    let transfer = Transfer::started();
    let mode = fs::metadata(transfer.path("key")).unwrap().permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
}

#[test]
fn each_export_has_an_encapsulated_key_of_its_own() {
    let transfer = Transfer::started();
    let to = create_transfer_request(&transfer.path("otherkey")).unwrap();
    let exported = || {
        let mut out = Vec::new();
        export_keyring(&transfer.old, &to, &mut out).unwrap();
        out
    };
    let (one, two) = (exported(), exported());
    assert_eq!((one.len(), &one[..42]), (two.len(), &two[..42]));
    assert_ne!(one[42..74], two[42..74]);
    assert_ne!(one[74..], two[74..]);
}
