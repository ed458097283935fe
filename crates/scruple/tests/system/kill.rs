//! SIGKILL at random moments under load: no licence is issued twice, none is lost after its 200, no erasure is half, and
//! a code that was shown leads to its conversation.

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
use super::kit::portal::{Visitor, ask_for_page};
use super::kit::process::Server;
use super::kit::random::SeededRandom;
use super::kit::{Beside, Shop, Stop, long, show, until};
use conversations::SampleConversations;

const CONNECTIONS: u64 = 16;

/// What the provider and the buyers know, whatever became of the server.
#[derive(Default)]
struct World {
    next: AtomicU64,
    /// Orders that were sent, whether or not an answer came.
    sent: Mutex<BTreeSet<u64>>,
    /// Keys that an answer with 200 named.
    keys: Mutex<BTreeMap<u64, String>>,
    /// Customers who were told that they are erased.
    erased: Mutex<BTreeSet<u64>>,
    /// Customers whose erasure was asked for, whatever was answered.
    asked: Mutex<BTreeSet<u64>>,
    talks: SampleConversations,
    answers: AtomicU64,
    broken: AtomicU64,
}

/// Every third order begins a subscription.
fn purchase(n: u64) -> Purchase {
    if n.is_multiple_of(3) {
        let begun = Purchase { product: CLOUD.to_owned(), ..order(n) };
        begun.subscribed((5_000_000 + n).to_string(), 30)
    } else {
        order(n)
    }
}

impl World {
    /// One connection's work, until the server is gone.
    fn post(&self, to: SocketAddr, chance: &mut SeededRandom, stop: &AtomicBool) {
        let Ok(mut connection) = Connection::open(to) else { return };
        while !stop.load(Ordering::Relaxed) {
            if self.act(&mut connection, chance).is_err() {
                self.broken.fetch_add(1, Ordering::Relaxed);
                return;
            }
        }
    }

    fn act(&self, connection: &mut Connection, chance: &mut SeededRandom) -> std::io::Result<()> {
        if chance.below(6) == 0 {
            return self.talks.act(connection, chance);
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
        // Either may come first.
        if chance.below(2) == 0 {
            self.notice(connection, &paid(&purchase))?;
        }
        self.key(connection, n)?;
        self.notice(connection, &paid(&purchase))?;
        if purchase.subscription.is_some() {
            self.notice(connection, provider().subscription_charged(&purchase, 1).body().as_bytes())?;
        }
        Ok(())
    }

    fn notice(&self, connection: &mut Connection, body: &[u8]) -> std::io::Result<()> {
        let answer = connection.post("/paypro", body)?;
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.answers.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Asks for a key, and holds the answer against every earlier one.
    fn key(&self, connection: &mut Connection, n: u64) -> std::io::Result<()> {
        let answer = connection.post("/paypro", &asks_for_key(&purchase(n)))?;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let told =
            self.keys.lock().expect("no thread panicked").entry(n).or_insert_with(|| answer.text()).clone();
        assert_eq!(answer.text(), told, "order {n} got a second licence");
        self.answers.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// A customer with a key who has not asked to be erased yet.
    fn candidate(&self, chance: &mut SeededRandom) -> Option<u64> {
        let (keys, asked) =
            (self.keys.lock().expect("no thread panicked"), self.asked.lock().expect("no thread panicked"));
        let free: Vec<u64> = keys.keys().filter(|n| !asked.contains(n)).copied().collect();
        (!free.is_empty()).then(|| free[usize::try_from(chance.below(free.len() as u64)).expect("small")])
    }

    fn erase(&self, n: u64, visitor: &Visitor) {
        self.asked.lock().expect("no thread panicked").insert(n);
        if visitor.erase().is_ok_and(|answer| answer.status == 200) {
            self.erased.lock().expect("no thread panicked").insert(n);
        }
    }

    /// Waits until so many answers came in all.
    fn wait_for(&self, answers: u64, server: &mut Server) {
        until("answers", || {
            assert!(server.runs(), "the server ended by itself\n{}", server.log());
            (self.answers.load(Ordering::Relaxed) >= answers).then_some(())
        });
    }

    /// What must hold when the server is up again, and everything sent is sent once more.
    fn settle(&self, to: SocketAddr) {
        let mut connection = Connection::open(to).expect("it listens");
        for n in self.sent.lock().expect("no thread panicked").iter() {
            self.notice(&mut connection, &paid(&purchase(*n))).expect("an answer");
            self.key(&mut connection, *n).expect("an answer");
        }
        self.talks.settle(to);
    }
}

/// Pages that are open when the server is about to be killed.
fn pages(
    to: SocketAddr,
    beside: &Beside,
    world: &World,
    chance: &mut SeededRandom,
    round: u64,
) -> Vec<(u64, Visitor)> {
    let mut open = Vec::new();
    for nth in 0..2 {
        let Some(n) = world.candidate(chance) else { continue };
        if open.iter().any(|(other, _)| *other == n) {
            continue;
        }
        let email = purchase(n).buyer.email;
        let asked = ask_for_page(to, &email, &format!("198.51.{}.{}", round % 250, nth + 1));
        assert_eq!(asked.status, 200);
        open.push((n, Visitor::open(to, &beside.letter_to(&email))));
    }
    open
}

fn play(rounds: u64, seed: u64) {
    let shop = Shop::new();
    let world = World::default();
    let mut chance = SeededRandom::seeded(seed);
    let beside = shop.beside();
    let port = super::kit::free_port();
    for round in 0..rounds {
        let mut server = shop.serve_on(port);
        let (to, stop) = (server.address, AtomicBool::new(false));
        let open = pages(to, &beside, &world, &mut chance, round);
        let ready = Barrier::new(usize::try_from(CONNECTIONS).expect("small") + 1);
        std::thread::scope(|scope| {
            let stops = Stop(&stop);
            for thread in 0..CONNECTIONS {
                let mut chance = SeededRandom::seeded(seed ^ (round << 16) ^ (thread << 8) ^ 1);
                let (world, stop, ready) = (&world, &stop, &ready);
                scope.spawn(move || {
                    ready.wait();
                    world.post(to, &mut chance, stop);
                });
            }
            ready.wait();
            let world = &world;
            let from = world.answers.load(Ordering::Relaxed);
            let (some, more) = (chance.below(100), chance.below(100));
            world.wait_for(from + some, &mut server);
            let eraser = scope.spawn(move || open.iter().for_each(|(n, visitor)| world.erase(*n, visitor)));
            world.wait_for(from + some + more, &mut server);
            // The moment is chance itself, not something waited for.
            std::thread::sleep(Duration::from_micros(chance.below(30_000)));
            server.kill();
            drop(stops);
            eraser.join().expect("the eraser");
        });
        assert!(!server.log().contains("panicked"), "{}", server.log());
    }
    let server = shop.serve_on(port);
    world.settle(server.address);
    assert!(server.stop().success());
    beside.close();
    settled(&shop, &world);
}

/// Reads the books of a shop at rest against what the world knows.
fn settled(shop: &Shop, world: &World) {
    let beside = shop.beside();
    let (sent, erased) = (
        world.sent.lock().expect("no thread panicked").len(),
        world.erased.lock().expect("no thread panicked").clone(),
    );
    let asked = world.asked.lock().expect("no thread panicked").clone();
    let books = DatabaseRows::read(&beside.db);
    assert_eq!(books.count("licence"), sent, "one licence for each order, whatever happened");
    assert_eq!(books.count("erasure_intent"), 0, "no forgetting is left half done");
    // Whoever got no answer is erased wholly or not at all.
    let gone =
        asked.iter().filter(|n| beside.find(&purchase(**n).buyer.email).is_empty()).collect::<Vec<_>>();
    for n in &erased {
        assert!(gone.contains(&n), "customer {n} was told that they are erased, and is known");
    }
    for n in &gone {
        assert!(beside.find_order(&purchase(**n).order).is_empty(), "half of customer {n} is there");
    }
    assert_eq!(books.count("person"), sent - gone.len());
    let slots: BTreeSet<String> = books.rows("person").iter().map(|row| row["slot"].to_string()).collect();
    for table in ["orders", "grants", "holder", "session", "magic_link", "outbox"] {
        let stray = books.rows(table).iter().filter(|row| !slots.contains(&row["slot"].to_string()));
        assert_eq!(stray.count(), 0, "rows of nobody in {table}");
    }
    show(&world.talks.settled(&books));
    beside.chain_holds();
    beside.promises_are_kept();
    show(&format!(
        "{} answers, {} connections broken, {sent} orders, {} erasures asked for, {} of them answered, {} done",
        world.answers.load(Ordering::Relaxed),
        world.broken.load(Ordering::Relaxed),
        asked.len(),
        erased.len(),
        gone.len(),
    ));
}

#[test]
fn kills_at_random_moments_lose_or_duplicate_no_licence_and_leave_no_partial_erasure() {
    play(if long() { 200 } else { 10 }, 2026);
}
