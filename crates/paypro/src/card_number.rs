//! Finds card numbers (PAN, primary account number) in text. A number is treated as a card number when its
//! length, issuer prefix and check digit (Luhn, ISO/IEC 7812-1) fit. Digits of any script count, with spaces,
//! dashes or dots between groups.

use std::{
    borrow::Cow,
    ops::{Range, RangeInclusive},
};

/// Shortest and longest card number, in digits.
const LENGTHS: RangeInclusive<usize> = 13..=19;

/// With more separators than this between two digits, the digits belong to two numbers.
const MAX_GAP: usize = 3;

/// A range of numbers of one issuer.
struct Issuer {
    /// The first digits; all of a range have the same number of digits.
    prefixes: RangeInclusive<u32>,
    /// The lengths of its numbers, in digits.
    lengths: RangeInclusive<usize>,
}

/// The issuers' ranges, from their public tables. They are wide on purpose: a number refused by mistake can be
/// written differently, but a stored card number breaks a promise.
const ISSUERS: [Issuer; 25] = [
    Issuer { prefixes: 4..=4, lengths: 13..=19 },             // Visa
    Issuer { prefixes: 51..=55, lengths: 16..=16 },           // Mastercard
    Issuer { prefixes: 2221..=2720, lengths: 16..=16 },       // Mastercard
    Issuer { prefixes: 34..=34, lengths: 15..=15 },           // American Express
    Issuer { prefixes: 37..=37, lengths: 15..=15 },           // American Express
    Issuer { prefixes: 300..=305, lengths: 14..=19 },         // Diners Club
    Issuer { prefixes: 3095..=3095, lengths: 14..=19 },       // Diners Club
    Issuer { prefixes: 36..=36, lengths: 14..=19 },           // Diners Club
    Issuer { prefixes: 38..=39, lengths: 14..=19 },           // Diners Club
    Issuer { prefixes: 6011..=6011, lengths: 16..=19 },       // Discover
    Issuer { prefixes: 644..=649, lengths: 16..=19 },         // Discover
    Issuer { prefixes: 65..=65, lengths: 16..=19 },           // Discover, RuPay, Elo
    Issuer { prefixes: 3528..=3589, lengths: 16..=19 },       // JCB
    Issuer { prefixes: 62..=62, lengths: 16..=19 },           // UnionPay
    Issuer { prefixes: 81..=82, lengths: 16..=19 },           // UnionPay, RuPay
    Issuer { prefixes: 60..=60, lengths: 16..=16 },           // RuPay, Hipercard
    Issuer { prefixes: 508..=508, lengths: 16..=16 },         // RuPay
    Issuer { prefixes: 2200..=2204, lengths: 16..=19 },       // Mir
    Issuer { prefixes: 5018..=5020, lengths: 13..=19 },       // Maestro, Dankort
    Issuer { prefixes: 5038..=5038, lengths: 13..=19 },       // Maestro
    Issuer { prefixes: 5893..=5893, lengths: 13..=19 },       // Maestro
    Issuer { prefixes: 6304..=6304, lengths: 13..=19 },       // Maestro
    Issuer { prefixes: 6759..=6763, lengths: 13..=19 },       // Maestro
    Issuer { prefixes: 506_099..=506_198, lengths: 16..=19 }, // Verve
    Issuer { prefixes: 9792..=9792, lengths: 16..=16 },       // Troy
];

/// Tells whether the text contains what looks like a card number.
pub fn looks_like_card(text: &str) -> bool {
    runs(text).iter().any(|run| windows(run).next().is_some())
}

/// Replaces every digit of what looks like a card number by `•`.
pub fn mask(text: &str) -> Cow<'_, str> {
    let mut positions: Vec<usize> = Vec::new();
    for run in runs(text) {
        positions.extend(windows(&run).flatten().map(|index| run[index].at));
    }
    if positions.is_empty() {
        return Cow::Borrowed(text);
    }
    positions.sort_unstable();
    let masked = |(at, c)| if positions.binary_search(&at).is_ok() { '•' } else { c };
    Cow::Owned(text.char_indices().map(masked).collect())
}

/// A digit and its position.
struct Digit {
    /// 0 to 9.
    value: u32,
    /// Byte offset in the text.
    at: usize,
    /// Whether it starts a group: no digit is directly before it.
    starts_group: bool,
}

/// All digits, split where more than a few separators, or other characters, are between two of them.
fn runs(text: &str) -> Vec<Vec<Digit>> {
    let mut runs: Vec<Vec<Digit>> = vec![Vec::new()];
    let mut gap = 0;
    for (at, c) in text.char_indices() {
        if let Some(value) = digit(c) {
            if gap > MAX_GAP {
                runs.push(Vec::new());
            }
            if let Some(run) = runs.last_mut() {
                run.push(Digit { value, at, starts_group: gap > 0 || run.is_empty() });
            }
            gap = 0;
        } else if !is_invisible(c) {
            gap = if is_separator(c) { gap + 1 } else { MAX_GAP + 1 };
        }
    }
    runs
}

/// The parts of a run that look like a card number. Each starts and ends with a whole group, so a longer number,
/// such as a key or an id, is not searched inside.
fn windows(run: &[Digit]) -> impl Iterator<Item = Range<usize>> {
    let starts_group = (0..run.len()).filter(|index| run[*index].starts_group);
    starts_group.flat_map(move |start| {
        let ends = LENGTHS.map(move |length| start + length).take_while(|end| *end <= run.len());
        let whole = ends.filter(|end| run.get(*end).is_none_or(|next| next.starts_group));
        whole.map(move |end| start..end).filter(|window| is_card(&run[window.clone()]))
    })
}

fn is_card(digits: &[Digit]) -> bool {
    let issued = ISSUERS.iter().any(|issuer| {
        let prefix = digits
            .iter()
            .take(issuer.prefixes.start().ilog10() as usize + 1)
            .fold(0, |prefix, digit| prefix * 10 + digit.value);
        issuer.prefixes.contains(&prefix) && issuer.lengths.contains(&digits.len())
    });
    issued && luhn(digits)
}

fn luhn(digits: &[Digit]) -> bool {
    let weigh = |(place, digit): (usize, &Digit)| match (place % 2, digit.value) {
        (0, value) => value,
        (_, value) if value > 4 => value * 2 - 9,
        (_, value) => value * 2,
    };
    digits.iter().rev().enumerate().map(weigh).sum::<u32>().is_multiple_of(10)
}

/// The zeros of all decimal digits (Unicode 16, general category Nd); nine more follow each.
#[rustfmt::skip]
const ZEROS: [u32; 76] = [
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0,
    0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620,
    0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136,
    0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0,
    0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0, 0x1D7CE, 0x1D7D8,
    0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0,
];

fn digit(c: char) -> Option<u32> {
    let code = u32::from(c);
    let zero = ZEROS[..ZEROS.partition_point(|zero| *zero <= code)].last()?;
    Some(code - zero).filter(|value| *value < 10)
}

fn is_separator(c: char) -> bool {
    let dash = matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}');
    dash || c.is_whitespace() || matches!(c, '.' | '_' | '/' | '\u{B7}')
}

/// Invisible characters: they would split a number for a program but not for a reader.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}
