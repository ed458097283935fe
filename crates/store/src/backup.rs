//! Backups of the data: every table of the inventory as lines of JSON, in one consistent snapshot, without stopping
//! writers. A backup holds no keys, so forgotten values stay unreadable in every backup ever made.
//!
//! The first line names format, schema, store and epoch. Each table has a line with its columns, followed by its
//! rows. The last line holds the number of rows, so that a truncated file is detected. A backup of one engine can be
//! restored on the other.

use std::io::Write;

use data_encoding::BASE64;
use futures_util::TryStreamExt as _;
use policy::inventory::{PLAIN, SEALED, TABLES};
use serde_json::{Value, json};
use sqlx::any::{AnyRow, AnyTypeInfoKind};
use sqlx::{AssertSqlSafe, Row as _, ValueRef as _};

use crate::{Db, Error};

/// Version of the backup format that this program writes and reads.
pub(crate) const FORMAT: u64 = 1;

/// Facts repeated in the first line, which a restore must check before it writes anything.
pub(crate) const HEAD: [&str; 3] = ["schema", "store", "epoch"];

/// Reasons why a backup can't be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A failure of the database.
    #[error(transparent)]
    Store(#[from] Error),
    /// A failure of the file.
    #[error("the backup file: {}", .0.kind())]
    File(#[from] std::io::Error),
    /// The file is not a backup, or it is incomplete.
    #[error("line {line} of the backup {fault}; nothing was restored")]
    Broken {
        /// Line number from 1.
        line: usize,
        fault: String,
    },
    /// The database already holds data.
    #[error(
        "the database is not empty: restore into a fresh data folder (or an empty schema), nothing was changed"
    )]
    NotEmpty,
}

/// Returns the inventory's columns of a table in alphabetical order.
pub(crate) fn columns(table: &str) -> Vec<&'static str> {
    let mut names: Vec<_> =
        SEALED.iter().chain(PLAIN).filter(|c| c.table == table).map(|c| c.column).collect();
    names.sort_unstable();
    names
}

/// How a backup reads a table.
pub(crate) struct TableReading {
    pub(crate) table: &'static str,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) sql: String,
}

/// Returns the statements that read each table, in the order of the backup.
pub(crate) fn readings() -> impl Iterator<Item = TableReading> {
    TABLES.iter().map(|table| {
        let columns = columns(table.name);
        let sql = format!("SELECT {} FROM {}", columns.join(", "), table.name);
        TableReading { table: table.name, columns, sql }
    })
}

fn cell(row: &AnyRow, n: usize) -> Result<Value, Error> {
    let kind = row.try_get_raw(n)?.type_info().into_owned();
    Ok(match kind.kind() {
        AnyTypeInfoKind::Blob => json!({ "b": BASE64.encode(&row.try_get::<Vec<u8>, _>(n)?) }),
        AnyTypeInfoKind::Text => json!(row.try_get::<String, _>(n)?),
        k if k.is_integer() => json!(row.try_get::<i64, _>(n)?),
        _ => return Err(Error::Unknown("a column's type")),
    })
}

impl Db {
    /// Writes a backup to `out` and returns the number of rows. Writers continue meanwhile.
    ///
    /// # Errors
    /// When the database is unavailable or the file can't be written.
    pub async fn write_backup(&self, out: &mut (dyn Write + Send)) -> Result<u64, BackupError> {
        let mut tx = self.read().await?;
        let mut head = serde_json::Map::from_iter([("scruple-backup".to_owned(), json!(FORMAT))]);
        for name in HEAD {
            head.insert(name.into(), json!(tx.fact(name).await?));
        }
        writeln!(out, "{}", Value::Object(head))?;
        let mut count = 0;
        for TableReading { table, columns, sql } in readings() {
            writeln!(out, "{}", json!({ "table": table, "columns": columns }))?;
            let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(tx.flush().await?);
            while let Some(row) = rows.try_next().await.map_err(Error::from)? {
                let cells = (0..columns.len()).map(|n| cell(&row, n)).collect::<Result<Vec<_>, _>>()?;
                writeln!(out, "{}", Value::Array(cells))?;
                count += 1;
            }
        }
        writeln!(out, "{}", json!({ "rows": count }))?;
        out.flush()?;
        Ok(count)
    }
}
