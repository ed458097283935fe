//! The database and its two doors.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, ConnectOptions as _};
use vault::Vault;

use crate::{Error, Tx, schema};

/// Which engine speaks on the other side. The SQL is the same; see `ENGINE-SPECIFIC` for the few exceptions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// A file in the data folder.
    Sqlite,
    /// PostgreSQL, or what speaks its protocol.
    Postgres,
}

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
pub trait Deed: Sync {
    /// Its name in logs and metrics.
    const NAME: &'static str;
    /// What it returns, refusals included.
    type Done: Send;
    /// Does it. May run more than once, each time in a fresh transaction: it must not act outside of `tx`.
    ///
    /// # Errors
    /// Whatever the database or the keyring refuse; nothing is written then.
    fn act(&self, tx: &mut Tx) -> impl Future<Output = Result<Self::Done, Error>> + Send;
}

/// A connected database without its keyring: enough to learn which keyring belongs to it.
pub struct Store {
    pub(crate) pool: AnyPool,
    pub(crate) engine: Engine,
    /// The store's own id, bound into everything sealed for it.
    pub id: [u8; 16],
}

/// The database with its keyring.
#[derive(Clone)]
pub struct Db {
    pub(crate) pool: AnyPool,
    pub(crate) engine: Engine,
    pub(crate) vault: Arc<Vault>,
    /// What time it is.
    pub clock: Clock,
}

/// The SQLite file within the data folder.
pub const FILE: &str = "scruple.db";

const COLLISIONS: u32 = 12;

impl Store {
    /// Connects, makes or updates the schema, and reads the store's id. `url` is empty for a SQLite file in `folder`.
    ///
    /// # Errors
    /// When the database is away, or its schema is newer than this program.
    pub async fn connect(folder: &Path, url: &str) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        let engine = if url.is_empty() { Engine::Sqlite } else { Engine::Postgres };
        let (url, most) = match engine {
            Engine::Sqlite => (format!("sqlite://{}?mode=rwc", encode(&folder.join(FILE))), 8),
            Engine::Postgres => (url.to_owned(), 20),
        };
        let options = url
            .parse::<AnyConnectOptions>()
            .map_err(|_| {
                Error::Folder("data.database is no URL of the form postgres://name@host/database".into())
            })?
            .disable_statement_logging();
        let pool = AnyPoolOptions::new()
            .max_connections(most)
            .acquire_timeout(Duration::from_secs(10))
            .after_connect(move |conn, _| Box::pin(schema::prepare(conn, engine)))
            .connect_with(options)
            .await?;
        let id = schema::migrate(&pool, engine).await?;
        Ok(Self { pool, engine, id })
    }

    /// Puts the keyring beside the database.
    #[must_use]
    pub fn with(self, vault: Arc<Vault>, clock: Clock) -> Db {
        Db { pool: self.pool, engine: self.engine, vault, clock }
    }
}

/// Path as it stands in a SQLite URL: `?`, `#` and `%` would end or change it.
fn encode(path: &Path) -> String {
    path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

impl Db {
    /// The keyring.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Which engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
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
    pub async fn write<D: Deed>(&self, deed: &D) -> Result<D::Done, Error> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.once(deed).await {
                Err(Error::Collided) if tries < COLLISIONS => tokio_yield().await,
                done => return done,
            }
        }
    }

    async fn once<D: Deed>(&self, deed: &D) -> Result<D::Done, Error> {
        let mut tx = Tx::begin(self, true).await?;
        let done = deed.act(&mut tx).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// Closes all connections; what was committed is on disk.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Lets the other transaction get ahead before the next try.
async fn tokio_yield() {
    let mut turned = false;
    std::future::poll_fn(|context| {
        if turned {
            return std::task::Poll::Ready(());
        }
        turned = true;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}
