//! Crockford's base 32, tolerant of typing (<https://www.crockford.com/base32.html>).

use core::fmt;

use crate::Unreadable;

const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const NO_SYMBOL: u8 = 0xFF;
const VALUES: [u8; 128] = values();

const fn values() -> [u8; 128] {
    let mut values = [NO_SYMBOL; 128];
    let mut value = 0;
    while value < 32 {
        let symbol = SYMBOLS[value as usize];
        values[symbol as usize] = value;
        values[symbol.to_ascii_lowercase() as usize] = value;
        value += 1;
    }
    values[b'O' as usize] = 0;
    values[b'o' as usize] = 0;
    values[b'I' as usize] = 1;
    values[b'i' as usize] = 1;
    values[b'L' as usize] = 1;
    values[b'l' as usize] = 1;
    values
}

fn value_of(character: char) -> Option<u8> {
    VALUES.get(character as usize).copied().filter(|value| *value != NO_SYMBOL)
}

/// Tells whether a character between symbols is ignored: white space, dashes, and invisible characters that are
/// copied from a web page or an e-mail.
fn is_separator(character: char) -> bool {
    let is_dash = matches!(
        character,
        '-' | '\u{AD}' | '\u{2010}'
            ..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}'
    );
    let is_invisible = matches!(character, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}');
    is_dash || is_invisible || character.is_whitespace()
}

/// The number of symbols for `bytes` bytes; the last one may contain padding bits.
pub(crate) const fn symbols_for(bytes: usize) -> usize {
    (bytes * 8).div_ceil(5)
}

/// Reads exactly `N` bytes. The padding bits must be zero; otherwise four texts would be the same key.
pub(crate) fn read<const N: usize>(text: &str) -> Result<[u8; N], Unreadable> {
    let mut bytes = [0; N];
    let mut filled = 0;
    let mut symbols = 0;
    let mut held = 0_u16;
    let mut bits = 0;
    for character in text.chars() {
        let Some(value) = value_of(character) else {
            if is_separator(character) {
                continue;
            }
            return Err(Unreadable::Symbol { position: symbols + 1 });
        };
        symbols += 1;
        held = held << 5 | u16::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            // Count a text that is too long to its end, so that the error shows the count.
            if let Some(byte) = bytes.get_mut(filled) {
                *byte = (held >> bits) as u8;
            }
            filled += 1;
            held &= (1 << bits) - 1;
        }
    }
    if symbols != symbols_for(N) {
        return Err(Unreadable::Length { symbols, wanted: symbols_for(N) });
    }
    if held != 0 {
        return Err(Unreadable::Padding);
    }
    Ok(bytes)
}

/// Writes `bytes` in groups of `group` symbols, with a dash between groups.
pub(crate) fn write(bytes: &[u8], group: usize, out: &mut impl fmt::Write) -> fmt::Result {
    for symbol in 0..symbols_for(bytes.len()) {
        if symbol > 0 && symbol % group == 0 {
            out.write_char('-')?;
        }
        let (byte, bit) = (symbol * 5 / 8, symbol * 5 % 8);
        let next = bytes.get(byte + 1).copied().unwrap_or(0);
        let window = u16::from_be_bytes([bytes[byte], next]);
        let value = window >> (11 - bit) & 31;
        out.write_char(char::from(SYMBOLS[usize::from(value)]))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn written(bytes: &[u8]) -> String {
        let mut text = String::new();
        write(bytes, 5, &mut text).unwrap();
        text
    }

    #[test]
    fn known_bytes_have_their_known_text() {
        assert_eq!(written(&[0, 0, 0, 0, 0]), "00000-000");
        assert_eq!(written(&[0xFF; 5]), "ZZZZZ-ZZZ");
        // 00000 00001 00010 00011 00100 00101 00110 00111 in bits
        assert_eq!(written(&[0x00, 0x44, 0x32, 0x14, 0xC7]), "01234-567");
        assert_eq!(written(&[0xFF]), "ZW");
    }

    #[test]
    fn letters_that_look_like_digits_are_read_as_digits() {
        let plain = read::<5>("01110111").unwrap();
        assert_eq!(read::<5>("oiLlOI1l").unwrap(), plain);
    }

    #[test]
    fn separators_are_ignored_everywhere() {
        let text = "\u{FEFF}-0 1\t2\r\n3\u{A0}4\u{2013}5\u{2212}6\u{200B}7\u{3000}--";
        assert_eq!(read::<5>(text), read::<5>("01234567"));
        assert_eq!(read::<5>("0 1 2 !"), Err(Unreadable::Symbol { position: 4 }));
    }

    #[test]
    fn the_error_counts_all_symbols_of_a_long_text() {
        assert_eq!(read::<5>(&"A".repeat(500)), Err(Unreadable::Length { symbols: 500, wanted: 8 }));
        assert_eq!(read::<5>(""), Err(Unreadable::Length { symbols: 0, wanted: 8 }));
    }

    #[test]
    fn padding_bits_must_be_zero() {
        assert_eq!(read::<1>("ZW"), Ok([0xFF]));
        assert_eq!(read::<1>("ZX"), Err(Unreadable::Padding));
        assert_eq!(read::<1>("ZY"), Err(Unreadable::Padding));
    }
}
