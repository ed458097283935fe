//! How soon it answers, how little it needs, how alike it answers the known and the unknown.

use std::time::{Duration, Instant};

use super::kit::http::{Connection, FORM, form};
use super::kit::orders::{order, paid};
use super::kit::{Shop, free_port, long, show, until};

/// Resident memory of a process, in kilobytes.
fn memory(of: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{of}/status")).expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its memory");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

/// From its start to its first answer.
fn first_answer(shop: &Shop) -> (Duration, u64) {
    let began = Instant::now();
    let server = shop.start_on(free_port());
    until("the first answer", || {
        let health = Connection::open(server.address).and_then(|mut c| c.ask("GET", "/health", &[], b""));
        health.is_ok_and(|answer| answer.status == 200).then_some(())
    });
    (began.elapsed(), memory(server.id()))
}

#[test]
fn a_stop_signal_during_the_start_ends_the_server_in_order() {
    let shop = Shop::new();
    for _ in 0..5 {
        let server = shop.start_on(free_port());
        until("it listens", || Connection::open(server.address).ok());
        assert!(server.stop().success());
    }
}

#[test]
fn the_server_starts_quickly_and_uses_little_memory() {
    let shop = Shop::new();
    let mut starts: Vec<(Duration, u64)> = (0..5).map(|_| first_answer(&shop)).collect();
    starts.sort();
    let (soon, kilobytes) = starts[2];
    show(&format!("start to first answer {soon:?}, {kilobytes} kB when idle, median of 5"));
    // A build for debugging proves nothing, and neither does a machine that is busy with other tests.
    if long() && !cfg!(debug_assertions) && shop.url.is_empty() {
        assert!(soon < Duration::from_millis(100), "{soon:?}");
        assert!(kilobytes < 40_000, "{kilobytes} kB");
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[test]
fn known_and_unknown_addresses_get_the_same_response_in_the_same_time() {
    let shop = Shop::new();
    let server = shop.serve();
    for n in 0..20 {
        assert_eq!(server.notice(&paid(&order(n))).status, 200);
    }
    let mut connection = server.connect();
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    let mut answers = Vec::new();
    for n in 0..400_u64 {
        let email =
            if n % 2 == 0 { order(n % 20).buyer.email } else { format!("stranger.{n}@buyers.example") };
        let body = form(&[("email", &email)]);
        let from = format!("198.18.{}.{}", n / 250, n % 250);
        let began = Instant::now();
        let answer = connection.ask("POST", "/licence", &[FORM, ("x-forwarded-for", &from)], &body);
        let times = if n % 2 == 0 { &mut known } else { &mut unknown };
        times.push(began.elapsed());
        let answer = answer.expect("an answer");
        // The queue of those who ask may be full for a moment; it is as full for everybody.
        if answer.status == 200 {
            answers.push(answer);
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "the answers differ");
    let (known, unknown) = (median(known), median(unknown));
    show(&format!("median answer to a known address {known:?}, to a stranger {unknown:?}"));
    let (less, more) = (known.min(unknown), known.max(unknown));
    assert!(more < less * 2 + Duration::from_millis(2), "{known:?} and {unknown:?} tell them apart");
}
