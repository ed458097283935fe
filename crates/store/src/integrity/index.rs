//! Integrity of the blind index: every entry must refer to an existing row, and every row must have exactly one
//! entry.

use std::collections::BTreeSet;

use keyring::{Bucket, Permit};
use policy::inventory::sealed::IndexBucketPairs;
use policy::purpose::Operating;
use sqlx::{AssertSqlSafe, Row as _};

use crate::blind_index::row_of_name;
use crate::tx::{fetch_all, slot_from_i64, statements};
use crate::{BlindIndex, Error, Tx};

/// Result of checking one blind index.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct IndexReport {
    /// Number of entries.
    pub entries: u64,
    /// Entries without a row, which should have been removed with it.
    pub lost: u64,
    /// Buckets that can't be opened although they should.
    pub damaged: u64,
    /// Buckets whose key slot is forgotten: replaced during the check, or left behind.
    pub forgotten: u64,
}

statements! {
    PAGE = "SELECT low, slot, pairs FROM index_bucket WHERE kind = $1 AND low > $2 ORDER BY low LIMIT 32";
}

/// Builds the statement that returns which of these rows exist. The numbers come from the index, and are too many to
/// bind.
fn existing_rows(kind: BlindIndex, numbers: &BTreeSet<u64>) -> String {
    let (table, of) = if kind == BlindIndex::Address { ("person", "slot") } else { ("orders", "id") };
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    format!("SELECT {of} FROM {table} WHERE {of} IN ({})", numbers.join(", "))
}

/// All statements of this file.
#[cfg(test)]
pub(super) fn all_statements() -> impl Iterator<Item = String> {
    let both = BlindIndex::ALL.map(|kind| existing_rows(kind, &BTreeSet::from([1, 2])));
    both.into_iter().chain(STATEMENTS.iter().map(|&sql| sql.to_owned()))
}

impl Tx {
    /// Checks every entry of a blind index. It releases only numbers.
    pub async fn check_index(&mut self, kind: BlindIndex) -> Result<IndexReport, Error> {
        let value = match kind {
            BlindIndex::Address => "address",
            BlindIndex::Order => "order",
        };
        let (mut found, mut after) = (IndexReport::default(), -1);
        loop {
            let rows = fetch_all!(self, PAGE, value, after)?;
            if rows.is_empty() {
                return Ok(found);
            }
            let mut values = Vec::new();
            for row in &rows {
                after = row.try_get(0)?;
                let sealed: Vec<u8> = row.try_get(2)?;
                let opened = self.open::<IndexBucketPairs, Operating>(
                    slot_from_i64(row.try_get(1)?),
                    row_of_name(value, after),
                    &sealed,
                    &Permit::<Operating>::operating(),
                );
                match opened {
                    Ok(Some(pairs)) => match Bucket::from_bytes(pairs.bytes()) {
                        Ok(bucket) => values.extend(bucket.iter().map(|(_, values)| values.0)),
                        Err(_) => found.damaged += 1,
                    },
                    Ok(None) | Err(Error::Damaged { .. }) => found.damaged += 1,
                    Err(Error::Forgotten { .. }) => found.forgotten += 1,
                    Err(error) => return Err(error),
                }
            }
            self.check_entries(kind, &values, &mut found).await?;
        }
    }

    async fn check_entries(
        &mut self,
        kind: BlindIndex,
        values: &[u64],
        found: &mut IndexReport,
    ) -> Result<(), Error> {
        found.entries += values.len() as u64;
        for some in values.chunks(500) {
            let wanted: BTreeSet<u64> = some.iter().copied().collect();
            let rows = sqlx::query(AssertSqlSafe(existing_rows(kind, &wanted)))
                .fetch_all(self.flush().await?)
                .await?;
            let mut existing = BTreeSet::new();
            for row in &rows {
                existing.insert(u64::try_from(row.try_get::<i64, _>(0)?).unwrap_or(0));
            }
            found.lost += some.iter().filter(|number| !existing.contains(number)).count() as u64;
        }
        Ok(())
    }
}
