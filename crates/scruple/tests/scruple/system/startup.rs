//! Time to the first response, memory, and equal response times for known and unknown addresses.

use std::time::{Duration, Instant};

use super::kit::http::{Connection, FORM, form};
use super::kit::orders::{order, paid};
use super::kit::{Shop, free_port, is_long_run, print_figures, wait_until};

/// Returns the resident memory of a process, in kilobytes.
fn memory(of: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{of}/status")).expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its memory");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

/// Returns the time from the start to the first response, and the memory then.
fn first_answer(shop: &Shop) -> (Duration, u64) {
    let began = Instant::now();
    let server = shop.start_on(free_port());
    wait_until("the first answer", || {
        let health = Connection::open(server.address).and_then(|mut c| c.request("GET", "/health", &[], b""));
        health.is_ok_and(|answer| answer.status == 200).then_some(())
    });
    (began.elapsed(), memory(server.id()))
}

#[test]
fn a_stop_signal_during_the_start_ends_the_server_in_order() {
    let shop = Shop::new();
    for _ in 0..5 {
        let server = shop.start_on(free_port());
        wait_until("it listens", || Connection::open(server.address).ok());
        assert!(server.stop().success());
    }
}

#[test]
fn the_server_starts_quickly_and_uses_little_memory() {
    let shop = Shop::new();
    let mut starts: Vec<(Duration, u64)> = (0..5).map(|_| first_answer(&shop)).collect();
    starts.sort();
    let (time, kilobytes) = starts[2];
    print_figures(&format!("start to first response {time:?}, {kilobytes} kB when idle, median of 5"));
    // A debug build proves nothing, nor does a machine that is busy with other tests.
    if is_long_run() && !cfg!(debug_assertions) && shop.url.is_empty() {
        assert!(time < Duration::from_millis(100), "{time:?}");
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
        assert_eq!(server.post_notification(&paid(&order(n))).status, 200);
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
        let answer = connection.request("POST", "/licence", &[FORM, ("x-forwarded-for", &from)], &body);
        let times = if n % 2 == 0 { &mut known } else { &mut unknown };
        times.push(began.elapsed());
        let answer = answer.expect("an answer");
        // The queue of requests may be full for a moment, for known and unknown addresses alike.
        if answer.status == 200 {
            answers.push(answer);
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "the responses differ");
    let (known, unknown) = (median(known), median(unknown));
    print_figures(&format!("median answer to a known address {known:?}, to a stranger {unknown:?}"));
    let (less, more) = (known.min(unknown), known.max(unknown));
    assert!(more < less * 2 + Duration::from_millis(2), "{known:?} and {unknown:?} tell them apart");
}
