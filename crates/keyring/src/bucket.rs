//! A bucket of the blind index: up to 64 pairs of tag and slot, sealed as one value.
//!
//! Format: count (2 bytes, little endian) | pairs of tag (16) and slot (8, big endian), sorted | zeros up to 64
//! pairs. All buckets have the same length, so a sealed bucket does not show how many pairs it holds.

use crate::{Slot, Tag16};

/// Maximum number of pairs in a bucket.
pub const CAPACITY: usize = 64;

const PAIR: usize = 24;

/// Pairs of tag and slot, sorted. Each tag appears once.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Bucket {
    pairs: Vec<(Tag16, Slot)>,
}

/// Why a pair was not inserted.
#[derive(thiserror::Error, Clone, Copy, PartialEq, Eq, Debug)]
pub enum InsertError {
    /// The tag is already in the bucket, with this slot.
    #[error("the index has this entry already")]
    Exists(Slot),
    /// The bucket must be split first.
    #[error("the bucket is full")]
    Full,
}

/// The decrypted bytes are not a bucket. This is an error; it never means "no entry".
#[derive(thiserror::Error, Clone, Copy, PartialEq, Eq, Debug)]
#[error("a bucket of the index is damaged")]
pub struct InvalidBucket;

impl Bucket {
    /// Length of every bucket in bytes.
    pub const LENGTH: usize = 2 + CAPACITY * PAIR;

    /// An empty bucket.
    #[must_use]
    pub const fn new() -> Self {
        Self { pairs: Vec::new() }
    }

    /// Reads a bucket from decrypted bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidBucket> {
        if bytes.len() != Self::LENGTH {
            return Err(InvalidBucket);
        }
        let count = usize::from(u16::from_le_bytes([bytes[0], bytes[1]]));
        let (used, rest) = bytes[2..].split_at_checked(count * PAIR).ok_or(InvalidBucket)?;
        let pairs =
            used.chunks_exact(PAIR).map(read_pair).collect::<Option<Vec<_>>>().ok_or(InvalidBucket)?;
        let sorted = pairs.windows(2).all(|two| two[0].0 < two[1].0);
        if sorted && rest.iter().all(|byte| *byte == 0) { Ok(Self { pairs }) } else { Err(InvalidBucket) }
    }

    /// The bytes to be sealed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(Self::LENGTH);
        let count = u16::try_from(self.pairs.len()).expect("a bucket has at most 64 pairs");
        out.extend_from_slice(&count.to_le_bytes());
        for (tag, slot) in &self.pairs {
            out.extend_from_slice(&tag.0);
            out.extend_from_slice(&slot.0.to_be_bytes());
        }
        out.resize(Self::LENGTH, 0);
        out
    }

    /// Finds the slot of a tag.
    #[must_use]
    pub fn find(&self, tag: Tag16) -> Option<Slot> {
        self.position(tag).ok().map(|i| self.pairs[i].1)
    }

    /// Inserts a pair. A tag can be inserted once, so a unique value stays unique.
    pub fn insert(&mut self, tag: Tag16, slot: Slot) -> Result<(), InsertError> {
        match self.position(tag) {
            Ok(i) => Err(InsertError::Exists(self.pairs[i].1)),
            Err(_) if self.is_full() => Err(InsertError::Full),
            Err(i) => {
                self.pairs.insert(i, (tag, slot));
                Ok(())
            }
        }
    }

    /// Removes a pair and returns its slot. The caller must then reseal the bucket under a new slot and forget
    /// the old slot; otherwise backups keep the pair.
    pub fn remove(&mut self, tag: Tag16) -> Option<Slot> {
        self.position(tag).ok().map(|i| self.pairs.remove(i).1)
    }

    /// Keeps the pairs for which `wanted` returns true. Returns the number of removed pairs.
    pub fn retain(&mut self, mut wanted: impl FnMut(Slot) -> bool) -> usize {
        let before = self.pairs.len();
        self.pairs.retain(|(_, slot)| wanted(*slot));
        before - self.pairs.len()
    }

    /// Moves the upper half into a new bucket. Returns it with its lowest sort key, where its range begins.
    /// `None` when all pairs have the same sort key and cannot be separated.
    pub fn split(&mut self) -> Option<(i64, Bucket)> {
        let mid = self.pairs.get(self.pairs.len() / 2)?.0.sort_key();
        let low = self.pairs.partition_point(|(tag, _)| tag.sort_key() < mid);
        // When many pairs around the middle share a sort key, the new range begins above them, if there is any
        // pair.
        let at = if low > 0 { low } else { self.pairs.partition_point(|(tag, _)| tag.sort_key() <= mid) };
        let from = self.pairs.get(at)?.0.sort_key();
        Some((from, Self { pairs: self.pairs.split_off(at) }))
    }

    /// The number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Tells whether the bucket holds no pair.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Tells whether the bucket has no room for another pair.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.pairs.len() >= CAPACITY
    }

    /// All pairs, sorted by tag.
    pub fn iter(&self) -> impl Iterator<Item = (Tag16, Slot)> + '_ {
        self.pairs.iter().copied()
    }

    fn position(&self, tag: Tag16) -> Result<usize, usize> {
        self.pairs.binary_search_by_key(&tag, |(tag, _)| *tag)
    }
}

fn read_pair(bytes: &[u8]) -> Option<(Tag16, Slot)> {
    let (tag, slot) = bytes.split_first_chunk::<16>()?;
    Some((Tag16(*tag), Slot(u64::from_be_bytes(slot.try_into().ok()?))))
}
