//! Files of public keys that must not be trusted.

use super::{Vector, bad, claims, key_text, line};
use crate::vectors::forge;

pub fn all() -> Vec<Vector> {
    [lines(), points()].concat()
}

fn refused(name: &str, public_keys: String, why: &str) -> Vector {
    bad(name, key_text(&claims()), &format!("public keys, {why}")).trusting(public_keys)
}

fn lines() -> Vec<Vector> {
    let shop = forge::public(forge::SHOP);
    let hex = forge::hex(&shop);
    let written = |words: &str| format!("{words} {hex}\n");
    vec![
        refused("an empty file", String::new(), "line 0: missing"),
        refused("a file with nothing but a note", "# none yet\n".to_owned(), "line 1: missing"),
        refused("another word", written("licence-public-key 1 1"), "line 1: form"),
        refused("no number", written("scruple-licence-public-key 1"), "line 1: form"),
        refused("a word too many", line(1, &shop).replace('\n', " x\n"), "line 1: form"),
        refused("a line of a later version", written("scruple-licence-public-key 2 1"), "line 1: version"),
        refused("the number 16", line(16, &shop), "line 1: id"),
        refused("a number that is none", written("scruple-licence-public-key 1 one"), "line 1: id"),
        refused("a digit too few", line(1, &shop).replace("1a\n", "1\n"), "line 1: digits"),
        refused("a byte too many", line(1, &[&shop[..], &[0]].concat()), "line 1: digits"),
        refused("a letter that is no digit", line(1, &shop).replace("d75a", "g75a"), "line 1: digits"),
        refused("a sign for a digit", line(1, &shop).replace("d75a", "+75a"), "line 1: digits"),
        refused(
            "the same number twice",
            format!("# two\n{}{}", line(1, &shop), line(1, &shop)),
            "line 3: twice",
        ),
    ]
}

fn points() -> Vec<Vector> {
    let small = |index| line(1, &forge::small_order(index));
    // y = 3 past the prime 2^255 - 19; y = 3 itself is a point.
    let mut past_the_prime = [0xFF; 32];
    [past_the_prime[0], past_the_prime[31]] = [0xF0, 0x7F];
    let mut no_point = [0; 32];
    no_point[0] = 2;
    let mut signed_identity = forge::small_order(0);
    signed_identity[31] = 0x80;
    let after = line(2, &forge::public(forge::NEWER));
    vec![
        refused("a public key that is no point", line(1, &no_point), "line 1: invalid"),
        refused("a public key encoded past the prime", line(1, &past_the_prime), "line 1: invalid"),
        refused("the identity with a sign", line(1, &signed_identity), "line 1: invalid"),
        refused("the identity", small(0), "line 1: weak"),
        refused("a point of order 2", small(4), "line 1: weak"),
        refused("a point of order 4", small(2), "line 1: weak"),
        refused("a point of order 8", small(1), "line 1: weak"),
        refused("another point of order 8", after + &small(7), "line 2: weak"),
        refused(
            "the shop's key moved by a point of order 8",
            line(1, &forge::public_with_torsion()),
            "line 1: weak",
        ),
    ]
}
