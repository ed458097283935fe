//! Texts that are no key.

use licence::{Claims, Term};

use super::{Vector, bad, claims, key_bytes, key_text, payload};
use crate::vectors::forge;

pub fn all() -> Vec<Vector> {
    [lengths(), symbols(), bits()].concat()
}

fn lengths() -> Vec<Vector> {
    let text = key_text(&claims());
    let short = |symbols: usize| text.replace('-', "").chars().take(symbols).collect::<String>();
    let of = |symbols| format!("unreadable: {symbols} symbols of 122");
    vec![
        bad("nothing", "", &of(0)),
        bad("only dashes and white space", " -- \u{2014}\n", &of(0)),
        bad("the last symbol is missing", short(121), &of(121)),
        bad("the first symbol is missing", &text[1..], &of(121)),
        bad("the last group is missing", short(120), &of(120)),
        bad("the second line is missing", short(61), &of(61)),
        bad("a serial instead of a key", "V1S4-9KQX", &of(8)),
        bad("one symbol too many", format!("{text}0"), &of(123)),
        bad("pasted twice", format!("{text}\n{text}"), &of(244)),
    ]
}

fn symbols() -> Vec<Vector> {
    let text = key_text(&claims());
    let with = |position: usize, wrong: &str| {
        let mut text = text.clone();
        text.replace_range(position..=position, wrong);
        text
    };
    vec![
        bad("U is no symbol", with(0, "U"), "unreadable: symbol 1"),
        bad("small u is no symbol", with(6, "u"), "unreadable: symbol 6"),
        bad("a full stop at the end", format!("{text}."), "unreadable: symbol 123"),
        bad("a comma for the last symbol", with(145, ","), "unreadable: symbol 122"),
        bad("an underscore for a dash", with(5, "_"), "unreadable: symbol 6"),
        bad("an accented letter", with(12, "É"), "unreadable: symbol 11"),
        bad("a Cyrillic letter that looks like A", with(2, "\u{410}"), "unreadable: symbol 3"),
        bad("a full-width digit", with(3, "\u{FF17}"), "unreadable: symbol 4"),
        bad("a character outside the basic plane", with(4, "\u{1F511}"), "unreadable: symbol 5"),
        bad("a zero byte", with(7, "\0"), "unreadable: symbol 7"),
        bad("a wrong symbol takes precedence over a wrong length", "AB!", "unreadable: symbol 3"),
        bad("quotation marks around it", format!("\"{text}\""), "unreadable: symbol 1"),
    ]
}

fn bits() -> Vec<Vector> {
    let padded = |padding| forge::text(key_bytes(), padding);
    let mut endless = payload();
    endless[2] |= 0x80;
    [endless[5], endless[6]] = [0, 0];
    let mut forever =
        key_text(&Claims { term: Term::Forever, ..claims() }).parse::<licence::Key>().unwrap().to_bytes();
    forever[2] ^= 0x80;
    vec![
        bad("the lower bit of padding is set", padded(0b01), "unreadable: padding"),
        bad("the upper bit of padding is set", padded(0b10), "unreadable: padding"),
        bad("both bits of padding are set", padded(0b11), "unreadable: padding"),
        bad(
            "signed by the shop, but with an end and no day",
            forge::text(forge::sign(forge::SHOP, forge::DOMAIN, endless), 0),
            "unreadable: end without day",
        ),
        bad("the end flag set in a licence for ever", forge::text(forever, 0), "unreadable: end without day"),
    ]
}
