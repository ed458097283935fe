//! Reads the sections key by key. The keys that are read here are all keys that exist.

use super::default_replica::default_replica;
use super::keys::Keys;
use super::secret::Secret;
use super::values;
use super::{
    CheckoutConfig, ContactConfig, DataConfig, Database, KeyringConfig, PayproConfig, RetentionConfig,
    ServerConfig, VendorConfig, VisitsConfig,
};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

const LISTEN: &str = "127.0.0.1:8470";
const NETWORK: &str = "an address or a network such as 10.0.0.0/8";
const WEB_SITE: &str = "an address such as https://licence.example.com";

pub(super) fn server(keys: &mut Keys) -> ServerConfig {
    let expected = "an address with a port such as 127.0.0.1:8470";
    let listen = keys.parsed("server.listen", LISTEN, expected, true, |text| text.parse().ok());
    let listen = listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8470)));
    let public_url = keys.parsed("server.public_url", "", WEB_SITE, true, values::site);
    let trusted_proxies = keys.list("server.trusted_proxies", NETWORK, values::network);
    ServerConfig { listen, public_url: public_url.unwrap_or(format!("http://{listen}")), trusted_proxies }
}

pub(super) fn data(keys: &mut Keys) -> DataConfig {
    let folder = keys.text("data.folder", "scruple-data", "the path of a folder");
    let folder = keys.path(&folder.map_or("scruple-data".to_owned(), |(_, text)| text));
    let database = database(keys);
    DataConfig { folder, database }
}

fn database(keys: &mut Keys) -> Database {
    const FORM: &str = "postgres://name@host:port/database, or nothing for a file in the data folder";
    let mut at = String::new();
    let url = keys.text("data.database", "", FORM).and_then(|(key, text)| {
        at = key;
        let url = values::postgres(&text);
        if url.is_none() {
            keys.problem(&at, format!("found something else, expected {FORM}"));
        }
        url
    });
    let password = keys.file_secret("data.database_password_file");
    let Some(mut url) = url else {
        if let Some((file, _)) = password.filter(|_| at.is_empty()) {
            keys.problem(&file, "needs data.database: the file in the data folder has no password");
        }
        return Database::Sqlite;
    };
    match (url.password(), password) {
        (Some(_), Some((file, _))) => {
            keys.problem(&file, "cannot be combined with a password in data.database: expected one of them");
        }
        (Some(_), None) => keys.secret_at(&at),
        (None, Some((file, password))) => {
            if url.set_password(Some(password.expose())).is_err() {
                keys.problem(&file, "cannot be added to data.database, which has no host");
            }
        }
        (None, None) => {}
    }
    Database::Postgres { location: values::location_of(&url), url: Secret::new(url.into()) }
}

pub(super) fn keyring(keys: &mut Keys, data_folder: &Path) -> KeyringConfig {
    let named = keys.list("keyring.replicas", "the path of a folder", |text| {
        (!text.is_empty()).then(|| PathBuf::from(text))
    });
    let named: Vec<PathBuf> = named.iter().map(|path| keys.path(&path.to_string_lossy())).collect();
    let passphrase = keys.file_secret("keyring.passphrase_file").map(|(_, secret)| secret);
    for path in &named {
        if path.starts_with(data_folder) {
            keys.problem(
                "keyring.replicas",
                "a replica is inside the data folder: a copy of the data would include its keys",
            );
        }
    }
    let chosen = !named.is_empty();
    let replicas = if chosen {
        named
    } else {
        vec![default_replica(
            keys.system_variable("XDG_STATE_HOME"),
            keys.system_variable("HOME"),
            data_folder,
        )]
    };
    KeyringConfig { replicas, chosen, passphrase }
}

pub(super) fn vendor(keys: &mut Keys) -> VendorConfig {
    let name = keys.parsed("vendor.name", "Example Software", "a name on one line", true, |text| {
        (!text.contains(char::is_control)).then(|| text.to_owned())
    });
    let site = keys.parsed("vendor.site", "", WEB_SITE, true, values::site);
    VendorConfig { name: name.unwrap_or("Example Software".to_owned()), site }
}

pub(super) fn paypro(keys: &mut Keys) -> PayproConfig {
    let validation_key = keys.secret("paypro.validation_key", "paypro.validation_key_file");
    let secret_key = keys.secret("paypro.secret_key", "paypro.secret_key_file");
    let allow_test_orders = keys.flag("paypro.allow_test_orders", false);
    let expected = "an address, a network, or the word paypro";
    let sources = keys.list("paypro.source_addresses", expected, values::sources);
    let checkout = checkout(keys);
    let expected = "a name such as x-campaign";
    let keep_custom_fields = keys.list("paypro.keep_custom_fields", expected, values::custom_field);
    PayproConfig {
        validation_key: validation_key.map(|(_, secret)| secret),
        secret_key: secret_key.map(|(_, secret)| secret),
        allow_test_orders,
        source_addresses: sources.into_iter().flatten().collect(),
        checkout,
        keep_custom_fields,
    }
}

fn checkout(keys: &mut Keys) -> Option<CheckoutConfig> {
    let key = keys.secret("paypro.checkout_key", "paypro.checkout_key_file");
    let vector = keys.secret("paypro.checkout_vector", "paypro.checkout_vector_file");
    let lacks = |other| format!("needs {other} as well: together they encrypt renewal discounts");
    match (key, vector) {
        (Some((key_at, key)), Some((vector_at, vector))) => {
            let (length, vector_length) = (key.expose().len(), vector.expose().len());
            if length > 31 {
                let message =
                    format!("has {length} bytes, expected fewer than 32: with a product's id 16, 24 or 32");
                keys.problem(&key_at, message);
            }
            if vector_length != 16 {
                keys.problem(&vector_at, format!("has {vector_length} bytes, expected 16"));
            }
            Some(CheckoutConfig { key, vector })
        }
        (Some((at, _)), None) => {
            keys.problem(&at, lacks("paypro.checkout_vector"));
            None
        }
        (None, Some((at, _))) => {
            keys.problem(&at, lacks("paypro.checkout_key"));
            None
        }
        (None, None) => None,
    }
}

pub(super) fn contact(keys: &mut Keys) -> ContactConfig {
    ContactConfig { hourly: keys.number("contact.hourly", 60, 1, 60_000) }
}

pub(super) fn retention(keys: &mut Keys) -> RetentionConfig {
    RetentionConfig {
        person_months: keys.number("retention.person_months", 24, 1, 1200),
        erasure_cooling_days: keys.number("retention.erasure_cooling_days", 0, 0, 30),
        tombstone_months: keys.number("retention.tombstone_months", 18, 1, 1200),
        conversation_months: keys.number("retention.conversation_months", 12, 1, 1200),
        anonymous_days: keys.number("retention.anonymous_days", 90, 1, 3650),
    }
}

pub(super) fn visits(keys: &mut Keys) -> VisitsConfig {
    let people = keys.number("visits.people", 5, 2, 1_000);
    let public_people = keys.number("visits.public_people", 10, 2, 10_000);
    let thresholds = analytics::DisclosureThresholds::new(people.into(), public_people.into());
    if thresholds.is_none() {
        let message = format!(
            "found {public_people}, expected a multiple of visits.people, which is {people}: otherwise public figures \
             would reveal what staff cannot see"
        );
        keys.problem("visits.public_people", message);
    }
    VisitsConfig { thresholds: thresholds.unwrap_or_default() }
}
