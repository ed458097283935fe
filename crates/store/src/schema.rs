//! The schema: created at the first start, updated by migrations, refused if it is newer than the program.

use sqlx::{AnyPool, AssertSqlSafe, Row as _};

use crate::{Engine, Error};

/// Migrations in order; their numbers begin at 1. A released migration is never changed.
const MIGRATIONS: &[&str] = &[include_str!("../migrations/0001_schema.sql")];

const VERSION: &str = "SELECT value FROM meta WHERE name = 'schema'";
const PUT: &str =
    "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
const STORE_ID: &str = "SELECT value FROM meta WHERE name = 'store'";
/// Locks the schema version: a second process waits and sees the result of the first.
const LOCK: &str = "UPDATE meta SET value = value WHERE name = 'schema'";

/// The schema version that this program writes.
pub(crate) fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Updates the schema to this program's version and returns the store's id.
pub(crate) async fn migrate(pool: &AnyPool, engine: Engine) -> Result<[u8; 16], Error> {
    let mut tx = pool.begin_with(engine.begin(true)).await?;
    let fresh = !engine.columns(&mut tx).await?.iter().any(|c| c.table == "meta");
    let known = known();
    let mut found = 0;
    if !fresh {
        sqlx::query(LOCK).execute(&mut *tx).await?;
        let text: String = sqlx::query(VERSION).fetch_one(&mut *tx).await?.try_get(0)?;
        found = text.parse().map_err(|_| Error::Unknown("meta.schema"))?;
    }
    if found > known {
        return Err(Error::SchemaTooNew { found, known });
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        sqlx::raw_sql(AssertSqlSafe(engine.spell(migration))).execute(&mut *tx).await?;
    }
    if found < known {
        sqlx::query(PUT).bind("schema").bind(known.to_string()).execute(&mut *tx).await?;
    }
    if fresh {
        sqlx::query(PUT).bind("store").bind(new_id()?).execute(&mut *tx).await?;
    }
    let id: String = sqlx::query(STORE_ID).fetch_one(&mut *tx).await?.try_get(0)?;
    tx.commit().await?;
    parse_id(&id)
}

fn new_id() -> Result<String, Error> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|_| Error::no_randomness())?;
    Ok(id.iter().map(|b| format!("{b:02x}")).collect())
}

fn parse_id(text: &str) -> Result<[u8; 16], Error> {
    let value = u128::from_str_radix(text, 16).map_err(|_| Error::Unknown("meta.store"))?;
    Ok(value.to_be_bytes())
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[VERSION, PUT, STORE_ID, LOCK];
