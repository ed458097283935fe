//! A shop in its own folder, the built binary that serves it, and direct access to its database.

pub mod conversation;
pub mod database_rows;
pub mod fake_clock;
pub mod http;
pub mod mail;
pub mod orders;
pub mod portal;
pub mod process;
pub mod random;
pub mod tcp_proxy;
pub mod web;

use std::ffi::OsString;
use std::future::Future;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use domain::VendorSettings;
use domain::compliance::prove::{Processor, ProcessorKind, Processors};
use domain::licensing::products::{AddProduct, AddProductOutcome};
use domain::lookup::{CustomerRecord, LookUpCustomer, LookupQuery};
use keyring::Slot;
use message_catalogue::English as _;
use scruple::config::Config;
use scruple::startup;
use store::{Actor, ConversationId, Db, KeysPerOrder, LicenceModel, Product};

static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().expect("a runtime")
});

/// Runs a future of the library to its end.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.block_on(work)
}

/// Polls until `poll` returns a value. Fails after a minute.
pub fn wait_until<T>(what: &str, mut poll: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = poll() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain for: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Stops the threads of a test when it is dropped. Without it, a failed test would wait for its threads for ever.
pub struct Stop<'a>(pub &'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Prints figures of a test.
#[allow(clippy::print_stdout, reason = "the figures are for the person who runs the tests")]
pub fn print_figures(text: &str) {
    println!("{text}");
}

/// Returns whether the tests run in their long form, which takes minutes.
pub fn is_long_run() -> bool {
    std::env::var_os("SCRUPLE_LONG").is_some_and(|value| value == "1")
}

/// Returns whether this run is on PostgreSQL.
pub fn on_postgres() -> bool {
    std::env::var_os("SCRUPLE_TEST_DATABASE").is_some()
}

/// Returns a random free port, below the ports of outgoing connections. Tests in other processes choose ports too, so it
/// is not the next one.
pub fn free_port() -> u16 {
    loop {
        let random = RandomState::new().build_hasher().finish();
        let port = 10_000 + u16::try_from(random % 20_000).expect("small");
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A shop: its folders, its database, its configuration.
pub struct Shop {
    folder: Folder,
    /// The database's address; empty for the file in the data folder.
    pub url: String,
    settings: Vec<(String, String)>,
}

/// The folder of a shop.
enum Folder {
    Own(tempfile::TempDir),
    Given(PathBuf),
}

impl Shop {
    /// Creates a shop without products, on the engine of this run.
    pub fn empty() -> Self {
        Self::on(block_on(store::testing::fresh_url()))
    }

    /// Creates a shop without products on a database. An empty `url` means a file in its data folder.
    pub fn on(url: String) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let shop = Self { folder: Folder::Own(folder), url, settings: Vec::new() };
        shop.with("SCRUPLE_PAYPRO_VALIDATION_KEY", orders::VALIDATION_KEY)
            .with("SCRUPLE_VENDOR_NAME", "Test Software")
            .with("SCRUPLE_SERVER_TRUSTED_PROXIES", "127.0.0.1")
    }

    /// Creates a shop with three products.
    pub fn new() -> Self {
        let shop = Self::empty();
        shop.add_products();
        shop
    }

    /// Adds the three products.
    pub fn add_products(&self) {
        let store = self.open_store();
        for (id, kind, keys) in [
            (orders::EDITOR, LicenceModel::Perpetual, KeysPerOrder::One),
            (orders::CLOUD, LicenceModel::Subscription, KeysPerOrder::One),
            (orders::TEAM, LicenceModel::Perpetual, KeysPerOrder::Each),
        ] {
            store.add(&product(id, kind, keys));
        }
        store.close();
    }

    /// Returns the same shop with another folder, like another machine or a copy.
    pub fn at(&self, folder: &Path) -> Self {
        Self {
            folder: Folder::Given(folder.to_owned()),
            url: self.url.clone(),
            settings: self.settings.clone(),
        }
    }

    /// Sets a setting by its environment variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.retain(|(other, _)| other != name);
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn folder(&self) -> &Path {
        match &self.folder {
            Folder::Own(folder) => folder.path(),
            Folder::Given(folder) => folder,
        }
    }

    pub fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    pub fn replica(&self) -> PathBuf {
        self.folder().join("replica")
    }

    /// Returns the environment of a process of this shop.
    pub fn environment(&self) -> Vec<(String, String)> {
        let path = |path: PathBuf| path.to_str().expect("UTF-8").to_owned();
        let mut all = vec![
            ("SCRUPLE_DATA_FOLDER".to_owned(), path(self.data())),
            ("SCRUPLE_KEYRING_REPLICAS".to_owned(), path(self.replica())),
            ("SCRUPLE_DATA_DATABASE".to_owned(), self.url.clone()),
            ("XDG_STATE_HOME".to_owned(), path(self.folder().join("state"))),
        ];
        all.extend(self.settings.clone());
        all
    }

    pub fn config(&self) -> Config {
        let environment = self.environment().into_iter().map(|(n, v)| (OsString::from(n), OsString::from(v)));
        Config::load(self.folder(), None, environment).unwrap_or_else(|problems| panic!("{problems}"))
    }

    /// Opens the shop's database as another process would.
    pub fn open_store(&self) -> OpenStore {
        self.try_open_store().unwrap_or_else(|error| panic!("{error}"))
    }

    pub fn try_open_store(&self) -> Result<OpenStore, startup::StartupError> {
        let config = self.config();
        let startup::OpenStore { db, settings, .. } = block_on(startup::open(&config))?;
        Ok(OpenStore { db, settings })
    }
}

/// A product with the provider's number and a licence model.
pub fn product(provider_id: &str, kind: LicenceModel, keys: KeysPerOrder) -> Product {
    Product {
        id: 0,
        provider_id: provider_id.to_owned(),
        name: format!("Product {provider_id}"),
        kind,
        seats: 1,
        keys,
        updates_months: 12,
        edition: 1,
        renewal_discount: 40,
        window_before: 60,
        window_after: 30,
        grace_days: 14,
        hold_discounts: false,
        prints_company: true,
    }
}

/// The shop's database, opened by the test while the server runs.
pub struct OpenStore {
    pub db: Db,
    pub settings: VendorSettings,
}

impl OpenStore {
    /// Adds a product and returns how many waiting orders it served.
    pub fn add(&self, product: &Product) -> u64 {
        match block_on(self.db.execute(&AddProduct {
            product,
            actor: &Actor::System,
            settings: &self.settings,
        })) {
            Ok(AddProductOutcome::Added { served, .. }) => served,
            Ok(_) => panic!("the product is there already"),
            Err(error) => panic!("{error}"),
        }
    }

    /// Looks up customers by an address.
    pub fn find(&self, email: &str) -> Vec<CustomerRecord> {
        self.look_up(LookupQuery::Email(email))
    }

    /// Looks up customers by an order.
    pub fn find_order(&self, order: &str) -> Vec<CustomerRecord> {
        self.look_up(LookupQuery::Order(order))
    }

    fn look_up(&self, query: LookupQuery<'_>) -> Vec<CustomerRecord> {
        let look_up =
            LookUpCustomer { query, case: "a test looks", actor: &Actor::Staff("tester".to_owned()) };
        block_on(self.db.execute(&look_up)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Returns number and slot of the conversation of an access code, or `None` if there is none (any more).
    pub fn conversation_of(&self, code: &str) -> Option<(ConversationId, Slot)> {
        let access = block_on(async {
            self.db.read().await?.conversation_access(&conversation::token_hash(code)).await
        });
        access.unwrap_or_else(|error| panic!("{error}")).map(|access| (access.conversation, access.slot))
    }

    /// Closes the audit chain and verifies it.
    pub fn verify_audit_chain(&self) {
        block_on(domain::compliance::prove::extend_audit_chain(&self.db)).expect("the chain closes");
        let report =
            block_on(async { self.db.read().await?.verify_audit_chain().await }).expect("the chain is read");
        assert_eq!(report.fault, None);
    }

    /// Proves every promise, as `scruple prove` does.
    pub fn prove_promises(&self) {
        let processor =
            |path: PathBuf| Processor { kind: ProcessorKind::KeyringReplica, at: path.display().to_string() };
        let mut all: Vec<Processor> = self.db.keyring().replica_paths().into_iter().map(processor).collect();
        all.push(Processor { kind: ProcessorKind::Database, at: "the database".to_owned() });
        let processors = Processors { configured: all.clone(), connected: all };
        let proof = block_on(domain::compliance::prove::prove(&self.db, &self.settings, &processors))
            .expect("the proof is read");
        assert!(proof.all_kept(), "{}", proof.english());
    }

    pub fn close(self) {
        block_on(self.db.close());
    }
}
