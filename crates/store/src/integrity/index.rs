//! Where the sealed index leads: every entry to somebody who is there, and everybody found by exactly one.

use std::collections::BTreeSet;

use keyring::{Bucket, Permit};
use policy::inventory::sealed::IndexBucketPairs;
use policy::purpose::Operating;
use sqlx::{AssertSqlSafe, Row as _};

use crate::blind_index::row_of_word;
use crate::tx::{fetch_all, slot_from_i64, statements};
use crate::{BlindIndex, Error, Tx};

/// What a walk through an index found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct IndexReport {
    /// Entries.
    pub entries: u64,
    /// Entries that lead to no row: what they stand for is gone, and they should be too.
    pub lost: u64,
    /// Buckets that don't open although they should.
    pub damaged: u64,
    /// Buckets whose slot is forgotten: replaced while we looked, or left behind.
    pub forgotten: u64,
}

statements! {
    PAGE = "SELECT low, slot, pairs FROM bucket WHERE kind = $1 AND low > $2 ORDER BY low LIMIT 32";
}

/// How many of these rows are there. The numbers are ours and no input, and too many for one bind each.
fn ends(kind: BlindIndex, numbers: &BTreeSet<u64>) -> String {
    let (table, of) = if kind == BlindIndex::Address { ("person", "slot") } else { ("orders", "id") };
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    format!("SELECT {of} FROM {table} WHERE {of} IN ({})", numbers.join(", "))
}

/// All statements of this file.
#[cfg(test)]
pub(super) fn all_statements() -> impl Iterator<Item = String> {
    let both = BlindIndex::ALL.map(|kind| ends(kind, &BTreeSet::from([1, 2])));
    both.into_iter().chain(STATEMENTS.iter().map(|&sql| sql.to_owned()))
}

impl Tx {
    /// Follows every entry of an index. Nothing is released but numbers.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn check_index(&mut self, kind: BlindIndex) -> Result<IndexReport, Error> {
        let word = match kind {
            BlindIndex::Address => "address",
            BlindIndex::Order => "order",
        };
        let (mut found, mut after) = (IndexReport::default(), -1);
        loop {
            let rows = fetch_all!(self, PAGE, word, after)?;
            if rows.is_empty() {
                return Ok(found);
            }
            let mut to = Vec::new();
            for row in &rows {
                after = row.try_get(0)?;
                let sealed: Vec<u8> = row.try_get(2)?;
                let opened = self.open::<IndexBucketPairs, Operating>(
                    slot_from_i64(row.try_get(1)?),
                    row_of_word(word, after),
                    &sealed,
                    &Permit::<Operating>::operating(),
                );
                match opened {
                    Ok(Some(pairs)) => match Bucket::from_bytes(pairs.bytes()) {
                        Ok(bucket) => to.extend(bucket.iter().map(|(_, to)| to.0)),
                        Err(_) => found.damaged += 1,
                    },
                    Ok(None) | Err(Error::Damaged { .. }) => found.damaged += 1,
                    Err(Error::Forgotten { .. }) => found.forgotten += 1,
                    Err(error) => return Err(error),
                }
            }
            self.follow(kind, &to, &mut found).await?;
        }
    }

    async fn follow(&mut self, kind: BlindIndex, to: &[u64], found: &mut IndexReport) -> Result<(), Error> {
        found.entries += to.len() as u64;
        for some in to.chunks(500) {
            let wanted: BTreeSet<u64> = some.iter().copied().collect();
            let rows = sqlx::query(AssertSqlSafe(ends(kind, &wanted))).fetch_all(self.flush().await?).await?;
            let mut there = BTreeSet::new();
            for row in &rows {
                there.insert(u64::try_from(row.try_get::<i64, _>(0)?).unwrap_or(0));
            }
            found.lost += some.iter().filter(|number| !there.contains(number)).count() as u64;
        }
        Ok(())
    }
}
