//! Checks a licence key as a vendor's program does at each start: offline, with the shop's public keys.
//!
//! ```text
//! check_key PUBLIC_KEYS PRODUCT BUILD_DAY [KEY]
//! ```
//!
//! `PUBLIC_KEYS` is the file that `scruple licence keys export --public` writes. Without `KEY`, the key is read from
//! standard input. A program for sale contains the first three: the file by `include_str!`, the other two as constants.
//!
//! Prints the claims and exits with 0 when the key is valid. Otherwise it prints one sentence on standard error. It exits
//! with 1 when the key is refused, and with 2 when no key could be checked: wrong arguments, unreadable public keys, a
//! wrong clock.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line prints")]

use std::io::{Read as _, stdin};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, error::Error, fs};

use licence::{Check, Claims, Day, PublicKeys, Term, check};

const USAGE: &str = "usage: check_key PUBLIC_KEYS PRODUCT BUILD_DAY [KEY]";

fn main() -> ExitCode {
    let (keys, conditions, text) = match input() {
        Ok(input) => input,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(2);
        }
    };
    match check(&text, &keys, &conditions) {
        Ok(claims) => {
            print!("{}", description(&claims));
            ExitCode::SUCCESS
        }
        Err(refusal) => {
            eprintln!("{refusal}");
            ExitCode::FAILURE
        }
    }
}

/// Returns the public keys, the conditions of this program, and the text that the person typed or pasted.
fn input() -> Result<(PublicKeys, Check, String), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(file), Some(product), Some(build), key, None) =
        (arguments.next(), arguments.next(), arguments.next(), arguments.next(), arguments.next())
    else {
        return Err(USAGE.into());
    };
    let file_text = fs::read_to_string(&file).map_err(|why| format!("{file}: {why}"))?;
    let keys = PublicKeys::parse(&file_text).map_err(|why| format!("{file}: {why}"))?;
    let product = product.parse().map_err(|_| format!("a product is a number from 0 to 255; {USAGE}"))?;
    let build = build.parse().map_err(|why| format!("BUILD_DAY is {why}; {USAGE}"))?;
    let text = match key {
        Some(key) => key,
        None => {
            let mut text = String::new();
            stdin().read_to_string(&mut text)?;
            text
        }
    };
    Ok((keys, Check { product, today: today()?, build: Some(build) }, text))
}

/// Returns today in UTC. A clock before 2024-01-02 is an error: a program may use `Day::FIRST` instead.
fn today() -> Result<Day, Box<dyn Error>> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    Ok(Day::from_unix_seconds(i64::try_from(seconds)?).map_err(|why| format!("the clock is wrong: {why}"))?)
}

fn description(claims: &Claims) -> String {
    let term = match claims.term {
        Term::Forever => "no end, every build".to_owned(),
        Term::UpdatesUntil(day) => format!("no end, builds up to {day}"),
        Term::Ends(day) => format!("ends after {day}"),
    };
    let seats = if claims.seats == 0 { "no limit".to_owned() } else { claims.seats.to_string() };
    format!("licence {}\nedition {}\nseats   {seats}\nterm    {term}\n", claims.serial, claims.edition)
}
