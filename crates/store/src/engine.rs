//! Where the two engines differ: all of it, but for the row lock of the sealed index.

use sqlx::{AnyConnection, Row as _};

use crate::Error;

/// Which engine speaks on the other side. The SQL is the same, but for what this file says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// A file in the data folder.
    Sqlite,
    /// PostgreSQL, or what speaks its protocol.
    Postgres,
}

/// What a column was declared to hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// TEXT.
    Text,
    /// BIGINT.
    Number,
    /// BYTES.
    Bytes,
    /// Something outside of the palette.
    Other,
}

/// A column of the live schema.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LiveColumn {
    /// Table.
    pub table: String,
    /// Column.
    pub column: String,
    /// Declared type, as the engine spells it.
    declared: String,
}

impl LiveColumn {
    /// What it was declared to hold.
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

// ENGINE-SPECIFIC: each engine keeps its catalogue elsewhere.
const COLUMNS_SQLITE: &str = "SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c \
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
const COLUMNS_POSTGRES: &str = "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), CAST(data_type AS TEXT) \
     FROM information_schema.columns WHERE table_schema = current_schema()";

// ENGINE-SPECIFIC: switches of a connection. SQLite: WAL that is durable at each commit, and freed pages overwritten, the
// second line behind the sealing. PostgreSQL: nobody waits for ever for a row whose holder lost its way.
const SWITCHES_SQLITE: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA \
     secure_delete = ON; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; \
     PRAGMA wal_autocheckpoint = 8000; PRAGMA cache_size = {cache}; PRAGMA query_only = {reads};";
const SWITCHES_POSTGRES: &str = "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'; \
     SET client_min_messages = error;";

impl Engine {
    /// What opens a transaction. SQLite's writers take the write lock before they read, for a reader that turns
    /// writer fails where others write. PostgreSQL's writers see what others commit meanwhile: verbs named `_locked`
    /// hold what a deed reads to write it again. Readers of both see one state and can't write.
    pub(crate) fn begin(self, writes: bool) -> &'static str {
        // ENGINE-SPECIFIC: the words differ, not the promise.
        match (self, writes) {
            (Self::Sqlite, true) => "BEGIN IMMEDIATE",
            (Self::Sqlite, false) => "BEGIN",
            (Self::Postgres, true) => "BEGIN ISOLATION LEVEL READ COMMITTED",
            (Self::Postgres, false) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    /// Sets up a fresh connection, which may write or not.
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

    /// A migration in the engine's own words: the one word of the schema that differs.
    pub(crate) fn spell(self, migration: &str) -> String {
        // ENGINE-SPECIFIC: the type of bytes.
        migration.replace(" BYTES ", if self == Self::Sqlite { " BLOB " } else { " BYTEA " })
    }

    /// Every column of the live schema, by table and name.
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
