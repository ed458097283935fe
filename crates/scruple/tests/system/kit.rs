//! A shop in a folder of its own, the built binary serving it, and a hand beside it that opens the same books.

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
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::{Duration, Instant};

use domain::VendorSettings;
use domain::compliance::prove::{Processor, ProcessorKind, Processors};
use domain::licensing::products::{AddProduct, AddProductOutcome};
use domain::lookup::{CustomerRecord, LookUpCustomer, LookupQuery};
use keyring::Slot;
use scruple::config::Config;
use scruple::startup;
use store::{Actor, Db, KeysPerOrder, LicenceModel, Product};

static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().expect("a runtime")
});

/// Waits for what the library does.
pub fn wait<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.block_on(work)
}

/// Looks again and again until it is so, and fails after a minute.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain for: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Tells the threads beside a test to stop, at the latest when the test fails: their scope waits for them.
pub struct Stop<'a>(pub &'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Says a figure, or that a test looked at nothing.
#[allow(clippy::print_stdout, reason = "figures are for whoever runs the tests")]
pub fn show(text: &str) {
    println!("{text}");
}

/// Prints why a test is skipped. `println!` won't do: the output of a passed test is dropped, and `./check` counts these lines.
pub fn skipped(why: &str) {
    writeln!(std::io::stdout(), "skipped: {why}").expect("a standard output");
}

/// Whether the tests that take minutes take them.
pub fn long() -> bool {
    std::env::var_os("SCRUPLE_LONG").is_some_and(|value| value == "1")
}

/// Whether this run is on PostgreSQL.
pub fn on_postgres() -> bool {
    std::env::var_os("SCRUPLE_TEST_DATABASE").is_some()
}

/// A port below those that outgoing connections take, and no other test's.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let own = u16::try_from(std::process::id() % 97).expect("small") * 100;
        let port = 10_000 + own + NEXT.fetch_add(1, Ordering::SeqCst) % 300;
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

/// Where a shop lies.
enum Folder {
    Own(tempfile::TempDir),
    Given(PathBuf),
}

impl Shop {
    /// A new shop without products, on the engine that this run is on.
    pub fn empty() -> Self {
        Self::on(wait(store::testing::fresh_url()))
    }

    /// A new shop without products on a database; empty for a file in its data folder.
    pub fn on(url: String) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let shop = Self { folder: Folder::Own(folder), url, settings: Vec::new() };
        shop.with("SCRUPLE_PAYPRO_VALIDATION_KEY", orders::VALIDATION_KEY)
            .with("SCRUPLE_VENDOR_NAME", "Test Software")
            .with("SCRUPLE_SERVER_TRUSTED_PROXIES", "127.0.0.1")
    }

    /// A new shop with its three products.
    pub fn new() -> Self {
        let shop = Self::empty();
        shop.furnish();
        shop
    }

    /// Puts the three products into the shop.
    pub fn furnish(&self) {
        let beside = self.beside();
        for (id, kind, keys) in [
            (orders::EDITOR, LicenceModel::Perpetual, KeysPerOrder::One),
            (orders::CLOUD, LicenceModel::Subscription, KeysPerOrder::One),
            (orders::TEAM, LicenceModel::Perpetual, KeysPerOrder::Each),
        ] {
            beside.add(&product(id, kind, keys));
        }
        beside.close();
    }

    /// The same database from another folder: another machine, or a copy.
    pub fn at(&self, folder: &Path) -> Self {
        Self {
            folder: Folder::Given(folder.to_owned()),
            url: self.url.clone(),
            settings: self.settings.clone(),
        }
    }

    /// With a setting, as the environment names it.
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

    pub fn place(&self) -> PathBuf {
        self.folder().join("place")
    }

    /// The environment of a process of this shop.
    pub fn environment(&self) -> Vec<(String, String)> {
        let path = |path: PathBuf| path.to_str().expect("UTF-8").to_owned();
        let mut all = vec![
            ("SCRUPLE_DATA_FOLDER".to_owned(), path(self.data())),
            ("SCRUPLE_KEYRING_REPLICAS".to_owned(), path(self.place())),
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

    /// Opens the same shop as another process would.
    pub fn beside(&self) -> Beside {
        self.try_beside().unwrap_or_else(|refused| panic!("{refused}"))
    }

    pub fn try_beside(&self) -> Result<Beside, startup::StartupError> {
        let config = self.config();
        let (db, settings, _) = wait(startup::open(&config))?;
        Ok(Beside { db, settings })
    }
}

/// A product of a number and kind.
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

/// The shop's books, opened beside whatever serves.
pub struct Beside {
    pub db: Db,
    pub settings: VendorSettings,
}

impl Beside {
    /// Adds a product and says how many waiting orders that served.
    pub fn add(&self, product: &Product) -> u64 {
        match wait(self.db.execute(&AddProduct { product, actor: &Actor::System, settings: &self.settings }))
        {
            Ok(AddProductOutcome::Added { served, .. }) => served,
            Ok(_) => panic!("the product is there already"),
            Err(error) => panic!("{error}"),
        }
    }

    /// What lookups by an address.
    pub fn find(&self, email: &str) -> Vec<CustomerRecord> {
        self.found(LookupQuery::Email(email))
    }

    /// What lookups by an order.
    pub fn find_order(&self, order: &str) -> Vec<CustomerRecord> {
        self.found(LookupQuery::Order(order))
    }

    fn found(&self, query: LookupQuery<'_>) -> Vec<CustomerRecord> {
        let find = LookUpCustomer { query, case: "a test looks", actor: &Actor::Staff("tester".to_owned()) };
        wait(self.db.execute(&find)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Number and slot of the conversation of a code; none where there is none (any more).
    pub fn thread_of(&self, code: &str) -> Option<(i64, Slot)> {
        let way = wait(async { self.db.read().await?.conversation_access(&conversation::tag(code)).await });
        way.unwrap_or_else(|error| panic!("{error}")).map(|way| (way.conversation, way.slot))
    }

    /// The journal's chain, closed and verified.
    pub fn chain_holds(&self) {
        wait(domain::compliance::prove::extend_audit_chain(&self.db)).expect("the chain closes");
        let report =
            wait(async { self.db.read().await?.verify_audit_chain().await }).expect("the chain is read");
        assert_eq!(report.fault, None);
    }

    /// Proves every promise, as `scruple prove` does.
    pub fn promises_are_kept(&self) {
        let at = |place: PathBuf| Processor {
            kind: ProcessorKind::KeyringReplica,
            at: place.display().to_string(),
        };
        let mut all: Vec<Processor> = self.db.keyring().replica_paths().into_iter().map(at).collect();
        all.push(Processor { kind: ProcessorKind::Database, at: "the database".to_owned() });
        let carriers = Processors { configured: all.clone(), connected: all };
        let proof = wait(domain::compliance::prove::prove(&self.db, &self.settings, &carriers))
            .expect("the proof is read");
        assert!(proof.all_kept(), "{proof}");
    }

    pub fn close(self) {
        wait(self.db.close());
    }
}
