//! The schema: made at the first start, updated by frozen migrations, refused when newer than the program.

use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Connection as _, Row as _};

use crate::{Engine, Error};

/// Migrations in order; the number of each is its place, from 1. A landed one is never changed.
const MIGRATIONS: &[&str] = &[include_str!("../migrations/0001_house.sql")];

const VERSION: &str = "SELECT value FROM meta WHERE name = 'schema'";
const PUT: &str =
    "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
const STORE_ID: &str = "SELECT value FROM meta WHERE name = 'store'";
// ENGINE-SPECIFIC: whether the table exists at all; each engine keeps its catalogue elsewhere.
const HAS_META_SQLITE: &str = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'";
const HAS_META_POSTGRES: &str = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'meta'";
// ENGINE-SPECIFIC: SQLite's switches. The second line of defence behind the sealing: freed pages are overwritten.
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; \
     PRAGMA busy_timeout = 10000; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;";

/// The schema version that this program writes.
pub(crate) fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Sets up a fresh connection.
pub(crate) async fn prepare(conn: &mut AnyConnection, engine: Engine) -> Result<(), sqlx::Error> {
    if engine == Engine::Sqlite {
        sqlx::raw_sql(PRAGMAS).execute(conn).await?;
    }
    Ok(())
}

/// Brings the schema up to this program's and returns the store's id.
pub(crate) async fn migrate(pool: &AnyPool, engine: Engine) -> Result<[u8; 16], Error> {
    let mut conn = pool.acquire().await?;
    let mut tx = match engine {
        Engine::Sqlite => conn.begin_with("BEGIN IMMEDIATE").await?,
        Engine::Postgres => conn.begin().await?,
    };
    let has_meta = match engine {
        Engine::Sqlite => HAS_META_SQLITE,
        Engine::Postgres => HAS_META_POSTGRES,
    };
    let fresh = sqlx::query(has_meta).fetch_one(&mut *tx).await?.try_get::<i64, _>(0)? == 0;
    let known = known();
    let found = if fresh { 0 } else { version(&mut tx).await? };
    if found > known {
        return Err(Error::SchemaTooNew { found, known });
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        sqlx::raw_sql(AssertSqlSafe(text_for(engine, migration))).execute(&mut *tx).await?;
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

async fn version(conn: &mut AnyConnection) -> Result<i64, Error> {
    let text: String = sqlx::query(VERSION).fetch_one(conn).await?.try_get(0)?;
    text.parse().map_err(|_| Error::Unknown("meta.schema"))
}

/// The one word in which the schemas differ.
fn text_for(engine: Engine, migration: &str) -> String {
    migration.replace(" BYTES ", if engine == Engine::Sqlite { " BLOB " } else { " BYTEA " })
}

fn new_id() -> Result<String, Error> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|_| Error::Away("the system gives no random numbers".into()))?;
    Ok(id.iter().map(|b| format!("{b:02x}")).collect())
}

fn parse_id(text: &str) -> Result<[u8; 16], Error> {
    let value = u128::from_str_radix(text, 16).map_err(|_| Error::Unknown("meta.store"))?;
    Ok(value.to_be_bytes())
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[VERSION, PUT, STORE_ID];
