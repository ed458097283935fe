//! A running server with one product, on its own port, with a clock that the test controls.

use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::VendorSettings;
use domain::email::{ClaimEmail, DeliveryOutcome, RecordDelivery};
use domain::licensing::products::AddProduct;
use domain::portal::magic_link::RequestMagicLink;
use keyring::{Keyring, StaticShare, StoreId};
use paypro::simulator::Party;
use paypro::{DynamicKey, Purchase, Secret};
use store::testing::{Scratch, fresh_url};
use store::{Actor, Db, KeysPerOrder, LicenceModel, Product, Store};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use web::app::{App, Shared};
use web::http_server::serve;
use web::notification_queue::NotificationQueue;
use web::rate_limit::RateLimiter;
use web::routes::routes;
use web::search::ConversationSearch;
use web::spam::SpamFilter;
use web::visit_counter::{Counter, TallyFlusher};
use zeroize::Zeroizing;

use crate::http::{Answer, FORM, form, send};

pub struct Kit {
    pub scratch: Scratch,
    pub app: Shared,
    pub at: SocketAddr,
    pub provider: paypro::Shop,
    queued_requests: mpsc::Receiver<Zeroizing<String>>,
    /// Stores the tallies. Only the test calls it.
    pub flusher: TallyFlusher,
}

/// What a test chooses of the server.
pub struct Setup {
    /// The cooling-off period of erasures, in days.
    pub cooling_days: i64,
    /// The network of the trusted proxies; empty for none.
    pub proxy: &'static str,
    /// The network of the payment provider; empty for any.
    pub provider_network: &'static str,
    /// The key with which the payment provider signs.
    pub validation_key: Option<&'static str>,
    /// Whether test orders are accepted.
    pub test_orders: bool,
    pub vendor: &'static str,
    /// The name of the product.
    pub product: &'static str,
    pub public_url: &'static str,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            cooling_days: 0,
            proxy: "",
            provider_network: "",
            validation_key: Some(KEY),
            test_orders: false,
            vendor: "Lantern Software",
            product: "Lantern Studio",
            public_url: "https://licence.example.org",
        }
    }
}

const KEY: &str = "a validation key";

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn studio(name: &str) -> Product {
    Product {
        id: 0,
        provider_id: "4711".into(),
        name: name.into(),
        kind: LicenceModel::Perpetual,
        seats: 1,
        keys: KeysPerOrder::One,
        updates_months: 12,
        edition: 0,
        renewal_discount: 40,
        window_before: 60,
        window_after: 30,
        grace_days: 14,
        hold_discounts: false,
        prints_company: false,
    }
}

impl Kit {
    /// A server with one product and no customers.
    pub async fn open() -> Self {
        Self::with(Setup::default()).await
    }

    /// A server as the test chooses it.
    pub async fn with(setup: Setup) -> Self {
        let scratch = Scratch::new().await;
        let db = scratch.db.clone();
        Self::on(scratch, db, setup).await
    }

    /// A server with a cooling-off period in days.
    pub async fn with_cooling(cooling_days: i64) -> Self {
        Self::with(Setup { cooling_days, ..Setup::default() }).await
    }

    /// A server whose keyring has two replicas: `one` and `two` in the scratch folder.
    pub async fn with_two_replicas() -> Self {
        let scratch = Scratch::new().await;
        let data = scratch.folder.path().join("more-data");
        std::fs::create_dir(&data).unwrap();
        let store = Store::connect(&data, &fresh_url().await).await.unwrap();
        let replicas = ["one", "two"].map(|name| scratch.folder.path().join(name));
        let keyring = Keyring::create(&replicas, StaticShare::none(), StoreId(store.id)).unwrap();
        let db = store.with_keyring(Arc::new(keyring), scratch.db.clock.clone());
        Self::on(scratch, db, Setup::default()).await
    }

    /// A server behind a trusted proxy on this machine.
    pub async fn behind_a_proxy() -> Self {
        Self::with(Setup { proxy: "127.0.0.0/8", ..Setup::default() }).await
    }

    async fn on(scratch: Scratch, db: Db, setup: Setup) -> Self {
        domain::startup::prepare_store(&db).await.unwrap();
        let settings = Arc::new(VendorSettings {
            vendor: setup.vendor.into(),
            public_url: setup.public_url.into(),
            horizon_months: 18,
            person_months: 24,
            cooling_days: setup.cooling_days,
            dynamic: DynamicKey::new(secret("0123456789ab"), secret("fedcba9876543210")).ok(),
            checkout_page: None,
            reply: Some(("help".into(), "example.org".into())),
            conversation_months: 12,
            anonymous_days: 90,
        });
        let add = AddProduct { product: &studio(setup.product), actor: &Actor::System, settings: &settings };
        db.execute(&add).await.unwrap();
        let (magic_link_requests, queued_requests) = mpsc::channel(64);
        let work_available = Arc::new(Notify::new());
        let counter = Arc::new(Counter::new(analytics::DisclosureThresholds::default()));
        let app = Arc::new(App {
            notifications: NotificationQueue::start(
                db.clone(),
                Arc::clone(&settings),
                Arc::clone(&work_available),
            ),
            db,
            settings,
            validation_key: setup.validation_key.map(secret),
            allow_test_orders: setup.test_orders,
            provider_networks: setup.provider_network.parse().into_iter().collect(),
            trusted_proxies: setup.proxy.parse().into_iter().collect(),
            keep_custom: Vec::new(),
            magic_link_requests,
            search: ConversationSearch::default(),
            counter: Arc::clone(&counter),
            rate_limiter: RateLimiter::default(),
            spam_filter: SpamFilter::new(60),
            work_available,
            home_path: "/licence",
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, routes(Arc::clone(&app)), pending()));
        let (provider, flusher) = (paypro::Shop::new(secret(KEY)), TallyFlusher::new(counter));
        Self { scratch, app, at, provider, queued_requests, flusher }
    }

    /// A purchase 340 days ago. Returns the key.
    pub async fn sell(&self, order: &str, email: &str, name: &str) -> String {
        let day = self.app.db.clock.today() - 340;
        let purchase = Purchase::new(order, "4711", Party::new(email, name));
        let purchase = Purchase { placed: day.midnight(), ..purchase };
        let answer = self.post("/paypro", &[], &self.provider.licence_requested(&purchase).body()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send("GET", path, &[("Cookie", cookie)], "").await
    }

    /// Posts a form with extra headers.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send("POST", path, &[headers, &[FORM]].concat(), body).await
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        send(self.at, method, path, headers, body).await
    }

    pub async fn request_magic_link(&self, email: &str) -> Answer {
        self.post("/licence", &[("Sec-Fetch-Site", "same-origin")], &form(&[("email", email)])).await
    }

    /// Handles the queued requests for magic links and delivers all e-mails. Returns recipient and link of each.
    pub async fn emails(&mut self) -> Vec<(String, String)> {
        while let Ok(address) = self.queued_requests.try_recv() {
            let operation = RequestMagicLink { address: &address, settings: &self.app.settings };
            self.app.db.execute(&operation).await.unwrap();
        }
        let mut emails = Vec::new();
        while let Some(email) = self.app.db.execute(&ClaimEmail).await.unwrap() {
            let path = email.content.link.strip_prefix(&self.app.settings.public_url).unwrap().to_owned();
            emails.push((email.content.to.clone(), path));
            let outcome = DeliveryOutcome::Sent([0; 32]);
            self.app.db.execute(&RecordDelivery { email: &email, outcome }).await.unwrap();
        }
        emails
    }

    /// Returns the path of a magic link for an address.
    pub async fn link(&mut self, email: &str) -> String {
        assert_eq!(self.request_magic_link(email).await.status, 200);
        let mut emails = self.emails().await;
        assert_eq!(emails.len(), 1, "one e-mail");
        emails.remove(0).1
    }

    /// Signs in and returns the session cookie.
    pub async fn sign_in(&mut self, email: &str) -> String {
        let link = self.link(email).await;
        let opened = self.post(&link, &[], "").await;
        assert_eq!((opened.status, opened.header("location")), (303, "/licence/portal"));
        opened.cookie()
    }

    pub async fn later(&self, seconds: i64) {
        self.scratch.now.fetch_add(seconds, Ordering::SeqCst);
    }
}
