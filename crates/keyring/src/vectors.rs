//! Published test vectors, checked against the functions that the keyring uses.

use serde_json::Value;

use crate::derive::{hkdf_sha256, hmac_sha256};
use crate::seal::{decrypt, encrypt};

fn vectors(file: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(file).unwrap();
    all["vectors"].as_array().unwrap().clone()
}

fn bytes(vector: &Value, name: &str) -> Vec<u8> {
    let text = vector[name].as_str().unwrap();
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

#[test]
fn hkdf_matches_the_vectors_of_its_rfc() {
    for vector in vectors(include_str!("../vectors/hkdf-sha256.json")) {
        let expected = bytes(&vector, "okm");
        let mut out = vec![0; expected.len()];
        hkdf_sha256(&bytes(&vector, "salt"), &bytes(&vector, "ikm"), &bytes(&vector, "info"), &mut out);
        assert_eq!(out, expected);
    }
}

#[test]
fn hmac_matches_the_vectors_of_its_rfc() {
    for vector in vectors(include_str!("../vectors/hmac-sha256.json")) {
        assert_eq!(
            hmac_sha256(&bytes(&vector, "key"), &bytes(&vector, "text")).to_vec(),
            bytes(&vector, "mac")
        );
    }
}

#[test]
fn keyed_blake3_matches_the_official_vectors() {
    let key = b"whats the Elvish word for friend";
    for vector in vectors(include_str!("../vectors/blake3-keyed.json")) {
        let input: Vec<u8> = (0..vector["length"].as_u64().unwrap() as u8).collect();
        assert_eq!(blake3::keyed_hash(key, &input).as_bytes().to_vec(), bytes(&vector, "hash"));
    }
}

#[test]
fn xchacha_matches_the_vectors_of_its_draft_and_opens_nothing_else() {
    let (mut good, mut bad) = (0, 0);
    for vector in vectors(include_str!("../vectors/xchacha20poly1305.json")) {
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
