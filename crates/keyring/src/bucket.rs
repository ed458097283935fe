//! A bucket of the sealed index: about 64 pairs of tag and slot, sealed as one value.
//!
//! Form: count (2, little endian) | pairs of tag (16) and slot (8, big endian), sorted | zeros up to 64 pairs. All
//! buckets have one length, so a sealed one tells nothing of how full it is.

use crate::{Slot, Tag16};

/// Pairs that a bucket takes.
pub const CAPACITY: usize = 64;

const PAIR: usize = 24;

/// Pairs of tag and slot, each tag once.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Bucket {
    pairs: Vec<(Tag16, Slot)>,
}

/// Why a pair was not added.
#[derive(thiserror::Error, Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotInserted {
    /// The tag stands already, for this slot.
    #[error("the index has this entry already")]
    Taken(Slot),
    /// The bucket is to be split first.
    #[error("the bucket is full")]
    Full,
}

/// Opened bytes that aren't a bucket: an error, never "nobody".
#[derive(thiserror::Error, Clone, Copy, PartialEq, Eq, Debug)]
#[error("a bucket of the index is damaged")]
pub struct NotABucket;

impl Bucket {
    /// Length of every bucket in bytes.
    pub const LENGTH: usize = 2 + CAPACITY * PAIR;

    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self { pairs: Vec::new() }
    }

    /// From opened bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotABucket> {
        if bytes.len() != Self::LENGTH {
            return Err(NotABucket);
        }
        let count = usize::from(u16::from_le_bytes([bytes[0], bytes[1]]));
        let (used, rest) = bytes[2..].split_at_checked(count * PAIR).ok_or(NotABucket)?;
        let pairs = used.chunks_exact(PAIR).map(read_pair).collect::<Option<Vec<_>>>().ok_or(NotABucket)?;
        let sorted = pairs.windows(2).all(|two| two[0].0 < two[1].0);
        if sorted && rest.iter().all(|byte| *byte == 0) { Ok(Self { pairs }) } else { Err(NotABucket) }
    }

    /// To be sealed.
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

    /// The slot that stands for a tag.
    #[must_use]
    pub fn find(&self, tag: Tag16) -> Option<Slot> {
        self.position(tag).ok().map(|i| self.pairs[i].1)
    }

    /// Adds a pair. A tag stands once: what is unique is unique here.
    pub fn insert(&mut self, tag: Tag16, slot: Slot) -> Result<(), NotInserted> {
        match self.position(tag) {
            Ok(i) => Err(NotInserted::Taken(self.pairs[i].1)),
            Err(_) if self.is_full() => Err(NotInserted::Full),
            Err(i) => {
                self.pairs.insert(i, (tag, slot));
                Ok(())
            }
        }
    }

    /// Takes a pair out and gives its slot. The bucket's old slot must then be forgotten, or backups keep the pair.
    pub fn remove(&mut self, tag: Tag16) -> Option<Slot> {
        self.position(tag).ok().map(|i| self.pairs.remove(i).1)
    }

    /// Keeps the pairs whose slot is still wanted; gives how many went.
    pub fn retain(&mut self, mut wanted: impl FnMut(Slot) -> bool) -> usize {
        let before = self.pairs.len();
        self.pairs.retain(|(_, slot)| wanted(*slot));
        before - self.pairs.len()
    }

    /// Takes the upper half out. Gives it with its lowest order, from which on its range begins; `None` when all pairs
    /// are of one order and can't be parted.
    pub fn split(&mut self) -> Option<(i64, Bucket)> {
        let mid = self.pairs.get(self.pairs.len() / 2)?.0.order();
        let low = self.pairs.partition_point(|(tag, _)| tag.order() < mid);
        // Many of one order around the middle: the range begins above them, if anything is there.
        let at = if low > 0 { low } else { self.pairs.partition_point(|(tag, _)| tag.order() <= mid) };
        let from = self.pairs.get(at)?.0.order();
        Some((from, Self { pairs: self.pairs.split_off(at) }))
    }

    /// How many pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// None at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// No room for another.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.pairs.len() >= CAPACITY
    }

    /// All pairs, sorted.
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
