//! Crockford's base32 (<https://www.crockford.com/base32.html>): the symbols of access codes, receipt codes and reply
//! tokens. Reading accepts any case, O for 0, and I or L for 1.
//!
//! This is the one specification of it, except in `licence`, which vendors build into their programs: it has one
//! dependency, and tells which symbol is wrong.

use std::sync::LazyLock;

use data_encoding::{Encoding, Specification};
use zeroize::Zeroizing;

static CROCKFORD: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    specification.translate.from.push_str("abcdefghjkmnpqrstvwxyzOoIiLl");
    specification.translate.to.push_str("ABCDEFGHJKMNPQRSTVWXYZ001111");
    specification.encoding().expect("32 different symbols")
});

/// Encodes bytes, in upper case.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    CROCKFORD.encode(bytes)
}

/// Decodes bytes. `None` if a symbol is wrong, or if bits that belong to no byte are not zero: so no two texts of one case
/// have the same bytes, apart from symbols that look alike.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    CROCKFORD.decode(text.as_bytes()).ok()
}

/// Reads a typed code of `N` symbols as numbers below 32. It ignores white space and dashes. `None` if there are more or
/// fewer symbols, or wrong ones.
#[must_use]
pub fn parse_symbols<const N: usize>(typed: &str) -> Option<Zeroizing<[u8; N]>> {
    let mut symbols = Zeroizing::new([0; N]);
    let mut count = 0;
    for c in typed.chars().filter(|c| !is_separator(*c)) {
        *symbols.get_mut(count)? = value(c)?;
        count += 1;
    }
    (count == N).then_some(symbols)
}

/// Writes numbers below 32 as symbols in groups of five, with dashes between: `XXXXX-XXXXX`.
#[must_use]
pub fn format_symbols(symbols: &[u8]) -> Zeroizing<String> {
    // Allocated once: a buffer that grows leaves copies in memory.
    let mut text = Zeroizing::new(String::with_capacity(symbols.len() * 6 / 5));
    for (n, value) in symbols.iter().enumerate() {
        if n > 0 && n % 5 == 0 {
            text.push('-');
        }
        text.push(symbol(*value));
    }
    text
}

/// The bits of one symbol are the upper ones of a byte.
fn symbol(value: u8) -> char {
    let mut symbols = [0; 2];
    CROCKFORD.encode_mut(&[value << 3], &mut symbols);
    char::from(symbols[0])
}

fn value(symbol: char) -> Option<u8> {
    let mut byte = [0];
    CROCKFORD.decode_mut(&[u8::try_from(symbol).ok()?, b'0'], &mut byte).ok()?;
    Some(byte[0] >> 3)
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '_' | '\u{ad}' | '\u{200b}' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// In bits: 00000 00001 00010 00011 00100 00101 00110 00111.
    const COUNTING: [u8; 5] = [0x00, 0x44, 0x32, 0x14, 0xc7];

    #[test]
    fn known_bytes_have_their_known_text() {
        assert_eq!(encode(&COUNTING), "01234567");
        assert_eq!(encode(&[0xff; 5]), "ZZZZZZZZ");
        assert_eq!(encode(&[0xff]), "ZW");
        assert_eq!(&*format_symbols(&[0, 10, 18, 19, 31, 1, 26, 27]), "0AJKZ-1TV");
        let all: [u8; 32] = std::array::from_fn(|n| n as u8);
        assert_eq!(format_symbols(&all).replace('-', ""), "0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    }

    #[test]
    fn any_case_and_symbols_that_look_alike_are_read() {
        let eight = Zeroizing::new([0, 1, 1, 1, 0, 1, 1, 1]);
        for text in ["01110111", "oIlLOiI1"] {
            assert_eq!(decode(text), decode("01110111"), "{text}");
            assert_eq!(parse_symbols(text), Some(eight.clone()), "{text}");
        }
        assert_eq!(decode("abcdefgh"), decode("ABCDEFGH"));
        assert_eq!(decode("jkmnpqrs"), decode("JKMNPQRS"));
        assert_eq!(decode("tvwxyz00"), decode("TVWXYZ00"));
        assert!(decode("tvwxyz00").is_some());
    }

    #[test]
    fn separators_are_ignored_in_typed_codes_alone() {
        for typed in
            ["0A-JK", " 0 a j k\r\n", "0\u{2013}A\u{ad}J\u{2212}K", "0_A\u{200b}J\u{a0}K", "--0AJK--"]
        {
            assert_eq!(parse_symbols(typed), Some(Zeroizing::new([0, 10, 18, 19])), "{typed}");
            assert_eq!(decode(typed), None, "{typed}");
        }
    }

    #[test]
    fn wrong_symbols_and_lengths_are_refused() {
        for wrong in [
            "UUUUUUUU",
            "0123456U",
            "0123456u",
            "0123456!",
            "0123456é",
            "01234\u{130}67",
            "0123456=",
            "\0\0\0\0\0\0\0\0",
        ] {
            assert_eq!(decode(wrong), None, "{wrong}");
            assert_eq!(parse_symbols::<8>(wrong), None, "{wrong}");
        }
        for wrong in ["", "0123456", "012345678", "0"] {
            assert_eq!(parse_symbols::<8>(wrong), None, "{wrong}");
        }
        for impossible in ["0", "000", "000000"] {
            assert_eq!(decode(impossible), None, "{impossible}");
        }
    }

    #[test]
    fn trailing_bits_are_zero() {
        assert_eq!(decode("ZW"), Some(vec![0xff]));
        for text in ["ZX", "ZY", "ZZ", "zz", "01"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes: Vec<u8>, symbols: [u8; 21]) {
            let text = encode(&bytes);
            prop_assert_eq!(decode(&text), Some(bytes.clone()));
            prop_assert_eq!(decode(&text.to_lowercase()), Some(bytes));
            let symbols = symbols.map(|symbol| symbol & 31);
            prop_assert_eq!(parse_symbols(&format_symbols(&symbols)), Some(Zeroizing::new(symbols)));
        }

        #[test]
        fn any_text_is_read_without_panic(text: String) {
            drop((decode(&text), parse_symbols::<20>(&text)));
        }
    }
}
