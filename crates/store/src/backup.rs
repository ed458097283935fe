//! Backups of the data: every table of the inventory as lines of JSON, from one state of the database, while it
//! serves. There is no key in it: what was forgotten stays unreadable in every backup ever made.
//!
//! The first line names format, schema, store and epoch; each table has a line with its columns, then its rows;
//! the last line counts them, so that a cut-off file is noticed. Works between engines.

use std::io::{BufRead, Write};

use data_encoding::BASE64;
use policy::inventory::{PLAIN, SEALED, TABLES};
use serde_json::{Value, json};
use sqlx::any::{AnyRow, AnyTypeInfoKind};
use sqlx::{AssertSqlSafe, Row as _, ValueRef as _};

use crate::{Db, Error, Store};

/// The fact that tells the next start that this data comes from a backup.
pub const RESTORED: &str = "restored";

/// Why a backup can't be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
    /// The file.
    #[error("the backup file: {0}")]
    File(#[from] std::io::Error),
    /// Not a backup, or not whole.
    #[error("line {line} of the backup: {why}; nothing was restored")]
    Broken {
        /// Line number from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// There is something in the database already.
    #[error(
        "the database is not empty: restore into a fresh data folder (or an empty schema), nothing was changed"
    )]
    NotEmpty,
}

/// Columns of a table as the inventory lists them, in alphabetical order.
fn columns(table: &str) -> Vec<&'static str> {
    let mut names: Vec<_> =
        SEALED.iter().chain(PLAIN).filter(|c| c.table == table).map(|c| c.column).collect();
    names.sort_unstable();
    names
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

const PAGE: i64 = 1000;

impl Db {
    /// Writes all data to `out` and returns the number of rows.
    ///
    /// # Errors
    /// When the database is away or the file can't be written.
    pub async fn back_up(&self, out: &mut (dyn Write + Send)) -> Result<u64, BackupError> {
        let mut tx = self.read().await?;
        let (schema, store) = (tx.fact("schema").await?, tx.fact("store").await?);
        let epoch = tx.fact("epoch").await?;
        writeln!(
            out,
            "{}",
            json!({ "scruple-backup": 1, "schema": schema, "store": store, "epoch": epoch })
        )?;
        let mut rows = 0;
        for table in TABLES {
            let names = columns(table.name);
            writeln!(out, "{}", json!({ "table": table.name, "columns": names }))?;
            let list = names.join(", ");
            let sql = format!("SELECT {list} FROM {} ORDER BY {list} LIMIT $1 OFFSET $2", table.name);
            let mut from = 0;
            loop {
                let page =
                    sqlx::query(AssertSqlSafe(sql.clone())).bind(PAGE).bind(from).fetch_all(tx.conn()).await;
                let page = page.map_err(Error::from)?;
                for row in &page {
                    let cells = (0..names.len()).map(|n| cell(row, n)).collect::<Result<Vec<_>, _>>()?;
                    writeln!(out, "{}", Value::Array(cells))?;
                    rows += 1;
                }
                if i64::try_from(page.len()).unwrap_or(PAGE) < PAGE {
                    break;
                }
                from += PAGE;
            }
        }
        writeln!(out, "{}", json!({ "rows": rows }))?;
        out.flush()?;
        Ok(rows)
    }
}

impl Store {
    /// Reads a backup into an empty database, all or nothing, and notes that it came from a backup.
    ///
    /// # Errors
    /// When the file is broken, the database isn't empty or is away; nothing is changed then.
    pub async fn restore(&self, from: &mut (dyn BufRead + Send)) -> Result<u64, BackupError> {
        let mut tx = self.pool.begin().await.map_err(Error::from)?;
        for table in TABLES.iter().filter(|t| t.name != "meta" && t.name != "bucket") {
            let sql = format!("SELECT COUNT(*) FROM {}", table.name);
            let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut *tx).await.map_err(Error::from)?;
            if row.try_get::<i64, _>(0).map_err(Error::from)? > 0 {
                return Err(BackupError::NotEmpty);
            }
        }
        for table in ["meta", "bucket"] {
            sqlx::query(AssertSqlSafe(format!("DELETE FROM {table}")))
                .execute(&mut *tx)
                .await
                .map_err(Error::from)?;
        }
        let rows = read_rows(&mut tx, from).await?;
        sqlx::query("INSERT INTO meta (name, value) VALUES ($1, 'yes') ON CONFLICT (name) DO NOTHING")
            .bind(RESTORED)
            .execute(&mut *tx)
            .await
            .map_err(Error::from)?;
        tx.commit().await.map_err(Error::from)?;
        Ok(rows)
    }
}

async fn read_rows(
    tx: &mut sqlx::Transaction<'static, sqlx::Any>,
    from: &mut (dyn BufRead + Send),
) -> Result<u64, BackupError> {
    let (mut rows, mut insert, mut counted) = (0, None, None);
    for (n, text) in from.lines().enumerate() {
        let line = n + 1;
        let broken = |why: &str| BackupError::Broken { line, why: why.into() };
        let value: Value = serde_json::from_str(&text?).map_err(|_| broken("is not JSON"))?;
        match &value {
            Value::Object(head) if line == 1 => check_head(head).map_err(|why| broken(&why))?,
            Value::Object(head) if head.contains_key("table") => {
                insert =
                    Some(insertion(head).ok_or_else(|| broken("names a table or column that is not known"))?);
            }
            Value::Object(head) => counted = head.get("rows").and_then(Value::as_u64),
            Value::Array(cells) => {
                let (sql, width) = insert.as_ref().ok_or_else(|| broken("is a row of no table"))?;
                if cells.len() != *width {
                    return Err(broken("has too few or too many cells"));
                }
                let mut query = sqlx::query(AssertSqlSafe(sql.clone()));
                for cell in cells {
                    query = bind(query, cell).ok_or_else(|| broken("has a cell of an unknown kind"))?;
                }
                query.execute(&mut **tx).await.map_err(Error::from)?;
                rows += 1;
            }
            _ => return Err(broken("is neither table nor row")),
        }
    }
    if counted != Some(rows) {
        return Err(BackupError::Broken { line: 0, why: "the file ends too early".into() });
    }
    Ok(rows)
}

fn check_head(head: &serde_json::Map<String, Value>) -> Result<(), String> {
    if head.get("scruple-backup") != Some(&json!(1)) {
        return Err("this is no backup of a format that this program knows".into());
    }
    let schema = head.get("schema").and_then(Value::as_str).unwrap_or("");
    if schema == crate::schema::known().to_string() {
        Ok(())
    } else {
        Err(format!("it has schema {schema}, this program needs {}", crate::schema::known()))
    }
}

/// The INSERT for a table line, whose names must stand in the inventory, and its number of columns.
fn insertion(head: &serde_json::Map<String, Value>) -> Option<(String, usize)> {
    let table = head.get("table")?.as_str()?;
    let table = TABLES.iter().find(|t| t.name == table)?.name;
    let names: Vec<&str> =
        head.get("columns")?.as_array()?.iter().map(Value::as_str).collect::<Option<_>>()?;
    if names != columns(table) {
        return None;
    }
    let marks: Vec<String> = (1..=names.len()).map(|n| format!("${n}")).collect();
    Some((format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), marks.join(", ")), names.len()))
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments>;

fn bind<'q>(query: Query<'q>, cell: &Value) -> Option<Query<'q>> {
    Some(match cell {
        Value::Number(n) => query.bind(n.as_i64()?),
        Value::String(text) => query.bind(text.clone()),
        Value::Object(bytes) => query.bind(BASE64.decode(bytes.get("b")?.as_str()?.as_bytes()).ok()?),
        _ => return None,
    })
}
