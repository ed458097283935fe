use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use policy::inventory::sealed::PersonName;
use keyring::{
    Bucket, Forgetting, KeyringError, Opening, Sealed, Slot, StaticShare, StoreId, Tag16, Tombstone, Vault,
};

use crate::memory::Memory;

const STORE: StoreId = StoreId([9; 16]);
const TAG: Tag16 = Tag16([3; 16]);
const ROW: &[u8] = b"row";

/// The files of a keyring (nodes, root, logs and the small ones), damaged as the input says: see [`damage`]. Opening
/// and using what is left never panics, and never brings back what was forgotten. The input is read as an opened bucket
/// of the index as well.
pub fn keyring_node(input: &[u8]) {
    if let Ok(bucket) = Bucket::from_bytes(input) {
        assert_eq!(bucket.to_bytes(), input, "a bucket has one form");
    }
    static KEYRING: OnceLock<Keyring> = OnceLock::new();
    let keyring = KEYRING.get_or_init(|| Keyring::make().expect("a fresh keyring on a sound disk"));
    let mut files = keyring.files.clone();
    input.chunks_exact(5).take(32).for_each(|act| damage(&mut files, act));
    if let Ok(vault) = open(Arc::new(Memory::of(files))) {
        keyring.live_with(&vault);
    }
}

/// Five bytes: which file, where in it (two), what to do, with what. The highest bit of the third sets the checksum
/// right again, so that the damage is seen by what stands behind it.
fn damage(files: &mut BTreeMap<PathBuf, Vec<u8>>, act: &[u8]) {
    let &[which, high, low, how, with] = act else { return };
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

fn open(disk: Arc<Memory>) -> Result<Vault, KeyringError> {
    let places = [PathBuf::from("/keyring")];
    let share = StaticShare::none();
    Vault::open_on(disk, Opening { places: &places, share, store: STORE, keyring: None, seen_epoch: 0 })
}

/// A keyring in which two people were forgotten and one was not, and what was sealed for them.
struct Keyring {
    files: BTreeMap<PathBuf, Vec<u8>>,
    forgotten: Vec<(Slot, Sealed<PersonName>)>,
    kept: Slot,
}

impl Keyring {
    fn make() -> Result<Self, Box<dyn std::error::Error>> {
        let disk = Arc::new(Memory::default());
        let vault = Vault::create_on(disk.clone(), &[PathBuf::from("/keyring")], StaticShare::none(), STORE)?;
        let mut forgotten = Vec::new();
        for slot in vault.take_slots(2)? {
            forgotten.push((slot, vault.seal(slot, ROW, b"Erika")?));
        }
        let kept = vault.take_slot()?;
        for (slot, _) in &forgotten {
            vault.forget(&forgetting(*slot))?;
        }
        vault.set_anchor(1, [1; 32])?;
        let files = disk.files().clone();
        Ok(Self { files, forgotten, kept })
    }

    /// Does what a program does with a keyring. Errors are fine, and so is losing what the damage took.
    fn live_with(&self, vault: &Vault) {
        let opens = |slot: Slot, sealed: &Sealed<PersonName>| vault.check(slot, ROW, sealed).is_ok();
        let still_forgotten = || {
            let back = self.forgotten.iter().any(|(slot, sealed)| opens(*slot, sealed));
            assert!(!back, "what was forgotten opens again");
        };
        still_forgotten();
        if let Ok(sealed) = vault.seal::<PersonName>(self.kept, ROW, b"Max") {
            assert!(opens(self.kept, &sealed), "what was just sealed doesn't open");
        }
        let _ = (vault.status(), vault.epoch(), vault.anchor(), vault.erasures(), vault.take_slots(2));
        let _ =
            (vault.tombstones(2025, TAG), vault.tag("email", "a@b.example"), vault.set_anchor(2, [2; 32]));
        if vault.forget(&forgetting(self.kept)).is_ok() {
            assert!(vault.is_forgotten(self.kept).unwrap_or(true), "what was just forgotten is not");
        }
        still_forgotten();
    }
}

fn forgetting(slot: Slot) -> Forgetting {
    let tombstones = vec![Tombstone { year: 2025, tag: TAG, kind: 1, serial: 7, term: 0 }];
    Forgetting { slots: vec![slot], tombstones, day: 700, digest: [5; 32] }
}
