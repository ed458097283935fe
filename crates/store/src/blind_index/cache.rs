//! What a transaction that holds the index knows of its buckets: what was read once is not read again, and whatever
//! changed is sealed and written once, at the end.

use std::collections::{BTreeMap, BTreeSet};

use keyring::{Bucket, Slot, Tag16};

/// Which index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BlindIndex {
    /// From a normalised address to the person's slot.
    Address,
    /// From a number of order, item or subscription to the order item's row.
    Order,
}

impl BlindIndex {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Address, Self::Order];

    /// The word in the table.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Order => "order",
        }
    }
}

/// A bucket as it was found.
#[derive(Clone)]
pub(crate) struct CachedBucket {
    /// Lowest hash that it holds.
    pub(crate) low: i64,
    /// Its slot.
    pub(crate) slot: Slot,
    /// Its entries.
    pub(crate) bucket: Bucket,
    /// Up to here no other bucket begins.
    pub(crate) reach: i64,
}

/// What a transaction that holds the index knows of it.
#[derive(Default)]
pub(crate) struct BucketCache {
    /// The index is locked for this transaction.
    pub(crate) locked: bool,
    buckets: BTreeMap<(BlindIndex, i64), CachedBucket>,
    /// Those that aren't written yet.
    changed: BTreeSet<(BlindIndex, i64)>,
}

impl BucketCache {
    /// The bucket of a hash, where it is known that no other begins between them.
    pub(crate) fn known(&self, kind: BlindIndex, tag: &Tag16) -> Option<&CachedBucket> {
        self.nearest(kind, tag).filter(|found| tag.sort_key() <= found.reach)
    }

    /// Of the buckets known, the one that begins nearest below a hash.
    pub(crate) fn nearest(&self, kind: BlindIndex, tag: &Tag16) -> Option<&CachedBucket> {
        self.buckets.range((kind, i64::MIN)..=(kind, tag.sort_key())).next_back().map(|(_, found)| found)
    }

    /// The bucket of a hash was found.
    pub(crate) fn place(&mut self, kind: BlindIndex, tag: &Tag16, mut found: CachedBucket) {
        found.reach = found.reach.max(tag.sort_key());
        self.buckets.insert((kind, found.low), found);
    }

    /// A bucket was changed or made.
    pub(crate) fn change(&mut self, kind: BlindIndex, found: CachedBucket) {
        self.changed.insert((kind, found.low));
        self.buckets.insert((kind, found.low), found);
    }

    /// The buckets that aren't written yet; from now on they count as written.
    pub(crate) fn take_changed(&mut self) -> Vec<(BlindIndex, CachedBucket)> {
        let changed = std::mem::take(&mut self.changed);
        changed.iter().filter_map(|at| Some((at.0, self.buckets.get(at)?.clone()))).collect()
    }
}
