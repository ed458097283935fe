//! A shop for tests: products, the provider's simulator, a clock, and access to the resulting state.

pub mod products;
pub mod state;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use calendar::Day;
use domain::VendorSettings;
use domain::erasure::completion::roll_forward;
use domain::erasure::request::{AgreeToErasure, AgreementOutcome, ErasureAgreement};
use domain::licensing::purchase::{NotificationReply, OrderNotification, ProcessNotifications};
use keyring::Slot;
use paypro::simulator::{self, Draft, Party, Purchase};
use paypro::{Secret, UnverifiedNotification};
use store::testing::Scratch;
use store::{Actor, AuditKind, Db, Error, Operation, Tx};

/// The key with which the provider signs.
pub fn validation_key() -> Secret {
    Secret::new("a validation key").expect("not empty")
}

/// A member of staff.
pub fn staff() -> Actor {
    Actor::Staff("Sam".into())
}

/// The provider's simulator.
pub fn provider() -> simulator::Shop {
    simulator::Shop::new(validation_key())
}

/// The vendor's settings with the default configuration.
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
        conversation_months: 12,
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
    /// Opens a shop with all products except [`products::NOVELTY`].
    pub async fn open() -> Self {
        let shop = Self::empty().await;
        for product in products::all() {
            shop.add(&product).await;
        }
        shop
    }

    /// Opens a shop without products.
    pub async fn empty() -> Self {
        let scratch = Scratch::new().await;
        domain::startup::prepare_store(&scratch.db).await.expect("prepared");
        Self { scratch, settings: settings(), provider: provider(), custom: vec!["x-campaign".into()] }
    }

    pub fn db(&self) -> &Db {
        &self.scratch.db
    }

    /// Adds a product and returns the number of processed pending orders.
    pub async fn add(&self, product: &store::Product) -> u64 {
        let operation = domain::licensing::products::AddProduct {
            product,
            actor: &Actor::System,
            settings: &self.settings,
        };
        match self.db().execute(&operation).await.expect("a product") {
            domain::licensing::products::AddProductOutcome::Added { served, .. } => served,
            other => panic!("not added: {other:?}"),
        }
    }

    /// The current day.
    pub fn today(&self) -> Day {
        self.scratch.db.clock.today()
    }

    /// Advances the clock by days.
    pub fn pass_days(&self, days: i64) {
        self.scratch.now.fetch_add(days * 86_400, Ordering::SeqCst);
    }

    /// Sets the clock to noon of a day.
    pub fn set_day(&self, day: Day) {
        self.scratch.now.store((day.midnight() + 43_200).to_unix_seconds(), Ordering::SeqCst);
    }

    /// A purchase of today.
    pub fn purchase(&self, order: &str, product: &str, buyer: &str) -> Purchase {
        Purchase {
            placed: self.today().midnight(),
            ..Purchase::new(order, product, Party::new(buyer, "A Buyer"))
        }
    }

    /// Verifies a notification and reduces it to its allowed fields.
    pub fn notification(&self, draft: &Draft) -> OrderNotification {
        let verified = UnverifiedNotification::parse(draft.body().as_bytes()).expect("readable");
        let verified = verified.verify(&validation_key()).map_err(drop).expect("genuine");
        OrderNotification::of(&verified, &self.custom, self.today())
    }

    /// Processes notifications in one transaction.
    pub async fn try_process(&self, drafts: &[Draft]) -> Result<Vec<NotificationReply>, Error> {
        let notifications: Vec<OrderNotification> = drafts.iter().map(|d| self.notification(d)).collect();
        self.db()
            .execute(&ProcessNotifications { notifications: &notifications, settings: &self.settings })
            .await
    }

    /// Processes one notification.
    pub async fn process(&self, draft: &Draft) -> NotificationReply {
        let replies = self.try_process(std::slice::from_ref(draft)).await.expect("processed");
        replies.into_iter().next().expect("one reply for one notification")
    }

    /// Requests the licence keys of a purchase and expects some.
    pub async fn keys(&self, purchase: &Purchase) -> Vec<String> {
        match self.process(&self.provider.licence_requested(purchase)).await {
            NotificationReply::Keys(keys) => keys,
            other => panic!("{} instead of keys", reply_name(&other)),
        }
    }

    /// The personal data that a person sees on their portal.
    pub async fn personal_data(&self, address: &str) -> domain::portal::personal_data::PersonalData {
        let slot = self.slot(address).await.expect("a person with this address");
        let read = domain::portal::personal_data::ReadPersonalData {
            slot,
            actor: &Actor::Person,
            case: "",
            settings: &self.settings,
            describe: |event| format!("{event:?}"),
        };
        self.db().execute(&read).await.expect("readable").expect("a person")
    }

    /// The slot of the person with this address, if there is one.
    pub async fn slot(&self, address: &str) -> Option<Slot> {
        self.db().execute(&SlotOf { address }).await.expect("readable")
    }

    /// The first step of an erasure: the agreement and the erasure intent.
    pub async fn agree(&self, address: &str) -> Option<String> {
        let slot = self.slot(address).await?;
        let operation = AgreeToErasure {
            slot,
            agreement: ErasureAgreement::OnPortal("I agree."),
            settings: &self.settings,
        };
        match self.db().execute(&operation).await.expect("an agreement") {
            AgreementOutcome::Started { code } | AgreementOutcome::CoolingOff { code, .. } => Some(code),
            AgreementOutcome::UnknownPerson => None,
        }
    }

    /// Erases the person of an address, if there is one. Returns the receipt code.
    pub async fn erase(&self, address: &str) -> Option<String> {
        let code = self.agree(address).await?;
        self.roll_forward().await;
        Some(code)
    }

    /// Rolls all erasures forward.
    pub async fn roll_forward(&self) {
        roll_forward(self.db()).await.expect("rolled forward");
    }

    /// The changes of [`staff`] in the audit log, sorted by name.
    pub async fn staff_changes(&self) -> Vec<String> {
        let mut tx = self.db().read().await.expect("readable");
        let entries = tx.audit_entries_of_kind(AuditKind::Change).await.expect("readable");
        let of_staff = entries.into_iter().filter(|entry| entry.actor == staff().as_str());
        let mut names: Vec<String> = of_staff.map(|entry| entry.name).collect();
        names.sort();
        names
    }

    /// Advances the clock by seconds.
    pub fn pass_seconds(&self, seconds: i64) {
        self.scratch.now.fetch_add(seconds, Ordering::SeqCst);
    }

    /// The number of e-mails in the outbox.
    pub async fn email_count(&self) -> i64 {
        self.scratch.numbers("SELECT COUNT(*) FROM outbox").await[0]
    }

    /// The number of rows of a table.
    pub async fn rows(&self, table: &str) -> i64 {
        self.scratch.numbers(&format!("SELECT COUNT(*) FROM {table}")).await[0]
    }

    /// The claims of a genuine key.
    pub async fn claims(&self, key: &str) -> licence::Claims {
        let mut tx = self.db().read().await.expect("readable");
        let signers = domain::licensing::issue::Signers::load(&mut tx).await.expect("signers");
        *licence::verify(&licence::Key::parse(key).expect("readable"), &signers.public).expect("genuine")
    }

    /// The licence of a key.
    pub async fn licence(&self, key: &str) -> store::Licence {
        let claims = self.claims(key).await;
        let mut tx = self.db().read().await.expect("readable");
        tx.licence(claims.serial).await.expect("readable").expect("a known licence")
    }

    /// The last day of a key's licence, which has an end.
    pub async fn until(&self, key: &str) -> Day {
        self.licence(key).await.until_day.expect("an end")
    }

    /// The bytes of a backup.
    pub async fn backup(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.db().write_backup(&mut out).await.expect("a backup");
        out
    }

    /// Checks that every sealed value opens; only the audit log may hold forgotten ones. Returns the number of open
    /// values by column.
    pub async fn check_seals(&self) -> BTreeMap<String, u64> {
        let mut tx = self.db().read().await.expect("readable");
        let mut open = BTreeMap::new();
        for value in tx.examine_sealed(|_| true).await.expect("examined") {
            let name = format!("{}.{}", value.column.table, value.column.column);
            assert_eq!(value.broken, 0, "{name}");
            assert!(
                value.forgotten == 0 || value.column.table == "audit_entry",
                "{name} holds forgotten values"
            );
            open.insert(name, value.open);
        }
        open
    }
}

/// A short name of a reply, for assertions.
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
