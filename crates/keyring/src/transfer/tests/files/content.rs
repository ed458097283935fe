//! Content of exported keyrings: good, and authentic but not that of a keyring.

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::make::{bad, exported};
use crate::ids::{KeyringId, hex};
use crate::node::TopRecord;
use crate::record::Root;
use crate::transfer::encryption::CHUNK;
use crate::transfer::entries::EntryKind;

const NAMELESS: [u8; 16] = [0; 16];
/// Length of kind, name and length of an entry.
const ENTRY_HEAD: usize = 1 + 16 + 8;

/// Bytes without a pattern of the length of a chunk.
fn filler(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 31 + i / 251) as u8).collect()
}

fn entry(kind: EntryKind, name: [u8; 16], bytes: &[u8]) -> Vec<u8> {
    [&[kind as u8], &name[..], &(bytes.len() as u64).to_le_bytes(), bytes].concat()
}

fn node(name: u8, length: usize) -> Vec<u8> {
    entry(EntryKind::Node, [name; 16], &filler(length))
}

fn year(year: i32) -> Vec<u8> {
    let mut name = NAMELESS;
    name[..4].copy_from_slice(&year.to_le_bytes());
    entry(EntryKind::Year, name, &filler(37))
}

fn erasures(length: usize) -> Vec<u8> {
    entry(EntryKind::Erasures, NAMELESS, &filler(length))
}

fn lease() -> Vec<u8> {
    entry(EntryKind::Lease, NAMELESS, &filler(8))
}

fn root_bytes() -> Vec<u8> {
    let root = Root {
        keyring_id: KeyringId([0x0b; 16]),
        epoch: 7,
        share: Zeroizing::new([4; 32]),
        top: vec![5; TopRecord::SEALED],
    };
    root.to_bytes().to_vec()
}

fn root() -> Vec<u8> {
    entry(EntryKind::Root, NAMELESS, &root_bytes())
}

fn content(entries: &[Vec<u8>]) -> Vec<u8> {
    [entries.concat(), vec![0]].concat()
}

/// A small content, which fits one chunk.
pub(super) fn small() -> Vec<u8> {
    content(&[erasures(0), root()])
}

/// A content with every kind of entry, in three chunks.
pub(super) fn full() -> Vec<u8> {
    let anchor = entry(EntryKind::Anchor, NAMELESS, &filler(40));
    content(&[node(1, 4297), node(2, 4297), year(2025), year(2026), erasures(112), lease(), anchor, root()])
}

/// A content of a chosen length.
pub(super) fn of_length(length: usize) -> Vec<u8> {
    content(&[erasures(length - ENTRY_HEAD - root().len() - 1), root()])
}

/// Name of the vector, seed of the sender, and content.
pub(super) fn good_contents() -> [(&'static str, u8, Vec<u8>); 5] {
    [
        ("one chunk", 3, small()),
        ("three chunks", 4, full()),
        ("one full chunk", 5, of_length(CHUNK)),
        ("a last chunk of one byte", 6, of_length(CHUNK + 1)),
        ("two full chunks", 7, of_length(2 * CHUNK)),
    ]
}

fn fault(name: &str, content: &[u8], expect: &str) -> Value {
    bad(name, json!(hex(&exported(content, 8))), expect)
}

/// Authentic files whose content is refused.
pub(super) fn content_faults() -> Vec<Value> {
    let no_keyring = |name: &str, content: &[u8]| fault(name, content, "no keyring");
    let raw = |kind: u8, name: [u8; 16], length: u64| [&[kind], &name[..], &length.to_le_bytes()].concat();
    let mut reserved = NAMELESS;
    reserved[15] = 1;
    let mut damaged_root = root();
    damaged_root[ENTRY_HEAD + 40] ^= 1;
    let mut newer_root = root();
    newer_root[ENTRY_HEAD + 8] = 2;
    let year_twice = [year(2025), year(2025)].concat();
    vec![
        no_keyring("nothing but the end", &[0]),
        no_keyring("no root", &content(&[erasures(0), lease()])),
        no_keyring("no end", &root()),
        no_keyring("a byte after the end", &[small(), vec![0]].concat()),
        no_keyring("a keyring twice", &[small(), small()].concat()),
        no_keyring("a root whose checksum is wrong", &content(&[damaged_root])),
        no_keyring("an empty root", &content(&[entry(EntryKind::Root, NAMELESS, b"")])),
        fault("a root of a newer format", &content(&[newer_root]), "unknown format"),
        no_keyring("an unknown kind", &content(&[raw(7, NAMELESS, 0), root()])),
        no_keyring("kind 255", &content(&[raw(255, NAMELESS, 0), root()])),
        no_keyring("the root twice", &content(&[root(), root()])),
        no_keyring("the root before the lease", &content(&[root(), lease()])),
        no_keyring("the lease before the erasures", &content(&[lease(), erasures(0), root()])),
        no_keyring("a year before a node", &content(&[year(2025), node(1, 9), root()])),
        no_keyring("nodes out of order", &content(&[node(2, 9), node(1, 9), root()])),
        no_keyring("a node twice", &content(&[node(1, 9), node(1, 9), root()])),
        no_keyring("a year twice", &content(&[year_twice, root()])),
        no_keyring("a year with reserved bytes", &content(&[raw(2, reserved, 0), root()])),
        no_keyring("a lease with a name", &content(&[raw(4, reserved, 0), root()])),
        no_keyring("a root with a name", &content(&[[raw(6, reserved, 1), vec![0]].concat()])),
        no_keyring("a node that is too long", &content(&[node(1, 8193), root()])),
        no_keyring("a root of 2^64 - 1 bytes", &content(&[raw(6, NAMELESS, u64::MAX)])),
        no_keyring("a log of 2^64 - 1 bytes", &content(&[raw(3, NAMELESS, u64::MAX)])),
        no_keyring("a log that is cut", &[raw(3, NAMELESS, 9), filler(8)].concat()),
        no_keyring("an entry that is cut after its kind", &[6]),
        no_keyring("an entry that is cut in its name", &raw(6, NAMELESS, 0)[..9]),
        no_keyring("an entry that is cut in its length", &raw(6, NAMELESS, 0)[..20]),
        no_keyring("an entry that is cut before its bytes", &raw(6, NAMELESS, 9)),
    ]
}
