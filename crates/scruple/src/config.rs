//! Configuration: a file, the environment above it, and defaults with which `serve` runs as it is.
//!
//! [`Config::load`] reads everything once, reports every mistake at once, and hands out a plain struct that is passed
//! on explicitly. Files named in it are read here too, so what is wrong with them shows before anything starts.

mod keys;
mod mail;
mod mailbox;
mod names;
mod places;
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

/// Everything that can be configured. No `Debug`: it holds secrets.
pub struct Config {
    /// `[server]`: where we listen and how the world calls us.
    pub server: ServerConfig,
    /// `[data]`: where rows are kept.
    pub data: DataConfig,
    /// `[keyring]`: where the keys are kept that open them.
    pub keyring: KeyringConfig,
    /// `[vendor]`: who sells.
    pub vendor: VendorConfig,
    /// `[paypro]`: what the payment provider and we know of each other.
    pub paypro: PayproConfig,
    /// `[mail]`: how letters leave and mail comes in.
    pub mail: MailConfig,
    /// `[contact]`: the contact page.
    pub contact: ContactConfig,
    /// `[retention]`: for how long what is kept.
    pub retention: RetentionConfig,
    /// `[visits]`: what is shown of visitors.
    pub visits: VisitsConfig,
}

/// `[server]`
pub struct ServerConfig {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// How people reach us, without a slash at the end: `https://licence.example.com`.
    pub public_url: String,
    /// Whose `X-Forwarded-For` is believed. Empty: nobody's.
    pub trusted_proxies: Vec<IpNet>,
}

/// `[data]`
pub struct DataConfig {
    /// The data folder. It need not exist yet.
    pub folder: PathBuf,
    /// Where the rows are.
    pub database: Database,
}

/// Where the rows are.
pub enum Database {
    /// A file in the data folder.
    Sqlite,
    /// A PostgreSQL server, or what speaks its protocol.
    Postgres {
        /// The whole address, with name and password.
        url: Secret,
        /// Host, port and database: what may be shown.
        place: String,
    },
}

/// `[keyring]`
pub struct KeyringConfig {
    /// Folders that each hold the whole keyring; never empty.
    pub places: Vec<PathBuf>,
    /// Whether the configuration named them. If not, `places` holds the one default place, and a place that the
    /// data folder recorded at its first start goes before it.
    pub chosen: bool,
    /// What the static share of the root key comes from.
    pub passphrase: Option<Secret>,
}

/// `[vendor]`
pub struct VendorConfig {
    /// The name that stands in letters and pages.
    pub name: String,
    /// The vendor's own site.
    pub site: Option<String>,
}

/// `[paypro]`
pub struct PayproConfig {
    /// Signs notices. Without it every notice is answered with 503, so that the provider tries again.
    pub validation_key: Option<Secret>,
    /// Goes into checkout links of test orders.
    pub secret_key: Option<Secret>,
    /// Whether a test order is worth a licence.
    pub allow_test_orders: bool,
    /// Where notices may come from. Empty: not checked.
    pub source_addresses: Vec<IpNet>,
    /// Encrypts renewal discounts in checkout links. Without it no discount is offered.
    pub checkout: Option<CheckoutConfig>,
    /// Names (`x-...`) of the custom order fields that are kept, sealed.
    pub keep_custom_fields: Vec<String>,
}

/// The pair that encrypts the dynamic settings of a checkout link.
pub struct CheckoutConfig {
    /// The key text, 1 to 31 bytes: with the product's id behind it, it must make 16, 24 or 32.
    pub key: Secret,
    /// The vector text, 16 bytes.
    pub vector: Secret,
}

/// `[contact]`
pub struct ContactConfig {
    /// Messages of the contact page in an hour; more are held for staff to judge.
    pub hourly: u16,
}

/// `[retention]`
pub struct RetentionConfig {
    /// Months that a person is kept after their last living licence, subscription or thread ended.
    pub person_months: u16,
    /// Days between a person's agreement and their erasure; 0 is at once.
    pub erasure_cooling_days: u16,
    /// Months for which the tombstone of an erased order is known.
    pub tombstone_months: u16,
    /// Months after which a closed thread is forgotten.
    pub thread_months: u16,
    /// Days after which a closed thread that nobody's address is tied to is forgotten.
    pub anonymous_days: u16,
}

/// `[visits]`
pub struct VisitsConfig {
    /// How many people a number needs before it is shown.
    pub folding: analytics::DisclosureThresholds,
}

impl Config {
    /// Reads `file`, or `scruple.toml` in `folder` where there is one, and `environment` above it. Relative paths
    /// count from `folder`, the working folder.
    ///
    /// # Errors
    /// Every unknown key, unreadable value, unreadable or too readable file, and what contradicts itself.
    pub fn load(
        folder: &Path,
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, Problems> {
        let mut keys = Keys::gather(folder, file, environment)?;
        let config = Self::read(&mut keys);
        keys.finish()?;
        Ok(config)
    }

    /// Every key as `section.key`, with its default as TOML, in the order of the example file.
    pub fn keys() -> Vec<(&'static str, String)> {
        let mut keys = Keys::none();
        Self::read(&mut keys);
        keys.asked()
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
