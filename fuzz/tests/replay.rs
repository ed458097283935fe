//! Runs every fuzz target on its corpus and on mutations of it: 5,000 inputs each, 500,000 with SCRUPLE_LONG=1.

use std::{env, fs, panic, path::Path};

use fuzz::mutation::Mutation;

#[test]
fn malformed_key_texts_are_refused_without_panic() {
    replay("key_text", fuzz::key_text);
}

#[test]
fn malformed_notifications_are_refused_without_panic() {
    replay("notification", fuzz::notification);
}

#[test]
fn malformed_addresses_are_refused_without_panic() {
    replay("address", fuzz::address);
}

#[test]
fn a_damaged_keyring_is_refused_without_panic_and_restores_no_forgotten_key() {
    replay("keyring_node", fuzz::keyring_node);
}

#[test]
fn malformed_email_is_parsed_without_panic() {
    replay("email", fuzz::email);
}

#[test]
fn malformed_access_codes_are_refused_without_panic() {
    replay("access_code", fuzz::access_code);
}

#[test]
fn a_damaged_archived_table_is_refused_without_panic() {
    replay("archived_table", fuzz::archived_table);
}

#[test]
fn an_independent_sanitizer_changes_nothing_in_sanitized_html() {
    replay("html", fuzz::html);
}

#[test]
fn malformed_log_lines_are_refused_without_panic_and_leave_only_clean_values() {
    replay("log_line", fuzz::log_line);
}

#[test]
fn a_damaged_day_tally_is_refused_without_panic() {
    replay("day_tally", fuzz::day_tally);
}

#[test]
fn a_damaged_exported_keyring_is_refused_without_panic_and_leaves_no_file() {
    replay("transfer_file", fuzz::transfer_file);
}

#[test]
fn mistyped_transfer_requests_are_refused_without_panic() {
    replay("transfer_request", fuzz::transfer_request);
}

#[test]
fn a_damaged_file_with_a_passphrase_is_refused_without_panic() {
    replay("passphrase_file", fuzz::passphrase_file);
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

/// The inputs of a corpus, sorted by name.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut paths: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}
