//! Cache of buckets in a transaction that holds the blind index: each bucket is read once, and sealed and written
//! once before the commit.

use std::collections::{BTreeMap, BTreeSet};

use keyring::{Bucket, Slot, Tag16};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BlindIndex {
    /// From a normalised address to the person's key slot.
    Address,
    /// From a number of order, item or subscription to the order item's row.
    Order,
}

impl BlindIndex {
    /// Both indexes.
    pub const ALL: [Self; 2] = [Self::Address, Self::Order];

    /// Returns the value stored in the table.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Order => "order",
        }
    }
}

#[derive(Clone)]
pub(crate) struct CachedBucket {
    /// Lowest hash of its range.
    pub(crate) low: i64,
    /// Its key slot.
    pub(crate) slot: Slot,
    /// Its entries.
    pub(crate) bucket: Bucket,
    /// Highest hash known to lie in its range.
    pub(crate) reach: i64,
}

/// Buckets that the transaction has read or changed.
#[derive(Default)]
pub(crate) struct BucketCache {
    /// Whether the transaction has locked the index.
    pub(crate) locked: bool,
    buckets: BTreeMap<(BlindIndex, i64), CachedBucket>,
    /// Buckets not yet written.
    changed: BTreeSet<(BlindIndex, i64)>,
}

impl BucketCache {
    /// Returns the bucket of a hash, if it is known that no other bucket begins between them.
    pub(crate) fn known(&self, kind: BlindIndex, tag: &Tag16) -> Option<&CachedBucket> {
        self.nearest(kind, tag).filter(|found| tag.sort_key() <= found.reach)
    }

    /// Returns the cached bucket that begins nearest below a hash.
    pub(crate) fn nearest(&self, kind: BlindIndex, tag: &Tag16) -> Option<&CachedBucket> {
        self.buckets.range((kind, i64::MIN)..=(kind, tag.sort_key())).next_back().map(|(_, found)| found)
    }

    /// Caches the bucket that was read for a hash.
    pub(crate) fn insert(&mut self, kind: BlindIndex, tag: &Tag16, mut found: CachedBucket) {
        found.reach = found.reach.max(tag.sort_key());
        self.buckets.insert((kind, found.low), found);
    }

    /// Caches a changed or new bucket.
    pub(crate) fn change(&mut self, kind: BlindIndex, found: CachedBucket) {
        self.changed.insert((kind, found.low));
        self.buckets.insert((kind, found.low), found);
    }

    /// Returns the buckets not yet written, and marks them as written.
    pub(crate) fn take_changed(&mut self) -> Vec<(BlindIndex, CachedBucket)> {
        let changed = std::mem::take(&mut self.changed);
        changed.iter().filter_map(|at| Some((at.0, self.buckets.get(at)?.clone()))).collect()
    }
}
