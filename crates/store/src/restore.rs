//! Restores a backup into an empty database. The file is untrusted input: everything is compared with the inventory
//! and the schema before it is written, and any fault leaves the database unchanged.

use std::io::BufRead;
use std::sync::Arc;

use data_encoding::BASE64;
use policy::inventory::TABLES;
use serde_json::{Map, Value, json};
use sqlx::{Any, AssertSqlSafe, Row as _, Transaction};

use crate::backup::{FORMAT, HEAD, columns};
use crate::{BackupError, Error, LiveColumn, Shape, Store};

/// Name of the fact that marks restored data for the next start.
pub const RESTORED: &str = "restored";

// Overwrites an older value: the data of a store that was restored before says "no".
const NOTE: &str = "INSERT INTO meta (name, value) VALUES ($1, 'yes') ON CONFLICT (name) DO UPDATE SET value = excluded.value";
const FACT: &str = "SELECT value FROM meta WHERE name = $1";

/// Tables that a new store fills itself.
const OWN: [&str; 2] = ["meta", "index_bucket"];

/// All statements that only this file uses.
#[cfg(test)]
pub(crate) fn all_statements() -> Vec<String> {
    let of_tables = TABLES.iter().flat_map(|t| [count(t.name), delete(t.name), insert(t.name)]);
    of_tables.chain([NOTE.to_owned(), FACT.to_owned()]).collect()
}

fn count(table: &str) -> String {
    format!("SELECT COUNT(*) FROM {table}")
}

fn delete(table: &str) -> String {
    format!("DELETE FROM {table}")
}

fn insert(table: &str) -> String {
    let names = columns(table);
    let marks: Vec<String> = (1..=names.len()).map(|n| format!("${n}")).collect();
    format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), marks.join(", "))
}

impl Store {
    /// Restores a backup into an empty database, completely or not at all, and marks the data as restored. The
    /// store's id becomes that of the backup, so the caller must connect again before it opens anything.
    ///
    /// # Errors
    /// When the file is broken, or the database isn't empty or is unavailable; nothing is changed then.
    pub async fn restore(&self, from: &mut (dyn BufRead + Send)) -> Result<u64, BackupError> {
        let begin = self.engine.begin(true);
        let mut tx = self.pools.writing.begin_with(begin).await.map_err(Error::from)?;
        let live = self.engine.columns(&mut tx).await?;
        for table in TABLES.iter().filter(|t| !OWN.contains(&t.name)) {
            let row = sqlx::query(AssertSqlSafe(count(table.name))).fetch_one(&mut *tx).await;
            if row.and_then(|row| row.try_get::<i64, _>(0)).map_err(Error::from)? > 0 {
                return Err(BackupError::NotEmpty);
            }
        }
        for table in OWN {
            sqlx::query(AssertSqlSafe(delete(table))).execute(&mut *tx).await.map_err(Error::from)?;
        }
        let rows = read_lines(&mut tx, &live, from).await?;
        sqlx::query(NOTE).bind(RESTORED).execute(&mut *tx).await.map_err(Error::from)?;
        tx.commit().await.map_err(Error::from)?;
        Ok(rows)
    }
}

fn broken(line: usize, fault: impl Into<String>) -> BackupError {
    BackupError::Broken { line, fault: fault.into() }
}

/// The table whose rows are being read.
struct Filling {
    sql: Arc<str>,
    shapes: Vec<Shape>,
}

async fn read_lines(
    tx: &mut Transaction<'static, Any>,
    live: &[LiveColumn],
    from: &mut (dyn BufRead + Send),
) -> Result<u64, BackupError> {
    let (mut rows, mut tables, mut line) = (0, 0, 0);
    let (mut head, mut filling, mut counted) = (Map::new(), None, None);
    for text in from.lines() {
        line += 1;
        if counted.is_some() {
            return Err(broken(line, "follows the last line"));
        }
        let value: Value = serde_json::from_str(&text?).map_err(|_| broken(line, "is not JSON"))?;
        match value {
            Value::Object(first) if line == 1 => {
                check_head(&first).map_err(|fault| broken(line, fault))?;
                head = first;
            }
            Value::Object(next) if next.contains_key("table") => {
                filling = Some(
                    table(&next, tables, live)
                        .ok_or_else(|| broken(line, "does not name the next table and its columns"))?,
                );
                tables += 1;
            }
            Value::Object(end) => counted = end.get("rows").and_then(Value::as_u64),
            Value::Array(cells) => {
                let filling = filling.as_ref().ok_or_else(|| broken(line, "is a row without a table"))?;
                write_row(tx, filling, &cells).await.map_err(|fault| match fault {
                    Some(error) => BackupError::Store(error),
                    None => broken(line, "does not match its table"),
                })?;
                rows += 1;
            }
            _ => return Err(broken(line, "is neither a table nor a row")),
        }
    }
    if counted != Some(rows) || tables != TABLES.len() {
        return Err(broken(line + 1, "the file is truncated, or its number of rows is wrong"));
    }
    for name in HEAD {
        let row = sqlx::query(FACT).bind(name).fetch_optional(&mut **tx).await.map_err(Error::from)?;
        let fact: Option<String> = row.map(|row| row.try_get(0)).transpose().map_err(Error::from)?;
        if head.get(name) != Some(&json!(fact)) {
            return Err(broken(1, "contradicts the rows"));
        }
    }
    Ok(rows)
}

fn check_head(head: &Map<String, Value>) -> Result<(), String> {
    if head.get("scruple-backup") != Some(&json!(FORMAT)) {
        return Err("is not a backup in a format that this program knows".into());
    }
    let schema = head.get("schema").and_then(Value::as_str).and_then(|s| s.parse::<i64>().ok());
    match (schema, crate::schema::known()) {
        (Some(schema), known) if schema == known => Ok(()),
        (Some(schema), known) if schema < known => Err(format!(
            "has schema {schema}, but this program needs {known}: restore it with the older program that wrote it, \
             then start this one on the restored data"
        )),
        (Some(schema), known) => Err(format!(
            "has schema {schema}, but this program needs {known}: use the newer program that wrote it"
        )),
        (None, _) => Err("does not name a schema".into()),
    }
}

/// Checks that a table line names table number `n` of the inventory, with its columns.
fn table(line: &Map<String, Value>, n: usize, live: &[LiveColumn]) -> Option<Filling> {
    let table = TABLES.get(n)?.name;
    let names = columns(table);
    if line.get("table")? != table || line.get("columns")? != &json!(names) {
        return None;
    }
    let shape =
        |name: &&str| live.iter().find(|c| c.table == table && c.column == **name).map(LiveColumn::shape);
    Some(Filling { sql: insert(table).into(), shapes: names.iter().map(shape).collect::<Option<_>>()? })
}

/// Writes a row. An error without a cause is a fault of the row.
async fn write_row(
    tx: &mut Transaction<'static, Any>,
    filling: &Filling,
    cells: &[Value],
) -> Result<(), Option<Error>> {
    if cells.len() != filling.shapes.len() {
        return Err(None);
    }
    let mut query = sqlx::query(AssertSqlSafe(Arc::clone(&filling.sql)));
    for (cell, shape) in cells.iter().zip(&filling.shapes) {
        query = match (cell, shape) {
            (Value::Number(number), Shape::Number) => query.bind(number.as_i64().ok_or(None)?),
            (Value::String(text), Shape::Text) => query.bind(text.clone()),
            (Value::Object(bytes), Shape::Bytes) => {
                let text = bytes.get("b").and_then(Value::as_str).ok_or(None)?;
                query.bind(BASE64.decode(text.as_bytes()).map_err(|_| None)?)
            }
            _ => return Err(None),
        };
    }
    match query.execute(&mut **tx).await.map_err(Error::from) {
        // There is no other writer: a duplicate row is a duplicate in the file.
        Err(Error::Conflict | Error::Refused(_)) => Err(None),
        Err(error) => Err(Some(error)),
        Ok(_) => Ok(()),
    }
}
