//! The content of an exported keyring: the files of a replica as entries, then one byte 0.
//!
//! Entry: kind (1) | name (16) | length (8) | bytes. Entries ascend strictly by kind and name, so none can repeat
//! and the root comes last.

use zeroize::Zeroizing;

use super::encryption::{DecryptingReader, EncryptingWriter};
use super::fault::TransferFault;
use crate::KeyringError;
use crate::node::NodeId;
use crate::record::{Read as Found, Root};
use crate::replica::{Log, Replica, SmallRecord};

const END: u8 = 0;
/// An entry that has no name.
const NAMELESS: [u8; 16] = [0; 16];
/// The maximum length of an entry that is no log.
const SHORT: u64 = 8192;
/// How many bytes of a log are in memory at once.
const PIECE: u64 = 1 << 20;

/// The kind of an entry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum EntryKind {
    /// An encrypted node. Its name is the node's.
    Node = 1,
    /// The tombstones of a year. Its name begins with the year (4).
    Year = 2,
    /// The erasure records.
    Erasures = 3,
    /// The small record `lease`.
    Lease = 4,
    /// The small record `anchor`.
    Anchor = 5,
    /// The root.
    Root = 6,
}

impl EntryKind {
    const ALL: [Self; 6] = [Self::Node, Self::Year, Self::Erasures, Self::Lease, Self::Anchor, Self::Root];

    fn read(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == byte)
    }

    /// Returns whether a name is one that this kind of entry may have.
    fn allows(self, name: &[u8; 16]) -> bool {
        match self {
            Self::Node => true,
            Self::Year => name[4..] == NAMELESS[4..],
            _ => *name == NAMELESS,
        }
    }

    fn is_log(self) -> bool {
        matches!(self, Self::Year | Self::Erasures)
    }
}

/// A part of an entry. Only a log has several pieces.
struct Piece<'a> {
    kind: EntryKind,
    name: [u8; 16],
    /// Position in the entry.
    at: u64,
    bytes: &'a [u8],
}

/// Writes an entry.
pub(super) fn write_entry(
    out: &mut EncryptingWriter<'_>,
    kind: EntryKind,
    name: [u8; 16],
    bytes: &[u8],
) -> Result<(), KeyringError> {
    out.write_all(&[kind as u8])?;
    out.write_all(&name)?;
    out.write_all(&(bytes.len() as u64).to_le_bytes())?;
    out.write_all(bytes)
}

/// Writes the byte after the last entry.
pub(super) fn write_end(out: &mut EncryptingWriter<'_>) -> Result<(), KeyringError> {
    out.write_all(&[END])
}

/// Writes every file of a replica, the root last.
pub(super) fn write_replica(
    out: &mut EncryptingWriter<'_>,
    replica: &dyn Replica,
) -> Result<(), KeyringError> {
    let mut nodes = replica.nodes()?;
    nodes.sort_unstable();
    for id in nodes {
        if let Some(sealed) = replica.node(id)? {
            write_entry(out, EntryKind::Node, id.0, &sealed)?;
        }
    }
    let mut years: Vec<_> = replica.years()?.into_iter().map(|year| (name_of_year(year), year)).collect();
    years.sort_unstable();
    for (name, year) in years {
        write_entry(out, EntryKind::Year, name, &replica.log(Log::Tombstones(year))?)?;
    }
    write_entry(out, EntryKind::Erasures, NAMELESS, &replica.log(Log::Erasures)?)?;
    for (kind, which) in [(EntryKind::Lease, SmallRecord::Lease), (EntryKind::Anchor, SmallRecord::Anchor)] {
        if let Some(bytes) = replica.small_record(which)? {
            write_entry(out, kind, NAMELESS, &bytes)?;
        }
    }
    match replica.root()? {
        Found::Whole(root) => write_entry(out, EntryKind::Root, NAMELESS, &root.to_bytes())?,
        _ => return Err(KeyringError::Interrupted),
    }
    write_end(out)
}

/// Reads and checks all entries, and keeps none but the root.
pub(super) fn check(from: &mut DecryptingReader<'_>) -> Result<Root, KeyringError> {
    read_entries(from, &mut |_| Ok(()))
}

/// Reads all entries and writes them to a replica, except the root, which is returned.
pub(super) fn unpack(from: &mut DecryptingReader<'_>, replica: &dyn Replica) -> Result<Root, KeyringError> {
    // Nodes are made durable together, because one at a time is slow.
    let mut nodes = Vec::new();
    let root = read_entries(from, &mut |piece| {
        match piece.kind {
            EntryKind::Node => nodes.push((NodeId(piece.name), piece.bytes.to_vec())),
            EntryKind::Year => {
                replica.append(Log::Tombstones(year_of(piece.name)), piece.at, piece.bytes)?;
            }
            EntryKind::Erasures => replica.append(Log::Erasures, piece.at, piece.bytes)?,
            EntryKind::Lease => replica.set_small_record(SmallRecord::Lease, piece.bytes)?,
            EntryKind::Anchor => replica.set_small_record(SmallRecord::Anchor, piece.bytes)?,
            EntryKind::Root => {}
        }
        if nodes.len() >= 256 {
            replica.add_nodes(&std::mem::take(&mut nodes))?;
        }
        Ok(())
    })?;
    replica.add_nodes(&nodes)?;
    Ok(root)
}

/// Reads all entries, passes their pieces to `take`, and returns the root.
fn read_entries(
    from: &mut DecryptingReader<'_>,
    take: &mut dyn FnMut(Piece<'_>) -> Result<(), KeyringError>,
) -> Result<Root, KeyringError> {
    let (mut root, mut before) = (None, None);
    while let Some((kind, name, length)) = read_entry_head(from)? {
        if before >= Some((kind, name)) {
            return Err(TransferFault::NoKeyring.into());
        }
        before = Some((kind, name));
        let mut at = 0;
        // An empty entry has one empty piece.
        loop {
            let part = (length - at).min(PIECE);
            let mut bytes = Zeroizing::new(vec![0; part as usize]);
            from.read_exact(&mut bytes)?;
            take(Piece { kind, name, at, bytes: &bytes })?;
            if kind == EntryKind::Root {
                root = Some(root_of(&bytes)?);
            }
            at += part;
            if at == length {
                break;
            }
        }
    }
    from.check_end()?;
    root.ok_or_else(|| TransferFault::NoKeyring.into())
}

/// Reads kind, name and length of an entry; `None` after the last one.
fn read_entry_head(
    from: &mut DecryptingReader<'_>,
) -> Result<Option<(EntryKind, [u8; 16], u64)>, KeyringError> {
    let (mut kind, mut name, mut length) = ([END], [0; 16], [0; 8]);
    from.read_exact(&mut kind)?;
    if kind[0] == END {
        return Ok(None);
    }
    from.read_exact(&mut name)?;
    from.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    let kind = EntryKind::read(kind[0]).filter(|kind| kind.allows(&name));
    let kind = kind.filter(|kind| kind.is_log() || length <= SHORT);
    kind.map(|kind| Some((kind, name, length))).ok_or_else(|| TransferFault::NoKeyring.into())
}

fn root_of(bytes: &[u8]) -> Result<Root, KeyringError> {
    match Root::read(bytes) {
        Found::Whole(root) => Ok(root),
        Found::TooNew(_) => Err(TransferFault::UnknownFormat.into()),
        Found::Invalid => Err(TransferFault::NoKeyring.into()),
    }
}

fn name_of_year(year: i32) -> [u8; 16] {
    let mut name = NAMELESS;
    name[..4].copy_from_slice(&year.to_le_bytes());
    name
}

fn year_of(name: [u8; 16]) -> i32 {
    i32::from_le_bytes([name[0], name[1], name[2], name[3]])
}
