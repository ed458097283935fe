//! Vectors of exported keyrings: `transfer-files.json`.
//!
//! A good vector has the whole file in hexadecimal digits. A bad one has it too, or says how it is made of good ones:
//! from parts, each with the name of a vector, a start and an end; then which bit is flipped, and what is appended.

mod content;
mod damage;
mod make;

use std::fs;

use hpke::Deserializable;
use serde_json::{Value, json};
use tempfile::TempDir;

use self::content::{content_faults, good_contents};
use self::damage::{damaged, head_faults};
use self::make::exported;
use super::{private_key, text};
use crate::ids::hex;
use crate::test_vectors::{assert_made, assert_mostly_bad, bytes, vectors};
use crate::transfer::encryption::{DecryptingReader, PrivateKey};
use crate::transfer::key_text::{PRIVATE_KEY, from_text};
use crate::{KeyringError, TransferFault, import_keyring};

const FILE: &str = "transfer-files.json";
const SOURCE: &str =
    "exported keyrings of docs/formats.md, made by crates/keyring/src/transfer/tests/files.rs";

/// The file of a vector. `all` are the vectors among which a file finds its parts.
fn file_of(vector: &Value, all: &[Value]) -> Vec<u8> {
    let file = &vector["file"];
    if file.is_string() {
        return bytes(vector, "file");
    }
    let mut changed = Vec::new();
    for part in file["parts"].as_array().unwrap() {
        let of = bytes(all.iter().find(|other| other["name"] == part[0]).unwrap(), "file");
        let end = |i: usize| part[i].as_u64().unwrap() as usize;
        changed.extend_from_slice(&of[end(1)..end(2)]);
    }
    if let Some(byte) = file["flip"]["byte"].as_u64() {
        changed[byte as usize] ^= 1 << file["flip"]["bit"].as_u64().unwrap();
    }
    if file["append"].is_string() {
        changed.extend(bytes(file, "append"));
    }
    changed
}

fn name_of(fault: TransferFault) -> &'static str {
    match fault {
        TransferFault::NotExported => "not exported",
        TransferFault::UnknownFormat => "unknown format",
        TransferFault::OtherRequest => "other request",
        TransferFault::DamagedPrivateKey => "damaged private key",
        TransferFault::Damaged => "damaged",
        TransferFault::NoKeyring => "no keyring",
    }
}

/// Imports a vector's file, and checks what is there afterwards.
fn outcome(vector: &Value, all: &[Value]) -> &'static str {
    let dir = TempDir::new().unwrap();
    let (key_file, target) = (dir.path().join("key"), dir.path().join("new"));
    fs::write(&key_file, text(vector, "private_key")).unwrap();
    let file = file_of(vector, all);
    match import_keyring(&mut std::io::Cursor::new(file), &key_file, &target) {
        Ok(keyring_id) => {
            assert_eq!(keyring_id.to_string(), text(vector, "keyring_id"));
            assert!(!key_file.exists());
            "good"
        }
        Err(KeyringError::InvalidTransfer(fault)) => {
            assert!(key_file.exists() && !target.exists(), "{}", vector["name"]);
            name_of(fault)
        }
        Err(error) => panic!("{}: {error}", vector["name"]),
    }
}

/// Decrypts a file that must contain exactly the vector's content.
fn check_content(vector: &Value) {
    let key = from_text(PRIVATE_KEY, text(vector, "private_key")).unwrap();
    let (file, content) = (bytes(vector, "file"), bytes(vector, "content"));
    let mut from = &file[..];
    let mut reader = DecryptingReader::new(&mut from, &PrivateKey::from_bytes(&*key).unwrap()).unwrap();
    let mut decrypted = vec![0; content.len()];
    reader.read_exact(&mut decrypted).unwrap();
    reader.check_end().unwrap();
    assert_eq!(decrypted, content, "{}", vector["name"]);
}

#[test]
fn each_vector_of_an_exported_keyring_has_its_expected_outcome() {
    let all = vectors(FILE);
    for vector in &all {
        assert_eq!(outcome(vector, &all), vector["expect"], "{}", vector["name"]);
        if vector["expect"] == "good" {
            check_content(vector);
        }
    }
}

#[test]
fn the_vectors_of_exported_keyrings_are_up_to_date() {
    let good = good_contents().into_iter().map(|(name, seed, content)| {
        json!({
            "name": name, "private_key": private_key(1), "file": hex(&exported(&content, seed)), "expect": "good",
            "content": hex(&content), "keyring_id": "0b".repeat(16),
        })
    });
    let all: Vec<Value> = good.chain(head_faults()).chain(damaged()).chain(content_faults()).collect();
    assert_mostly_bad(&all);
    assert_made(FILE, SOURCE, &all);
}
