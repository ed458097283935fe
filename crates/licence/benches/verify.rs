//! The cost of checking a key offline, beside a bare strict Ed25519 verification of the same message.
//!
//! Both checks are strict: the lax `verify` is faster, but accepts signatures that must not pass for a key.
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use ed25519_dalek::{Signature, VerifyingKey};
use licence::{Check, Claims, Day, PublicKeys, Serial, SigningKey, Term, check};

const ROUNDS: usize = 400;
const RUNS_A_ROUND: u32 = 25;

fn time(mut run: impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..RUNS_A_ROUND {
        run();
    }
    start.elapsed() / RUNS_A_ROUND
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}

fn main() {
    let signing = SigningKey::from_seed(1, &[7; 32]).expect("1 is a number of a signing key");
    let claims = Claims {
        signing_key: 1,
        product: 7,
        edition: 2,
        term: Term::Ends(Day::LAST),
        seats: 5,
        serial: Serial::from_bytes([1, 2, 3, 4, 5]),
    };
    let key = signing.sign(&claims).expect("the claims are in range");
    let text = key.to_string();
    let mut keys = PublicKeys::new();
    keys.add(signing.public()).expect("the set is empty");
    let conditions = Check { product: 7, today: Day::FIRST, build: None };

    let bytes = key.to_bytes();
    let message = [b"scruple/licence/key/1".as_slice(), &bytes[..12]].concat();
    let signature = Signature::from_slice(&bytes[12..]).expect("64 bytes follow the claims");
    let point = VerifyingKey::from_bytes(&signing.public().to_bytes()).expect("it was a point before");

    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(time(|| assert!(check(black_box(&text), &keys, &conditions).is_ok())));
        bare.push(time(|| assert!(point.verify_strict(black_box(&message), &signature).is_ok())));
    }
    let (ours, bare) = (median(&mut ours), median(&mut bare));
    println!("licence/verify  {ours:.1} us  bare {bare:.1} us  ratio {:.2}", ours / bare);
}
