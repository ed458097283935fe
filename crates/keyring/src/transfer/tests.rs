//! Test vectors of a transfer: HPKE's own, transfer requests, and exported keyrings.

mod files;
mod requests;
mod rfc9180;

use serde_json::Value;
use zeroize::Zeroizing;

use super::encryption::{SenderSeed, bytes_of, key_pair};
use super::key_text::{PRIVATE_KEY, REQUEST, to_text};

/// The text of the private key that derives from 32 times this byte.
fn private_key(seed: u8) -> String {
    to_text(PRIVATE_KEY, &bytes_of(&key_pair(&[seed; 32]).0)).to_string()
}

/// The public key that derives from 32 times this byte.
fn public_key(seed: u8) -> [u8; 32] {
    *bytes_of(&key_pair(&[seed; 32]).1)
}

/// The transfer request of a public key.
fn request(key: &[u8; 32]) -> String {
    to_text(REQUEST, key).to_string()
}

/// The random bytes of a sender: 32 times this byte.
fn sender_seed(byte: u8) -> SenderSeed {
    SenderSeed::new(Zeroizing::new([byte; 32]))
}

/// The text of a field.
fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().unwrap()
}
