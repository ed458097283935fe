//! Keys of another time, another product or another signer.

use licence::{Claims, Day, Term};

use super::{Vector, bad, claims, day, key_bytes, key_text, line, payload};
use crate::vectors::forge;

pub fn all() -> Vec<Vector> {
    [versions(), signers(), products_and_days()].concat()
}

fn versions() -> Vec<Vector> {
    let signed = |version: u8| {
        let mut payload = payload();
        payload[0] = version << 4 | 1;
        forge::text(forge::sign(forge::SHOP, forge::DOMAIN, payload), 0)
    };
    let flipped = |bit: u8| {
        let mut bytes = key_bytes();
        bytes[0] ^= bit;
        forge::text(bytes, 0)
    };
    vec![
        bad("signed by the shop in the next version", signed(2), "unknown version: 2"),
        bad("signed by the shop in the last version there can be", signed(15), "unknown version: 15"),
        bad("signed by the shop in version 0", signed(0), "unknown version: 0"),
        bad("the highest bit of the version changed", flipped(0x80), "unknown version: 9"),
        bad("the lowest bit of the version changed", flipped(0x10), "unknown version: 0"),
        bad("only zeros", "0".repeat(122), "unknown version: 0"),
        bad("only ones, with O and I in every group", "OIOIl".repeat(24) + "OO", "unknown version: 0"),
    ]
}

fn signers() -> Vec<Vector> {
    let flipped = |bit: u8| {
        let mut bytes = key_bytes();
        bytes[0] ^= bit;
        forge::text(bytes, 0)
    };
    vec![
        bad(
            "signed with a key that came later",
            key_text(&Claims { signing_key: 3, ..claims() }),
            "unknown signing key: 3",
        ),
        bad("signed with a key that was retired", key_text(&claims()), "unknown signing key: 1")
            .trusting(line(2, &forge::public(forge::NEWER))),
        bad("the right public key under another number", key_text(&claims()), "unknown signing key: 1")
            .trusting(line(4, &forge::public(forge::SHOP))),
        bad("the highest bit of the signing key changed", flipped(8), "unknown signing key: 9"),
        bad("the lowest bit of the signing key changed", flipped(1), "unknown signing key: 0"),
    ]
}

fn products_and_days() -> Vec<Vector> {
    let base = claims();
    let term = |term| key_text(&Claims { term, ..base });
    let ends = |last| term(Term::Ends(day(last)));
    vec![
        bad("a key of another product", key_text(&base), "other product: 7").of_product(8),
        bad("a key of product 0", key_text(&Claims { product: 0, ..base }), "other product: 0"),
        bad("a key of product 255", key_text(&Claims { product: 255, ..base }), "other product: 255"),
        bad("the product takes precedence over the end", ends("2025-01-01"), "other product: 7")
            .of_product(8),
        bad("the product takes precedence over the updates", key_text(&base), "other product: 7")
            .of_product(8)
            .built(Some("2030-01-01")),
        bad("a subscription on the day after its last", ends("2026-02-28"), "ended: 2026-02-28"),
        bad("a subscription long over", ends("2026-03-01"), "ended: 2026-03-01").on("2203-06-07"),
        bad(
            "a subscription that ended on the first day there is",
            term(Term::Ends(Day::FIRST)),
            "ended: 2024-01-02",
        )
        .on("2024-01-03"),
        bad("an ended subscription is refused even to an old build", ends("2026-02-28"), "ended: 2026-02-28")
            .built(Some("2024-06-01")),
        bad("a leap day was the last", ends("2028-02-29"), "ended: 2028-02-29").on("2028-03-01"),
        bad("a build made on the day after the updates", key_text(&base), "updates over: 2026-12-31")
            .built(Some("2027-01-01")),
        bad("a build too late, though the clock is set back", key_text(&base), "updates over: 2026-12-31")
            .on("2024-01-02")
            .built(Some("2027-01-01")),
        bad(
            "a build of the second day, with updates until the first",
            term(Term::UpdatesUntil(Day::FIRST)),
            "updates over: 2024-01-02",
        )
        .built(Some("2024-01-03")),
    ]
}
