//! Blind index: finds a key slot by e-mail address, or an order row by a number of the provider, without storing
//! either in clear.
//!
//! A bucket is one sealed list of keyed hashes under a key slot of its own. Buckets are ranges of the hash, so a
//! split adds a row. An insertion keeps the bucket's slot. A removal or a move seals the bucket under a fresh slot
//! and returns the old slot, to be forgotten. A bucket that can't be opened is an error, never an absent entry. A
//! transaction that holds the index seals and writes each changed bucket once, before its commit.

pub(crate) mod cache;
#[cfg(test)]
mod tests;

use keyring::{Bucket, Permit, Slot, Tag16};
use policy::inventory::sealed::IndexBucketPairs;
use policy::purpose::Operating;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::batch_insert::{Cell, SIZES, cached_statement};
use crate::tx::{execute, fetch_all, slot_from_i64, slot_to_i64, statements};
use crate::{Engine, Error, Tx};
pub use cache::BlindIndex;
use cache::{BucketCache, CachedBucket};

/// Result of an insertion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Inserted {
    /// The entry was added.
    Added,
    /// The hash existed already, with this value.
    Existing(u64),
}

statements! {
    FIND = "SELECT low, slot, pairs FROM index_bucket WHERE kind = $1 AND low <= $2 ORDER BY low DESC LIMIT 1";
    // ENGINE-SPECIFIC: SQLite has one writer at a time; PostgreSQL needs a lock to allow only one.
    LOCK = "LOCK TABLE index_bucket IN SHARE ROW EXCLUSIVE MODE";
    WRITE = "INSERT INTO index_bucket (kind, low, slot, pairs) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (kind, low) DO UPDATE SET slot = excluded.slot, pairs = excluded.pairs";
    SLOTS = "SELECT slot FROM index_bucket WHERE kind = $1 ORDER BY low";
    CLEAR = "DELETE FROM index_bucket";
}

/// The statement that only PostgreSQL understands.
#[cfg(test)]
pub(crate) const POSTGRES_ONLY: &[&str] = &[LOCK];

/// Number of buckets in a new index, so that the first writers don't all wait for one row.
const FIRST_BUCKETS: i64 = 16;

fn damaged() -> Error {
    Error::Damaged { column: "index_bucket.pairs".into() }
}

/// Row number that a bucket's sealing is bound to. The two indexes don't overlap.
fn row_of(kind: BlindIndex, low: i64) -> i64 {
    match kind {
        BlindIndex::Address => low,
        BlindIndex::Order => !low,
    }
}

/// The same for the stored name of an index.
pub(crate) fn row_of_name(name: &str, low: i64) -> i64 {
    row_of(if name == BlindIndex::Address.as_str() { BlindIndex::Address } else { BlindIndex::Order }, low)
}

impl Tx {
    /// Creates the empty buckets of both indexes.
    pub async fn create_index(&mut self) -> Result<(), Error> {
        for kind in BlindIndex::ALL {
            if !self.bucket_slots(kind).await?.is_empty() {
                continue;
            }
            let width = i64::MAX / FIRST_BUCKETS + 1;
            for n in 0..FIRST_BUCKETS {
                let low = n * width;
                self.renew_bucket(
                    kind,
                    CachedBucket { low, slot: Slot(0), bucket: Bucket::new(), reach: low },
                )?;
            }
        }
        self.write_index().await
    }

    /// Returns the key slots of all buckets of an index, in order.
    async fn bucket_slots(&mut self, kind: BlindIndex) -> Result<Vec<Slot>, Error> {
        self.write_index().await?;
        fetch_all!(self, SLOTS, kind.as_str())?.iter().map(|row| Ok(slot_from_i64(row.try_get(0)?))).collect()
    }

    /// Deletes all buckets and returns their key slots, to be forgotten. Used to rebuild the index after a restore.
    pub async fn clear_index(&mut self) -> Result<Vec<Slot>, Error> {
        let mut slots = Vec::new();
        for kind in BlindIndex::ALL {
            slots.extend(self.bucket_slots(kind).await?);
        }
        execute!(self, CLEAR)?;
        let locked = self.blind_index.locked;
        self.blind_index = BucketCache::default();
        self.blind_index.locked = locked;
        Ok(slots)
    }

    /// Finds the value of a hash; `None` if the index does not hold it.
    ///
    /// # Errors
    /// When the bucket can't be opened, or the database or the keyring is unavailable.
    pub async fn index_find(&mut self, kind: BlindIndex, tag: &Tag16) -> Result<Option<u64>, Error> {
        Ok(self.bucket(kind, tag).await?.bucket.find(*tag).map(|to| to.0))
    }

    /// Like [`Tx::index_find`], and locks the bucket against changes until the transaction ends.
    ///
    /// # Errors
    /// When the bucket can't be opened, or the database or the keyring is unavailable.
    pub async fn index_find_locked(&mut self, kind: BlindIndex, tag: &Tag16) -> Result<Option<u64>, Error> {
        Ok(self.locked_bucket(kind, tag).await?.bucket.find(*tag).map(|to| to.0))
    }

    /// Locks the whole index against changes until the transaction ends. One lock prevents deadlocks between
    /// operations that change many buckets. Concurrent insertions share a transaction anyway (group commit).
    pub async fn lock_index(&mut self) -> Result<(), Error> {
        if self.engine == Engine::Postgres && !self.blind_index.locked {
            execute!(self, LOCK)?;
        }
        self.blind_index.locked = true;
        Ok(())
    }

    /// Inserts an entry exactly once. Adds the slot of a bucket that was split to `old`, to be forgotten.
    ///
    /// # Errors
    /// When the bucket can't be opened, or the database or the keyring is unavailable.
    pub async fn index_insert(
        &mut self,
        kind: BlindIndex,
        tag: &Tag16,
        to: u64,
        old: &mut Vec<Slot>,
    ) -> Result<Inserted, Error> {
        let mut found = self.locked_bucket(kind, tag).await?;
        if let Some(existing) = found.bucket.find(*tag) {
            return Ok(Inserted::Existing(existing.0));
        }
        if !found.bucket.is_full() {
            found.bucket.insert(*tag, Slot(to)).map_err(|_| damaged())?;
            self.blind_index.change(kind, found);
            return Ok(Inserted::Added);
        }
        old.push(found.slot);
        let (middle, mut upper) = found.bucket.split().ok_or_else(damaged)?;
        let half = if tag.sort_key() < middle { &mut found.bucket } else { &mut upper };
        half.insert(*tag, Slot(to)).map_err(|_| damaged())?;
        let reach = found.reach.max(middle);
        self.renew_bucket(kind, CachedBucket { reach: middle - 1, ..found })?;
        self.renew_bucket(kind, CachedBucket { low: middle, slot: Slot(0), bucket: upper, reach })?;
        Ok(Inserted::Added)
    }

    /// Removes an entry and adds the bucket's old slot to `old`, to be forgotten. Returns whether the entry existed.
    ///
    /// # Errors
    /// When the bucket can't be opened, or the database or the keyring is unavailable.
    pub async fn index_remove(
        &mut self,
        kind: BlindIndex,
        tag: &Tag16,
        old: &mut Vec<Slot>,
    ) -> Result<bool, Error> {
        let mut found = self.locked_bucket(kind, tag).await?;
        if found.bucket.remove(*tag).is_none() {
            return Ok(false);
        }
        old.push(found.slot);
        self.renew_bucket(kind, found)?;
        Ok(true)
    }

    /// Moves a bucket to a fresh key slot.
    fn renew_bucket(&mut self, kind: BlindIndex, found: CachedBucket) -> Result<(), Error> {
        let slot = self.keyring.allocate_slot()?;
        self.blind_index.change(kind, CachedBucket { slot, ..found });
        Ok(())
    }

    /// Writes all queued rows and each changed bucket once, before the commit.
    pub(crate) async fn write_index(&mut self) -> Result<(), Error> {
        for (kind, found) in self.blind_index.take_changed() {
            let row = row_of(kind, found.low);
            let pairs = Cell::sealing::<IndexBucketPairs>(found.slot, row, &found.bucket.to_bytes());
            self.queue_insert(
                WRITE,
                [kind.as_str().into(), found.low.into(), slot_to_i64(found.slot).into(), pairs],
            );
        }
        self.flush().await?;
        Ok(())
    }

    /// Locks the index and reads the buckets of many hashes with few statements.
    ///
    /// # Errors
    /// When a bucket can't be opened, or the database or the keyring is unavailable.
    pub async fn lock_index_for(&mut self, tags: &[(BlindIndex, Tag16)]) -> Result<(), Error> {
        self.lock_index().await?;
        let mut tags = tags.to_vec();
        tags.sort_unstable();
        // Of colocated hashes it is enough to read the bucket of the last one, which usually begins below the others
        // too.
        let beside = tags.chunk_by(|a, b| a.0 == b.0 && a.1.is_colocated_with(&b.1));
        let last: Vec<_> = beside.filter_map(|some| some.last().copied()).collect();
        self.read_buckets(&last).await?;
        tags.retain(|(kind, tag)| self.blind_index.known(*kind, tag).is_none());
        self.read_buckets(&tags).await
    }

    async fn read_buckets(&mut self, tags: &[(BlindIndex, Tag16)]) -> Result<(), Error> {
        let mut rest = tags;
        while let Some(size) = SIZES.into_iter().find(|size| *size <= rest.len()) {
            let (now, later) = rest.split_at(size);
            rest = later;
            let mut query = sqlx::query(cached_statement(FIND, size, find_many));
            for (kind, tag) in now {
                query = query.bind(kind.as_str()).bind(tag.sort_key());
            }
            for row in query.fetch_all(self.conn()).await? {
                let n = usize::try_from(row.try_get::<i64, _>(3)?).unwrap_or(usize::MAX);
                let (kind, tag) = now.get(n).ok_or_else(damaged)?;
                let found = self.open_bucket(*kind, tag, &row)?;
                self.blind_index.insert(*kind, tag, found);
            }
        }
        Ok(())
    }

    /// Returns the bucket of a hash from the transaction's cache, or reads it once.
    async fn locked_bucket(&mut self, kind: BlindIndex, tag: &Tag16) -> Result<CachedBucket, Error> {
        self.lock_index().await?;
        if let Some(known) = self.blind_index.known(kind, tag) {
            return Ok(known.clone());
        }
        let found = self.bucket(kind, tag).await?;
        self.blind_index.insert(kind, tag, found.clone());
        Ok(found)
    }

    async fn bucket(&mut self, kind: BlindIndex, tag: &Tag16) -> Result<CachedBucket, Error> {
        let query = sqlx::query(FIND).bind(kind.as_str()).bind(tag.sort_key());
        let row = query.fetch_optional(self.conn()).await?;
        row.map_or_else(
            || self.blind_index.nearest(kind, tag).cloned().ok_or_else(damaged),
            |row| self.open_bucket(kind, tag, &row),
        )
    }

    /// Opens the bucket that was read for a hash. If the transaction has a newer state of it, or a nearer part after
    /// a split, returns that instead.
    fn open_bucket(&self, kind: BlindIndex, tag: &Tag16, row: &AnyRow) -> Result<CachedBucket, Error> {
        let (low, slot) = (row.try_get(0)?, slot_from_i64(row.try_get(1)?));
        if let Some(known) = self.blind_index.nearest(kind, tag).filter(|known| known.low >= low) {
            return Ok(known.clone());
        }
        let (insert, pairs) = (row_of(kind, low), row.try_get::<Vec<u8>, _>(2)?);
        let opened = if self.blind_index.locked {
            self.open_own::<IndexBucketPairs>(slot, insert, pairs)?
        } else {
            let permit = Permit::<Operating>::operating();
            self.open::<IndexBucketPairs, Operating>(slot, insert, &pairs, &permit)?.ok_or_else(damaged)?
        };
        let bucket = Bucket::from_bytes(opened.bytes()).map_err(|_| damaged())?;
        Ok(CachedBucket { low, slot, bucket, reach: tag.sort_key() })
    }
}

/// Expands [`FIND`] to many hashes. Each row ends with the number of its hash.
fn find_many(sql: &str, count: usize) -> String {
    let one = |n: usize| {
        let find = sql.replace("$1", "$kind").replace("$2", "$tag");
        let find =
            find.replace("$kind", &format!("${}", 2 * n + 1)).replace("$tag", &format!("${}", 2 * n + 2));
        format!("SELECT f{n}.low, f{n}.slot, f{n}.pairs, {n} FROM ({find}) AS f{n}")
    };
    (0..count).map(one).collect::<Vec<_>>().join(" UNION ALL ")
}
