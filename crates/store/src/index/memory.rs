//! What a transaction that holds the index knows of its buckets: what was read or written once is not read again, and
//! what only got entries is written at the end.

use std::collections::{HashMap, HashSet};

use vault::{Bucket, Slot, Tag16};

/// Which index.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// From a normalised address to the person's slot.
    Address,
    /// From a number of order, item or subscription to the order item's row.
    Order,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Address, Self::Order];

    /// The word in the table.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Order => "order",
        }
    }
}

/// A bucket as it was found.
#[derive(Clone)]
pub(crate) struct Found {
    /// Lowest hash that it holds.
    pub(crate) low: i64,
    /// Its slot.
    pub(crate) slot: Slot,
    /// Its entries.
    pub(crate) bucket: Bucket,
}

/// What a transaction that holds the index knows of it.
#[derive(Default)]
pub(crate) struct Memory {
    /// The index is locked for this transaction.
    pub(crate) locked: bool,
    lows: HashMap<(Kind, Tag16), i64>,
    pub(crate) buckets: HashMap<(Kind, i64), Found>,
    /// Those that got entries and aren't written yet.
    pub(crate) changed: HashSet<(Kind, i64)>,
}

impl Memory {
    pub(crate) fn known(&self, kind: Kind, tag: &Tag16) -> Option<&Found> {
        self.buckets.get(&(kind, *self.lows.get(&(kind, *tag))?))
    }

    pub(crate) fn place(&mut self, kind: Kind, tag: &Tag16, found: Found) {
        self.lows.insert((kind, *tag), found.low);
        self.buckets.insert((kind, found.low), found);
    }

    /// The upper half of a bucket's hashes lies in a bucket of its own now.
    pub(crate) fn split(&mut self, kind: Kind, low: i64, middle: i64) {
        for ((of, tag), at) in &mut self.lows {
            if *of == kind && *at == low && tag.order() >= middle {
                *at = middle;
            }
        }
    }

    /// A bucket was written anew.
    pub(crate) fn replaced(&mut self, kind: Kind, found: Found) {
        self.changed.remove(&(kind, found.low));
        self.buckets.insert((kind, found.low), found);
    }
}
