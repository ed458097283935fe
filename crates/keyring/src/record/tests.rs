//! Decoding of the files of a replica: each damage is found, and damaged records outnumber sound ones.

use proptest::prelude::*;

use super::*;
use crate::ids::Tag16;
use crate::tombstone::{ErasureRecord, Tombstone, TombstoneRecord};

fn root() -> Root {
    Root {
        keyring_id: KeyringId([3; 16]),
        epoch: 7,
        share: Zeroizing::new([4; 32]),
        top: vec![5; TopRecord::SEALED],
    }
}

#[test]
fn a_root_reads_back_and_its_header_holds_the_epoch() {
    let bytes = root().to_bytes();
    assert!(matches!(Root::read(&bytes), Read::Whole(r) if r.epoch == 7 && r.share[0] == 4));
    assert_eq!(Root::peek(&bytes[..HEADER_LENGTH]), Some((KeyringId([3; 16]), 7)));
}

#[test]
fn a_torn_root_is_invalid_and_a_newer_one_reports_its_format() {
    let bytes = root().to_bytes();
    for cut in 0..bytes.len() {
        assert!(matches!(Root::read(&bytes[..cut]), Read::Invalid));
    }
    let mut newer = bytes.to_vec();
    newer[8] = 9;
    assert!(matches!(Root::read(&newer), Read::TooNew(9)));
}

/// How a record was read, without its content.
#[derive(PartialEq, Eq, Debug)]
enum Outcome {
    Whole,
    Invalid,
    TooNew(u16),
}

fn outcome<T>(read: &Read<T>) -> Outcome {
    match read {
        Read::Whole(_) => Outcome::Whole,
        Read::Invalid => Outcome::Invalid,
        Read::TooNew(format) => Outcome::TooNew(*format),
    }
}

fn marker() -> Marker {
    Marker { keyring_id: KeyringId([3; 16]), replica: ReplicaId([4; 16]) }
}

/// Reads all damaged forms of a record: cut, longer, with each bit flipped, and empty.
fn assert_damage_is_found(what: &str, bytes: &[u8], read: fn(&[u8]) -> Outcome) {
    assert_eq!(read(bytes), Outcome::Whole, "{what}");
    for length in 0..bytes.len() {
        assert_eq!(read(&bytes[..length]), Outcome::Invalid, "{what} of {length} bytes");
    }
    for more in [&[0][..], &[0; 32], bytes] {
        assert_eq!(read(&[bytes, more].concat()), Outcome::Invalid, "{what} and {} bytes", more.len());
    }
    for bit in 0..8 * bytes.len() {
        let mut changed = bytes.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        let format = u16::from_le_bytes([changed[8], changed[9]]);
        let expected = if format > FORMAT { Outcome::TooNew(format) } else { Outcome::Invalid };
        assert_eq!(read(&changed), expected, "{what}, bit {bit}");
    }
}

#[test]
fn each_flipped_bit_and_each_cut_of_a_marker_or_a_root_is_found() {
    assert_damage_is_found("marker", &marker().to_bytes(), |bytes| outcome(&Marker::read(bytes)));
    assert_damage_is_found("root", &root().to_bytes(), |bytes| outcome(&Root::read(bytes)));
}

#[test]
fn a_marker_gives_both_ids_back_and_is_no_root() {
    let bytes = marker().to_bytes();
    let Read::Whole(found) = Marker::read(&bytes) else { panic!("a marker") };
    assert_eq!((found.keyring_id, found.replica.0), (KeyringId([3; 16]), [4; 16]));
    assert_eq!(outcome(&Root::read(&bytes)), Outcome::Invalid);
    assert_eq!(outcome(&Marker::read(&root().to_bytes())), Outcome::Invalid);
    assert_eq!(Root::peek(&bytes), None);
}

#[test]
fn a_record_of_another_length_is_invalid_although_its_checksum_is_right() {
    let with =
        |magic: &[u8; 8], body: &[u8]| with_checksum([magic, &FORMAT.to_le_bytes()[..], body].concat());
    for length in [0, 1, 16, 31, 33, 48] {
        let read = Marker::read(&with(MARKER, &vec![1; length]));
        assert_eq!(outcome(&read), Outcome::Invalid, "a marker of {length} bytes");
    }
    let whole = 16 + 8 + 32 + TopRecord::SEALED;
    for length in [0, 16, 24, 56, whole - 1, whole + 1] {
        let read = Root::read(&with(ROOT, &vec![1; length]));
        assert_eq!(outcome(&read), Outcome::Invalid, "a root of {length} bytes");
    }
    assert_eq!(outcome(&Root::read(&with(ROOT, &vec![1; whole]))), Outcome::Whole);
}

#[test]
fn the_head_of_a_root_shows_its_epoch_only_when_it_is_complete() {
    let bytes = root().to_bytes();
    for length in 0..HEADER_LENGTH {
        assert_eq!(Root::peek(&bytes[..length]), None, "{length} bytes");
    }
    let mut other = bytes.to_vec();
    other[0] ^= 1;
    assert_eq!(Root::peek(&other), None, "another magic");
    let last = Root { epoch: u64::MAX, ..root() }.to_bytes();
    assert_eq!(Root::peek(&last), Some((KeyringId([3; 16]), u64::MAX)));
}

#[test]
fn a_checksum_needs_its_whole_length() {
    for length in 0..32 {
        assert_eq!(strip_checksum(&vec![0; length]), None, "{length} bytes");
    }
    assert_eq!(strip_checksum(&with_checksum(Vec::new())), Some(&[][..]));
    assert_eq!(strip_checksum(&with_checksum(b"text".to_vec())), Some(&b"text"[..]));
}

fn replica_list(paths: &[&str]) -> ReplicaList {
    let ids = (1..).map(|n| ReplicaId([n; 16]));
    ReplicaList(ids.zip(paths).map(|(id, path)| (id, PathBuf::from(path))).collect())
}

fn listed(list: &ReplicaList) -> Vec<(u8, String)> {
    list.0.iter().map(|(id, path)| (id.0[0], path.display().to_string())).collect()
}

#[test]
fn a_list_of_replicas_is_read_whole_or_not_at_all() {
    for paths in [&[][..], &["/a"], &["/a", "/b"], &["", "/ä/ö ü", "relative/path\nwith a line"]] {
        let list = replica_list(paths);
        let bytes = list.to_bytes();
        assert_eq!(listed(&ReplicaList::read(&bytes).expect("its own bytes")), listed(&list));
        // A cut at the end of an entry can't be told from a shorter list: the checksum of the record tells it.
        let ends: Vec<usize> =
            (0..=paths.len()).map(|n| replica_list(&paths[..n]).to_bytes().len()).collect();
        for length in 0..bytes.len() {
            let read = ReplicaList::read(&bytes[..length]);
            assert_eq!(read.is_some(), ends.contains(&length), "{paths:?} cut at {length}");
        }
    }
    let with_length = |length: u32, path: &[u8]| [&[1; 16][..], &length.to_le_bytes(), path].concat();
    for (length, path) in
        [(5, &b"/abc"[..]), (u32::MAX, b"/abc"), (3, b"/\xffc"), (2, "/ä".as_bytes()), (1, b"")]
    {
        assert!(ReplicaList::read(&with_length(length, path)).is_none(), "{length} for {path:?}");
    }
    assert!(ReplicaList::read(&with_length(4, b"/abc")).is_some());
}

#[test]
fn a_replica_is_listed_once_by_its_path_and_once_by_its_id() {
    let mut list = replica_list(&["/a", "/b", "/c"]);
    list.add(ReplicaId([9; 16]), Path::new("/b"));
    assert_eq!(
        listed(&list),
        [(1, "/a".into()), (3, "/c".into()), (9, "/b".into())],
        "renewed under its path"
    );
    list.add(ReplicaId([1; 16]), Path::new("/d"));
    assert_eq!(
        listed(&list),
        [(3, "/c".into()), (9, "/b".into()), (1, "/d".into())],
        "moved to another path"
    );
}

fn erasure(n: u64) -> ErasureRecord {
    ErasureRecord { epoch: n, day: n as u32 ^ 0xffff, slots: !(n as u32), digest: [n as u8; 32] }
}

#[test]
fn records_of_a_log_keep_the_ends_of_their_ranges() {
    let tombstone =
        |n| Tombstone { year: 2025, tag: Tag16([n; 16]), kind: n, serial: u64::MAX, term: u32::MAX };
    for n in [0, 1, 255] {
        let bytes = TombstoneRecord::of(&tombstone(n)).to_log();
        assert_eq!(bytes.len(), 16 + 1 + 8 + 4 + 8);
        let found: Vec<_> = log_records::<TombstoneRecord>(&bytes).map(|found| found.in_year(2025)).collect();
        assert_eq!(found, [tombstone(n)]);
    }
    for n in [0, 1, u64::MAX] {
        assert!(log_records::<ErasureRecord>(&erasure(n).to_log()).eq([erasure(n)]), "{n}");
    }
}

#[test]
fn each_flipped_bit_hides_its_own_record_alone() {
    let log: Vec<u8> = (0..3).flat_map(|n| erasure(n).to_log()).collect();
    for bit in 0..8 * log.len() {
        let mut damaged = log.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let hidden = (bit / 8 / ErasureRecord::LENGTH_IN_LOG) as u64;
        let expected = (0..3).filter(|n| *n != hidden).map(erasure);
        assert!(log_records::<ErasureRecord>(&damaged).eq(expected), "bit {bit}");
        let valid = if hidden == 2 { 2 } else { 3 } * ErasureRecord::LENGTH_IN_LOG;
        assert_eq!(valid_length::<ErasureRecord>(&damaged), valid as u64, "bit {bit}");
    }
}

proptest! {
    #[test]
    fn what_is_appended_after_the_torn_tail_of_any_log_is_read(
        whole in 0..5_u64,
        garbage in prop::collection::vec(any::<u8>(), 0..150),
    ) {
        let records: Vec<u8> = (0..whole).flat_map(|n| erasure(n).to_log()).collect();
        let mut log = [records.clone(), garbage].concat();
        let keep = usize::try_from(valid_length::<ErasureRecord>(&log)).unwrap();
        prop_assert_eq!(keep, records.len(), "eight bytes of garbage are no checksum");
        log.truncate(keep);
        log.extend(erasure(99).to_log());
        prop_assert!(log_records::<ErasureRecord>(&log).eq((0..whole).chain([99]).map(erasure)));
    }

    #[test]
    fn any_bytes_are_read_as_a_log_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(log_records::<ErasureRecord>(&bytes).count(), 0);
        prop_assert_eq!(valid_length::<ErasureRecord>(&bytes), 0);
        prop_assert_eq!(log_records::<TombstoneRecord>(&bytes).count(), 0);
    }
}
