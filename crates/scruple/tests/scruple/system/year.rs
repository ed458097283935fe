//! Replays a year of a shop against the running server over HTTP. The notifications, products and expected state are
//! the files of the domain's tests, which replay the same year with a fixed clock.

#[path = "../../../../domain/tests/domain/year/entry.rs"]
#[allow(dead_code, reason = "the domain's tests also write entries")]
mod entry;
#[path = "../../../../domain/tests/domain/kit/products.rs"]
#[allow(dead_code, reason = "the domain's tests name products one by one")]
mod products;
#[path = "../../../../domain/tests/domain/kit/state.rs"]
mod state;

use calendar::Day;
use std::collections::BTreeMap;

use entry::{Event, read};
use store::Db;

use super::kit::database_rows::DatabaseRows;
use super::kit::http::Connection;
use super::kit::orders::provider;
use super::kit::portal::PortalSession;
use super::kit::process::Server;
use super::kit::{self, OpenStore, block_on, print_figures};

const NOTIFICATIONS: &str = include_str!("../../../../domain/tests/domain/year/notifications.txt");
const STATE: &str = include_str!("../../../../domain/tests/domain/year/state.txt");

/// The shop that the domain's `state` module reads.
struct Shop {
    scratch: Serials,
    db: Db,
}

/// The serials of all licences.
struct Serials(Vec<i64>);

impl Serials {
    async fn numbers(&self, _: &str) -> Vec<i64> {
        self.0.clone()
    }
}

impl Shop {
    fn db(&self) -> &Db {
        &self.db
    }

    fn of(store: &OpenStore) -> Self {
        let database = DatabaseRows::read(&store.db);
        let serials = database.rows("licence").iter().map(|row| row["serial"].as_i64().expect("a number"));
        Self { scratch: Serials(serials.collect()), db: store.db.clone() }
    }
}

/// Replays every entry, and counts the responses by status.
fn replay(server: &Server, store: &OpenStore, first: Day) -> BTreeMap<u16, u32> {
    let mut statuses = BTreeMap::new();
    let mut connection = Connection::open(server.address).expect("it listens");
    let mut keys: BTreeMap<String, String> = BTreeMap::new();
    for entry in read(NOTIFICATIONS) {
        match entry.event {
            Event::Erase(address) if store.find(&address).is_empty() => {}
            Event::Erase(address) => {
                let erased =
                    PortalSession::sign_in(server.address, store, &address).erase().expect("an answer");
                assert_eq!(erased.status, 200, "{}\n{}", erased.text(), server.log());
            }
            Event::Notification(notification) => {
                let body = notification.draft(&provider(), first).body();
                let answer = connection.post("/paypro", body.as_bytes()).expect("an answer");
                *statuses.entry(answer.status).or_default() += 1;
                if notification.kind == 12 && answer.status == 200 {
                    let first_answer = keys.entry(notification.item).or_insert_with(|| answer.text());
                    assert_eq!(*first_answer, answer.text(), "the key differs from the first one");
                }
            }
        }
    }
    statuses
}

fn today() -> Day {
    kit::orders::yesterday().day() + 1
}

#[test]
fn a_simulated_year_against_the_running_server_ends_in_the_expected_state() {
    let shop = kit::Shop::empty().with("SCRUPLE_PAYPRO_KEEP_CUSTOM_FIELDS", "x-campaign");
    let store = shop.open_store();
    products::all().iter().for_each(|product| {
        store.add(product);
    });
    let (server, first) = (shop.serve(), today() - 365);
    let statuses = replay(&server, &store, first);
    assert!(statuses.keys().all(|status| matches!(status, 200 | 409 | 410 | 503)), "{statuses:?}");
    let log = server.log();
    assert!(server.stop().success());
    assert!(!log.contains("panicked"), "{log}");
    let expected = STATE.lines().filter(|entry| !entry.is_empty() && !entry.starts_with('#'));
    // The proof comes first, because reading the state opens records without a case.
    store.prove_promises();
    let state = block_on(Shop::of(&store).state(first));
    let expected: Vec<&str> = expected.collect();
    for entry in state.iter().filter(|entry| !expected.contains(&entry.as_str())) {
        print_figures(&format!("not expected: {entry}"));
    }
    for entry in expected.iter().filter(|entry| !state.iter().any(|there| there == *entry)) {
        print_figures(&format!("missing: {entry}"));
    }
    assert!(state == expected, "the state differs from the expected one");
    print_figures(&format!("a year of {} notifications: {statuses:?}", statuses.values().sum::<u32>()));
}
