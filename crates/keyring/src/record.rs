//! The files of a place, as bytes: marker, root, small records and logs. All end in a BLAKE3 checksum, against
//! torn writes; what must not be forged is sealed.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::derive::Key;
use crate::ids::{KeyringId, PlaceId};
use crate::node::Top;

/// The format that this version writes and the newest that it reads.
pub(crate) const FORMAT: u16 = 1;

const MARKER: &[u8; 8] = b"scruple\x01";
const ROOT: &[u8; 8] = b"scruple\x02";
/// Length of the part of a root that tells its epoch.
pub(crate) const HEAD: usize = 8 + 2 + 16 + 8;

/// What was found where a record should be.
pub(crate) enum Read<T> {
    /// The record.
    Whole(T),
    /// Absent, torn, or something else.
    Broken,
    /// Of a format that isn't known here.
    TooNew(u16),
}

/// Says which keyring a folder belongs to and which of its places it is.
#[derive(Clone, Copy)]
pub(crate) struct Marker {
    pub(crate) keyring: KeyringId,
    pub(crate) place: PlaceId,
}

impl Marker {
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        checked([MARKER.as_slice(), &FORMAT.to_le_bytes(), &self.keyring.0, &self.place.0].concat())
    }

    pub(crate) fn read(bytes: &[u8]) -> Read<Self> {
        let body = match versioned(MARKER, bytes) {
            Read::Whole(body) => body,
            Read::Broken => return Read::Broken,
            Read::TooNew(format) => return Read::TooNew(format),
        };
        let Some((keyring, place)) = body.split_first_chunk::<16>() else { return Read::Broken };
        match place.try_into() {
            Ok(place) => Read::Whole(Self { keyring: KeyringId(*keyring), place: PlaceId(place) }),
            Err(_) => Read::Broken,
        }
    }
}

/// The root of a keyring at one epoch: the share that turns, and the top record sealed under it.
pub(crate) struct Root {
    pub(crate) keyring: KeyringId,
    pub(crate) epoch: u64,
    pub(crate) share: Key,
    pub(crate) top: Vec<u8>,
}

impl Root {
    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Vec::with_capacity(HEAD + 32 + Top::SEALED + 32);
        out.extend_from_slice(ROOT);
        out.extend_from_slice(&FORMAT.to_le_bytes());
        out.extend_from_slice(&self.keyring.0);
        out.extend_from_slice(&self.epoch.to_le_bytes());
        out.extend_from_slice(&*self.share);
        out.extend_from_slice(&self.top);
        Zeroizing::new(checked(out))
    }

    pub(crate) fn read(bytes: &[u8]) -> Read<Self> {
        let body = match versioned(ROOT, bytes) {
            Read::Whole(body) => body,
            Read::Broken => return Read::Broken,
            Read::TooNew(format) => return Read::TooNew(format),
        };
        Self::parts(body).map_or(Read::Broken, Read::Whole)
    }

    fn parts(body: &[u8]) -> Option<Self> {
        let (keyring, rest) = body.split_first_chunk::<16>()?;
        let (epoch, rest) = rest.split_first_chunk::<8>()?;
        let (share, top) = rest.split_first_chunk::<32>()?;
        (top.len() == Top::SEALED).then(|| Self {
            keyring: KeyringId(*keyring),
            epoch: u64::from_le_bytes(*epoch),
            share: Zeroizing::new(*share),
            top: top.to_vec(),
        })
    }

    /// Keyring and epoch from the head of a root file, unchecked: enough to see that something has changed.
    pub(crate) fn peek(head: &[u8]) -> Option<(KeyringId, u64)> {
        let (magic, rest) = head.split_first_chunk::<8>()?;
        let (keyring, rest) = rest.get(2..)?.split_first_chunk::<16>()?;
        let epoch = rest.first_chunk::<8>()?;
        (magic == ROOT).then(|| (KeyringId(*keyring), u64::from_le_bytes(*epoch)))
    }
}

/// Every place that holds this keyring, so that one which drops out of the configuration is missed: it keeps an
/// old root. Form, for each: id (16) | length of the path (4) | path.
#[derive(Clone, Default)]
pub(crate) struct Known(pub(crate) Vec<(PlaceId, PathBuf)>);

impl Known {
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
        let mut known = Vec::new();
        while !bytes.is_empty() {
            let (id, rest) = bytes.split_first_chunk::<16>()?;
            let (length, rest) = rest.split_first_chunk::<4>()?;
            let (path, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
            known.push((PlaceId(*id), PathBuf::from(std::str::from_utf8(path).ok()?)));
            bytes = rest;
        }
        Some(Self(known))
    }

    /// Adds a place; another that had its path is gone.
    pub(crate) fn add(&mut self, id: PlaceId, path: &Path) {
        self.0.retain(|(other, at)| *other != id && at != path);
        self.0.push((id, path.to_owned()));
    }
}

fn versioned<'a>(magic: &[u8; 8], bytes: &'a [u8]) -> Read<&'a [u8]> {
    let Some((found, rest)) = bytes.split_first_chunk::<8>() else { return Read::Broken };
    let Some((format, _)) = rest.split_first_chunk::<2>() else { return Read::Broken };
    let format = u16::from_le_bytes(*format);
    if found != magic {
        return Read::Broken;
    }
    if format > FORMAT {
        return Read::TooNew(format);
    }
    unchecked(bytes).map_or(Read::Broken, |body| Read::Whole(&body[10..]))
}

/// Adds the checksum.
pub(crate) fn checked(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = blake3::hash(&bytes);
    bytes.extend_from_slice(sum.as_bytes());
    bytes
}

/// Takes the checksum off; `None` when it is wrong.
pub(crate) fn unchecked(bytes: &[u8]) -> Option<&[u8]> {
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
    (blake3::hash(body) == *<&[u8; 32]>::try_from(sum).ok()?).then_some(body)
}

/// A record of a log: of fixed length, with a checksum of 8 bytes behind it.
pub(crate) trait Line: Sized {
    /// Length without the checksum.
    const LENGTH: usize;
    fn write(&self, out: &mut Vec<u8>);
    fn read(bytes: &[u8]) -> Option<Self>;

    /// Length in the log.
    const IN_LOG: usize = Self::LENGTH + 8;

    fn to_log(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(Self::IN_LOG);
        self.write(&mut out);
        let sum = blake3::hash(&out);
        out.extend_from_slice(&sum.as_bytes()[..8]);
        out
    }
}

/// The whole lines of a log. A torn tail is no line; a damaged line in the middle is left out.
pub(crate) fn lines<L: Line>(log: &[u8]) -> impl Iterator<Item = L> {
    log.chunks_exact(L::IN_LOG).filter_map(|chunk| whole::<L>(chunk))
}

/// How much of a log stands before its torn tail.
pub(crate) fn sound_length<L: Line>(log: &[u8]) -> u64 {
    let last = log.chunks_exact(L::IN_LOG).rposition(|chunk| whole::<L>(chunk).is_some());
    last.map_or(0, |i| (i + 1) * L::IN_LOG) as u64
}

fn whole<L: Line>(chunk: &[u8]) -> Option<L> {
    let (body, sum) = chunk.split_at(L::LENGTH);
    (blake3::hash(body).as_bytes()[..8] == *sum).then(|| L::read(body)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> Root {
        Root {
            keyring: KeyringId([3; 16]),
            epoch: 7,
            share: Zeroizing::new([4; 32]),
            top: vec![5; Top::SEALED],
        }
    }

    #[test]
    fn a_root_reads_back_and_its_head_tells_the_epoch() {
        let bytes = root().to_bytes();
        assert!(matches!(Root::read(&bytes), Read::Whole(r) if r.epoch == 7 && r.share[0] == 4));
        assert_eq!(Root::peek(&bytes[..HEAD]), Some((KeyringId([3; 16]), 7)));
    }

    #[test]
    fn a_torn_root_is_broken_and_a_newer_one_says_so() {
        let bytes = root().to_bytes();
        for cut in 0..bytes.len() {
            assert!(matches!(Root::read(&bytes[..cut]), Read::Broken));
        }
        let mut newer = bytes.to_vec();
        newer[8] = 9;
        assert!(matches!(Root::read(&newer), Read::TooNew(9)));
    }
}
