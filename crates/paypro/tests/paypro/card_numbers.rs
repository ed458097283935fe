//! Card numbers are found and masked, in any script and notation.

use paypro::card_number::{looks_like_card, mask};
use proptest::prelude::*;

#[derive(serde::Deserialize)]
struct Vectors {
    cards: Vec<IvLength>,
    others: Vec<IvLength>,
}

#[derive(serde::Deserialize)]
struct IvLength {
    name: String,
    text: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../vectors/cards.json")).unwrap()
}

/// Issuer's prefix and length of a number that exists.
fn issuer_prefix() -> impl Strategy<Value = (&'static str, usize)> {
    prop::sample::select(vec![
        ("4", 13),
        ("4", 16),
        ("4", 19),
        ("51", 16),
        ("55", 16),
        ("2221", 16),
        ("2720", 16),
        ("34", 15),
        ("37", 15),
        ("305", 14),
        ("36", 14),
        ("6011", 16),
        ("649", 16),
        ("3528", 16),
        ("3589", 19),
        ("62", 17),
        ("6763", 18),
        ("2204", 16),
    ])
}

/// By the definition, not by the code under test: the sum with the check digit is a multiple of ten.
fn with_check_digit(mut digits: Vec<u32>) -> Vec<u32> {
    let double = |digit: u32| (digit * 2).to_string().bytes().map(|byte| u32::from(byte - b'0')).sum::<u32>();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, digit)| if i % 2 == 0 { double(*digit) } else { *digit })
        .sum();
    digits.push((10 - sum % 10) % 10);
    digits
}

prop_compose! {
    fn number()((prefix, length) in issuer_prefix(), rest in prop::collection::vec(0..10_u32, 19)) -> Vec<u32> {
        let prefix: Vec<u32> = prefix.bytes().map(|byte| u32::from(byte - b'0')).collect();
        with_check_digit(prefix.into_iter().chain(rest).take(length - 1).collect())
    }
}

fn written(digits: &[u32], zero: u32, separators: &[&str]) -> String {
    let digit = |digit: &u32| char::from_u32(zero + digit).unwrap().to_string();
    let pairs = digits
        .iter()
        .enumerate()
        .map(|(i, value)| separators[i % separators.len()].to_owned() + &digit(value));
    pairs.collect()
}

#[test]
fn every_card_of_the_vectors_is_found_and_masked() {
    for iv in vectors().cards {
        assert!(looks_like_card(&iv.text), "{}", iv.name);
        let masked = mask(&iv.text);
        assert!(!looks_like_card(&masked) && masked.contains('•'), "{}", iv.name);
    }
}

#[test]
fn text_without_a_card_number_is_unchanged() {
    for iv in vectors().others {
        assert!(!looks_like_card(&iv.text), "{}", iv.name);
        assert_eq!(mask(&iv.text), iv.text, "{}", iv.name);
    }
}

#[test]
fn only_the_digits_of_the_number_are_masked() {
    let text = "order 77: my card is 4111-1111 1111-1111, until 9, thanks";
    assert_eq!(mask(text), "order 77: my card is ••••-•••• ••••-••••, until 9, thanks");
}

#[test]
fn two_numbers_in_one_text_are_both_masked() {
    assert_eq!(mask("4111111111111111 or 378282246310005"), "•••••••••••••••• or •••••••••••••••");
}

proptest! {
    #[test]
    fn any_card_number_is_found_in_any_notation(
        digits in number(),
        zero in prop::sample::select(vec![0x30_u32, 0x660, 0x6F0, 0x966, 0xE50, 0xFF10, 0x1D7CE, 0x1FBF0]),
        separators in prop::collection::vec(prop::sample::select(vec!["", "", " ", "-", "\u{a0}", "–", " - ", "\u{200b}"]), 1..8),
        before in "[a-z ]{0,9}:", after in ":[a-z ]{0,9}",
    ) {
        let text = format!("{before}{}{after}", written(&digits, zero, &separators));
        prop_assert!(looks_like_card(&text));
        let masked = mask(&text);
        prop_assert!(!looks_like_card(&masked));
        prop_assert_eq!(masked.matches('•').count(), digits.len());
    }

    #[test]
    fn a_number_with_one_wrong_digit_is_not_a_card(digits in number(), at in 0..13_usize, by in 1..10_u32) {
        let mut wrong = digits;
        wrong[at] = (wrong[at] + by) % 10;
        prop_assert!(!looks_like_card(&written(&wrong, 0x30, &[""])));
    }

    #[test]
    fn masking_leaves_no_card_in_any_text(text in "[0-9 .a-]{0,80}|\\PC{0,60}") {
        let masked = mask(&text).into_owned();
        prop_assert!(!looks_like_card(&masked));
        prop_assert_eq!(&mask(&masked), &masked);
        prop_assert_eq!(masked == text, !looks_like_card(&text));
    }

    #[test]
    fn a_text_without_thirteen_digits_has_no_card(text in "([0-9]{1,2}[a-z ]{4,5}){0,20}") {
        prop_assert!(!looks_like_card(&text));
    }
}
