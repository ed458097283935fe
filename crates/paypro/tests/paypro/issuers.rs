//! Which numbers count as card numbers: the issuers' ranges, lengths and separators, edge by edge.

use paypro::card_number::{looks_like_card, mask};

/// The first and the last prefix of a range, and its shortest and longest number, from the issuers' public tables.
const RANGES: [(&str, &str, usize, usize); 24] = [
    ("4", "4", 13, 19),
    ("51", "55", 16, 16),
    ("2221", "2720", 16, 16),
    ("34", "34", 15, 15),
    ("37", "37", 15, 15),
    ("300", "305", 14, 19),
    ("3095", "3095", 14, 19),
    ("36", "36", 14, 19),
    ("38", "39", 14, 19),
    ("644", "649", 16, 19),
    ("65", "65", 16, 19),
    ("3528", "3589", 16, 19),
    ("62", "62", 16, 19),
    ("81", "82", 16, 19),
    ("60", "60", 16, 16),
    ("508", "508", 16, 16),
    ("2200", "2204", 16, 19),
    ("5018", "5020", 13, 19),
    ("5038", "5038", 13, 19),
    ("5893", "5893", 13, 19),
    ("6304", "6304", 13, 19),
    ("6759", "6763", 13, 19),
    ("506099", "506198", 16, 19),
    ("9792", "9792", 16, 16),
];

/// Numbers directly beside a range, which belong to no other range at this length.
const BESIDE: [(&str, usize); 31] = [
    ("50", 16),
    ("56", 16),
    ("2220", 16),
    ("2721", 16),
    ("33", 15),
    ("35", 15),
    ("306", 14),
    ("3094", 14),
    ("3096", 14),
    ("6010", 17),
    ("6012", 17),
    ("643", 16),
    ("66", 16),
    ("3527", 16),
    ("3590", 16),
    ("61", 16),
    ("63", 16),
    ("80", 16),
    ("83", 16),
    ("507", 16),
    ("509", 16),
    ("2199", 16),
    ("2205", 16),
    ("5017", 13),
    ("5021", 13),
    ("5892", 13),
    ("5894", 13),
    ("6303", 13),
    ("6764", 13),
    ("506098", 17),
    ("506199", 17),
];

/// A number of this length with a right check digit, whose other digits after the prefix are zero.
fn number(prefix: &str, length: usize) -> String {
    let body = format!("{prefix:0<width$}", width = length - 1);
    // The rightmost digit of the body is the first to be doubled.
    let sum: u32 = body
        .bytes()
        .rev()
        .zip([2, 1].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

#[test]
fn both_ends_of_every_range_are_card_numbers_in_each_length() {
    for (first, last, shortest, longest) in RANGES {
        for prefix in [first, last] {
            for length in shortest..=longest {
                let number = number(prefix, length);
                assert!(looks_like_card(&number), "{number} of {first} to {last}");
                assert_eq!(mask(&number), "•".repeat(length), "{number}");
            }
        }
    }
    // Discover shares its first digits with another issuer, which has one length only.
    for length in 16..=19 {
        assert!(looks_like_card(&number("6011", length)));
    }
}

#[test]
fn a_number_one_digit_too_short_or_too_long_is_no_card_number() {
    for (first, last, shortest, longest) in RANGES {
        for prefix in [first, last] {
            for length in [shortest - 1, longest + 1] {
                let number = number(prefix, length);
                assert!(!looks_like_card(&number), "{number} of {first} to {last}");
            }
        }
    }
}

#[test]
fn a_prefix_beside_a_range_is_no_card_number() {
    for (prefix, length) in BESIDE {
        let number = number(prefix, length);
        assert!(!looks_like_card(&number), "{number}");
        assert_eq!(mask(&number), number);
    }
}

#[test]
fn every_single_wrong_digit_breaks_the_check() {
    let right = number("4111", 16);
    for place in 0..right.len() {
        for digit in '0'..='9' {
            let wrong: String =
                right[..place].chars().chain([digit]).chain(right[place + 1..].chars()).collect();
            assert_eq!(looks_like_card(&wrong), wrong == right, "{wrong}");
        }
    }
}

#[test]
fn up_to_three_separators_stand_between_two_groups() {
    let (first, second) = ("41111111", "11111111");
    for separator in
        [" ", "-", ".", "_", "/", "·", "\u{a0}", "\u{2009}", "\t", "\n", "\u{2010}", "\u{2015}", "−", "－"]
    {
        for (count, is_card) in [(1, true), (2, true), (3, true), (4, false)] {
            let text = format!("{first}{}{second}", separator.repeat(count));
            assert_eq!(looks_like_card(&text), is_card, "{count} of {separator:?}");
        }
    }
    // Other characters end a number at once.
    for other in [",", ":", "x", "+", "(", "\u{2009}x\u{2009}", "٫", "ª"] {
        assert!(!looks_like_card(&format!("{first}{other}{second}")), "{other:?}");
    }
}

#[test]
fn characters_that_a_reader_does_not_see_hide_no_number() {
    for invisible in
        ["\u{ad}", "\u{200b}", "\u{200f}", "\u{202a}", "\u{202e}", "\u{2060}", "\u{2064}", "\u{feff}"]
    {
        let text = format!("4111{invisible}1111{}1111{invisible}1111", invisible.repeat(40));
        assert!(looks_like_card(&text), "{invisible:?}");
        assert_eq!(mask(&text).matches('•').count(), 16, "{invisible:?}");
    }
    for visible in ["\u{2029}\u{2029}\u{2029}\u{2029}", "\u{2065}", "\u{200a}\u{200a}\u{200a}\u{200a}"] {
        assert!(!looks_like_card(&format!("41111111{visible}11111111")), "{visible:?}");
    }
}

#[test]
fn a_longer_number_is_not_searched_inside_unless_it_has_groups() {
    let card = number("4111", 16);
    for (text, masked) in [
        (format!("7{card}"), 0),
        (format!("{card}7"), 0),
        (format!("7-{card}"), 16),
        (format!("{card}-7"), 16),
        (format!("12-{card}-99"), 16),
        (format!("{card} {card}"), 32),
        (format!("{card}{card}"), 0),
        (format!("no. {card}, {card}"), 32),
    ] {
        assert_eq!(mask(&text).matches('•').count(), masked, "{text}");
    }
}

#[test]
fn ten_digits_of_every_script_are_digits_and_their_neighbours_are_not() {
    let card: Vec<u32> = number("4111", 16).bytes().map(|digit| u32::from(digit - b'0')).collect();
    let written =
        |zero: u32| -> Option<String> { card.iter().map(|digit| char::from_u32(zero + digit)).collect() };
    // Arabic, Persian, N'Ko, Devanagari, Bengali, Thai, Tibetan, Khmer, full width, mathematical, segmented.
    for zero in [
        0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xe50, 0xf20, 0x17e0, 0xff10, 0x104a0, 0x1d7ce, 0x1d7f6,
        0x1fbf0,
    ] {
        assert!(looks_like_card(&written(zero).unwrap()), "{zero:x}");
        // One code point off: at least one of the characters is no digit of this value.
        for wrong in [zero - 1, zero + 1] {
            assert!(!looks_like_card(&written(wrong).unwrap()), "{wrong:x}");
        }
    }
    // Superscripts, circled digits and fractions are no decimal digits.
    for text in ["⁴¹¹¹¹¹¹¹¹¹¹¹¹¹¹¹", "④①①①①①①①①①①①①①①①", "½".repeat(16).as_str()]
    {
        assert!(!looks_like_card(text), "{text}");
    }
}
