//! Every term of the glossary occurs in the code, and a search for a word of the field finds its implementation.

use std::fs;

use crate::source::sources::{files, workspace};

/// Words that a reader would search for, each with a part of the path of its implementation.
const WORDS: [(&str, &str); 42] = [
    ("webhook", "crates/web/src/handlers/paypro_webhook.rs"),
    ("IPN", "crates/paypro/src"),
    ("HMAC", "crates/keyring/src"),
    ("signature", "crates/paypro/src/signature.rs"),
    ("idempotency key", "crates/store/src/processed_notification.rs"),
    ("constant-time", "crates/paypro/src/signature.rs"),
    ("CSRF", "crates/web/src"),
    ("rate limit", "crates/web/src/rate_limit.rs"),
    ("token bucket", "crates/web/src/rate_limit.rs"),
    ("proof of work", "crates/web/src/spam/proof_of_work.rs"),
    ("magic link", "crates/domain/src/portal/magic_link.rs"),
    ("session", "crates/web/src"),
    ("Fetch Metadata", "crates/web/src"),
    ("Content-Security-Policy", "crates/web/src"),
    ("GDPR", "crates/policy/src"),
    ("Art. 15", "crates/domain/src/portal"),
    ("Art. 17", "crates/domain/src/erasure.rs"),
    ("portability", "crates/domain/src/portal"),
    ("data inventory", "crates/policy/src/inventory.rs"),
    ("processor", "crates/domain/src/compliance/prove/processors.rs"),
    ("crypto-shredding", "crates/keyring/src"),
    ("puncturable", "crates/keyring/src"),
    ("AEAD", "crates/keyring/src"),
    ("key derivation", "crates/keyring/src"),
    ("argon2", "crates/keyring/src"),
    ("tombstone", "crates/keyring/src/keyring/tombstone_log.rs"),
    ("blind index", "crates/store/src/blind_index.rs"),
    ("audit log", "crates/store/src/audit_log.rs"),
    ("hash chain", "crates/store/src/audit_chain.rs"),
    ("outbox", "crates/store/src/outbox.rs"),
    ("retention", "crates/domain/src/erasure/retention.rs"),
    ("suppression", "crates/domain/src/conversations/suppression.rs"),
    ("bounce", "crates/inbound-mail/src/sender_class"),
    ("DMARC", "crates/inbound-mail/src/authentication_results.rs"),
    ("auto-reply", "crates/inbound-mail/src/sender_class"),
    ("XSS", "crates/inbound-mail/src/html.rs"),
    ("k-anonymity", "crates/analytics/src/disclosure_control.rs"),
    ("disclosure control", "crates/analytics/src/disclosure_control.rs"),
    ("user agent", "crates/analytics/src"),
    ("Ed25519", "crates/licence/src"),
    ("offline", "crates/licence/src/lib.rs"),
    ("slowloris", "crates/web/src/http_server.rs"),
];

/// Returns the text of a file, or of all sources below a folder but these tests, which name all words themselves.
fn text_below(path: &str) -> String {
    let path = workspace().join(path);
    if path.is_file() {
        return fs::read_to_string(path).unwrap();
    }
    assert!(path.is_dir(), "{} is not there", path.display());
    let these_tests = workspace().join("crates/scruple/tests/source");
    let sources = files(&path, ".rs").into_iter().filter(|file| !file.starts_with(&these_tests));
    sources.map(|file| fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn a_search_for_a_word_of_the_field_finds_its_implementation() {
    let lost: Vec<_> = WORDS
        .iter()
        .filter(|(word, path)| !text_below(path).to_lowercase().contains(&word.to_lowercase()))
        .collect();
    assert!(lost.is_empty(), "not found where they are implemented: {lost:?}");
}

/// Returns the terms of the glossary: the first cell of each row, split at commas.
fn terms() -> Vec<String> {
    let glossary = fs::read_to_string(workspace().join("GLOSSARY.md")).unwrap();
    let rows = glossary.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| term |"));
    rows.flat_map(|row| {
        row.split('|').nth(1).unwrap().trim().split(", ").map(str::to_owned).collect::<Vec<_>>()
    })
    .collect()
}

#[test]
fn every_term_of_the_glossary_occurs_in_the_code() {
    let code = text_below("crates").to_lowercase();
    let terms = terms();
    assert!(terms.len() >= 60, "{} terms", terms.len());
    let lost: Vec<_> = terms.iter().filter(|term| !code.contains(&term.to_lowercase())).collect();
    assert!(lost.is_empty(), "terms without code: {lost:?}");
}
