//! Keys and signatures that no honest signer makes, and a second implementation of the text form, which counts
//! bits.

use curve25519_dalek::{
    constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION},
    edwards::EdwardsPoint,
    scalar::Scalar,
};
use ed25519_dalek::{Sha512, Signer as _, SigningKey};

/// The first seed of RFC 8032, 7.1: the shop's signing key, number 1.
pub const SHOP: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44,
    0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];
/// The shop's newer signing key, number 2.
pub const NEWER: [u8; 32] = [2; 32];
/// The seed of another signer.
pub const STRANGER: [u8; 32] = [0x66; 32];
pub const DOMAIN: &[u8] = b"scruple/licence/key/1";
/// The order of the base point, lowest byte first.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

pub type Payload = [u8; 12];
pub type Bytes = [u8; 76];

pub fn join(payload: Payload, signature: [u8; 64]) -> Bytes {
    let mut bytes = [0; 76];
    bytes[..12].copy_from_slice(&payload);
    bytes[12..].copy_from_slice(&signature);
    bytes
}

/// Signs any payload, valid or not.
pub fn sign(seed: [u8; 32], domain: &[u8], payload: Payload) -> Bytes {
    let message = [domain, &payload].concat();
    join(payload, SigningKey::from_bytes(&seed).sign(&message).to_bytes())
}

/// The same signature with the group order added to its second half. A verifier that does not check the range
/// accepts it.
pub fn with_order_added(mut bytes: Bytes) -> Bytes {
    let mut carry = 0;
    for (byte, order) in bytes[44..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    bytes
}

/// A signature by the shop whose first half is `commitment`: `secret` times the base point, possibly plus a point
/// of small order. It passes where the check is multiplied by the cofactor.
pub fn with_commitment(payload: Payload, commitment: [u8; 32], secret: Scalar) -> Bytes {
    let signing = SigningKey::from_bytes(&SHOP);
    let public = signing.verifying_key().to_bytes();
    let hashed = [&commitment, &public, DOMAIN, &payload].concat();
    let answer = secret + Scalar::hash_from_bytes::<Sha512>(&hashed) * signing.to_scalar();
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&commitment);
    signature[32..].copy_from_slice(answer.as_bytes());
    join(payload, signature)
}

pub fn any_scalar() -> Scalar {
    Scalar::from(0x5eed_5eed_u64)
}

/// `any_scalar` times the base point, plus the point of small order of this index (0 to 7; 0 adds nothing).
pub fn commitment_with_torsion(index: usize) -> [u8; 32] {
    (ED25519_BASEPOINT_POINT * any_scalar() + EIGHT_TORSION[index]).compress().to_bytes()
}

pub fn small_order(index: usize) -> [u8; 32] {
    EIGHT_TORSION[index].compress().to_bytes()
}

/// The shop's public key moved by a point of order 8.
pub fn public_with_torsion() -> [u8; 32] {
    let shop: EdwardsPoint = SigningKey::from_bytes(&SHOP).verifying_key().to_edwards();
    (shop + EIGHT_TORSION[1]).compress().to_bytes()
}

pub fn public(seed: [u8; 32]) -> [u8; 32] {
    SigningKey::from_bytes(&seed).verifying_key().to_bytes()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The text of a key, with these two bits of padding.
pub fn text(bytes: Bytes, padding: u8) -> String {
    let bits: Vec<u8> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |position| byte >> position & 1))
        .chain([padding >> 1, padding & 1])
        .collect();
    let symbols: Vec<char> = bits
        .chunks(5)
        .map(|five| five.iter().fold(0, |value, bit| value * 2 + usize::from(*bit)))
        .map(|value| char::from(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"[value]))
        .collect();
    symbols.chunks(5).map(String::from_iter).collect::<Vec<_>>().join("-")
}
