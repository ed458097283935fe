//! Configuration: a file, environment variables that override it, and defaults with which `serve` runs as it is.
//!
//! [`Config::load`] reads everything once and reports all problems together. It also reads the files that the keys name,
//! so that their problems are reported before anything starts.

mod default_replica;
mod keys;
mod mail;
mod mailbox;
mod names;
mod problem;
mod secret;
mod sections;
mod values;

pub use problem::{Problem, Problems};
pub use secret::Secret;
pub use values::PAYPRO_SOURCES;

use ::mail::settings::MailConfig;
use ipnet::IpNet;
use keys::Keys;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The whole configuration. No `Debug`, because it contains secrets.
pub struct Config {
    /// `[server]`: the listen address and the public URL.
    pub server: ServerConfig,
    /// `[data]`: the data folder and the database.
    pub data: DataConfig,
    /// `[keyring]`: the keys that decrypt the data.
    pub keyring: KeyringConfig,
    /// `[vendor]`: the software vendor.
    pub vendor: VendorConfig,
    /// `[paypro]`: the payment provider.
    pub paypro: PayproConfig,
    /// `[mail]`: outgoing and inbound e-mail.
    pub mail: MailConfig,
    /// `[contact]`: the contact page.
    pub contact: ContactConfig,
    /// `[retention]`: retention times.
    pub retention: RetentionConfig,
    /// `[visits]`: disclosure thresholds of the visit statistics.
    pub visits: VisitsConfig,
}

/// `[server]`
pub struct ServerConfig {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// The public URL, without a slash at the end: `https://licence.example.com`.
    pub public_url: String,
    /// The reverse proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
}

/// `[data]`
pub struct DataConfig {
    /// The data folder, which need not exist yet.
    pub folder: PathBuf,
    pub database: Database,
}

pub enum Database {
    /// A file in the data folder.
    Sqlite,
    /// A PostgreSQL server, or another server with its protocol.
    Postgres {
        /// The whole URL, with name and password.
        url: Secret,
        /// Host, port and database, without secrets.
        location: String,
    },
}

/// `[keyring]`
pub struct KeyringConfig {
    /// The folders of the replicas; each has the whole keyring. Never empty.
    pub replicas: Vec<PathBuf>,
    /// Whether the configuration sets them. Otherwise `replicas` has the default, and replicas that were recorded in the
    /// data folder at the first start have priority.
    pub chosen: bool,
    /// The passphrase from which the static share of the root key is derived.
    pub passphrase: Option<Secret>,
}

/// `[vendor]`
pub struct VendorConfig {
    /// The name in e-mails and pages.
    pub name: String,
    /// The vendor's own site.
    pub site: Option<String>,
}

/// `[paypro]`
pub struct PayproConfig {
    /// Verifies notifications. Without it every notification is answered with 503, so that the provider tries again.
    pub validation_key: Option<Secret>,
    /// The secret key in checkout links of test orders.
    pub secret_key: Option<Secret>,
    /// Whether a test order gets a licence.
    pub allow_test_orders: bool,
    /// The addresses from which notifications are accepted. Empty: not checked.
    pub source_addresses: Vec<IpNet>,
    /// Encrypts renewal discounts in checkout links. Without it no discount is offered.
    pub checkout: Option<CheckoutConfig>,
    /// The names (`x-...`) of the custom order fields that are kept, encrypted.
    pub keep_custom_fields: Vec<String>,
}

/// The pair that encrypts the dynamic settings of a checkout link.
pub struct CheckoutConfig {
    /// The key text, 1 to 31 bytes. Together with the product number it must have 16, 24 or 32 bytes.
    pub key: Secret,
    /// The vector text, 16 bytes.
    pub vector: Secret,
}

/// `[contact]`
pub struct ContactConfig {
    /// Messages of the contact page in an hour; more are held for review by staff.
    pub hourly: u16,
}

/// `[retention]`
pub struct RetentionConfig {
    /// Months for which a person is kept after their last licence, subscription or conversation ended.
    pub person_months: u16,
    /// Days between a person's agreement and the erasure; 0 means at once.
    pub erasure_cooling_days: u16,
    /// Months for which the tombstone of an erased order is kept.
    pub tombstone_months: u16,
    /// Months after which a closed conversation is erased.
    pub conversation_months: u16,
    /// Days after which a closed conversation without an address is erased.
    pub anonymous_days: u16,
}

/// `[visits]`
pub struct VisitsConfig {
    /// How many people a figure needs before it is shown.
    pub thresholds: analytics::DisclosureThresholds,
}

impl Config {
    /// Reads `file`, or `scruple.toml` in `folder` if it exists. Variables of `environment` override it. Relative paths
    /// are relative to `folder`, the working folder.
    ///
    /// # Errors
    /// Unknown keys, wrong values, contradictions, and files that cannot be read or that others can read.
    pub fn load(
        folder: &Path,
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, Problems> {
        let mut keys = Keys::load(folder, file, environment)?;
        let config = Self::read(&mut keys);
        keys.finish()?;
        Ok(config)
    }

    /// Every key as `section.key`, with its default as TOML, in the order of the example file.
    pub fn keys() -> Vec<(&'static str, String)> {
        let mut keys = Keys::none();
        Self::read(&mut keys);
        keys.read_keys()
    }

    fn read(keys: &mut Keys) -> Self {
        let server = sections::server(keys);
        let data = sections::data(keys);
        let keyring = sections::keyring(keys, &data.folder);
        let vendor = sections::vendor(keys);
        let paypro = sections::paypro(keys);
        let mail = mail::mail(keys);
        let contact = sections::contact(keys);
        let retention = sections::retention(keys);
        let visits = sections::visits(keys);
        Self { server, data, keyring, vendor, paypro, mail, contact, retention, visits }
    }
}
