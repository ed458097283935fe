//! The files of a replica as bytes: marker, root, small records and logs. All end in a BLAKE3 checksum, which
//! detects torn writes. Bytes that must not be forged are encrypted and authenticated.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::derive::Key;
use crate::ids::{KeyringId, ReplicaId};
use crate::node::TopRecord;

/// The format that this version writes, and the newest that it reads.
pub(crate) const FORMAT: u16 = 1;

const MARKER: &[u8; 8] = b"scruple\x01";
const ROOT: &[u8; 8] = b"scruple\x02";
/// Length of the part of a root that holds its epoch.
pub(crate) const HEADER_LENGTH: usize = 8 + 2 + 16 + 8;

/// The result of reading a record.
pub(crate) enum Read<T> {
    /// A valid record.
    Whole(T),
    /// The record is missing, torn, or something else.
    Invalid,
    /// The record has an unknown, newer format.
    TooNew(u16),
}

/// The keyring to which a folder belongs, and the id of this replica.
#[derive(Clone, Copy)]
pub(crate) struct Marker {
    pub(crate) keyring_id: KeyringId,
    pub(crate) replica: ReplicaId,
}

impl Marker {
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        with_checksum(
            [MARKER.as_slice(), &FORMAT.to_le_bytes(), &self.keyring_id.0, &self.replica.0].concat(),
        )
    }

    pub(crate) fn read(bytes: &[u8]) -> Read<Self> {
        let body = match check_header(MARKER, bytes) {
            Read::Whole(body) => body,
            Read::Invalid => return Read::Invalid,
            Read::TooNew(format) => return Read::TooNew(format),
        };
        let Some((keyring_id, replica)) = body.split_first_chunk::<16>() else { return Read::Invalid };
        match replica.try_into() {
            Ok(replica) => {
                Read::Whole(Self { keyring_id: KeyringId(*keyring_id), replica: ReplicaId(replica) })
            }
            Err(_) => Read::Invalid,
        }
    }
}

/// The root of a keyring at one epoch: the root share, which changes with each epoch, and the top record
/// encrypted under it.
pub(crate) struct Root {
    pub(crate) keyring_id: KeyringId,
    pub(crate) epoch: u64,
    pub(crate) share: Key,
    pub(crate) top: Vec<u8>,
}

impl Root {
    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Vec::with_capacity(HEADER_LENGTH + 32 + TopRecord::SEALED + 32);
        out.extend_from_slice(ROOT);
        out.extend_from_slice(&FORMAT.to_le_bytes());
        out.extend_from_slice(&self.keyring_id.0);
        out.extend_from_slice(&self.epoch.to_le_bytes());
        out.extend_from_slice(&*self.share);
        out.extend_from_slice(&self.top);
        Zeroizing::new(with_checksum(out))
    }

    pub(crate) fn read(bytes: &[u8]) -> Read<Self> {
        let body = match check_header(ROOT, bytes) {
            Read::Whole(body) => body,
            Read::Invalid => return Read::Invalid,
            Read::TooNew(format) => return Read::TooNew(format),
        };
        Self::parts(body).map_or(Read::Invalid, Read::Whole)
    }

    fn parts(body: &[u8]) -> Option<Self> {
        let (keyring_id, rest) = body.split_first_chunk::<16>()?;
        let (epoch, rest) = rest.split_first_chunk::<8>()?;
        let (share, top) = rest.split_first_chunk::<32>()?;
        (top.len() == TopRecord::SEALED).then(|| Self {
            keyring_id: KeyringId(*keyring_id),
            epoch: u64::from_le_bytes(*epoch),
            share: Zeroizing::new(*share),
            top: top.to_vec(),
        })
    }

    /// Reads keyring id and epoch from the start of a root file, without checking the checksum. This is enough to
    /// detect a change.
    pub(crate) fn peek(head: &[u8]) -> Option<(KeyringId, u64)> {
        let (magic, rest) = head.split_first_chunk::<8>()?;
        let (keyring_id, rest) = rest.get(2..)?.split_first_chunk::<16>()?;
        let epoch = rest.first_chunk::<8>()?;
        (magic == ROOT).then(|| (KeyringId(*keyring_id), u64::from_le_bytes(*epoch)))
    }
}

/// Every replica that holds this keyring. A replica that drops out of the configuration is noticed, because it
/// keeps an old root. Format, for each replica: id (16) | length of the path (4) | path.
#[derive(Clone, Default)]
pub(crate) struct ReplicaList(pub(crate) Vec<(ReplicaId, PathBuf)>);

impl ReplicaList {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (id, path) in &self.0 {
            let path = path.to_string_lossy();
            out.extend_from_slice(&id.0);
            out.extend_from_slice(&(path.len() as u32).to_le_bytes());
            out.extend_from_slice(path.as_bytes());
        }
        out
    }

    pub(crate) fn read(mut bytes: &[u8]) -> Option<Self> {
        let mut listed = Vec::new();
        while !bytes.is_empty() {
            let (id, rest) = bytes.split_first_chunk::<16>()?;
            let (length, rest) = rest.split_first_chunk::<4>()?;
            let (path, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
            listed.push((ReplicaId(*id), PathBuf::from(std::str::from_utf8(path).ok()?)));
            bytes = rest;
        }
        Some(Self(listed))
    }

    /// Adds a replica, and removes another entry with the same path.
    pub(crate) fn add(&mut self, id: ReplicaId, path: &Path) {
        self.0.retain(|(other, at)| *other != id && at != path);
        self.0.push((id, path.to_owned()));
    }
}

fn check_header<'a>(magic: &[u8; 8], bytes: &'a [u8]) -> Read<&'a [u8]> {
    let Some((found, rest)) = bytes.split_first_chunk::<8>() else { return Read::Invalid };
    let Some((format, _)) = rest.split_first_chunk::<2>() else { return Read::Invalid };
    let format = u16::from_le_bytes(*format);
    if found != magic {
        return Read::Invalid;
    }
    if format > FORMAT {
        return Read::TooNew(format);
    }
    strip_checksum(bytes).map_or(Read::Invalid, |body| Read::Whole(&body[10..]))
}

/// Appends the checksum.
pub(crate) fn with_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = blake3::hash(&bytes);
    bytes.extend_from_slice(sum.as_bytes());
    bytes
}

/// Removes the checksum; `None` when it is wrong.
pub(crate) fn strip_checksum(bytes: &[u8]) -> Option<&[u8]> {
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
    (blake3::hash(body) == *<&[u8; 32]>::try_from(sum).ok()?).then_some(body)
}

/// A record of a log: fixed length, followed by a checksum of 8 bytes.
pub(crate) trait LogRecord: Sized {
    /// Length without the checksum.
    const LENGTH: usize;
    fn write(&self, out: &mut Vec<u8>);
    fn read(bytes: &[u8]) -> Option<Self>;

    /// Length with the checksum.
    const LENGTH_IN_LOG: usize = Self::LENGTH + 8;

    fn to_log(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(Self::LENGTH_IN_LOG);
        self.write(&mut out);
        let sum = blake3::hash(&out);
        out.extend_from_slice(&sum.as_bytes()[..8]);
        out
    }
}

/// The valid records of a log. A torn tail is not a record, and a damaged record in the middle is skipped.
pub(crate) fn log_records<L: LogRecord>(log: &[u8]) -> impl Iterator<Item = L> {
    log.chunks_exact(L::LENGTH_IN_LOG).filter_map(|chunk| read_valid::<L>(chunk))
}

/// Length of a log before its torn tail.
pub(crate) fn valid_length<L: LogRecord>(log: &[u8]) -> u64 {
    let last = log.chunks_exact(L::LENGTH_IN_LOG).rposition(|chunk| read_valid::<L>(chunk).is_some());
    last.map_or(0, |i| (i + 1) * L::LENGTH_IN_LOG) as u64
}

fn read_valid<L: LogRecord>(chunk: &[u8]) -> Option<L> {
    let (body, sum) = chunk.split_at(L::LENGTH);
    (blake3::hash(body).as_bytes()[..8] == *sum).then(|| L::read(body)).flatten()
}
