//! Compares the index with a map, over thousands of entries and splits.

use std::collections::{BTreeMap, BTreeSet};

use keyring::{Slot, Tag16};

use super::{BlindIndex, Inserted};
use crate::testing::Scratch;
use crate::tx::fetch_all;
use crate::{Error, Tx};

/// Deterministic pseudo-random numbers (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most as u64).unwrap()
    }

    fn tag(&mut self) -> Tag16 {
        let mut tag = [0; 16];
        tag[..8].copy_from_slice(&self.next().to_be_bytes());
        tag[8..].copy_from_slice(&self.next().to_be_bytes());
        // Half of the hashes are close together, so that buckets split repeatedly.
        if tag[15] % 2 == 0 {
            tag[..5].copy_from_slice(&[0x71, 0x33, 0, 0, 0]);
        }
        Tag16(tag)
    }
}

const LOWS: &str = "SELECT low FROM index_bucket WHERE kind = $1 ORDER BY low";

impl Tx {
    /// Returns the slots of all buckets, and all entries in them.
    async fn live(&mut self, kind: BlindIndex) -> Result<(Vec<Slot>, BTreeMap<Tag16, u64>), Error> {
        let (slots, mut entries) = (self.bucket_slots(kind).await?, BTreeMap::new());
        for row in fetch_all!(self, LOWS, kind.as_str())? {
            let low: i64 = sqlx::Row::try_get(&row, 0)?;
            let mut lowest = [0; 16];
            lowest[..8].copy_from_slice(&(u64::try_from(low).unwrap() << 1).to_be_bytes());
            for (tag, to) in self.bucket(kind, &Tag16(lowest)).await?.bucket.iter() {
                assert!(entries.insert(tag, to.0).is_none(), "an entry in two buckets");
            }
        }
        Ok((slots, entries))
    }
}

/// Runs a closure in its own write transaction.
async fn within<T>(scratch: &Scratch, change: impl AsyncFnOnce(&mut Tx) -> Result<T, Error>) -> T {
    let mut tx = Tx::begin(&scratch.db, true).await.unwrap();
    let done = change(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    done
}

struct Model {
    entries: BTreeMap<Tag16, u64>,
    handed_back: BTreeSet<Slot>,
}

impl Model {
    /// Performs one random step on index and model, and checks the returned slots.
    async fn change_at_random(
        &mut self,
        tx: &mut Tx,
        kind: BlindIndex,
        chance: &mut Chance,
    ) -> Result<(), Error> {
        let known = (!self.entries.is_empty()).then(|| {
            let at = chance.below(self.entries.len());
            *self.entries.keys().nth(at).unwrap()
        });
        let mut old = Vec::new();
        match (chance.below(10), known) {
            (0..=6, _) | (_, None) => {
                let (tag, to) = (chance.tag(), chance.next() >> 1);
                assert_eq!(tx.index_insert(kind, &tag, to, &mut old).await?, Inserted::Added);
                assert!(old.len() <= 1, "a put splits at most one bucket");
                self.entries.insert(tag, to);
            }
            (7, Some(tag)) => {
                let put = tx.index_insert(kind, &tag, 1, &mut old).await?;
                assert_eq!((put, old.len()), (Inserted::Existing(self.entries[&tag]), 0));
            }
            (8, Some(tag)) => {
                assert!(tx.index_remove(kind, &tag, &mut old).await?);
                assert_eq!(old.len(), 1, "each removal returns the old slot of its bucket");
                self.entries.remove(&tag);
                assert_eq!(tx.index_find(kind, &tag).await?, None);
            }
            (_, Some(tag)) => {
                let stranger = chance.tag();
                assert!(!tx.index_remove(kind, &stranger, &mut old).await?);
                assert_eq!(tx.index_find_locked(kind, &stranger).await?, None);
                assert_eq!(tx.index_find(kind, &tag).await?, Some(self.entries[&tag]));
                assert!(old.is_empty(), "nothing was changed");
            }
        }
        for slot in old {
            assert!(self.handed_back.insert(slot), "a slot was handed back twice");
        }
        Ok(())
    }

    async fn compare(&self, tx: &mut Tx, kind: BlindIndex) -> Result<usize, Error> {
        let (slots, entries) = tx.live(kind).await?;
        assert!(entries == self.entries, "{} entries, {} expected", entries.len(), self.entries.len());
        assert!(
            slots.iter().all(|slot| !self.handed_back.contains(slot)),
            "a live bucket's slot was handed back"
        );
        assert_eq!(slots.iter().collect::<BTreeSet<_>>().len(), slots.len(), "two buckets under one slot");
        Ok(slots.len())
    }
}

#[tokio::test]
async fn the_index_is_a_map_whatever_is_put_found_and_dropped() {
    let scratch = Scratch::new().await;
    within(&scratch, async |tx| tx.create_index().await).await;
    for kind in BlindIndex::ALL {
        let mut chance = Chance(0x5c2a_91e7);
        let mut model = Model { entries: BTreeMap::new(), handed_back: BTreeSet::new() };
        let mut buckets = 0;
        for _ in 0..15 {
            buckets = within(&scratch, async |tx| {
                for _ in 0..120 {
                    model.change_at_random(tx, kind, &mut chance).await?;
                }
                model.compare(tx, kind).await
            })
            .await;
        }
        assert!(buckets > 24, "{buckets} buckets: too few were split");
    }
}

#[tokio::test]
async fn a_put_that_does_not_split_keeps_the_buckets_slot() {
    let scratch = Scratch::new().await;
    within(&scratch, async |tx| {
        tx.create_index().await?;
        let before = tx.live(BlindIndex::Address).await?.0;
        let mut old = Vec::new();
        tx.index_insert(BlindIndex::Address, &Tag16([7; 16]), 7, &mut old).await?;
        assert!(old.is_empty());
        assert_eq!(tx.live(BlindIndex::Address).await?.0, before);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn creating_an_index_twice_is_harmless_and_clearing_it_returns_every_slot() {
    let scratch = Scratch::new().await;
    within(&scratch, async |tx| {
        tx.create_index().await?;
        let mut live = tx.live(BlindIndex::Address).await?.0;
        live.extend(tx.live(BlindIndex::Order).await?.0);
        tx.create_index().await?;
        let mut cleared = tx.clear_index().await?;
        live.sort_unstable();
        cleared.sort_unstable();
        assert_eq!(cleared, live);
        assert!(
            tx.index_find(BlindIndex::Address, &Tag16([7; 16])).await.is_err(),
            "a missing bucket is an error, not an empty result"
        );
        tx.create_index().await?;
        assert_eq!(tx.index_find(BlindIndex::Address, &Tag16([7; 16])).await?, None);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn hashes_beside_each_other_are_read_ahead_and_split_like_any() {
    let scratch = Scratch::new().await;
    let mut chance = Chance(0x0bad_cafe);
    let orders: Vec<Tag16> = (0..20).map(|_| chance.tag()).collect();
    let of_orders = |n: usize, chance: &mut Chance| -> Vec<Tag16> {
        orders
            .iter()
            .flat_map(|o| std::iter::repeat_n(o, n))
            .map(|o| chance.tag().colocated_with(o))
            .collect()
    };
    let (items, strangers) = (of_orders(80, &mut chance), of_orders(2, &mut chance));
    within(&scratch, async |tx| {
        tx.create_index().await?;
        let mut old = Vec::new();
        for (tag, to) in items.iter().zip(1..) {
            assert_eq!(tx.index_insert(BlindIndex::Order, tag, to, &mut old).await?, Inserted::Added);
        }
        Ok(())
    })
    .await;
    within(&scratch, async |tx| {
        let all: Vec<_> = items.iter().chain(&strangers).map(|tag| (BlindIndex::Order, *tag)).collect();
        tx.lock_index_for(&all).await?;
        assert!(
            all.iter().all(|(kind, tag)| tx.blind_index.known(*kind, tag).is_some()),
            "all are read ahead"
        );
        for (tag, to) in items.iter().zip(1..) {
            assert_eq!(tx.index_find_locked(BlindIndex::Order, tag).await?, Some(to));
        }
        for tag in &strangers {
            assert_eq!(tx.index_find_locked(BlindIndex::Order, tag).await?, None);
        }
        Ok(())
    })
    .await;
}
