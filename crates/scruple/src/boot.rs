//! Opening the house: data folder, database, keyring, in this order; making them at the first start.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::VendorSettings;
use domain::start::{Started, start};
use keyring::{KeyringError, KeyringId, Opening, StaticShare, StoreId, Vault};
use store::{Clock, Db, Store};

use crate::config::{Config, Database};

/// Why the house doesn't open. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// The data folder can't be used.
    #[error("the data folder {}: {why}", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What is wrong and what to do.
        why: String,
    },
    /// Database or deeds.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The keyring.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// A keyring lies there, but this data doesn't know it.
    #[error(
        "the database is new, but a keyring lies in {} already. If the data was lost, put a backup back with `scruple \
         restore FILE`; if this is another shop, give it a keyring of its own with keyring.places", .0.display()
    )]
    KeyringWithoutData(PathBuf),
    /// The checkout key doesn't fit.
    #[error("paypro.checkout_key: {0}")]
    Checkout(String),
}

/// Names the folders of the keyring, one a line, within the data folder.
const PLACES: &str = "keyring-places";
/// Stands while the first start makes the keyring.
const FIRST_START: &str = "first-start";

/// Opens everything and makes it ready to serve.
///
/// # Errors
/// Says what is wrong and what to do; nothing is changed then.
pub async fn open(config: &Config) -> Result<(Db, VendorSettings, Started), BootError> {
    let house = house(config)?;
    let store = connect(config).await?;
    let vault = keyring(config, &store).await?;
    let db = store.with(Arc::new(vault), Clock::System);
    let started = start(&db).await?;
    Ok((db, house, started))
}

/// Makes the data folder if it isn't there, and connects the database.
///
/// # Errors
/// When the folder is open to others, or the database is away.
pub async fn connect(config: &Config) -> Result<Store, BootError> {
    private_folder(&config.data.folder)?;
    let url = match &config.data.database {
        Database::Sqlite => "",
        Database::Postgres { url, .. } => url.expose(),
    };
    Ok(Store::connect(&config.data.folder, url).await?)
}

fn private_folder(folder: &Path) -> Result<(), BootError> {
    let refused = |why: String| BootError::Folder { folder: folder.to_owned(), why };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|e| refused(e.kind().to_string()))?;
    let kept = fs::metadata(folder).map_err(|e| refused(e.kind().to_string()))?;
    let mode = kept.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(refused(format!(
            "its mode is {mode:03o}, open to others: run `chmod 700 {}`",
            folder.display()
        )));
    }
    Ok(())
}

/// The folders that hold the keyring: those of the configuration, or those recorded at the first start.
///
/// # Errors
/// When the record can't be read.
pub fn places(config: &Config) -> Result<Vec<PathBuf>, BootError> {
    let record = config.data.folder.join(PLACES);
    if config.keyring.chosen || !record.exists() {
        return Ok(config.keyring.places.clone());
    }
    let text = fs::read_to_string(&record).map_err(|e| folder_error(config, &e))?;
    Ok(text.lines().filter(|l| !l.is_empty()).map(PathBuf::from).collect())
}

fn folder_error(config: &Config, error: &std::io::Error) -> BootError {
    BootError::Folder { folder: config.data.folder.clone(), why: error.kind().to_string() }
}

/// What the keyring's passphrase gives.
#[must_use]
pub fn share(config: &Config) -> StaticShare {
    config
        .keyring
        .passphrase
        .as_ref()
        .map_or_else(StaticShare::none, |p| StaticShare::from_passphrase(p.expose()))
}

/// The fact in the data that names its keyring.
const KEYRING: &str = "keyring";

async fn keyring(config: &Config, store: &Store) -> Result<Vault, BootError> {
    let places = places(config)?;
    let known = store.fact(KEYRING).await?.and_then(|text| parse_id(&text));
    let vault = match known {
        Some(id) => open_keyring(config, store, &places, Some(id)).await?,
        None => first_start(config, store, &places).await?,
    };
    record(config, PLACES, &places.iter().map(|p| format!("{}\n", p.display())).collect::<String>())?;
    Ok(vault)
}

async fn open_keyring(
    config: &Config,
    store: &Store,
    places: &[PathBuf],
    keyring: Option<KeyringId>,
) -> Result<Vault, BootError> {
    let seen_epoch = store.seen_epoch().await?;
    let opening = Opening { places, share: share(config), store: StoreId(store.id), keyring, seen_epoch };
    Ok(Vault::open(opening)?)
}

/// Makes the keyring. A stop between its making and its record in the data is told by the file that stands meanwhile.
async fn first_start(config: &Config, store: &Store, places: &[PathBuf]) -> Result<Vault, BootError> {
    let half_way = config.data.folder.join(FIRST_START).exists();
    record(config, FIRST_START, "the keyring is being made\n")?;
    let vault = match Vault::create(places, share(config), StoreId(store.id)) {
        Err(KeyringError::Taken { .. }) if half_way => open_keyring(config, store, places, None).await?,
        Err(KeyringError::Taken { path }) => {
            remove(config, FIRST_START)?;
            return Err(BootError::KeyringWithoutData(path));
        }
        made => made?,
    };
    store.set_fact(KEYRING, &vault.keyring_id().to_string()).await?;
    remove(config, FIRST_START)?;
    Ok(vault)
}

fn record(config: &Config, name: &str, text: &str) -> Result<(), BootError> {
    let path = config.data.folder.join(name);
    if fs::read_to_string(&path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let mut file = fs::OpenOptions::new();
    let file = file.write(true).create(true).truncate(true).mode(0o600).open(path);
    file.and_then(|mut f| f.write_all(text.as_bytes()).and_then(|()| f.sync_all()))
        .map_err(|e| folder_error(config, &e))
}

fn remove(config: &Config, name: &str) -> Result<(), BootError> {
    match fs::remove_file(config.data.folder.join(name)) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(folder_error(config, &e)),
        _ => Ok(()),
    }
}

fn parse_id(text: &str) -> Option<KeyringId> {
    u128::from_str_radix(text, 16).ok().map(|n| KeyringId(n.to_be_bytes()))
}

/// The settings that deeds need.
///
/// # Errors
/// When the checkout key can't be used.
pub fn house(config: &Config) -> Result<VendorSettings, BootError> {
    let dynamic = match &config.paypro.checkout {
        None => None,
        Some(pair) => {
            let secret = |s: &crate::config::Secret| paypro::Secret::new(s.expose().to_owned());
            let (Some(key), Some(vector)) = (secret(&pair.key), secret(&pair.vector)) else {
                return Err(BootError::Checkout("is empty".into()));
            };
            Some(paypro::DynamicKey::new(key, vector).map_err(|e| BootError::Checkout(e.to_string()))?)
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
        thread_months: i64::from(config.retention.thread_months),
        anonymous_days: i64::from(config.retention.anonymous_days),
    })
}
