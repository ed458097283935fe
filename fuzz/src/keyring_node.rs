use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use keyring::{
    Bucket, ForgetRequest, Keyring, KeyringConfig, KeyringError, Sealed, Slot, StaticShare, StoreId, Tag16,
    Tombstone,
};
use policy::inventory::sealed::PersonName;

use crate::memory_disk::MemoryDisk;

const STORE: StoreId = StoreId([9; 16]);
const TAG: Tag16 = Tag16([3; 16]);
const ROW: &[u8] = b"row";

/// Opens a keyring whose files (nodes, root, logs and small records) the input damages: see [`damage`]. Opening and
/// using it never panics and never restores a forgotten key (crypto-shredding). The input is also decoded as a bucket
/// of the blind index.
pub fn keyring_node(input: &[u8]) {
    if let Ok(bucket) = Bucket::from_bytes(input) {
        assert_eq!(bucket.to_bytes(), input, "a bucket has one encoding");
    }
    static SAMPLE: OnceLock<SampleKeyring> = OnceLock::new();
    let sample = SAMPLE.get_or_init(|| SampleKeyring::create().expect("a new keyring on a working disk"));
    let mut files = sample.files.clone();
    input.chunks_exact(5).take(32).for_each(|mutation| damage(&mut files, mutation));
    if let Ok(keyring) = open(Arc::new(MemoryDisk::new(files))) {
        sample.exercise(&keyring);
    }
}

/// Applies a mutation of five bytes: the file, the offset (two bytes), the operation and its operand. The highest bit
/// of the operation repairs the checksum, so that the damage gets past it.
fn damage(files: &mut BTreeMap<PathBuf, Vec<u8>>, mutation: &[u8]) {
    let &[which, high, low, how, with] = mutation else { return };
    let Some(path) = files.keys().nth(usize::from(which) % files.len().max(1)).cloned() else { return };
    let other = files.values().nth(usize::from(with) % files.len()).cloned().unwrap_or_default();
    let file = files.entry(path.clone()).or_default();
    let at = usize::from(u16::from_be_bytes([high, low])) % (file.len() + 1);
    match how % 8 {
        0 => file.truncate(at),
        1 => file.extend(std::iter::repeat_n(with, at % 512)),
        2 => *file = other,
        3 => file.insert(at, with),
        4 => drop(files.remove(&path)),
        5 => file.rotate_left(at),
        6 => file[..at].fill(with),
        _ => {
            if let Some(byte) = file.get_mut(at) {
                *byte = with;
            }
        }
    }
    if how & 0x80 != 0
        && let Some((body, sum)) = files.get_mut(&path).and_then(|file| file.split_last_chunk_mut::<32>())
    {
        *sum = blake3::hash(body).into();
    }
}

fn open(disk: Arc<MemoryDisk>) -> Result<Keyring, KeyringError> {
    let replicas = [PathBuf::from("/keyring")];
    let share = StaticShare::none();
    Keyring::open_on(
        disk,
        KeyringConfig { replicas: &replicas, share, store: STORE, keyring_id: None, seen_epoch: 0 },
    )
}

/// A keyring with two forgotten slots and one live slot, and the values sealed for the forgotten ones.
struct SampleKeyring {
    files: BTreeMap<PathBuf, Vec<u8>>,
    forgotten: Vec<(Slot, Sealed<PersonName>)>,
    kept: Slot,
}

impl SampleKeyring {
    fn create() -> Result<Self, Box<dyn std::error::Error>> {
        let disk = Arc::new(MemoryDisk::default());
        let keyring =
            Keyring::create_on(disk.clone(), &[PathBuf::from("/keyring")], StaticShare::none(), STORE)?;
        let mut forgotten = Vec::new();
        for slot in keyring.allocate_slots(2)? {
            forgotten.push((slot, keyring.seal(slot, ROW, b"Erika")?));
        }
        let kept = keyring.allocate_slot()?;
        for (slot, _) in &forgotten {
            keyring.forget(&forget_request(*slot))?;
        }
        keyring.set_anchor(1, [1; 32])?;
        let files = disk.files().clone();
        Ok(Self { files, forgotten, kept })
    }

    /// Uses the keyring as the program does. Errors and lost data are allowed.
    fn exercise(&self, keyring: &Keyring) {
        let opens = |slot: Slot, sealed: &Sealed<PersonName>| keyring.check(slot, ROW, sealed).is_ok();
        let assert_forgotten = || {
            let restored = self.forgotten.iter().any(|(slot, sealed)| opens(*slot, sealed));
            assert!(!restored, "a forgotten value opens again");
        };
        assert_forgotten();
        if let Ok(sealed) = keyring.seal::<PersonName>(self.kept, ROW, b"Max") {
            assert!(opens(self.kept, &sealed), "a sealed value doesn't open");
        }
        let _ = (
            keyring.status(),
            keyring.epoch(),
            keyring.anchor(),
            keyring.erasure_records(),
            keyring.allocate_slots(2),
        );
        let _ = (
            keyring.tombstones(2025, TAG),
            keyring.tag("email", "a@b.example"),
            keyring.set_anchor(2, [2; 32]),
        );
        if keyring.forget(&forget_request(self.kept)).is_ok() {
            assert!(keyring.is_forgotten(self.kept).unwrap_or(true), "a forgotten slot is not forgotten");
        }
        assert_forgotten();
    }
}

fn forget_request(slot: Slot) -> ForgetRequest {
    let tombstones = vec![Tombstone { year: 2025, tag: TAG, kind: 1, serial: 7, term: 0 }];
    ForgetRequest { slots: vec![slot], tombstones, day: 700, digest: [5; 32] }
}
