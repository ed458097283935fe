//! The ends of what a keyring allows: which slots may be forgotten, which epoch is new enough, which tombstones are
//! kept, and what an examination tells.

use std::fs;

use crate::kit::*;
use keyring::{
    Bucket, ErasureRecord, Examination, ForgetRequest, Keyring, KeyringError, OpenError, Permit, Sealed,
    Slot, Tag16, Tombstone, bucket::InvalidBucket,
};
use policy::inventory::sealed::{IndexBucketPairs, PersonEmail, PersonName};
use policy::purpose::{Operating, Support};
use tempfile::TempDir;

/// A keyring with one replica, in a folder that lives as long.
fn keyring() -> (TempDir, Keyring) {
    let dir = TempDir::new().unwrap();
    let keyring = create(&replicas(&dir, 1));
    (dir, keyring)
}

fn slots(slots: &[u64]) -> ForgetRequest {
    ForgetRequest { slots: slots.iter().copied().map(Slot).collect(), ..forget_request(&[]) }
}

#[test]
fn a_reserved_slot_stops_a_forgetting_before_any_other_slot_is_forgotten() {
    let (dir, keyring) = keyring();
    let person = add_person(&keyring);
    let before = files(&replicas(&dir, 1)[0]);
    for reserved in [0, 1, 2, 3, 4, 5, 6, 4095, 12_096, 65_535, 1 << 63, u64::MAX] {
        let mut request = slots(&[person.slot.0, reserved]);
        request.tombstones = vec![tombstone(2025, 1)];
        let error = keyring.forget(&request).unwrap_err();
        assert!(matches!(error, KeyringError::Reserved(slot) if slot == reserved), "{reserved}: {error}");
        assert!(opens(&keyring, &person), "{reserved}");
    }
    assert_eq!(files(&replicas(&dir, 1)[0]), before);
    assert_eq!(keyring.epoch().unwrap(), 1);
}

#[test]
fn the_first_and_the_last_slot_that_may_be_forgotten_are_forgotten() {
    let (_dir, keyring) = keyring();
    for (n, slot) in (2..).zip([4096, 12_095, 65_536, 1 << 40, i64::MAX as u64]) {
        assert!(!keyring.is_forgotten(Slot(slot)).unwrap(), "{slot}");
        assert_eq!(keyring.forget(&slots(&[slot])).unwrap().epoch, n, "{slot}");
        assert!(keyring.is_forgotten(Slot(slot)).unwrap(), "{slot}");
        assert!(
            matches!(keyring.seal::<PersonName>(Slot(slot), b"1", b"x"), Err(OpenError::Forgotten)),
            "{slot}"
        );
    }
    for own in [Slot::INDEX, Slot::AUDIT_LOG, Slot::SIGNING, Slot::TAGS, Slot::EMAILS] {
        assert!(!keyring.is_forgotten(own).unwrap());
    }
}

#[test]
fn a_forgetting_counts_each_slot_once_and_nothing_new_starts_no_epoch() {
    let (_dir, keyring) = keyring();
    let (a, b) = (keyring.allocate_slot().unwrap().0, keyring.allocate_slot().unwrap().0);
    assert_eq!(keyring.forget(&slots(&[])).unwrap().epoch, 1);
    assert_eq!(keyring.forget(&slots(&[a, a, a])).unwrap().epoch, 2);
    assert_eq!(keyring.forget(&slots(&[a])).unwrap().epoch, 2);
    assert_eq!(keyring.forget(&slots(&[b, a, b])).unwrap().epoch, 3);
    assert_eq!(keyring.status().unwrap().forgotten, 2);
    let records = keyring.erasure_records().unwrap();
    let expected = [2, 3].map(|epoch| ErasureRecord { epoch, day: 1, slots: 1, digest: [7; 32] });
    assert_eq!(records, expected);
}

#[test]
fn a_keyring_is_as_new_as_the_data_or_newer() {
    let (dir, keyring) = keyring();
    let replicas = replicas(&dir, 1);
    keyring.forget(&forget_request(&[&add_person(&keyring)])).unwrap();
    drop(keyring);
    for seen in [0, 1, 2] {
        assert!(Keyring::open(opening(&replicas, seen)).is_ok(), "{seen}");
    }
    for seen in [3, 4, u64::MAX] {
        let error = refused(opening(&replicas, seen));
        assert!(
            matches!(error, KeyringError::RolledBack { found: 2, seen: named } if named == seen),
            "{error}"
        );
    }
}

fn tombstone(year: i32, n: u8) -> Tombstone {
    Tombstone { year, tag: Tag16([n; 16]), kind: n, serial: u64::from(n), term: 1 }
}

#[test]
fn tombstones_are_kept_once_and_found_by_year_and_tag() {
    let (dir, keyring) = keyring();
    let other = Tombstone { serial: 99, ..tombstone(2025, 1) };
    let all = [tombstone(2025, 1), tombstone(2025, 2), tombstone(2026, 1), other];
    keyring.append_tombstones(&[]).unwrap();
    for _ in 0..2 {
        keyring.append_tombstones(&[all[0], all[1], all[0], all[2], all[3]]).unwrap();
    }
    let sorted = |mut found: Vec<Tombstone>| {
        found.sort_by_key(|found| (found.year, found.tag, found.serial));
        found
    };
    let (one, two) = (Tag16([1; 16]), Tag16([2; 16]));
    for keyring in [&keyring, &open(&replicas(&dir, 1))] {
        assert_eq!(sorted(keyring.tombstones(2025, one).unwrap()), [all[0], other]);
        assert_eq!(keyring.tombstones(2026, one).unwrap(), [all[2]]);
        assert_eq!(keyring.tombstones(2026, two).unwrap(), []);
        assert_eq!(keyring.tombstones(2024, one).unwrap(), []);
        let wanted = [(2026, one), (2025, two), (2025, one), (2025, one), (1999, two)];
        let expected = [all[0], other, all[1], all[2]];
        assert_eq!(sorted(keyring.tombstones_of(&wanted).unwrap()), expected);
        assert_eq!(keyring.tombstones_of(&[]).unwrap(), []);
    }
    // A log holds two records of 2025's first tag, one of the second, and no second copy.
    let log = fs::metadata(replicas(&dir, 1)[0].join("tombstones/2025")).unwrap().len();
    assert_eq!(log, 3 * 37);
}

#[test]
fn tombstones_of_a_forgotten_year_are_gone_and_none_is_added() {
    let (dir, keyring) = keyring();
    keyring.append_tombstones(&[tombstone(2025, 1), tombstone(2026, 1)]).unwrap();
    let tag = |year| keyring.year_tag(year, "order", b"4711").unwrap();
    assert!(
        tag(2025).is_some()
            && tag(2025) != tag(2026)
            && tag(2025) != keyring.year_tag(2025, "item", b"4711").unwrap()
    );
    keyring.forget(&slots(&[Slot::year(2025).0])).unwrap();
    assert_eq!(tag(2025), None);
    assert!(tag(2026).is_some());
    let log = replicas(&dir, 1)[0].join("tombstones/2025");
    assert!(!log.exists());
    keyring.append_tombstones(&[tombstone(2025, 2), tombstone(2026, 2)]).unwrap();
    assert!(!log.exists(), "nothing could find it");
    assert_eq!(keyring.tombstones(2025, Tag16([1; 16])).unwrap(), []);
    assert_eq!(keyring.tombstones(2026, Tag16([2; 16])).unwrap(), [tombstone(2026, 2)]);
}

#[test]
fn a_torn_or_foreign_tail_of_a_log_is_replaced_by_the_next_tombstone() {
    let (dir, keyring) = keyring();
    let log = replicas(&dir, 1)[0].join("tombstones/2025");
    keyring.append_tombstones(&[tombstone(2025, 1)]).unwrap();
    let whole = fs::read(&log).unwrap();
    for (n, tail) in (2..).zip([&whole[..1], &whole[..36], &[0; 37], &[0; 100]]) {
        let before = fs::read(&log).unwrap();
        fs::write(&log, [&before[..], tail].concat()).unwrap();
        keyring.append_tombstones(&[tombstone(2025, n)]).unwrap();
        assert_eq!(fs::metadata(&log).unwrap().len(), u64::from(n) * 37, "{} bytes were left", tail.len());
        for found in 1..=n {
            assert_eq!(keyring.tombstones(2025, Tag16([found; 16])).unwrap(), [tombstone(2025, found)]);
        }
    }
}

#[test]
fn the_anchor_only_grows() {
    let (dir, keyring) = keyring();
    assert_eq!(keyring.anchor().unwrap(), None);
    for (seq, mac, kept) in [
        (5, 1, (5, 1)),
        (4, 2, (5, 1)),
        (5, 3, (5, 1)),
        (0, 4, (5, 1)),
        (6, 5, (6, 5)),
        (u64::MAX, 6, (u64::MAX, 6)),
        (7, 7, (u64::MAX, 6)),
    ] {
        keyring.set_anchor(seq, [mac; 32]).unwrap();
        let expected = Some((kept.0, [kept.1; 32]));
        assert_eq!(keyring.anchor().unwrap(), expected, "{seq}");
        assert_eq!(open(&replicas(&dir, 1)).anchor().unwrap(), expected, "{seq}");
    }
    fs::write(replicas(&dir, 1)[0].join("anchor"), b"torn").unwrap();
    assert_eq!(keyring.anchor().unwrap(), None);
    keyring.set_anchor(1, [9; 32]).unwrap();
    assert_eq!(keyring.anchor().unwrap(), Some((1, [9; 32])));
}

#[test]
fn an_examination_tells_whether_a_value_opens_and_passes() {
    let (_dir, keyring) = keyring();
    let (slot, gone) = (keyring.allocate_slot().unwrap(), keyring.allocate_slot().unwrap());
    let sealed = |slot, text: &[u8]| keyring.seal::<PersonName>(slot, b"1", text).unwrap();
    let (value, lost) = (sealed(slot, b"Anna"), sealed(gone, b"Anna"));
    keyring.forget(&ForgetRequest { slots: vec![gone], ..forget_request(&[]) }).unwrap();
    let is_anna: fn(&[u8]) -> bool = |bytes| bytes == b"Anna";
    let no_one: fn(&[u8]) -> bool = |_| false;
    let damaged = |at: usize| {
        let mut bytes = value.as_bytes().to_vec();
        bytes[at] ^= 1;
        Sealed::<PersonName>::from_bytes(bytes)
    };
    let last = value.as_bytes().len() - 1;
    for (slot, row, value, test, expected) in [
        (slot, b"1", value.clone(), is_anna, Examination::Passes),
        (slot, b"1", value.clone(), no_one, Examination::Fails),
        (slot, b"2", value.clone(), is_anna, Examination::Damaged),
        (Slot(slot.0 + 9), b"1", value.clone(), is_anna, Examination::Damaged),
        (slot, b"1", damaged(0), is_anna, Examination::Damaged),
        (slot, b"1", damaged(last), is_anna, Examination::Damaged),
        (slot, b"1", Sealed::from_bytes(b"Anna".to_vec()), is_anna, Examination::Damaged),
        (slot, b"1", Sealed::from_bytes(Vec::new()), is_anna, Examination::Damaged),
        (gone, b"1", lost.clone(), is_anna, Examination::Forgotten),
        (gone, b"1", Sealed::from_bytes(b"Anna".to_vec()), is_anna, Examination::Forgotten),
    ] {
        assert_eq!(keyring.examine(slot, row, &value, test).unwrap(), expected);
        let checked = keyring.check(slot, row, &value);
        let agrees = match expected {
            Examination::Passes | Examination::Fails => checked.is_ok(),
            Examination::Forgotten => matches!(checked, Err(OpenError::Forgotten)),
            Examination::Damaged => matches!(checked, Err(OpenError::Damaged)),
        };
        assert!(agrees, "{expected:?}: {checked:?}");
    }
}

#[test]
fn a_sealed_value_opens_with_no_byte_changed_and_none_missing() {
    let (_dir, keyring) = keyring();
    let slot = keyring.allocate_slot().unwrap();
    let bytes = keyring.seal::<PersonEmail>(slot, b"row", b"a@example.org").unwrap().into_bytes();
    let permit = Permit::<Support>::audited();
    let open = |bytes: &[u8]| {
        let sealed = Sealed::<PersonEmail>::from_bytes(bytes.to_vec());
        keyring.open_field(slot, b"row", &sealed, &permit).map(|opened| opened.bytes().to_vec())
    };
    assert_eq!(open(&bytes).unwrap(), b"a@example.org");
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] = changed[at].wrapping_add(1);
        assert!(matches!(open(&changed), Err(OpenError::Damaged)), "byte {at}");
        assert!(matches!(open(&bytes[..at]), Err(OpenError::Damaged)), "cut at {at}");
    }
    assert!(matches!(open(&[&bytes[..], &[0]].concat()), Err(OpenError::Damaged)));
}

#[test]
fn a_permit_for_operating_opens_no_personal_value_of_any_slot() {
    let (_dir, keyring) = keyring();
    let slot = keyring.allocate_slot().unwrap();
    let pairs = keyring.seal::<IndexBucketPairs>(slot, b"1", b"\xff\xfe").unwrap();
    let opened = keyring.open_field(slot, b"1", &pairs, &Permit::<Operating>::operating()).unwrap();
    assert_eq!(
        (opened.bytes(), opened.text()),
        (&b"\xff\xfe"[..], ""),
        "bytes that are no text give no text"
    );
    let empty = keyring.seal::<IndexBucketPairs>(slot, b"1", b"").unwrap();
    assert_eq!(keyring.open_field(slot, b"1", &empty, &Permit::operating()).unwrap().bytes(), b"");
    for own in [Slot::INDEX, Slot::TAGS, Slot::EMAILS] {
        let sealed = keyring.seal::<IndexBucketPairs>(own, b"1", b"pairs").unwrap();
        assert!(
            matches!(keyring.check(slot, b"1", &sealed), Err(OpenError::Damaged)),
            "sealed under {own:?}"
        );
        assert!(keyring.check(own, b"1", &sealed).is_ok());
    }
}

/// The bytes of a bucket that says it has `count` pairs, and has these.
fn bucket(count: u16, pairs: &[(u8, u64)]) -> Vec<u8> {
    let pairs = pairs.iter().flat_map(|(tag, slot)| [&[*tag; 16][..], &slot.to_be_bytes()].concat());
    let mut bytes: Vec<u8> = count.to_le_bytes().into_iter().chain(pairs).collect();
    bytes.resize(Bucket::LENGTH, 0);
    bytes
}

#[test]
fn bytes_that_are_nearly_a_bucket_are_refused() {
    let full: Vec<(u8, u64)> = (1..=64).map(|n| (n, u64::from(n))).collect();
    for good in
        [bucket(0, &[]), bucket(1, &[(7, 9)]), bucket(2, &[(0, 0), (255, u64::MAX)]), bucket(64, &full)]
    {
        assert!(Bucket::from_bytes(&good).is_ok_and(|bucket| bucket.to_bytes() == good));
    }
    let mut last = bucket(64, &full);
    last[0] = 65;
    let mut trailing = bucket(1, &[(7, 9)]);
    trailing[Bucket::LENGTH - 1] = 1;
    let whole = bucket(2, &[(1, 1), (2, 2)]);
    for (bad, why) in [
        (last, "more pairs than fit"),
        (bucket(u16::MAX, &full), "the highest count"),
        (bucket(256, &[(1, 1)]), "a count in the other byte order"),
        (bucket(2, &[(2, 1), (1, 2)]), "pairs out of order"),
        (bucket(2, &[(1, 1), (1, 2)]), "a tag twice"),
        (bucket(2, &[(1, 1)]), "a pair of zeros after a higher tag"),
        (bucket(1, &[(1, 1), (2, 2)]), "a pair that isn't counted"),
        (bucket(0, &[(1, 1)]), "a pair in an empty bucket"),
        (trailing, "a byte in the padding"),
        (whole[..Bucket::LENGTH - 1].to_vec(), "a byte fewer"),
        ([&whole[..], &[0]].concat(), "a byte more"),
        (Vec::new(), "nothing"),
    ] {
        assert_eq!(Bucket::from_bytes(&bad).err(), Some(InvalidBucket), "{why}");
    }
}
