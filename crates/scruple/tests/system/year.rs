//! The shop's year that the desk's tests play in a fixed clock, played here against the running server over HTTP. Its
//! lines, its shelf and its stated final state are the desk's own files.

#[path = "../../../domain/tests/year/entry.rs"]
#[allow(dead_code, reason = "the desk's tests also write lines")]
mod entry;
#[path = "../../../domain/tests/kit/products.rs"]
#[allow(dead_code, reason = "the desk's tests name products one by one")]
mod products;
#[path = "../../../domain/tests/kit/state.rs"]
mod state;

use std::collections::BTreeMap;

use entry::{Event, read};
use store::Db;

use super::kit::database_rows::DatabaseRows;
use super::kit::http::Connection;
use super::kit::orders::provider;
use super::kit::portal::Visitor;
use super::kit::process::Server;
use super::kit::{self, Beside, show, wait};

const NOTIFICATIONS: &str = include_str!("../../../domain/tests/year/notifications.txt");
const STATE: &str = include_str!("../../../domain/tests/year/state.txt");

/// What the desk's reader of states asks of its shop.
struct Shop {
    scratch: Serials,
    db: Db,
}

/// The numbers of all licences.
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

    fn of(beside: &Beside) -> Self {
        let books = DatabaseRows::read(&beside.db);
        let serials = books.rows("licence").iter().map(|row| row["serial"].as_i64().expect("a number"));
        Self { scratch: Serials(serials.collect()), db: beside.db.clone() }
    }
}

/// Plays every line and counts the answers by status.
fn play(server: &Server, beside: &Beside, first: i64) -> BTreeMap<u16, u32> {
    let mut statuses = BTreeMap::new();
    let mut connection = Connection::open(server.address).expect("it listens");
    let mut keys: BTreeMap<String, String> = BTreeMap::new();
    for entry in read(NOTIFICATIONS) {
        match entry.event {
            Event::Erase(address) if beside.find(&address).is_empty() => {}
            Event::Erase(address) => {
                let erased = Visitor::come(server.address, beside, &address).erase().expect("an answer");
                assert_eq!(erased.status, 200, "{}\n{}", erased.text(), server.log());
            }
            Event::Notification(notice) => {
                let body = notice.draft(&provider(), first).body();
                let answer = connection.post("/paypro", body.as_bytes()).expect("an answer");
                *statuses.entry(answer.status).or_default() += 1;
                if notice.kind == 12 && answer.status == 200 {
                    let told = keys.entry(notice.item).or_insert_with(|| answer.text());
                    assert_eq!(*told, answer.text(), "another key than the first");
                }
            }
        }
    }
    statuses
}

fn today() -> i64 {
    i64::from(kit::orders::yesterday().day()) + 1
}

#[test]
fn a_simulated_year_against_the_running_server_ends_in_the_expected_state() {
    let shop = kit::Shop::empty().with("SCRUPLE_PAYPRO_KEEP_CUSTOM_FIELDS", "x-campaign");
    let beside = shop.beside();
    products::all().iter().for_each(|product| {
        beside.add(product);
    });
    let (server, first) = (shop.serve(), today() - 365);
    let statuses = play(&server, &beside, first);
    assert!(statuses.keys().all(|status| matches!(status, 200 | 409 | 410 | 503)), "{statuses:?}");
    let log = server.log();
    assert!(server.stop().success());
    assert!(!log.contains("panicked"), "{log}");
    let stated = STATE.lines().filter(|entry| !entry.is_empty() && !entry.starts_with('#'));
    // The proof comes first: whoever reads the state for this test opens records without a case.
    beside.promises_are_kept();
    let state = wait(Shop::of(&beside).state(first));
    let stated: Vec<&str> = stated.collect();
    for entry in state.iter().filter(|entry| !stated.contains(&entry.as_str())) {
        show(&format!("not stated: {entry}"));
    }
    for entry in stated.iter().filter(|entry| !state.iter().any(|there| there == *entry)) {
        show(&format!("not there: {entry}"));
    }
    assert!(state == stated, "another state than the one that is stated");
    show(&format!("a year of {} notices: {statuses:?}", statuses.values().sum::<u32>()));
}
