//! A shop with customers, whose promises the tests break.

use domain::compliance::prove::{
    Counted, Fault, Observation, Processor, ProcessorKind, Processors, Proof, Verdict, Violation,
    extend_audit_chain, prove,
};
use domain::email::{ClaimEmail, DeliveryOutcome, RecordDelivery};
use domain::erasure::completion::roll_forward;
use domain::erasure::request::{AgreeToErasure, AgreementOutcome, ErasureAgreement};
use domain::licensing::products::AddProduct;
use domain::licensing::purchase::{NotificationReply, OrderNotification, ProcessNotifications};
use domain::portal::magic_link::RequestMagicLink;
use domain::{VendorSettings, startup::prepare_store};
use keyring::Slot;
use paypro::simulator::{Party, Purchase};
use paypro::{Draft, Secret, UnverifiedNotification};
use policy::Promise;
use store::testing::Scratch;
use store::{
    Actor, AuditKind, Engine, Error, KeysPerOrder, LicenceModel, NewAuditEntry, Operation, Product, Tx,
};

use crate::kit;

pub struct Shop {
    pub scratch: Scratch,
    pub settings: VendorSettings,
}

/// The vendor's settings without the key of checkout links, which the doctor reports.
pub fn settings() -> VendorSettings {
    VendorSettings { dynamic: None, ..kit::settings() }
}

pub const PRODUCT: &str = "4711";

pub fn product() -> Product {
    Product {
        id: 0,
        provider_id: PRODUCT.into(),
        name: "Pixel Studio".into(),
        kind: LicenceModel::Perpetual,
        seats: 1,
        keys: KeysPerOrder::One,
        updates_months: 12,
        edition: 0,
        renewal_discount: 40,
        window_before: 60,
        window_after: 30,
        grace_days: 14,
        hold_discounts: true,
        prints_company: false,
    }
}

fn key() -> Secret {
    Secret::new("validation key").unwrap()
}

impl Shop {
    /// Opens a shop with one product and no customers.
    pub async fn open() -> Self {
        let shop = Self { scratch: Scratch::new().await, settings: settings() };
        prepare_store(&shop.scratch.db).await.unwrap();
        let (product, settings) = (product(), settings());
        shop.execute(&AddProduct { product: &product, actor: &Actor::System, settings: &settings }).await;
        shop
    }

    /// Opens a shop with two customers, Ada and Bea, who requested and got a magic link.
    pub async fn with_customers() -> Self {
        let shop = Self::open().await;
        shop.buy("1001", "ada@example.org").await;
        shop.buy("1002", "bea@example.org").await;
        shop.request_magic_link("ada@example.org").await;
        shop.request_magic_link("bea@example.org").await;
        assert_eq!(shop.send_emails().await, 2);
        shop
    }

    pub async fn execute<O: Operation>(&self, operation: &O) -> O::Output {
        self.scratch.db.execute(operation).await.unwrap()
    }

    pub async fn process(&self, draft: Draft) -> NotificationReply {
        let today = self.scratch.db.clock.today();
        let notification =
            UnverifiedNotification::parse(draft.body().as_bytes()).unwrap().verify(&key()).unwrap();
        let notifications = [OrderNotification::of(&notification, &[], today)];
        self.execute(&ProcessNotifications { notifications: &notifications, settings: &self.settings })
            .await
            .remove(0)
    }

    pub fn purchase(&self, order: &str, product: &str, email: &str) -> Purchase {
        let mut purchase = Purchase::new(order, product, Party::new(email, "Ada Lovelace"));
        purchase.placed = self.scratch.db.clock.today().midnight();
        purchase
    }

    pub async fn buy(&self, order: &str, email: &str) {
        let purchase = self.purchase(order, PRODUCT, email);
        let answer = self.process(paypro::Shop::new(key()).licence_requested(&purchase)).await;
        assert!(matches!(answer, NotificationReply::Keys(keys) if keys.len() == 1));
    }

    pub async fn order(&self, purchase: &Purchase) -> NotificationReply {
        self.process(paypro::Shop::new(key()).licence_requested(purchase)).await
    }

    pub async fn request_magic_link(&self, email: &str) {
        self.execute(&RequestMagicLink { address: email, settings: &self.settings }).await;
    }

    pub async fn send_emails(&self) -> u64 {
        let mut sent = 0;
        while let Some(email) = self.execute(&ClaimEmail).await {
            self.execute(&RecordDelivery { email: &email, outcome: DeliveryOutcome::Sent([7; 32]) }).await;
            sent += 1;
        }
        sent
    }

    /// The slots of all persons, oldest first.
    pub async fn slots(&self) -> Vec<Slot> {
        let numbers = self.scratch.numbers("SELECT slot FROM person ORDER BY slot").await;
        numbers.into_iter().map(|n| Slot(u64::try_from(n).unwrap())).collect()
    }

    pub async fn agree(&self, slot: Slot) {
        let agreement = ErasureAgreement::OnPortal("I agree");
        assert!(matches!(
            self.execute(&AgreeToErasure { slot, agreement, settings: &self.settings }).await,
            AgreementOutcome::Started { .. }
        ));
    }

    pub async fn erase(&self, slot: Slot) {
        self.agree(slot).await;
        roll_forward(&self.scratch.db).await.unwrap();
    }

    pub fn processors(&self) -> Processors {
        let replica = self.scratch.replica().display().to_string();
        let both = vec![
            Processor { kind: ProcessorKind::Database, at: "here".into() },
            Processor { kind: ProcessorKind::KeyringReplica, at: replica },
        ];
        Processors { configured: both.clone(), connected: both }
    }

    pub async fn prove(&self) -> Proof {
        prove(&self.scratch.db, &self.settings, &self.processors()).await.unwrap()
    }

    /// Executes SQL past all operations, then returns the proof.
    pub async fn prove_after(&self, sql: &str) -> Proof {
        extend_audit_chain(&self.scratch.db).await.unwrap();
        assert!(self.prove().await.all_kept(), "a promise was broken before");
        self.scratch.tamper(sql).await;
        self.prove().await
    }

    /// A text as bytes in the SQL of the engine.
    pub fn blob(&self, text: &str) -> String {
        match self.scratch.db.engine() {
            Engine::Sqlite => format!("CAST('{text}' AS BLOB)"),
            Engine::Postgres => format!("CAST('{text}' AS BYTEA)"),
        }
    }

    /// The SQL that inserts an audit entry outside of the audit chain.
    pub fn insert_audit_entry(
        &self,
        kind: &str,
        what: &str,
        purpose: &str,
        actor: &str,
        slot: Slot,
        cause: i64,
    ) -> String {
        let (none, id) = (self.blob(""), 1 + u64::try_from(cause).unwrap_or(0) % 1000);
        format!(
            "INSERT INTO audit_entry (id, audit_link, at, kind, name, purpose, actor, slot, cause, case_text, recipient, digest) \
             VALUES ({id}, 0, 0, '{kind}', '{what}', '{purpose}', '{actor}', {}, {cause}, {none}, {none}, {none})",
            slot.0
        )
    }
}

/// The ids of the promises that a proof finds broken.
pub fn broken(proof: &Proof) -> Vec<&'static str> {
    let broken = proof.promises.iter().filter(|f| f.verdict == Verdict::Broken);
    broken.map(|f| f.promise.id).collect()
}

/// A violation with the number of rows or values that have a fault.
pub fn counted(number: i64, fault: impl Into<Fault>) -> Violation {
    Counted { fault: fault.into(), number }.into()
}

/// Asserts that the promise is broken by a violation.
#[track_caller]
pub fn assert_finds(proof: &Proof, promise: Promise, is_expected: impl Fn(&Violation) -> bool) {
    let finding = proof.finding(promise).unwrap();
    assert_eq!(finding.verdict, Verdict::Broken, "{proof:#?}");
    assert!(finding.violations.iter().any(is_expected), "{:#?}", finding.violations);
    assert!(!proof.all_kept());
}

/// Asserts that the promise is broken by this violation.
#[track_caller]
pub fn assert_names(proof: &Proof, promise: Promise, violation: impl Into<Violation>) {
    let violation = violation.into();
    assert_finds(proof, promise, |found| *found == violation);
}

/// Asserts that only this promise is broken, by this violation.
#[track_caller]
pub fn assert_breaks(proof: &Proof, promise: Promise, violation: impl Into<Violation>) {
    assert_names(proof, promise, violation);
    assert_eq!(broken(proof), [promise.id], "{proof:#?}");
}

/// Asserts that the proof has this observation on the promise.
#[track_caller]
pub fn assert_observes(proof: &Proof, promise: Promise, observation: impl Into<Observation>) {
    let evidence = &proof.finding(promise).unwrap().evidence;
    assert!(evidence.contains(&observation.into()), "{evidence:#?}");
}

/// Appends a change to the audit log.
pub struct AppendChange(pub &'static str);

impl Operation for AppendChange {
    const NAME: &'static str = "append a change, for tests";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        let (kind, what, actor) = (AuditKind::Change, self.0, &Actor::System);
        let entry =
            NewAuditEntry { kind, name: what, actor, slot: None, cause: 0, recipient: &[], digest: &[] };
        tx.append_audit(&entry).await.map(drop)
    }
}
