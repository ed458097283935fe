//! Batched inserts: a transaction queues rows and writes many with one statement, because a round trip costs more
//! than a row. Any other statement of the transaction flushes the queue first, except reads of the blind index, whose
//! rows are queued last. Values are sealed while the engine inserts other rows.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use keyring::{Keyring, KeyringError, KeyringView, Slot};
use policy::Field;
use sqlx::any::AnyArguments;
use sqlx::{AnyConnection, AssertSqlSafe};
use zeroize::Zeroizing;

use crate::{Error, Tx};

/// A cell of a queued row.
#[derive(PartialEq)]
pub(crate) enum Cell {
    /// BIGINT.
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
    /// BYTES that are sealed while the engine inserts other rows.
    DeferredSeal(DeferredSeal),
}

type SealFn = dyn FnOnce(&Keyring, &KeyringView) -> Result<Vec<u8>, Error> + Send;

/// A value that waits to be sealed.
pub(crate) struct DeferredSeal(Box<SealFn>);

/// Two sealed values are never equal.
impl PartialEq for DeferredSeal {
    fn eq(&self, _: &Self) -> bool {
        false
    }
}

impl Cell {
    /// Queues a value to be sealed for row `row` of field `F` under `slot`. An empty value stays empty.
    pub(crate) fn sealing<F: Field>(slot: Slot, row: i64, value: &[u8]) -> Self {
        if value.is_empty() {
            return Self::Bytes(Vec::new());
        }
        let value = Zeroizing::new(value.to_vec());
        Self::DeferredSeal(DeferredSeal(Box::new(move |keyring: &Keyring, keyring_view: &KeyringView| {
            Ok(keyring.seal_in_view::<F>(keyring_view, slot, &row.to_be_bytes(), &value)?.into_bytes())
        })))
    }

    fn is_sealing(&self) -> bool {
        matches!(self, Self::DeferredSeal(_))
    }

    fn sealed(self, keyring: &Keyring, keyring_view: &KeyringView) -> Result<Self, Error> {
        match self {
            Self::DeferredSeal(DeferredSeal(seal)) => seal(keyring, keyring_view).map(Self::Bytes),
            cell => Ok(cell),
        }
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for Cell {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

/// Rows of one statement, each written for a single row.
type Rows = (&'static str, Vec<Vec<Cell>>);

/// Queued rows by statement.
#[derive(Default)]
pub(crate) struct PendingInserts(Vec<Rows>);

/// Numbers of rows in one statement, largest first. Any number of rows needs few statements, and each text is
/// prepared once.
pub(crate) const SIZES: [usize; 11] = [64, 48, 32, 24, 16, 12, 8, 6, 4, 2, 1];

/// Returns the statement that `make` builds for a number of rows, from a cache.
pub(crate) fn cached_statement(
    sql: &'static str,
    rows: usize,
    make: fn(&str, usize) -> String,
) -> AssertSqlSafe<Arc<str>> {
    type Texts = HashMap<(&'static str, usize), Arc<str>>;
    static MADE: LazyLock<Mutex<Texts>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    AssertSqlSafe(Arc::clone(made.entry((sql, rows)).or_insert_with(|| make(sql, rows).into())))
}

impl Tx {
    /// Queues a row for a statement that inserts one row.
    pub(crate) fn queue_insert<const N: usize>(&mut self, sql: &'static str, row: [Cell; N]) {
        let all = &mut self.pending_inserts.0;
        let row = row.into_iter().collect();
        match all.iter_mut().find(|(known, _)| *known == sql) {
            Some((_, rows)) => rows.push(row),
            None => all.push((sql, vec![row])),
        }
    }

    /// Queues a row for an upsert. It replaces a queued row with the same first `keys` cells. Returns whether the
    /// queue is long enough to be flushed.
    pub(crate) fn queue_upsert<const N: usize>(
        &mut self,
        sql: &'static str,
        keys: usize,
        row: [Cell; N],
    ) -> bool {
        if let Some((_, rows)) = self.pending_inserts.0.iter_mut().find(|(known, _)| *known == sql) {
            rows.retain(|waits| waits[..keys] != row[..keys]);
        }
        self.queue_insert(sql, row);
        self.pending_inserts.0.iter().any(|(known, rows)| *known == sql && rows.len() >= SIZES[0])
    }

    /// Writes all queued rows and returns the connection. Rows with values to be sealed are written last.
    ///
    /// # Errors
    /// When a row is rejected, or the database or the keyring is unavailable.
    pub(crate) async fn flush(&mut self) -> Result<&mut AnyConnection, Error> {
        let pending_inserts = std::mem::take(&mut self.pending_inserts.0);
        let (to_seal, plain): (Vec<_>, Vec<_>) =
            pending_inserts.into_iter().partition(|(_, rows)| rows.iter().flatten().any(Cell::is_sealing));
        if to_seal.is_empty() {
            self.insert(plain).await?;
        } else {
            let (keyring, keyring_view) = (Arc::clone(&self.keyring), self.keyring_view()?);
            let sealing = tokio::task::spawn_blocking(move || sealed(&keyring, &keyring_view, to_seal));
            self.insert(plain).await?;
            self.insert(sealing.await.map_err(|_| KeyringError::Interrupted)??).await?;
        }
        Ok(self.conn())
    }

    async fn insert(&mut self, pending_inserts: Vec<Rows>) -> Result<(), Error> {
        for (sql, mut rows) in pending_inserts {
            for size in SIZES {
                while rows.len() >= size {
                    let query = sqlx::query(cached_statement(sql, size, expand_statement));
                    rows.drain(..size).flatten().fold(query, bind).execute(self.conn()).await?;
                }
            }
        }
        Ok(())
    }
}

fn sealed(
    keyring: &Keyring,
    keyring_view: &KeyringView,
    pending_inserts: Vec<Rows>,
) -> Result<Vec<Rows>, Error> {
    let seal = |row: Vec<Cell>| row.into_iter().map(|cell| cell.sealed(keyring, keyring_view)).collect();
    pending_inserts
        .into_iter()
        .map(|(sql, rows)| Ok((sql, rows.into_iter().map(seal).collect::<Result<_, Error>>()?)))
        .collect()
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Any, AnyArguments>;

fn bind(query: Query<'_>, cell: Cell) -> Query<'_> {
    match cell {
        Cell::Number(number) => query.bind(number),
        Cell::Text(text) => query.bind(text),
        Cell::Bytes(bytes) => query.bind(bytes),
        Cell::DeferredSeal(_) => unreachable!("it was sealed before it is bound"),
    }
}

/// Expands a statement that inserts one row to one that inserts `rows` rows.
fn expand_statement(sql: &str, rows: usize) -> String {
    let (head, rest) = sql.split_once("VALUES (").unwrap_or((sql, ""));
    let (row, tail) = rest.split_once(')').unwrap_or((rest, ""));
    let width = row.matches('$').count();
    let one = |n: usize| {
        let cells =
            row.split(", ").map(|cell| match cell.strip_prefix('$').and_then(|c| c.parse::<usize>().ok()) {
                Some(place) => format!("${}", n * width + place),
                None => cell.to_owned(),
            });
        format!("({})", cells.collect::<Vec<_>>().join(", "))
    };
    format!("{head}VALUES {}{tail}", (0..rows).map(one).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_for_one_row_becomes_one_for_many() {
        let sql = "INSERT INTO t (a, b, c) VALUES ($1, $2, 0) ON CONFLICT (a) DO NOTHING";
        assert_eq!(expand_statement(sql, 1), sql);
        assert_eq!(
            expand_statement(sql, 2),
            "INSERT INTO t (a, b, c) VALUES ($1, $2, 0), ($3, $4, 0) ON CONFLICT (a) DO NOTHING"
        );
    }
}
