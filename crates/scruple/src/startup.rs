//! Opens the store: data folder, database and keyring, in this order. Creates them at the first start.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::VendorSettings;
use domain::startup::{StartReport, prepare_store};
use keyring::{Keyring, KeyringConfig, KeyringError, KeyringId, StaticShare, StoreId};
use store::{Clock, Db, Store};

use crate::config::{Config, Database};

/// Why the store cannot be opened. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// The data folder cannot be used.
    #[error("the data folder {}: {why}", .folder.display())]
    Folder {
        folder: PathBuf,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The database, or an operation.
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// A keyring exists, but this database does not belong to it.
    #[error(
        "the database is new, but {} has a keyring already. If the data was lost, restore a backup with `scruple \
         restore FILE`. If this is another store, give it another keyring with keyring.replicas", .0.display()
    )]
    KeyringWithoutData(PathBuf),
    /// The checkout key cannot be used.
    #[error("paypro.checkout_key: {0}")]
    Checkout(String),
}

/// The file in the data folder that lists the replicas of the keyring, one folder a line.
const REPLICAS: &str = "keyring-replicas";
/// The file in the data folder that exists while the first start creates the keyring.
const FIRST_START: &str = "first-start";

pub struct OpenStore {
    /// Database and keyring.
    pub db: Db,
    /// The vendor's settings.
    pub settings: VendorSettings,
    /// What the start found and completed.
    pub report: StartReport,
}

/// Opens the store, and completes what an earlier run left unfinished.
///
/// # Errors
/// See [`StartupError`].
pub async fn open(config: &Config) -> Result<OpenStore, StartupError> {
    let settings = vendor_settings(config)?;
    let store = connect(config).await?;
    let keyring = keyring(config, &store).await?;
    let db = store.with_keyring(Arc::new(keyring), Clock::System);
    let report = prepare_store(&db).await?;
    Ok(OpenStore { db, settings, report })
}

/// Creates the data folder if it does not exist, and connects to the database.
///
/// # Errors
/// If other users can read the folder, or the database cannot be reached.
pub async fn connect(config: &Config) -> Result<Store, StartupError> {
    private_folder(&config.data.folder)?;
    let url = match &config.data.database {
        Database::Sqlite => "",
        Database::Postgres { url, .. } => url.expose(),
    };
    Ok(Store::connect(&config.data.folder, url).await?)
}

fn private_folder(folder: &Path) -> Result<(), StartupError> {
    let refused = |why: String| StartupError::Folder { folder: folder.to_owned(), why };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|e| refused(e.kind().to_string()))?;
    let metadata = fs::metadata(folder).map_err(|e| refused(e.kind().to_string()))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(refused(format!(
            "its mode is {mode:03o}, open to others: run `chmod 700 {}`",
            folder.display()
        )));
    }
    Ok(())
}

/// The folders of the keyring replicas: from the configuration, or as recorded at the first start.
///
/// # Errors
/// If the record cannot be read.
pub fn replicas(config: &Config) -> Result<Vec<PathBuf>, StartupError> {
    let record = config.data.folder.join(REPLICAS);
    if config.keyring.chosen || !record.exists() {
        return Ok(config.keyring.replicas.clone());
    }
    let text = fs::read_to_string(&record).map_err(|e| folder_error(config, &e))?;
    Ok(text.lines().filter(|l| !l.is_empty()).map(PathBuf::from).collect())
}

fn folder_error(config: &Config, error: &std::io::Error) -> StartupError {
    StartupError::Folder { folder: config.data.folder.clone(), why: error.kind().to_string() }
}

/// The static share of the root key, from the keyring's passphrase.
#[must_use]
pub fn share(config: &Config) -> StaticShare {
    config
        .keyring
        .passphrase
        .as_ref()
        .map_or_else(StaticShare::none, |p| StaticShare::from_passphrase(p.expose()))
}

/// The fact in the database that names its keyring.
const KEYRING: &str = "keyring";

async fn keyring(config: &Config, store: &Store) -> Result<Keyring, StartupError> {
    let replicas = replicas(config)?;
    let known = store.fact(KEYRING).await?.and_then(|text| parse_id(&text));
    let keyring = match known {
        Some(id) => open_keyring(config, store, &replicas, Some(id)).await?,
        None => first_start(config, store, &replicas).await?,
    };
    record(config, REPLICAS, &replicas.iter().map(|p| format!("{}\n", p.display())).collect::<String>())?;
    Ok(keyring)
}

async fn open_keyring(
    config: &Config,
    store: &Store,
    replicas: &[PathBuf],
    keyring: Option<KeyringId>,
) -> Result<Keyring, StartupError> {
    let seen_epoch = store.seen_epoch().await?;
    let opening = KeyringConfig {
        replicas,
        share: share(config),
        store: StoreId(store.id),
        keyring_id: keyring,
        seen_epoch,
    };
    Ok(Keyring::open(opening)?)
}

/// Creates the keyring. A file marks the time between its creation and its record in the database, so that an
/// interrupted first start can continue.
async fn first_start(config: &Config, store: &Store, replicas: &[PathBuf]) -> Result<Keyring, StartupError> {
    let interrupted = config.data.folder.join(FIRST_START).exists();
    record(config, FIRST_START, "the keyring is being created\n")?;
    let keyring = match Keyring::create(replicas, share(config), StoreId(store.id)) {
        Err(KeyringError::NotEmpty { .. }) if interrupted => {
            open_keyring(config, store, replicas, None).await?
        }
        Err(KeyringError::NotEmpty { path }) => {
            remove(config, FIRST_START)?;
            return Err(StartupError::KeyringWithoutData(path));
        }
        created => created?,
    };
    store.set_fact(KEYRING, &keyring.keyring_id().to_string()).await?;
    remove(config, FIRST_START)?;
    Ok(keyring)
}

fn record(config: &Config, name: &str, text: &str) -> Result<(), StartupError> {
    let path = config.data.folder.join(name);
    if fs::read_to_string(&path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let mut file = fs::OpenOptions::new();
    let file = file.write(true).create(true).truncate(true).mode(0o600).open(path);
    file.and_then(|mut f| f.write_all(text.as_bytes()).and_then(|()| f.sync_all()))
        .map_err(|e| folder_error(config, &e))
}

fn remove(config: &Config, name: &str) -> Result<(), StartupError> {
    match fs::remove_file(config.data.folder.join(name)) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(folder_error(config, &e)),
        _ => Ok(()),
    }
}

fn parse_id(text: &str) -> Option<KeyringId> {
    u128::from_str_radix(text, 16).ok().map(|n| KeyringId(n.to_be_bytes()))
}

/// The settings for operations.
///
/// # Errors
/// If the checkout key cannot be used.
pub fn vendor_settings(config: &Config) -> Result<VendorSettings, StartupError> {
    let dynamic = match &config.paypro.checkout {
        None => None,
        Some(pair) => {
            let secret = |s: &crate::config::Secret| paypro::Secret::new(s.expose().to_owned());
            let (Some(key), Some(vector)) = (secret(&pair.key), secret(&pair.vector)) else {
                return Err(StartupError::Checkout("is empty".into()));
            };
            Some(paypro::DynamicKey::new(key, vector).map_err(|e| StartupError::Checkout(e.to_string()))?)
        }
    };
    Ok(VendorSettings {
        vendor: config.vendor.name.clone(),
        public_url: config.server.public_url.clone(),
        horizon_months: i64::from(config.retention.tombstone_months),
        person_months: i64::from(config.retention.person_months),
        cooling_days: i64::from(config.retention.erasure_cooling_days),
        dynamic,
        checkout_page: None,
        reply: config.mail.reply.as_ref().map(|r| (r.user().to_owned(), r.domain().to_owned())),
        conversation_months: i64::from(config.retention.conversation_months),
        anonymous_days: i64::from(config.retention.anonymous_days),
    })
}
