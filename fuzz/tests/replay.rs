//! The corpus, and what is nearly the corpus, against every reader of what strangers send: 5,000 inputs each,
//! 500,000 with SCRUPLE_LONG=1.

use std::{env, fs, panic, path::Path};

use fuzz::mutation::Mutation;

#[test]
fn malformed_key_texts_are_refused_without_panic() {
    replay("key_text", fuzz::key_text);
}

#[test]
fn malformed_notices_are_refused_without_panic() {
    replay("notice", fuzz::notice);
}

#[test]
fn malformed_addresses_are_refused_without_panic() {
    replay("address", fuzz::address);
}

#[test]
fn a_damaged_keyring_is_refused_without_panic_and_brings_nobody_back() {
    replay("keyring_node", fuzz::keyring_node);
}

#[test]
fn malformed_mail_is_read_without_panic() {
    replay("mail", fuzz::mail);
}

#[test]
fn malformed_codes_of_threads_are_refused_without_panic() {
    replay("code", fuzz::code);
}

#[test]
fn a_damaged_table_of_figures_is_refused_without_panic() {
    replay("archived", fuzz::archived);
}

#[test]
fn html_of_strangers_becomes_html_that_an_independent_referee_leaves_as_it_is() {
    replay("html", fuzz::html);
}

#[test]
fn malformed_lines_of_logs_are_refused_without_panic_and_leave_only_clean_words() {
    replay("log_line", fuzz::log_line);
}

#[test]
fn a_damaged_state_of_a_day_is_refused_without_panic() {
    replay("day_tally", fuzz::day_tally);
}

fn replay(target: &str, read: fn(&[u8])) {
    let corpus = corpus(target);
    let long = env::var_os("SCRUPLE_LONG").is_some_and(|value| value == "1");
    let mut mutation = Mutation::seeded(20_240_101);
    let mutated = (0..if long { 500_000 } else { 5_000 }).map(|_| mutation.next_of(&corpus));
    for input in corpus.iter().cloned().chain(mutated) {
        if panic::catch_unwind(|| read(&input)).is_err() {
            panic!("{target} breaks on: b\"{}\"", input.escape_ascii());
        }
    }
}

/// The kept inputs, in the order of their names.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut paths: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}
