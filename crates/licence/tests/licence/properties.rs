//! Properties that hold for any claims and any text.

use std::sync::LazyLock;

use licence::{Check, Claims, Day, Key, PublicKeys, Refusal, Serial, SigningKey, Term, check, verify};
use proptest::prelude::*;

const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static SIGNING: LazyLock<Vec<SigningKey>> =
    LazyLock::new(|| (0..16).map(|id| SigningKey::from_seed(id, &[id + 1; 32]).unwrap()).collect());

static KEYS: LazyLock<PublicKeys> = LazyLock::new(|| {
    let mut keys = PublicKeys::new();
    SIGNING.iter().for_each(|signing| keys.add(signing.public()).unwrap());
    keys
});

fn any_day() -> impl Strategy<Value = Day> {
    (1..=u16::MAX).prop_map(|number| Day::from_number(number).unwrap())
}

fn any_claims() -> impl Strategy<Value = Claims> {
    let term = prop_oneof![
        Just(Term::Forever),
        any_day().prop_map(Term::UpdatesUntil),
        any_day().prop_map(Term::Ends),
    ];
    (0..16_u8, any::<u8>(), 0..128_u8, term, any::<u16>(), any::<[u8; 5]>()).prop_map(
        |(signing_key, product, edition, term, seats, serial)| {
            let serial = Serial::from_bytes(serial);
            Claims { signing_key, product, edition, term, seats, serial }
        },
    )
}

fn key_of(claims: &Claims) -> Key {
    SIGNING[usize::from(claims.signing_key)].sign(claims).unwrap()
}

/// The text in a notation that a person might type, with the same meaning.
fn any_spelling_of(text: &str) -> impl Strategy<Value = String> + use<> {
    let between =
        prop::sample::select(vec!["", "", "", "-", " ", "\r\n", "\u{A0}", "\u{2013}", "\u{200B}", " - "]);
    let symbols: Vec<char> = text.chars().filter(|symbol| *symbol != '-').collect();
    prop::collection::vec((between, any::<bool>(), 0..3_usize), symbols.len()).prop_map(move |choices| {
        symbols
            .iter()
            .zip(choices)
            .map(|(symbol, (between, small, alike))| {
                let alike = match symbol {
                    '0' => ['0', 'O', 'O'][alike],
                    '1' => ['1', 'I', 'L'][alike],
                    other => *other,
                };
                let symbol = if small { alike.to_ascii_lowercase() } else { alike };
                format!("{symbol}{between}")
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn a_signed_key_reads_back(claims in any_claims()) {
        let text = key_of(&claims).to_string();
        let key = Key::parse(&text).unwrap();
        prop_assert_eq!(verify(&key, &KEYS), Ok(&claims));
        prop_assert_eq!(key.to_string(), text);
        prop_assert_eq!(Key::from_bytes(key.to_bytes()), Ok(key));
    }

    #[test]
    fn the_notation_does_not_change_a_key((key, spelling) in any_claims().prop_flat_map(|claims| {
        let key = key_of(&claims);
        (any_spelling_of(&key.to_string()), Just(key)).prop_map(|(spelling, key)| (key, spelling))
    })) {
        prop_assert_eq!(spelling.parse(), Ok(key));
    }

    #[test]
    fn a_key_with_one_symbol_changed_never_verifies(
        claims in any_claims(),
        position in 0..122_usize,
        shift in 1..32_usize,
    ) {
        let mut symbols: Vec<u8> = key_of(&claims).to_string().bytes().filter(|byte| *byte != b'-').collect();
        let value = SYMBOLS.iter().position(|symbol| *symbol == symbols[position]).unwrap();
        symbols[position] = SYMBOLS[(value + shift) % 32];
        let text = String::from_utf8(symbols).unwrap();
        let outcome = Key::parse(&text).and_then(|key| verify(&key, &KEYS).copied());
        prop_assert!(outcome.is_err());
    }

    #[test]
    fn a_key_with_two_neighbouring_symbols_exchanged_never_verifies(claims in any_claims(), position in 0..121_usize) {
        let mut symbols: Vec<char> = key_of(&claims).to_string().chars().filter(|symbol| *symbol != '-').collect();
        prop_assume!(symbols[position] != symbols[position + 1]);
        symbols.swap(position, position + 1);
        let text = String::from_iter(symbols);
        prop_assert!(Key::parse(&text).and_then(|key| verify(&key, &KEYS).copied()).is_err());
    }

    #[test]
    fn any_text_is_refused_with_a_sentence(text in any::<String>()) {
        let conditions = Check { product: 7, today: Day::FIRST, build: None };
        let refusal = check(&text, &KEYS, &conditions).unwrap_err();
        prop_assert!(matches!(refusal, Refusal::Unreadable(_)));
        prop_assert!(refusal.to_string().starts_with("this licence key"));
        prop_assert!(PublicKeys::parse(&text).is_err());
    }

    #[test]
    fn any_122_symbols_are_refused_or_print_unchanged(text in "[0-9A-HJKMNP-TV-Z]{122}") {
        if let Ok(key) = Key::parse(&text) {
            prop_assert_eq!(key.to_string().replace('-', ""), text);
            prop_assert!(verify(&key, &KEYS).is_err());
        }
    }

    #[test]
    fn a_serial_reads_as_it_prints(bits in 0..1_u64 << 40) {
        let serial = Serial::from_bits(bits).unwrap();
        prop_assert_eq!(serial.to_string().parse(), Ok(serial));
        prop_assert_eq!(Serial::from_bytes(serial.to_bytes()).bits(), bits);
    }

    #[test]
    fn a_day_reads_as_it_prints(day in any_day()) {
        prop_assert_eq!(day.to_string().parse(), Ok(day));
    }
}
