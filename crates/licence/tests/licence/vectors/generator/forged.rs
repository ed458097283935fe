//! Keys that parse but were not signed, or not signed correctly.

use curve25519_dalek::scalar::Scalar;
use licence::{Claims, Term};

use super::{Vector, bad, claims, day, key_bytes, key_text, line, payload};
use crate::vectors::forge::{self, Bytes};

pub fn all() -> Vec<Vector> {
    [changed_fields(), changed_signatures(), strangers(), malleable()].concat()
}

fn forged(name: &str, bytes: Bytes) -> Vector {
    bad(name, forge::text(bytes, 0), "forged")
}

fn flipped(byte: usize, bits: u8) -> Bytes {
    let mut bytes = key_bytes();
    bytes[byte] ^= bits;
    bytes
}

fn changed_fields() -> Vec<Vector> {
    vec![
        forged("the number of the signing key changed to another known one", flipped(0, 0b0011)),
        forged("the product raised", flipped(1, 0x80)),
        forged("the product lowered", flipped(1, 0x01)),
        forged("the end flag set", flipped(2, 0x80)),
        forged("the highest bit of the edition changed", flipped(2, 0x40)),
        forged("the lowest bit of the edition changed", flipped(2, 0x01)),
        forged("more seats", flipped(3, 0x80)),
        forged("one seat less", flipped(4, 0x01)),
        forged("updates for longer", flipped(5, 0x80)),
        forged("updates for a day more or less", flipped(6, 0x01)),
        forged("the highest bit of the serial changed", flipped(7, 0x80)),
        forged("the lowest bit of the serial changed", flipped(11, 0x01)),
        forged("updates for ever", {
            let mut bytes = key_bytes();
            [bytes[5], bytes[6]] = [0, 0];
            bytes
        }),
    ]
}

fn changed_signatures() -> Vec<Vector> {
    let other = key_text(&Claims { seats: 6, ..claims() }).parse::<licence::Key>().unwrap().to_bytes();
    let with = |change: fn(&mut [u8])| {
        let mut bytes = key_bytes();
        change(&mut bytes[12..]);
        bytes
    };
    let mut of_another = key_bytes();
    of_another[12..].copy_from_slice(&other[12..]);
    vec![
        forged("the first bit of R changed", flipped(12, 0x80)),
        forged("the sign of R changed", flipped(43, 0x80)),
        forged("the first bit of S changed", flipped(44, 0x80)),
        forged("the lowest bit of S changed", flipped(44, 0x01)),
        forged("the highest bit of S changed", flipped(75, 0x80)),
        forged("the last bit of S changed", flipped(75, 0x01)),
        forged("the signature of another licence", of_another),
        forged("R and S exchanged", with(|signature| signature.rotate_left(32))),
        forged("a signature of zeros", with(|signature| signature.fill(0))),
        forged("a signature of ones", with(|signature| signature.fill(0xFF))),
    ]
}

fn strangers() -> Vec<Vector> {
    let newer = Claims { signing_key: 2, ..claims() };
    vec![
        forged("signed by a stranger", forge::sign(forge::STRANGER, forge::DOMAIN, payload())),
        forged("signed by the shop without the domain", forge::sign(forge::SHOP, b"", payload())),
        forged(
            "signed by the shop for another domain",
            forge::sign(forge::SHOP, b"scruple/erasure/receipt/1", payload()),
        ),
        forged(
            "signed by the shop for the next domain",
            forge::sign(forge::SHOP, b"scruple/licence/key/2", payload()),
        ),
        forged("signed with key 2 under the number 1", forge::sign(forge::NEWER, forge::DOMAIN, payload())),
        bad("the public keys have each other's numbers", key_text(&newer), "forged")
            .trusting(line(1, &forge::public(forge::NEWER)) + &line(2, &forge::public(forge::SHOP))),
        bad("the public key is a stranger's", key_text(&claims()), "forged")
            .trusting(line(1, &forge::public(forge::STRANGER))),
        bad("forged takes precedence over the product", forge::text(flipped(75, 1), 0), "forged")
            .of_product(9),
        bad(
            "forged takes precedence over the end",
            {
                let mut bytes = key_text(&Claims { term: Term::Ends(day("2025-01-01")), ..claims() })
                    .parse::<licence::Key>()
                    .unwrap()
                    .to_bytes();
                bytes[75] ^= 1;
                forge::text(bytes, 0)
            },
            "forged",
        ),
    ]
}

/// Second signatures of a signed message, which would be a second text of the same licence, and others that lax
/// verifiers accept.
fn malleable() -> Vec<Vector> {
    let with = |commitment| forge::with_commitment(payload(), commitment, Scalar::ZERO);
    let mixed =
        |index| forge::with_commitment(payload(), forge::commitment_with_torsion(index), forge::any_scalar());
    let mut identity_past_the_prime = [0xFF; 32];
    [identity_past_the_prime[0], identity_past_the_prime[31]] = [0xEE, 0x7F];
    let mut signed_identity = forge::small_order(0);
    signed_identity[31] = 0x80;
    vec![
        forged("S with the group's order added", forge::with_order_added(key_bytes())),
        forged(
            "S with twice the group's order added",
            forge::with_order_added(forge::with_order_added(key_bytes())),
        ),
        forged("R is the identity", with(forge::small_order(0))),
        forged("R is the identity, encoded past the prime", with(identity_past_the_prime)),
        forged("R is the identity with a sign", with(signed_identity)),
        forged("R is of order 2", with(forge::small_order(4))),
        forged("R is of order 8", with(forge::small_order(1))),
        forged("R is moved by a point of order 2", mixed(4)),
        forged("R is moved by a point of order 4", mixed(2)),
        forged("R is moved by a point of order 8", mixed(1)),
    ]
}
