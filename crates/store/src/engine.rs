//! Differences between the two engines. The row lock of the blind index is the only other one.

use std::fmt;

use sqlx::{AnyConnection, Row as _};

use crate::Error;

/// Database engine. The SQL is the same for both, except in this file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// SQLite: a file in the data folder.
    Sqlite,
    /// PostgreSQL, or a database that speaks its protocol.
    Postgres,
}

/// Declared type of a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    Text,
    /// BIGINT.
    Number,
    Bytes,
    /// Any other type, which the schema must not use.
    Other,
}

/// A column of the live schema.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LiveColumn {
    pub table: String,
    pub column: String,
    /// Declared type as the engine spells it.
    declared: String,
}

/// As `table.column`.
impl fmt::Display for LiveColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.column)
    }
}

impl LiveColumn {
    /// Returns the declared type.
    #[must_use]
    pub fn shape(&self) -> Shape {
        match self.declared.to_ascii_uppercase().as_str() {
            "TEXT" => Shape::Text,
            "BIGINT" => Shape::Number,
            "BLOB" | "BYTEA" => Shape::Bytes,
            _ => Shape::Other,
        }
    }
}

// ENGINE-SPECIFIC: each engine has its own system catalogue.
const COLUMNS_SQLITE: &str = "SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c \
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
const COLUMNS_POSTGRES: &str = "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), CAST(data_type AS TEXT) \
     FROM information_schema.columns WHERE table_schema = current_schema()";

// ENGINE-SPECIFIC: connection settings. SQLite: a write-ahead log that is durable at each commit, and freed pages
// overwritten as a second protection beside sealing. PostgreSQL: timeouts, so that no transaction waits forever for a
// lock.
const SWITCHES_SQLITE: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA \
     secure_delete = ON; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; \
     PRAGMA wal_autocheckpoint = 8000; PRAGMA cache_size = {cache}; PRAGMA query_only = {reads};";
const SWITCHES_POSTGRES: &str = "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'; \
     SET client_min_messages = error;";

impl Engine {
    /// Returns the statement that begins a transaction. A SQLite writer takes the write lock before it reads, because
    /// upgrading a read transaction fails when others write. A PostgreSQL writer sees concurrent commits, so methods
    /// named `_locked` lock the rows that an operation reads and writes again. Readers on both engines see one
    /// snapshot and can't write.
    pub(crate) fn begin(self, writes: bool) -> &'static str {
        // ENGINE-SPECIFIC: the syntax differs, the guarantee is the same.
        match (self, writes) {
            (Self::Sqlite, true) => "BEGIN IMMEDIATE",
            (Self::Sqlite, false) => "BEGIN",
            (Self::Postgres, true) => "BEGIN ISOLATION LEVEL READ COMMITTED",
            (Self::Postgres, false) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    /// Configures a new connection for writing or for reading only.
    pub(crate) async fn switch(self, conn: &mut AnyConnection, writes: bool) -> Result<(), sqlx::Error> {
        let switches = match self {
            Self::Sqlite => SWITCHES_SQLITE
                .replace("{reads}", if writes { "OFF" } else { "ON" })
                .replace("{cache}", if writes { "-16000" } else { "-2000" }),
            Self::Postgres => SWITCHES_POSTGRES.to_owned(),
        };
        sqlx::raw_sql(sqlx::AssertSqlSafe(switches)).execute(conn).await?;
        Ok(())
    }

    /// Translates a migration to the engine's dialect. Only the type of bytes differs.
    pub(crate) fn spell(self, migration: &str) -> String {
        // ENGINE-SPECIFIC: the type of bytes.
        migration.replace(" BYTES ", if self == Self::Sqlite { " BLOB " } else { " BYTEA " })
    }

    /// Returns every column of the live schema, by table and name.
    pub(crate) async fn columns(self, conn: &mut AnyConnection) -> Result<Vec<LiveColumn>, Error> {
        let sql = if self == Self::Sqlite { COLUMNS_SQLITE } else { COLUMNS_POSTGRES };
        let rows = sqlx::query(sql).fetch_all(conn).await?;
        let column = |row: &sqlx::any::AnyRow| {
            Ok(LiveColumn { table: row.try_get(0)?, column: row.try_get(1)?, declared: row.try_get(2)? })
        };
        let mut columns = rows.iter().map(column).collect::<Result<Vec<_>, Error>>()?;
        columns.sort();
        Ok(columns)
    }
}
