//! A small shop for tests: products, the provider's simulator, a clock, and a look at what came of it.
#![allow(dead_code)] // each test file uses its own part of it

pub mod products;
pub mod state;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use domain::VendorSettings;
use domain::erasure::completion::roll_forward;
use domain::erasure::request::{AgreeToErasure, AgreementOutcome, ErasureAgreement};
use domain::licensing::purchase::{NotificationReply, OrderNotification, ProcessNotifications};
use keyring::Slot;
use paypro::simulator::{self, Draft, Party, Purchase};
use paypro::{Moment, Secret, UnverifiedNotification};
use store::testing::Scratch;
use store::{Db, Error, Operation, Tx};

/// The key with which the provider signs.
pub fn validation_key() -> Secret {
    Secret::new("a validation key").expect("not empty")
}

/// The provider, made up.
pub fn provider() -> simulator::Shop {
    simulator::Shop::new(validation_key())
}

/// The vendor's settings, as they are where nothing is configured.
pub fn settings() -> VendorSettings {
    VendorSettings {
        vendor: "Example Software".into(),
        public_url: "https://licence.example.org".into(),
        horizon_months: 18,
        person_months: 24,
        cooling_days: 0,
        dynamic: Secret::new("0123456789abc")
            .zip(Secret::new("fedcba9876543210"))
            .and_then(|(key, vector)| paypro::DynamicKey::new(key, vector).ok()),
        checkout_page: None,
        reply: Some(("help".into(), "example.org".into())),
        thread_months: 12,
        anonymous_days: 90,
    }
}

/// A shop on a scratch store.
pub struct Shop {
    pub scratch: Scratch,
    pub settings: VendorSettings,
    pub provider: simulator::Shop,
    pub custom: Vec<String>,
}

impl Shop {
    /// A shop with its products full.
    pub async fn open() -> Self {
        let shop = Self::empty().await;
        for product in products::all() {
            shop.add(&product).await;
        }
        shop
    }

    /// A shop without any product.
    pub async fn empty() -> Self {
        let scratch = Scratch::new().await;
        domain::startup::prepare_store(&scratch.db).await.expect("a start");
        Self { scratch, settings(), provider: provider(), custom: vec!["x-campaign".into()] }
    }

    pub fn db(&self) -> &Db {
        &self.scratch.db
    }

    /// Adds a product and says how many waiting notices were served.
    pub async fn add(&self, product: &store::Product) -> u64 {
        let deed = domain::licensing::products::AddProduct {
            product,
            actor: &store::Actor::System,
            settings: &self.settings,
        };
        match self.db().execute(&deed).await.expect("a product") {
            domain::licensing::products::AddProductOutcome::Added { served, .. } => served,
            other => panic!("not added: {other:?}"),
        }
    }

    /// The day that it is, since 1970.
    pub fn today(&self) -> i64 {
        self.scratch.now.load(Ordering::SeqCst).div_euclid(86_400)
    }

    /// Lets days pass.
    pub fn pass_days(&self, days: i64) {
        self.scratch.now.fetch_add(days * 86_400, Ordering::SeqCst);
    }

    /// Sets the day, at noon.
    pub fn set_day(&self, day: i64) {
        self.scratch.now.store(day * 86_400 + 43_200, Ordering::SeqCst);
    }

    /// A purchase of today.
    pub fn purchase(&self, order: &str, product: &str, buyer: &str) -> Purchase {
        let today = i32::try_from(self.today()).expect("a day of our time");
        Purchase {
            placed: Moment::midnight(today),
            ..Purchase::new(order, product, Party::new(buyer, "A Buyer"))
        }
    }

    /// What the desk gets of a notice.
    pub fn notification(&self, draft: &Draft) -> OrderNotification {
        let notice = UnverifiedNotification::parse(draft.body().as_bytes()).expect("readable");
        let notice = notice.verify(&validation_key()).map_err(drop).expect("genuine");
        OrderNotification::of(&notice, &self.custom, self.today())
    }

    /// Takes notices together.
    pub async fn try_process(&self, drafts: &[Draft]) -> Result<Vec<NotificationReply>, Error> {
        let arrivals: Vec<OrderNotification> = drafts.iter().map(|d| self.notification(d)).collect();
        self.db().execute(&ProcessNotifications { notifications: &arrivals, settings: &self.settings }).await
    }

    /// Takes one notice.
    pub async fn process(&self, draft: &Draft) -> NotificationReply {
        let answers = self.try_process(std::slice::from_ref(draft)).await.expect("taken");
        answers.into_iter().next().expect("one answer for one notice")
    }

    /// Takes a request for keys and expects some.
    pub async fn keys(&self, purchase: &Purchase) -> Vec<String> {
        match self.process(&self.provider.licence_requested(purchase)).await {
            NotificationReply::Keys(keys) => keys,
            other => panic!("{} instead of keys", reply_name(&other)),
        }
    }

    /// What a person sees of themselves on their own page.
    pub async fn personal_data(&self, address: &str) -> domain::portal::personal_data::PersonalData {
        let slot = self.slot(address).await.expect("somebody of that address");
        let show = domain::portal::personal_data::ReadPersonalData {
            slot,
            actor: &store::Actor::Person,
            case: "",
            settings: &self.settings,
        };
        self.db().execute(&show).await.expect("a look").expect("a person")
    }

    /// The slot of an address, if somebody has it.
    pub async fn slot(&self, address: &str) -> Option<Slot> {
        self.db().execute(&SlotOf { address }).await.expect("a look")
    }

    /// The first step of an erasure: agreed and intended, and nothing more.
    pub async fn agree(&self, address: &str) -> Option<String> {
        let slot = self.slot(address).await?;
        let deed = AgreeToErasure { slot, agreement: ErasureAgreement::OnPortal("I agree."), settings: &self.settings };
        match self.db().execute(&deed).await.expect("an agreement") {
            AgreementOutcome::Started { code } | AgreementOutcome::CoolingOff { code, .. } => Some(code),
            AgreementOutcome::UnknownPerson => None,
        }
    }

    /// Erases the person of an address, if there is one.
    pub async fn erase(&self, address: &str) -> Option<String> {
        let code = self.agree(address).await?;
        self.roll_forward().await;
        Some(code)
    }

    /// Rolls all forgettings forward.
    pub async fn roll_forward(&self) {
        roll_forward(self.db()).await.expect("rolled forward");
    }

    /// How many letters wait or were sent.
    pub async fn email_count(&self) -> i64 {
        self.scratch.numbers("SELECT COUNT(*) FROM outbox").await[0]
    }

    /// All rows but those of epochs, counters, journal and index, by table.
    pub async fn rows(&self, table: &str) -> i64 {
        self.scratch.numbers(&format!("SELECT COUNT(*) FROM {table}")).await[0]
    }

    /// Claims of a genuine key.
    pub async fn claims(&self, key: &str) -> licence::Claims {
        let mut tx = self.db().read().await.expect("a look");
        let signers = domain::licensing::issue::Signers::load(&mut tx).await.expect("signers");
        *licence::verify(&licence::Key::parse(key).expect("readable"), &signers.public).expect("genuine")
    }

    /// State and until-day of the licence of a key, as a program that refreshes would see it; until since 1970.
    pub async fn licence(&self, key: &str) -> store::Licence {
        let claims = self.claims(key).await;
        let mut tx = self.db().read().await.expect("a look");
        let serial = i64::try_from(claims.serial.bits()).expect("40 bits");
        tx.licence(serial).await.expect("a look").expect("a licence in the books")
    }

    /// A backup's bytes.
    pub async fn backup(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.db().write_backup(&mut out).await.expect("a backup");
        out
    }

    /// Every sealed value opens: none is broken, none forgotten but in the journal. Counts of open ones by column.
    pub async fn check_seals(&self) -> BTreeMap<String, u64> {
        let mut tx = self.db().read().await.expect("a look");
        let mut open = BTreeMap::new();
        for value in tx.examine_sealed(|_| true).await.expect("examined") {
            let name = format!("{}.{}", value.column.table, value.column.column);
            assert_eq!(value.broken, 0, "{name}");
            assert!(value.forgotten == 0 || value.column.table == "audit_entry", "{name} holds forgotten values");
            open.insert(name, value.open);
        }
        open
    }
}

/// An answer in a word, for assertions.
pub fn reply_name(answer: &NotificationReply) -> &'static str {
    match answer {
        NotificationReply::Accepted => "accepted",
        NotificationReply::Keys(_) => "keys",
        NotificationReply::UnknownProduct => "unknown product",
        NotificationReply::OnHold => "on hold",
        NotificationReply::Revoked => "revoked",
        NotificationReply::Gone => "gone",
    }
}

struct SlotOf<'a> {
    address: &'a str,
}

impl Operation for SlotOf<'_> {
    const NAME: &'static str = "slot of an address, for tests";
    type Output = Option<Slot>;

    async fn execute(&self, tx: &mut Tx) -> Result<Option<Slot>, Error> {
        let address = keyring::Address::parse(self.address).expect("an address");
        let tag = tx.keyring().tag("address", address.canonical())?;
        Ok(tx.index_find(store::BlindIndex::Address, &tag).await?.map(Slot))
    }
}
