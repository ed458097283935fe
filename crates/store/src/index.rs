//! The sealed index: from an address or a number of the provider to a slot or a row.
//!
//! A bucket is one sealed blob of keyed hashes under a slot of its own (Finding without revealing). Buckets are
//! ranges of the hash, so a split adds a row. An insertion keeps the bucket's slot; whatever removes or moves an
//! entry seals the bucket under a fresh slot and hands the old one back to be forgotten. A bucket that doesn't open
//! is an error, never "nobody".

pub(crate) mod memory;
#[cfg(test)]
mod tests;

use policy::inventory::sealed::BucketPairs;
use policy::purpose::Operating;
use sqlx::{AssertSqlSafe, Row as _};
use vault::{Bucket, Leave, Slot, Tag16};

use crate::tx::{all, column, run, slot, statements};
use crate::{Engine, Error, Tx};
pub use memory::Kind;
use memory::{Found, Memory};

/// What became of an entry that was to be put in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Put {
    /// It is in.
    Done,
    /// Its hash was in already and leads to this.
    Taken(u64),
}

statements! {
    FIND = "SELECT low, slot, pairs FROM bucket WHERE kind = $1 AND low <= $2 ORDER BY low DESC LIMIT 1";
    // ENGINE-SPECIFIC: SQLite has one writer at a time; PostgreSQL must be told to let one in at a time.
    LOCK = "LOCK TABLE bucket IN SHARE ROW EXCLUSIVE MODE";
    ADD = "INSERT INTO bucket (kind, low, slot, pairs) VALUES ($1, $2, $3, $4)";
    SET = "UPDATE bucket SET slot = $3, pairs = $4 WHERE kind = $1 AND low = $2";
    // Buckets that changed, many at a time.
    WRITE = "INSERT INTO bucket (kind, low, slot, pairs) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (kind, low) DO UPDATE SET slot = excluded.slot, pairs = excluded.pairs";
    LOWS = "SELECT low, slot FROM bucket WHERE kind = $1 ORDER BY low";
    CLEAR = "DELETE FROM bucket";
}

/// The statement that only one engine understands.
#[cfg(test)]
pub(crate) const POSTGRES_ONLY: &[&str] = &[LOCK];

/// How many buckets each index begins with, so that the first writers don't all wait for one row.
const FIRST_BUCKETS: i64 = 16;

fn damaged() -> Error {
    Error::Damaged { place: "bucket.pairs".into() }
}

/// A bucket's place as the row number that its sealing is bound to: the two indexes don't overlap.
fn row_of(kind: Kind, low: i64) -> i64 {
    match kind {
        Kind::Address => low,
        Kind::Order => !low,
    }
}

/// The same for the index of that word.
pub(crate) fn row_of_word(word: &str, low: i64) -> i64 {
    row_of(if word == Kind::Address.word() { Kind::Address } else { Kind::Order }, low)
}

impl Tx {
    /// Makes the empty buckets of both indexes.
    ///
    /// # Errors
    /// When the database or the keyring is away.
    pub async fn make_index(&mut self) -> Result<(), Error> {
        for kind in Kind::ALL {
            if !all!(self, LOWS, kind.word())?.is_empty() {
                continue;
            }
            let width = i64::MAX / FIRST_BUCKETS + 1;
            for n in 0..FIRST_BUCKETS {
                self.write_bucket(ADD, kind, n * width, Bucket::new()).await?;
            }
        }
        Ok(())
    }

    /// Drops all buckets; returns their slots, to be forgotten. For rebuilding after a restore.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn clear_index(&mut self) -> Result<Vec<Slot>, Error> {
        let mut slots = Vec::new();
        for kind in Kind::ALL {
            for row in all!(self, LOWS, kind.word())? {
                slots.push(slot(row.try_get(1)?));
            }
        }
        run!(self, CLEAR)?;
        let locked = self.index.locked;
        self.index = Memory::default();
        self.index.locked = locked;
        Ok(slots)
    }

    /// Where a hash leads; `None` when the index doesn't hold it.
    ///
    /// # Errors
    /// When the bucket doesn't open, or database or keyring is away.
    pub async fn index_find(&mut self, kind: Kind, tag: &Tag16) -> Result<Option<u64>, Error> {
        Ok(self.bucket(kind, tag).await?.bucket.find(*tag).map(|to| to.0))
    }

    /// The same, keeping everybody else from changing that bucket until the transaction ends.
    ///
    /// # Errors
    /// When the bucket doesn't open, or database or keyring is away.
    pub async fn index_find_locked(&mut self, kind: Kind, tag: &Tag16) -> Result<Option<u64>, Error> {
        Ok(self.locked_bucket(kind, tag).await?.bucket.find(*tag).map(|to| to.0))
    }

    /// Keeps everybody else from changing the index until the transaction ends. One lock for all of it: deeds that
    /// change many buckets can't wait for each other in a circle, and those that come at once share a transaction
    /// anyway.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn lock_index(&mut self) -> Result<(), Error> {
        if self.engine == Engine::Postgres && !self.index.locked {
            run!(self, LOCK)?;
        }
        self.index.locked = true;
        Ok(())
    }

    /// Puts an entry in, exactly once. Slots to be forgotten (of a bucket that was split) are added to `old`.
    ///
    /// # Errors
    /// When the bucket doesn't open, or database or keyring is away.
    pub async fn index_put(
        &mut self,
        kind: Kind,
        tag: &Tag16,
        to: u64,
        old: &mut Vec<Slot>,
    ) -> Result<Put, Error> {
        let mut found = self.locked_bucket(kind, tag).await?;
        if let Some(taken) = found.bucket.find(*tag) {
            return Ok(Put::Taken(taken.0));
        }
        if !found.bucket.is_full() {
            found.bucket.insert(*tag, Slot(to)).map_err(|_| damaged())?;
            self.index.changed.insert((kind, found.low));
            self.index.place(kind, tag, found);
            return Ok(Put::Done);
        }
        old.push(found.slot);
        let (middle, mut upper) = found.bucket.split().ok_or_else(damaged)?;
        let half = if tag.order() < middle { &mut found.bucket } else { &mut upper };
        half.insert(*tag, Slot(to)).map_err(|_| damaged())?;
        self.write_bucket(SET, kind, found.low, found.bucket).await?;
        self.write_bucket(ADD, kind, middle, upper).await?;
        self.index.split(kind, found.low, middle);
        Ok(Put::Done)
    }

    /// Takes an entry out; the bucket's old slot, to be forgotten, is added to `old`. Says whether it was there.
    ///
    /// # Errors
    /// When the bucket doesn't open, or database or keyring is away.
    pub async fn index_drop(&mut self, kind: Kind, tag: &Tag16, old: &mut Vec<Slot>) -> Result<bool, Error> {
        let mut found = self.locked_bucket(kind, tag).await?;
        if found.bucket.remove(*tag).is_none() {
            return Ok(false);
        }
        old.push(found.slot);
        self.write_bucket(SET, kind, found.low, found.bucket).await?;
        Ok(true)
    }

    /// Writes a bucket under a fresh slot.
    async fn write_bucket(
        &mut self,
        sql: &'static str,
        kind: Kind,
        low: i64,
        bucket: Bucket,
    ) -> Result<(), Error> {
        let slot = self.vault.take_slot()?;
        let pairs = self.seal::<BucketPairs>(slot, row_of(kind, low), &bucket.to_bytes())?;
        let query = sqlx::query(sql).bind(kind.word()).bind(low).bind(column(slot)).bind(pairs);
        query.execute(self.conn()).await?;
        self.index.replaced(kind, Found { low, slot, bucket });
        Ok(())
    }

    /// Writes the buckets that only got entries, each once however many it got: before the commit.
    pub(crate) async fn write_index(&mut self) -> Result<(), Error> {
        for (kind, low) in std::mem::take(&mut self.index.changed) {
            let Some(found) = self.index.buckets.get(&(kind, low)) else { continue };
            let slot = found.slot;
            let pairs = self.seal::<BucketPairs>(slot, row_of(kind, low), &found.bucket.to_bytes())?;
            self.gather(WRITE, [kind.word().into(), low.into(), column(slot).into(), pairs.into()]);
        }
        Ok(())
    }

    /// Locks the index and reads the buckets of many hashes with few statements.
    ///
    /// # Errors
    /// When a bucket doesn't open, or database or keyring is away.
    pub async fn lock_index_for(&mut self, tags: &[(Kind, Tag16)]) -> Result<(), Error> {
        self.lock_index().await?;
        let mut rest = tags;
        while let Some(size) = [16, 4, 1].into_iter().find(|size| *size <= rest.len()) {
            let (now, later) = rest.split_at(size);
            rest = later;
            let mut query = sqlx::query(AssertSqlSafe(find_many(size)));
            for (kind, tag) in now {
                query = query.bind(kind.word()).bind(tag.order());
            }
            for row in query.fetch_all(self.conn()).await? {
                let n = usize::try_from(row.try_get::<i64, _>(0)?).unwrap_or(usize::MAX);
                let (kind, tag) = now.get(n).ok_or_else(damaged)?;
                let found = self.open_bucket(
                    *kind,
                    row.try_get(1)?,
                    row.try_get(2)?,
                    &row.try_get::<Vec<u8>, _>(3)?,
                )?;
                self.index.place(*kind, tag, found);
            }
        }
        Ok(())
    }

    /// The bucket of a hash, held for this transaction: what was read or written once is not read again.
    async fn locked_bucket(&mut self, kind: Kind, tag: &Tag16) -> Result<Found, Error> {
        self.lock_index().await?;
        if let Some(known) = self.index.known(kind, tag) {
            return Ok(known.clone());
        }
        let found = self.bucket(kind, tag).await?;
        self.index.place(kind, tag, found.clone());
        Ok(found)
    }

    async fn bucket(&mut self, kind: Kind, tag: &Tag16) -> Result<Found, Error> {
        let query = sqlx::query(FIND).bind(kind.word()).bind(tag.order());
        let row = query.fetch_optional(self.conn()).await?.ok_or_else(damaged)?;
        self.open_bucket(kind, row.try_get(0)?, row.try_get(1)?, &row.try_get::<Vec<u8>, _>(2)?)
    }

    /// Opens a bucket, unless this transaction knows a newer state of it.
    fn open_bucket(&self, kind: Kind, low: i64, of: i64, pairs: &[u8]) -> Result<Found, Error> {
        if let Some(known) = self.index.buckets.get(&(kind, low)) {
            return Ok(known.clone());
        }
        let leave = Leave::<Operating>::operating();
        let opened = self
            .open::<BucketPairs, Operating>(slot(of), row_of(kind, low), pairs, &leave)?
            .ok_or_else(damaged)?;
        let bucket = Bucket::from_bytes(opened.bytes()).map_err(|_| damaged())?;
        Ok(Found { low, slot: slot(of), bucket })
    }
}

/// [`FIND`] for many hashes at once; each row begins with the number of its hash.
fn find_many(count: usize) -> String {
    let one = |n: usize| {
        let find = FIND.replace("$1", "$kind").replace("$2", "$tag");
        let find =
            find.replace("$kind", &format!("${}", 2 * n + 1)).replace("$tag", &format!("${}", 2 * n + 2));
        format!("SELECT {n}, f{n}.low, f{n}.slot, f{n}.pairs FROM ({find}) AS f{n}")
    };
    (0..count).map(one).collect::<Vec<_>>().join(" UNION ALL ")
}
