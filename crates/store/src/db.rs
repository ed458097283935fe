//! The database and its two doors.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use keyring::Keyring;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, ConnectOptions as _, Connection as _};

use crate::catalog::CatalogCache;
use crate::{Engine, Error, Tx, schema};

/// What time it is. Fixed in tests, where years pass between two lines.
#[derive(Clone)]
pub enum Clock {
    /// The system's.
    System,
    /// Seconds since 1970, set by a test.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// Seconds since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        match self {
            Self::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX)),
            Self::Fixed(at) => at.load(Ordering::SeqCst),
        }
    }

    /// Days since 1970.
    #[must_use]
    pub fn today(&self) -> i64 {
        self.now().div_euclid(86_400)
    }
}

/// What happens in one write transaction: it has a name, and is tried again as a whole when transactions collide.
pub trait Operation: Sync {
    /// Its name in logs and metrics.
    const NAME: &'static str;
    /// What it returns, refusals included.
    type Output: Send;
    /// Does it. May run more than once, each time in a fresh transaction: it must not act outside of `tx`.
    ///
    /// # Errors
    /// Whatever the database or the keyring refuse; nothing is written then.
    fn execute(&self, tx: &mut Tx) -> impl Future<Output = Result<Self::Output, Error>> + Send;
}

/// The connections. SQLite has one writer at a time: its writers queue for one connection, first come first served,
/// instead of each asking again and again for the file's lock. With PostgreSQL both are the same.
#[derive(Clone)]
pub(crate) struct Pools {
    pub(crate) reading: AnyPool,
    pub(crate) writing: AnyPool,
}

/// A connected database without its keyring: enough to learn which keyring belongs to it.
pub struct Store {
    pub(crate) pools: Pools,
    pub(crate) engine: Engine,
    /// The store's own id, bound into everything sealed for it.
    pub id: [u8; 16],
}

/// The database with its keyring.
#[derive(Clone)]
pub struct Db {
    pub(crate) pools: Pools,
    pub(crate) engine: Engine,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) catalog_cache: CatalogCache,
    /// What time it is.
    pub clock: Clock,
}

/// The SQLite file within the data folder.
const FILE: &str = "scruple.db";

/// How often a deed, or the first connection, is tried while others stand in its way.
const TRIES: u32 = 16;

impl Store {
    /// Connects, makes or updates the schema, and reads the store's id. `url` is empty for a SQLite file in `folder`.
    ///
    /// # Errors
    /// When the database is away, or its schema is newer than this program.
    pub async fn connect(folder: &Path, url: &str) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        let mut tries = 0;
        loop {
            tries += 1;
            // Several servers may start at once on an empty database: one makes the schema, the others look again.
            match Self::connect_once(folder, url).await {
                Err(Error::Conflict) if tries < TRIES => pause(tries).await?,
                done => return done,
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
        let pool = |most, writes| {
            AnyPoolOptions::new()
                .max_connections(most)
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

    /// Puts the keyring beside the database.
    #[must_use]
    pub fn with_keyring(self, keyring: Arc<Keyring>, clock: Clock) -> Db {
        Db { pools: self.pools, engine: self.engine, keyring, catalog_cache: CatalogCache::default(), clock }
    }
}

/// The URL of the SQLite file, which nobody but its owner reads. Everything that could mean something in a URL is
/// encoded, and the path is made absolute, for else its first folder would be taken for a host.
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
    /// The keyring.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The keyring, to be taken along to where the disk may be waited for.
    #[must_use]
    pub fn keyring_handle(&self) -> Arc<Keyring> {
        Arc::clone(&self.keyring)
    }

    /// Which engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The same database over one connection of its own, for who does one kind of deed over and over, one after the other:
    /// there the engine plans their statements once. With SQLite all who write share one anyway.
    #[must_use]
    pub fn with_dedicated_connection(&self) -> Self {
        let mut db = self.clone();
        if self.engine == Engine::Postgres {
            let shared = &self.pools.writing;
            let options = shared.options().clone().max_connections(1);
            // It is tested as it is given back: again only after it lay idle.
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

    /// Opens the reading door: a transaction that is dropped, never committed.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn read(&self) -> Result<Tx, Error> {
        Tx::begin(self, false).await
    }

    /// The one writing door: does the deed in a transaction of its own and commits.
    ///
    /// # Errors
    /// When the database or the keyring is away or refuses; nothing is written then.
    pub async fn execute<D: Operation>(&self, deed: &D) -> Result<D::Output, Error> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.write_once(deed).await {
                Err(Error::Conflict) if tries < TRIES => pause(tries).await?,
                done => return done,
            }
        }
    }

    async fn write_once<D: Operation>(&self, deed: &D) -> Result<D::Output, Error> {
        let mut tx = Tx::begin(self, true).await?;
        let done = deed.execute(&mut tx).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// Closes all connections; what was committed is on disk.
    pub async fn close(&self) {
        self.pools.reading.close().await;
        self.pools.writing.close().await;
    }
}

/// Waits a random while, longer from try to try, so that those who collided don't meet again.
async fn pause(tries: u32) -> Result<(), Error> {
    let most = 1000_u64 << tries.min(7);
    let chance = u64::from(getrandom::u32().map_err(|_| Error::no_randomness())?);
    tokio::time::sleep(Duration::from_micros(chance % most)).await;
    Ok(())
}
