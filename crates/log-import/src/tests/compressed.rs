//! Compressed logs.

use std::fs;
use std::io::{Read as _, Write as _};

use flate2::{Compression, write::GzEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::*;
use crate::gzip_members::CompressionFormat;

pub(super) fn gzip(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

pub(crate) fn zstandard(text: &str) -> Vec<u8> {
    compress_to_vec(text.as_bytes(), CompressionLevel::Fastest)
}

/// Splits in the middle of a line, with a skippable Zstandard frame between two frames.
fn in_members(text: &str, pack: fn(&str) -> Vec<u8>, between: &[u8]) -> Vec<u8> {
    let (first, second) = text.split_at(text.len() / 3 + 17);
    [&pack(first)[..], between, &pack(second), &pack("")].concat()
}

const SKIPPED: &[u8] = &[0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9];

#[test]
fn a_compressed_log_is_the_same_log() {
    let text = log(800, 3);
    let (folder, path) = file_of(&text);
    let whole = MemoryDayStore::new("UTC");
    import(&whole, &path);
    let encodings = [
        gzip(&text),
        zstandard(&text),
        in_members(&text, gzip, &[]),
        in_members(&text, zstandard, SKIPPED),
        [SKIPPED, &zstandard(&text)].concat(),
        [&gzip(&text)[..], &[0; 512]].concat(),
    ];
    for (encoding, bytes) in encodings.into_iter().enumerate() {
        let store = MemoryDayStore::new("UTC");
        let packed = folder.path().join("packed");
        fs::write(&packed, bytes).unwrap();
        let counted = import(&store, &packed);
        assert_eq!(
            (counted.end_reason, counted.counts.read),
            (EndReason::Complete, 800),
            "encoding {encoding}"
        );
        assert!(store.days() == whole.days(), "encoding {encoding}");
        // The uncompressed file is the same log.
        assert_eq!(import(&store, &path).end_reason, EndReason::NothingNew);
    }
}

/// `printf 'one line of a log, one line of a log\n' | zstd -19 --check`
const OF_ZSTD: [u8; 39] = [
    0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x68, 0xd5, 0x00, 0x00, 0xa0, 0x6f, 0x6e, 0x65, 0x20, 0x6c, 0x69, 0x6e,
    0x65, 0x20, 0x6f, 0x66, 0x20, 0x61, 0x20, 0x6c, 0x6f, 0x67, 0x2c, 0x20, 0x0a, 0x01, 0x00, 0x6d, 0x9e,
    0x61, 0x48, 0xaa, 0x03, 0x46,
];

#[test]
fn a_frame_of_the_zstd_program_is_decompressed() {
    let bytes: &[u8] = &OF_ZSTD;
    let mut text = String::new();
    let twice = [bytes, bytes].concat();
    crate::gzip_members::GzipMembers::new(CompressionFormat::Zstandard, &twice[..])
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, "one line of a log, one line of a log\n".repeat(2));
}

#[test]
fn a_truncated_archive_is_counted_as_far_as_possible_and_resumed_when_complete() {
    let text = log(2_000, 3);
    let (folder, path) = file_of(&text);
    let whole = MemoryDayStore::new("UTC");
    import(&whole, &path);
    for pack in [gzip as fn(&str) -> Vec<u8>, zstandard] {
        let (store, packed) = (MemoryDayStore::new("UTC"), folder.path().join("packed"));
        let bytes = in_members(&text, pack, &[]);
        fs::write(&packed, &bytes[..bytes.len() * 2 / 3]).unwrap();
        let counted = import(&store, &packed);
        assert!(matches!(counted.end_reason, EndReason::Unreadable(_)), "{:?}", counted.end_reason);
        assert!(counted.counts.read > 100, "{}", counted.counts.read);
        fs::write(&packed, &bytes).unwrap();
        let more = import(&store, &packed);
        assert_eq!((more.end_reason, counted.counts.read + more.counts.read), (EndReason::Complete, 2_000));
        assert!(store.days() == whole.days());
    }
}

#[test]
fn a_damaged_archive_is_an_error_and_no_panic() {
    let text = log(300, 1);
    for pack in [gzip as fn(&str) -> Vec<u8>, zstandard] {
        let good = pack(&text);
        for position in (4..good.len()).step_by(good.len() / 40) {
            let mut bytes = good.clone();
            bytes[position] ^= 0x55;
            let (_folder, path) = file_of(&bytes);
            drop(import_within(small(), &MemoryDayStore::new("UTC"), &[&path]).unwrap());
        }
    }
}

#[test]
fn an_unsupported_compression_names_the_command_to_use() {
    let stop = Arc::new(AtomicBool::new(false));
    for (first, with) in [
        (&b"\xfd7zXZ\0\0"[..], "xz -dc"),
        (b"BZh91AY", "bzip2 -dc"),
        (b"\x04\x22\x4d\x18..", "lz4 -dc"),
        (b"PK\x03\x04..", "unzip -p"),
    ] {
        let (_folder, path) = file_of(first);
        let why = LogReader::open(&path, &stop).err().unwrap();
        assert!(why.contains(with), "{why}");
    }
}

#[test]
fn a_folder_and_a_missing_file_are_reported() {
    let stop = Arc::new(AtomicBool::new(false));
    let folder = tempfile::tempdir().unwrap();
    assert!(LogReader::open(folder.path(), &stop).err().unwrap().contains("is a folder"));
    assert!(LogReader::open(&folder.path().join("absent"), &stop).err().unwrap().contains("not found"));
}
