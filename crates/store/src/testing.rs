//! Test databases on either engine: SQLite in a temporary folder, or a schema of its own in the PostgreSQL that
//! `SCRUPLE_TEST_DATABASE` names.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use keyring::{Keyring, KeyringConfig, KeyringId, StaticShare, StoreId};
use licence::Serial;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row as _};

use crate::{Clock, Db, Engine, Store};

/// A database that is deleted after the test.
pub struct Scratch {
    /// The open database.
    pub db: Db,
    /// Its clock, in seconds since 1970.
    pub now: Arc<AtomicI64>,
    /// The temporary folder: data in `data`, the keyring's replica in `replica`.
    pub folder: tempfile::TempDir,
    /// The database's URL; empty for SQLite.
    pub url: String,
}

/// 2026-11-22, noon.
pub const NOON: i64 = 1_795_348_800;

/// The licence number with this value, below 2^40.
#[must_use]
pub fn serial(number: u64) -> Serial {
    Serial::from_bits(number).expect("a number below 2^40")
}

impl Scratch {
    /// Creates an empty database.
    ///
    /// # Panics
    /// When it can't be created.
    pub async fn new() -> Self {
        Self::on(fresh_url().await).await
    }

    /// Creates an empty database at a URL; SQLite if it is empty.
    ///
    /// # Panics
    /// When it can't be created.
    pub async fn on(url: String) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let now = Arc::new(AtomicI64::new(NOON));
        std::fs::create_dir(folder.path().join("data")).expect("a data folder");
        let replicas = [folder.path().join("replica")];
        let store = Store::connect(&folder.path().join("data"), &url).await.expect("a database");
        let keyring = Keyring::create(&replicas, StaticShare::none(), StoreId(store.id)).expect("a keyring");
        let db = store.with_keyring(Arc::new(keyring), Clock::Fixed(Arc::clone(&now)));
        Self { db, now, folder, url }
    }

    /// Opens the same database again, as another process would.
    ///
    /// # Panics
    /// When it can't be opened.
    pub async fn again(&self) -> Db {
        let store = Store::connect(&self.folder.path().join("data"), &self.url).await.expect("a database");
        let seen_epoch = store.seen_epoch().await.expect("the epoch");
        let replicas = [self.replica()];
        let keyring: Option<KeyringId> = Some(self.db.keyring().keyring_id());
        let opening = KeyringConfig {
            replicas: &replicas,
            share: StaticShare::none(),
            store: StoreId(store.id),
            keyring_id: keyring,
            seen_epoch,
        };
        store.with_keyring(Arc::new(Keyring::open(opening).expect("the keyring")), self.db.clock.clone())
    }

    /// Runs one raw statement, past all methods of the store, and returns the number of changed rows.
    ///
    /// # Panics
    /// When the statement fails.
    pub async fn tamper(&self, sql: &str) -> u64 {
        let mut conn = self.raw_connection().await;
        let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await.expect(sql);
        conn.close().await.expect("a connection that ends");
        done.rows_affected()
    }

    /// Runs one raw query and returns the numbers in its first column.
    ///
    /// # Panics
    /// When the statement fails.
    pub async fn numbers(&self, sql: &str) -> Vec<i64> {
        let mut conn = self.raw_connection().await;
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut conn).await.expect(sql);
        conn.close().await.expect("a connection that ends");
        rows.iter().map(|row| row.try_get(0).expect("a number")).collect()
    }

    async fn raw_connection(&self) -> AnyConnection {
        let url = match self.db.engine() {
            Engine::Sqlite => format!("sqlite://{}", self.folder.path().join("data/scruple.db").display()),
            Engine::Postgres => self.url.clone(),
        };
        AnyConnection::connect(&url).await.expect("a connection")
    }

    /// Path of the keyring's replica.
    #[must_use]
    pub fn replica(&self) -> PathBuf {
        self.folder.path().join("replica")
    }
}

/// Returns the URL of an empty database: empty for SQLite, or a new schema in the test PostgreSQL.
///
/// # Panics
/// When the test PostgreSQL can't be reached.
pub async fn fresh_url() -> String {
    let Ok(base) = std::env::var("SCRUPLE_TEST_DATABASE") else { return String::new() };
    sqlx::any::install_default_drivers();
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("random bytes");
    let name = format!("t{:016x}", u64::from_be_bytes(bytes));
    let mut conn = AnyConnection::connect(&base).await.expect("the test PostgreSQL");
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA {name}"))).execute(&mut conn).await.expect("a schema");
    let separator = if base.contains('?') { '&' } else { '?' };
    format!("{base}{separator}options[search_path]={name}")
}
