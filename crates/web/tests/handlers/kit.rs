//! A shop whose doors are open on a port of its own, with a clock that the test turns.

use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::VendorSettings;
use domain::email::{ClaimEmail, Outcome, RecordDelivery};
use domain::licensing::products::AddProduct;
use domain::portal::magic_link::RequestMagicLink;
use keyring::{StaticShare, StoreId, Vault};
use paypro::simulator::Party;
use paypro::{DynamicKey, Moment, Purchase, Secret};
use store::testing::{Scratch, fresh_url};
use store::{Actor, Db, Keys, Kind, Product, Store};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use web::app::{App, Shared};
use web::connections::answer;
use web::count::{Counter, TallyFlusher};
use web::limits::Limits;
use web::notices::Notices;
use web::routes::routes;
use web::search::Search;
use web::spam::Guard;
use zeroize::Zeroizing;

use crate::http::{Answer, FORM, form, send};

pub struct Kit {
    pub scratch: Scratch,
    pub app: Shared,
    pub at: SocketAddr,
    pub provider: paypro::Shop,
    asked: mpsc::Receiver<Zeroizing<String>>,
    /// Keeps the days of sites; nobody takes its turns but the test.
    pub keeper: TallyFlusher,
}

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn studio() -> Product {
    Product {
        id: 0,
        provider_id: "4711".into(),
        name: "Lantern Studio".into(),
        kind: Kind::Perpetual,
        seats: 1,
        keys: Keys::One,
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
    /// Open, with one product and nobody in it.
    pub async fn open() -> Self {
        Self::with_cooling(0).await
    }

    /// The same, where an erasure waits for so many days.
    pub async fn with_cooling(cooling_days: i64) -> Self {
        let scratch = Scratch::new().await;
        let db = scratch.db.clone();
        Self::on(scratch, db, cooling_days, "").await
    }

    /// The same, with a keyring in two places: `one` and `two` in the scratch folder.
    pub async fn with_two_places() -> Self {
        let scratch = Scratch::new().await;
        let data = scratch.folder.path().join("more-data");
        std::fs::create_dir(&data).unwrap();
        let store = Store::connect(&data, &fresh_url().await).await.unwrap();
        let places = ["one", "two"].map(|name| scratch.folder.path().join(name));
        let vault = Vault::create(&places, StaticShare::none(), StoreId(store.id)).unwrap();
        let db = store.with(Arc::new(vault), scratch.db.clock.clone());
        Self::on(scratch, db, 0, "").await
    }

    /// The same behind a proxy on this machine, whose word on a request's origin is believed.
    pub async fn behind_a_proxy() -> Self {
        let scratch = Scratch::new().await;
        let db = scratch.db.clone();
        Self::on(scratch, db, 0, "127.0.0.0/8").await
    }

    async fn on(scratch: Scratch, db: Db, cooling_days: i64, proxy: &str) -> Self {
        domain::start::start(&db).await.unwrap();
        let house = Arc::new(VendorSettings {
            vendor: "Lantern Software".into(),
            public_url: "https://licence.example.org".into(),
            horizon_months: 18,
            person_months: 24,
            cooling_days,
            dynamic: DynamicKey::new(secret("0123456789ab"), secret("fedcba9876543210")).ok(),
            checkout_page: None,
            reply: Some(("help".into(), "example.org".into())),
            thread_months: 12,
            anonymous_days: 90,
        });
        let add = AddProduct { product: &studio(), who: &Actor::System, house: &house };
        db.write(&add).await.unwrap();
        let (asks, asked) = mpsc::channel(64);
        let bell = Arc::new(Notify::new());
        let counter = Arc::new(Counter::new(analytics::DisclosureThresholds::default()));
        let app = Arc::new(App {
            notices: Notices::start(db.clone(), Arc::clone(&house), Arc::clone(&bell)),
            db,
            house,
            validation_key: Some(secret("a validation key")),
            allow_test_orders: false,
            sources: Vec::new(),
            proxies: proxy.parse().into_iter().collect(),
            keep_custom: Vec::new(),
            asks,
            search: Search::default(),
            counter: Arc::clone(&counter),
            limits: Limits::default(),
            guard: Guard::new(60),
            bell,
            home: "/licence",
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(answer(listener, routes(Arc::clone(&app)), pending()));
        let (provider, keeper) = (paypro::Shop::new(secret("a validation key")), TallyFlusher::new(counter));
        Self { scratch, app, at, provider, asked, keeper }
    }

    /// Somebody buys, 340 days ago; returns the key.
    pub async fn sell(&self, order: &str, email: &str, name: &str) -> String {
        let day = i32::try_from(self.app.db.clock.today() - 340).unwrap();
        let purchase = Purchase::new(order, "4711", Party::new(email, name));
        let purchase = Purchase { placed: Moment::midnight(day), ..purchase };
        let answer = self.post("/paypro", &[], &self.provider.licence_requested(&purchase).body()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send("GET", path, &[("Cookie", cookie)], "").await
    }

    /// A form, posted with what else stands in its head.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send("POST", path, &[headers, &[FORM]].concat(), body).await
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        send(self.at, method, path, headers, body).await
    }

    pub async fn ask(&self, email: &str) -> Answer {
        self.post("/licence", &[("Sec-Fetch-Site", "same-origin")], &form(&[("email", email)])).await
    }

    /// Does what the jobs do with the wishes that have come in, and carries the letters out. Returns for each its
    /// recipient and the path of its link.
    pub async fn letters(&mut self) -> Vec<(String, String)> {
        while let Ok(address) = self.asked.try_recv() {
            let deed = RequestMagicLink { address: &address, house: &self.app.house };
            self.app.db.write(&deed).await.unwrap();
        }
        let mut letters = Vec::new();
        while let Some(letter) = self.app.db.write(&ClaimEmail).await.unwrap() {
            let path = letter.content.link.strip_prefix(&self.app.house.public_url).unwrap().to_owned();
            letters.push((letter.content.to.clone(), path));
            let outcome = Outcome::Sent([0; 32]);
            self.app.db.write(&RecordDelivery { letter: &letter, outcome }).await.unwrap();
        }
        letters
    }

    /// The path of the link to this person's page.
    pub async fn link(&mut self, email: &str) -> String {
        assert_eq!(self.ask(email).await.status, 200);
        let mut letters = self.letters().await;
        assert_eq!(letters.len(), 1, "one letter");
        letters.remove(0).1
    }

    /// The cookie of this person's open page.
    pub async fn page(&mut self, email: &str) -> String {
        let link = self.link(email).await;
        let opened = self.post(&link, &[], "").await;
        assert_eq!((opened.status, opened.header("location")), (303, "/licence/page"));
        opened.cookie()
    }

    pub async fn later(&self, seconds: i64) {
        self.scratch.now.fetch_add(seconds, Ordering::SeqCst);
    }
}
