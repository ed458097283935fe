//! SIGKILL at random moments under load. No licence is issued twice or lost after its response, no erasure is partial,
//! and every access code that was shown opens its conversation.

mod conversations;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Barrier, Mutex};
use std::time::Duration;

use paypro::Purchase;

use super::kit::database_rows::DatabaseRows;
use super::kit::http::Connection;
use super::kit::orders::{CLOUD, asks_for_key, order, paid, provider};
use super::kit::portal::{PortalSession, request_magic_link};
use super::kit::process::Server;
use super::kit::random::SeededRandom;
use super::kit::{OpenStore, Shop, Stop, is_long_run, print_figures, wait_until};
use conversations::SampleConversations;

const CONNECTIONS: u64 = 16;

/// What the provider and the buyers know from the responses.
#[derive(Default)]
struct Expectations {
    next: AtomicU64,
    /// Orders that were sent, with or without a response.
    sent: Mutex<BTreeSet<u64>>,
    /// Keys in responses with status 200.
    keys: Mutex<BTreeMap<u64, String>>,
    /// Customers whose erasure was confirmed.
    erased: Mutex<BTreeSet<u64>>,
    /// Customers whose erasure was requested, with or without a response.
    asked: Mutex<BTreeSet<u64>>,
    conversations: SampleConversations,
    answers: AtomicU64,
    broken: AtomicU64,
}

/// Returns the `n`-th order. Every third one begins a subscription.
fn purchase(n: u64) -> Purchase {
    if n.is_multiple_of(3) {
        let begun = Purchase { product: CLOUD.to_owned(), ..order(n) };
        begun.subscribed((5_000_000 + n).to_string(), 30)
    } else {
        order(n)
    }
}

impl Expectations {
    /// Sends requests on one connection until the server is killed.
    fn post(&self, to: SocketAddr, chance: &mut SeededRandom, stop: &AtomicBool) {
        let Ok(mut connection) = Connection::open(to) else { return };
        while !stop.load(Ordering::Relaxed) {
            if self.do_random_action(&mut connection, chance).is_err() {
                self.broken.fetch_add(1, Ordering::Relaxed);
                return;
            }
        }
    }

    fn do_random_action(
        &self,
        connection: &mut Connection,
        chance: &mut SeededRandom,
    ) -> std::io::Result<()> {
        if chance.below(6) == 0 {
            return self.conversations.do_random_action(connection, chance);
        }
        if chance.below(3) == 0 {
            let old = chance.below(self.next.load(Ordering::SeqCst).max(1));
            return if self.sent.lock().expect("no thread panicked").contains(&old) {
                self.key(connection, old)
            } else {
                Ok(())
            };
        }
        let n = self.next.fetch_add(1, Ordering::SeqCst);
        self.sent.lock().expect("no thread panicked").insert(n);
        let purchase = purchase(n);
        // Either notification may come first.
        if chance.below(2) == 0 {
            self.post_notification(connection, &paid(&purchase))?;
        }
        self.key(connection, n)?;
        self.post_notification(connection, &paid(&purchase))?;
        if purchase.subscription.is_some() {
            self.post_notification(
                connection,
                provider().subscription_charged(&purchase, 1).body().as_bytes(),
            )?;
        }
        Ok(())
    }

    fn post_notification(&self, connection: &mut Connection, body: &[u8]) -> std::io::Result<()> {
        let answer = connection.post("/paypro", body)?;
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.answers.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Requests a key, and compares it with the earlier responses.
    fn key(&self, connection: &mut Connection, n: u64) -> std::io::Result<()> {
        let answer = connection.post("/paypro", &asks_for_key(&purchase(n)))?;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let first =
            self.keys.lock().expect("no thread panicked").entry(n).or_insert_with(|| answer.text()).clone();
        assert_eq!(answer.text(), first, "order {n} got a second licence");
        self.answers.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Returns a customer with a key whose erasure was not requested yet.
    fn candidate(&self, chance: &mut SeededRandom) -> Option<u64> {
        let (keys, asked) =
            (self.keys.lock().expect("no thread panicked"), self.asked.lock().expect("no thread panicked"));
        let free: Vec<u64> = keys.keys().filter(|n| !asked.contains(n)).copied().collect();
        (!free.is_empty()).then(|| free[usize::try_from(chance.below(free.len() as u64)).expect("small")])
    }

    fn erase(&self, n: u64, session: &PortalSession) {
        self.asked.lock().expect("no thread panicked").insert(n);
        if session.erase().is_ok_and(|answer| answer.status == 200) {
            self.erased.lock().expect("no thread panicked").insert(n);
        }
    }

    /// Waits for this number of responses in total.
    fn wait_for(&self, answers: u64, server: &mut Server) {
        wait_until("answers", || {
            assert!(server.runs(), "the server ended by itself\n{}", server.log());
            (self.answers.load(Ordering::Relaxed) >= answers).then_some(())
        });
    }

    /// Sends everything once more to the restarted server, and checks the responses.
    fn replay(&self, to: SocketAddr) {
        let mut connection = Connection::open(to).expect("it listens");
        for n in self.sent.lock().expect("no thread panicked").iter() {
            self.post_notification(&mut connection, &paid(&purchase(*n))).expect("an answer");
            self.key(&mut connection, *n).expect("an answer");
        }
        self.conversations.check_codes(to);
    }
}

/// Signs in two customers who will be erased during the kill.
fn sign_in_customers(
    to: SocketAddr,
    store: &OpenStore,
    expected: &Expectations,
    chance: &mut SeededRandom,
    round: u64,
) -> Vec<(u64, PortalSession)> {
    let mut open = Vec::new();
    for nth in 0..2 {
        let Some(n) = expected.candidate(chance) else { continue };
        if open.iter().any(|(other, _)| *other == n) {
            continue;
        }
        let email = purchase(n).buyer.email;
        let asked = request_magic_link(to, &email, &format!("198.51.{}.{}", round % 250, nth + 1));
        assert_eq!(asked.status, 200);
        open.push((n, PortalSession::open(to, &store.magic_link_to(&email))));
    }
    open
}

fn kill_repeatedly(rounds: u64, seed: u64) {
    let shop = Shop::new();
    let expected = Expectations::default();
    let mut chance = SeededRandom::seeded(seed);
    let store = shop.open_store();
    let port = super::kit::free_port();
    for round in 0..rounds {
        let mut server = shop.serve_on(port);
        let (to, stop) = (server.address, AtomicBool::new(false));
        let open = sign_in_customers(to, &store, &expected, &mut chance, round);
        let ready = Barrier::new(usize::try_from(CONNECTIONS).expect("small") + 1);
        std::thread::scope(|scope| {
            let stops = Stop(&stop);
            for thread in 0..CONNECTIONS {
                let mut chance = SeededRandom::seeded(seed ^ (round << 16) ^ (thread << 8) ^ 1);
                let (expected, stop, ready) = (&expected, &stop, &ready);
                scope.spawn(move || {
                    ready.wait();
                    expected.post(to, &mut chance, stop);
                });
            }
            ready.wait();
            let expected = &expected;
            let from = expected.answers.load(Ordering::Relaxed);
            let (some, more) = (chance.below(100), chance.below(100));
            expected.wait_for(from + some, &mut server);
            let eraser =
                scope.spawn(move || open.iter().for_each(|(n, session)| expected.erase(*n, session)));
            expected.wait_for(from + some + more, &mut server);
            // The moment is random on purpose.
            std::thread::sleep(Duration::from_micros(chance.below(30_000)));
            server.kill();
            drop(stops);
            eraser.join().expect("the eraser");
        });
        assert!(!server.log().contains("panicked"), "{}", server.log());
    }
    let server = shop.serve_on(port);
    expected.replay(server.address);
    assert!(server.stop().success());
    store.close();
    check_rows(&shop, &expected);
}

/// Compares the database with the expectations, while no server runs.
fn check_rows(shop: &Shop, expected: &Expectations) {
    let store = shop.open_store();
    let (sent, erased) = (
        expected.sent.lock().expect("no thread panicked").len(),
        expected.erased.lock().expect("no thread panicked").clone(),
    );
    let asked = expected.asked.lock().expect("no thread panicked").clone();
    let database = DatabaseRows::read(&store.db);
    assert_eq!(database.count("licence"), sent, "one licence for each order, whatever happened");
    assert_eq!(database.count("erasure_intent"), 0, "no erasure is left incomplete");
    // A customer without a response is erased completely or not at all.
    let gone = asked.iter().filter(|n| store.find(&purchase(**n).buyer.email).is_empty()).collect::<Vec<_>>();
    for n in &erased {
        assert!(gone.contains(&n), "customer {n} was told that they are erased, and is still found");
    }
    for n in &gone {
        assert!(store.find_order(&purchase(**n).order).is_empty(), "customer {n} is erased in part");
    }
    assert_eq!(database.count("person"), sent - gone.len());
    let slots: BTreeSet<String> = database.rows("person").iter().map(|row| row["slot"].to_string()).collect();
    for table in ["orders", "grants", "holder", "session", "magic_link", "outbox"] {
        let stray = database.rows(table).iter().filter(|row| !slots.contains(&row["slot"].to_string()));
        assert_eq!(stray.count(), 0, "rows of no person in {table}");
    }
    print_figures(&expected.conversations.check_rows(&database));
    store.verify_audit_chain();
    store.prove_promises();
    print_figures(&format!(
        "{} answers, {} connections broken, {sent} orders, {} erasures asked for, {} of them answered, {} done",
        expected.answers.load(Ordering::Relaxed),
        expected.broken.load(Ordering::Relaxed),
        asked.len(),
        erased.len(),
        gone.len(),
    ));
}

#[test]
fn kills_at_random_moments_lose_or_duplicate_no_licence_and_leave_no_partial_erasure() {
    kill_repeatedly(if is_long_run() { 200 } else { 10 }, 2026);
}
