//! The cost of notifications, look-ups and erasures, each figure with its baseline in the same run:
//! `cargo bench -p scruple --bench shop`.
//!
//! `SCRUPLE_TEST_DATABASE` names a PostgreSQL; without it the engine is SQLite. `SCRUPLE_BENCH_CUSTOMERS` sets the
//! sizes at which an erasure is measured (default 1000,10000; the long run takes 1000,100000,1000000), and
//! `SCRUPLE_BENCH_ERASED` after how many erasures it is measured again (default 100; the long run takes 10000).
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod kit;

use calendar::Day;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::VendorSettings;
use domain::erasure::completion::roll_forward;
use domain::erasure::request::{AgreeToErasure, AgreementOutcome, ErasureAgreement};
use domain::licensing::products::{AddProduct, AddProductOutcome};
use domain::licensing::purchase::{NotificationReply, OrderNotification, PartyDetails, ProcessNotifications};
use domain::lookup::{LookUpCustomer, LookupQuery};
use store::testing::Scratch;
use store::{Actor, BlindIndex, Db, Error, KeysPerOrder, LicenceModel, Operation, Product, Tx};
use tokio::sync::Notify;
use web::notification_queue::NotificationQueue;

use kit::settings;

const CONNECTIONS: u64 = 16;

/// The baseline: one row in a transaction.
struct OneRow(u64);

impl Operation for OneRow {
    const NAME: &'static str = "one row";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.set_fact(&format!("bench {}", self.0), "x").await
    }
}

fn product() -> Product {
    Product {
        id: 0,
        provider_id: "4711".into(),
        name: "Sample".into(),
        kind: LicenceModel::Perpetual,
        seats: 1,
        keys: KeysPerOrder::One,
        updates_months: 12,
        edition: 0,
        renewal_discount: 0,
        window_before: 0,
        window_after: 0,
        grace_days: 14,
        hold_discounts: false,
        prints_company: false,
    }
}

fn notification(n: u64, today: Day) -> OrderNotification {
    OrderNotification {
        kind: 1,
        test: false,
        order: format!("{}", 10_000_000 + n),
        item: format!("{}", 20_000_000 + n),
        subscription: String::new(),
        initial_order: String::new(),
        product: "4711".into(),
        quantity: 1,
        placed_day: today,
        until_day: None,
        finish_day: None,
        discount: false,
        renewal: String::new(),
        buyer: PartyDetails {
            email: format!("buyer{n}@example.com"),
            name: format!("Buyer Number {n}"),
            company: String::new(),
            language: "en".into(),
        },
        licensee: None,
        slots: (0, 0),
        payment_method: "1".into(),
        last4: "4242".into(),
        custom: String::new(),
        identity: format!("notification 1 {n}").into_bytes(),
    }
}

async fn shop() -> (Scratch, Arc<VendorSettings>) {
    let scratch = Scratch::new().await;
    domain::startup::prepare_store(&scratch.db).await.expect("a fresh store starts");
    let settings = Arc::new(settings());
    let add = AddProduct { product: &product(), actor: &Actor::System, settings: &settings };
    let added = scratch.db.execute(&add).await.expect("the product is added");
    assert!(matches!(added, AddProductOutcome::Added { .. }));
    (scratch, settings)
}

/// Runs `each` on 16 tasks, and returns the runs per second.
async fn rate<F, R>(seconds: u64, each: F) -> f64
where
    F: Fn(u64) -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let (each, start) = (Arc::new(each), Instant::now());
    let until = start + Duration::from_secs(seconds);
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..CONNECTIONS {
        let each = Arc::clone(&each);
        tasks.spawn(async move {
            let mut done = 0_u64;
            while Instant::now() < until {
                each(task * 10_000_000 + done).await;
                done += 1;
            }
            done
        });
    }
    let done: u64 = tasks.join_all().await.iter().sum();
    done as f64 / start.elapsed().as_secs_f64()
}

async fn notifications_against_one_row() {
    let (scratch, settings) = shop().await;
    let today = scratch.db.clock.today();
    let notifications =
        Arc::new(NotificationQueue::start(scratch.db.clone(), settings, Arc::new(Notify::new())));
    let (mut baselines, mut ours) = (Vec::new(), Vec::new());
    for round in 0..5 {
        let db = scratch.db.clone();
        baselines.push(
            rate(2, move |n| {
                let db = db.clone();
                async move { db.execute(&OneRow(n)).await.expect("one row") }
            })
            .await,
        );
        let notifications = Arc::clone(&notifications);
        ours.push(
            rate(2, move |n| {
                let notifications = Arc::clone(&notifications);
                async move {
                    let n = n + round * 1_000_000;
                    let answer = notifications
                        .process(notification(n, today))
                        .await
                        .expect("space in the queue")
                        .expect("processed");
                    assert!(answer == NotificationReply::Accepted);
                }
            })
            .await,
        );
        roll_forward(&scratch.db).await.expect("the keyring");
    }
    let (ours, baseline) = (median(ours), median(baselines));
    println!(
        "notifications to licences  {ours:.0}/s   bare one-row transactions {baseline:.0}/s   ratio {:.2} (floor 0.5)",
        ours / baseline
    );
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Returns the median time of `times` runs, in microseconds.
async fn time<R: Future<Output = ()>>(times: u64, mut each: impl FnMut(u64) -> R) -> f64 {
    let mut all = Vec::new();
    for n in 0..times {
        let start = Instant::now();
        each(n).await;
        all.push(start.elapsed().as_secs_f64() * 1e6);
    }
    median(all)
}

async fn populate(db: &Db, settings: &VendorSettings, from: u64, to: u64) {
    let today = db.clock.today();
    let mut next = from;
    while next < to {
        let end = (next + 256).min(to);
        let notifications: Vec<OrderNotification> = (next..end).map(|n| notification(n, today)).collect();
        db.execute(&ProcessNotifications { notifications: &notifications, settings }).await.expect("taken");
        next = end;
        if next % 16_384 < 256 {
            roll_forward(db).await.expect("the keyring");
        }
    }
    roll_forward(db).await.expect("the keyring");
}

async fn slot_of(db: &Db, n: u64) -> Option<keyring::Slot> {
    let mut tx = db.read().await.expect("a read");
    let tag = db.keyring().tag("address", &format!("buyer{n}@example.com")).expect("a tag");
    tx.index_find(BlindIndex::Address, &tag).await.expect("the index").map(keyring::Slot)
}

async fn agree(db: &Db, settings: &VendorSettings, n: u64) {
    let slot = slot_of(db, n).await.expect("a customer");
    let operation = AgreeToErasure { slot, agreement: ErasureAgreement::OnPortal("yes"), settings };
    assert!(matches!(db.execute(&operation).await.expect("agreed"), AgreementOutcome::Started { .. }));
}

async fn erase(db: &Db, settings: &VendorSettings, n: u64) {
    agree(db, settings, n).await;
    roll_forward(db).await.expect("forgotten");
}

/// Returns a customer of the newest quarter, of which none is erased yet.
fn not_erased(n: u64, customers: u64) -> u64 {
    customers - 1 - n % (customers / 4)
}

async fn look_ups_and_openings(db: &Db, customers: u64) {
    let look_up = time(500, |n| async move {
        assert!(slot_of(db, not_erased(n * 7, customers)).await.is_some());
    })
    .await;
    let bare = time(500, |_| async move {
        db.read().await.expect("a read").fact("schema").await.expect("a fact");
    })
    .await;
    println!(
        "look-up by e-mail         {look_up:.0} us   bare one-row read {bare:.0} us   ratio {:.2}",
        look_up / bare
    );
    let open = time(200, |n| async move {
        let address = format!("buyer{}@example.com", not_erased(n * 11, customers));
        let find =
            LookUpCustomer { query: LookupQuery::Email(&address), case: "bench", actor: &Actor::System };
        assert_eq!(db.execute(&find).await.expect("found").len(), 1);
    })
    .await;
    let bare = time(200, |n| async move { db.execute(&OneRow(n)).await.expect("one row") }).await;
    println!(
        "opening a record          {open:.0} us   bare one-row transaction {bare:.0} us   ratio {:.2}",
        open / bare
    );
}

async fn erasures() {
    let sizes = std::env::var("SCRUPLE_BENCH_CUSTOMERS").unwrap_or_else(|_| "1000,10000".into());
    let sizes: Vec<u64> =
        sizes.split(',').map(|s| s.trim().parse().expect("a number of customers")).collect();
    let (scratch, settings) = shop().await;
    let (db, mut there, mut first) = (&scratch.db, 0, None);
    let mut next = 0;
    for size in sizes {
        let start = Instant::now();
        populate(db, &settings, there, size).await;
        let filled = start.elapsed().as_secs_f64();
        there = size;
        look_ups_and_openings(db, size).await;
        let settings = &settings;
        let step = (size / 300).max(1);
        next = next.max(size / 2);
        let from = next;
        let took = time(200, |n| erase(db, settings, from + n * step % (size / 2).max(1))).await;
        next = from + 200 * step;
        let bare = time(200, |n| async move { db.execute(&OneRow(n)).await.expect("one row") }).await;
        let first = *first.get_or_insert(took);
        println!(
            "erasure at {size:>9} customers  {took:.0} us ({:.2} of the first)   bare one-row transaction {bare:.0} us   \
             [filled in {filled:.0} s]",
            took / first
        );
    }
}

/// The cost of an erasure after many others, which left forgotten slots and tombstones.
async fn erasures_after_erasures() {
    const MEASURED: u64 = 200;
    let erased = std::env::var("SCRUPLE_BENCH_ERASED").unwrap_or_else(|_| "100".into());
    let erased: u64 = erased.parse().expect("a number of erasures");
    let (scratch, settings) = shop().await;
    let (db, settings) = (&scratch.db, &*settings);
    populate(db, settings, 0, erased + 2 * MEASURED).await;
    let before = time(MEASURED, |n| erase(db, settings, n)).await;
    let start = Instant::now();
    for n in MEASURED..MEASURED + erased {
        agree(db, settings, n).await;
        // Many erasures are completed at once, as after an interruption of the program.
        if n % 50 == 0 {
            roll_forward(db).await.expect("forgotten");
        }
    }
    roll_forward(db).await.expect("forgotten");
    let took = start.elapsed().as_secs_f64();
    let after = time(MEASURED, |n| erase(db, settings, MEASURED + erased + n)).await;
    println!(
        "erasure after {erased:>9} erasures  {after:.0} us, {before:.0} us before   ratio {:.2} (at most 2)   \
         [erased in {took:.0} s]",
        after / before
    );
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        notifications_against_one_row().await;
        erasures().await;
        erasures_after_erasures().await;
    });
}
