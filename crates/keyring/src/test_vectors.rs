//! Published test vectors, checked against the functions that the keyring uses. The vectors of our own formats are
//! beside the code of each format.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::derive::{Argon2Cost, hkdf_sha256, hmac_sha256, stretch};
use crate::seal::{decrypt, encrypt};

/// Returns the vectors of a file.
pub(crate) fn vectors(file: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(&fs::read_to_string(path(file)).unwrap()).unwrap();
    all["vectors"].as_array().unwrap().clone()
}

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(file)
}

/// Returns a field of a vector, which is hexadecimal.
pub(crate) fn bytes(vector: &Value, name: &str) -> Vec<u8> {
    let text = vector[name].as_str().unwrap();
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

/// Compares a file of vectors with what its generator makes. SCRUPLE_WRITE_VECTORS=1 writes the file instead.
pub(crate) fn assert_made(file: &str, source: &str, vectors: &[Value]) {
    let made = json!({ "source": source, "vectors": vectors });
    let made = serde_json::to_string_pretty(&made).unwrap() + "\n";
    if std::env::var_os("SCRUPLE_WRITE_VECTORS").is_some() {
        fs::write(path(file), &made).unwrap();
    }
    let there = fs::read_to_string(path(file)).unwrap_or_default();
    assert!(made == there, "write {file} anew: SCRUPLE_WRITE_VECTORS=1 cargo test -p keyring --lib");
}

/// Checks that each vector has a name of its own, and that bad ones outnumber good ones.
pub(crate) fn assert_mostly_bad(vectors: &[Value]) {
    let names: BTreeSet<&str> = vectors.iter().map(|vector| vector["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), vectors.len());
    let good = vectors.iter().filter(|vector| vector["expect"] == "good").count();
    assert!(good > 0 && good * 2 < vectors.len(), "{good} of {}", vectors.len());
}

#[test]
fn hkdf_matches_the_vectors_of_its_rfc() {
    for vector in vectors("hkdf-sha256.json") {
        let expected = bytes(&vector, "okm");
        let mut out = vec![0; expected.len()];
        hkdf_sha256(&bytes(&vector, "salt"), &bytes(&vector, "ikm"), &bytes(&vector, "info"), &mut out);
        assert_eq!(out, expected);
    }
}

#[test]
fn hmac_matches_the_vectors_of_its_rfc() {
    for vector in vectors("hmac-sha256.json") {
        assert_eq!(
            hmac_sha256(&bytes(&vector, "key"), &bytes(&vector, "text")).to_vec(),
            bytes(&vector, "mac")
        );
    }
}

#[test]
fn keyed_blake3_matches_the_official_vectors() {
    let key = b"whats the Elvish word for friend";
    for vector in vectors("blake3-keyed.json") {
        let input: Vec<u8> = (0..vector["length"].as_u64().unwrap() as u8).collect();
        assert_eq!(blake3::keyed_hash(key, &input).as_bytes().to_vec(), bytes(&vector, "hash"));
    }
}

#[test]
fn xchacha_matches_the_vectors_of_its_draft_and_opens_nothing_else() {
    let (mut good, mut bad) = (0, 0);
    for vector in vectors("xchacha20poly1305.json") {
        let key = bytes(&vector, "key").try_into().unwrap();
        let nonce = bytes(&vector, "nonce").try_into().unwrap();
        let (associated_data, plain, sealed) =
            (bytes(&vector, "aad"), bytes(&vector, "plaintext"), bytes(&vector, "ciphertext"));
        let opened = decrypt(&key, &nonce, &associated_data, &sealed);
        if vector["valid"].as_bool().unwrap() {
            let mut again = Vec::new();
            encrypt(&key, &nonce, &associated_data, &plain, &mut again);
            assert_eq!(again, sealed);
            assert_eq!(opened.unwrap().as_slice(), plain);
            good += 1;
        } else {
            assert!(opened.is_none());
            bad += 1;
        }
    }
    assert!(good > 0 && bad > good);
}

#[test]
fn argon2id_matches_the_vectors_of_its_reference_implementation() {
    let (mut good, mut bad) = (0, 0);
    for vector in vectors("argon2id.json") {
        let number = |name: &str| vector[name].as_u64().unwrap().try_into().unwrap();
        let cost =
            Argon2Cost { memory_kib: number("memory_kib"), passes: number("passes"), lanes: number("lanes") };
        let passphrase = String::from_utf8(bytes(&vector, "passphrase")).unwrap();
        let key = stretch(&passphrase, &bytes(&vector, "salt"), cost);
        if vector["valid"].as_bool().unwrap() {
            assert_eq!(key.unwrap().to_vec(), bytes(&vector, "key"));
            good += 1;
        } else {
            assert!(key.is_err(), "{vector}");
            bad += 1;
        }
    }
    assert!(good > 0 && bad > good);
}
