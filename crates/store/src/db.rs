//! The database, with one method for reading and one for writing.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use calendar::{Day, Timestamp};
use keyring::Keyring;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, ConnectOptions as _, Connection as _};

use crate::catalog_cache::CatalogCache;
use crate::{Engine, Error, Tx, schema};

/// Source of the current time. Tests use a fixed one.
#[derive(Clone)]
pub enum Clock {
    System,
    /// Seconds since 1970, set by a test.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The current moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::from(SystemTime::now()),
            Self::Fixed(at) => Timestamp::from_unix_seconds(at.load(Ordering::SeqCst)),
        }
    }

    /// The current day in UTC.
    #[must_use]
    pub fn today(&self) -> Day {
        self.now().day()
    }
}

/// A named write transaction. On a conflict it runs again as a whole.
pub trait Operation: Sync {
    /// Name in logs and metrics.
    const NAME: &'static str;
    /// Its result, including refusals.
    type Output: Send;
    /// Performs the operation. It may run more than once, each time in a fresh transaction, so it must have no effect
    /// outside `tx`.
    ///
    /// # Errors
    /// Errors of the database or the keyring; nothing is written then.
    fn execute(&self, tx: &mut Tx) -> impl Future<Output = Result<Self::Output, Error>> + Send;
}

/// Connection pools. SQLite has one writer at a time: its writers queue fairly for one connection instead of polling
/// the file's lock. With PostgreSQL both pools are the same.
#[derive(Clone)]
pub(crate) struct Pools {
    pub(crate) reading: AnyPool,
    pub(crate) writing: AnyPool,
}

/// A connected database without its keyring, used to learn which keyring belongs to it.
pub struct Store {
    pub(crate) pools: Pools,
    pub(crate) engine: Engine,
    /// The store's id, bound into everything sealed for it.
    pub id: [u8; 16],
}

/// The database with its keyring.
#[derive(Clone)]
pub struct Db {
    pub(crate) pools: Pools,
    pub(crate) engine: Engine,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) catalog_cache: CatalogCache,
    /// Source of the current time.
    pub clock: Clock,
}

/// Name of the SQLite file in the data folder.
const FILE: &str = "scruple.db";

/// Maximum number of attempts for an operation, or for the first connection, on conflicts.
const MAX_ATTEMPTS: u32 = 16;

impl Store {
    /// Connects, creates or updates the schema, and reads the store's id. If `url` is empty, it opens a SQLite file
    /// in `folder`.
    ///
    /// # Errors
    /// When the database is unavailable, or its schema is newer than this program.
    pub async fn connect(folder: &Path, url: &str) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        let mut attempts = 0;
        loop {
            attempts += 1;
            // Several servers may start at the same time on an empty database: one creates the schema, the others try
            // again.
            match Self::connect_once(folder, url).await {
                Err(Error::Conflict) if attempts < MAX_ATTEMPTS => pause(attempts).await?,
                output => return output,
            }
        }
    }

    async fn connect_once(folder: &Path, url: &str) -> Result<Self, Error> {
        let (engine, url) = if url.is_empty() {
            (Engine::Sqlite, file_url(folder)?)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            (Engine::Postgres, url.to_owned())
        } else {
            return Err(Error::invalid_url());
        };
        let options = url.parse::<AnyConnectOptions>()?.disable_statement_logging();
        let pool = |max, writes| {
            AnyPoolOptions::new()
                .max_connections(max)
                .acquire_timeout(Duration::from_secs(10))
                .after_connect(move |conn, _| Box::pin(engine.switch(conn, writes)))
        };
        let pools = match engine {
            Engine::Sqlite => Pools {
                writing: pool(1, true).connect_with(options.clone()).await?,
                reading: pool(8, false).connect_lazy_with(options),
            },
            Engine::Postgres => {
                let both = pool(20, true).connect_with(options).await?;
                Pools { reading: both.clone(), writing: both }
            }
        };
        let id = schema::migrate(&pools.writing, engine).await?;
        Ok(Self { pools, engine, id })
    }

    /// Combines the database with its keyring.
    #[must_use]
    pub fn with_keyring(self, keyring: Arc<Keyring>, clock: Clock) -> Db {
        Db { pools: self.pools, engine: self.engine, keyring, catalog_cache: CatalogCache::default(), clock }
    }
}

/// Creates the SQLite file, readable by its owner only, and returns its URL. Special characters are percent-encoded.
/// The path is made absolute, because the first folder of a relative path would be read as a host name.
fn file_url(folder: &Path) -> Result<String, Error> {
    let bad = |why: &str| Error::Folder(format!("data.folder {why}"));
    let file = std::path::absolute(folder.join(FILE)).map_err(|_| bad("can't be made absolute"))?;
    let mut open = std::fs::OpenOptions::new();
    open.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    open.open(&file).map_err(|e| bad(&format!("can't be written: {}", e.kind())))?;
    let mut url = String::from("sqlite://");
    for byte in file.to_str().ok_or_else(|| bad("is not UTF-8"))?.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url += &format!("%{byte:02x}");
        }
    }
    Ok(url + "?mode=rw")
}

impl Db {
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The keyring as a shared handle, for tasks that may block on the disk.
    #[must_use]
    pub fn keyring_handle(&self) -> Arc<Keyring> {
        Arc::clone(&self.keyring)
    }

    /// The database engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Returns the same database over one dedicated connection, for a task that runs one kind of operation
    /// repeatedly. PostgreSQL then plans its statements once. With SQLite all writers share one connection anyway.
    #[must_use]
    pub fn with_dedicated_connection(&self) -> Self {
        let mut db = self.clone();
        if self.engine == Engine::Postgres {
            let shared = &self.pools.writing;
            let options = shared.options().clone().max_connections(1);
            // Released connections are tested already; test again only after idle time.
            let options = options.test_before_acquire(false).before_acquire(|conn, given| {
                Box::pin(async move {
                    if given.idle_for > Duration::from_secs(1) {
                        conn.ping().await?;
                    }
                    Ok(true)
                })
            });
            let own = options.connect_lazy_with((*shared.connect_options()).clone());
            db.pools = Pools { reading: own.clone(), writing: own };
        }
        db
    }

    /// Begins a read-only transaction, which is dropped and never committed.
    pub async fn read(&self) -> Result<Tx, Error> {
        Tx::begin(self, false).await
    }

    /// Executes an operation in its own write transaction and commits it. This is the only way to write.
    ///
    /// # Errors
    /// When the database or the keyring is unavailable or rejects the operation; nothing is written then.
    pub async fn execute<O: Operation>(&self, operation: &O) -> Result<O::Output, Error> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            match self.execute_once(operation).await {
                Err(Error::Conflict) if attempts < MAX_ATTEMPTS => pause(attempts).await?,
                output => return output,
            }
        }
    }

    async fn execute_once<O: Operation>(&self, operation: &O) -> Result<O::Output, Error> {
        let mut tx = Tx::begin(self, true).await?;
        let output = operation.execute(&mut tx).await?;
        tx.commit().await?;
        Ok(output)
    }

    /// Closes all connections. Everything committed is durable.
    pub async fn close(&self) {
        self.pools.reading.close().await;
        self.pools.writing.close().await;
    }
}

/// Waits for a random time that grows with each attempt (backoff with jitter).
async fn pause(attempts: u32) -> Result<(), Error> {
    let max = 1000_u64 << attempts.min(7);
    let chance = u64::from(getrandom::u32().map_err(|_| Error::no_randomness())?);
    tokio::time::sleep(Duration::from_micros(chance % max)).await;
    Ok(())
}
