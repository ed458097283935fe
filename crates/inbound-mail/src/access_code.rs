//! The text form of a conversation's access code: 100 random bits as 20 symbols of Crockford's base32, and a check
//! symbol. The check symbol tells a typing error from a code that doesn't exist.
//!
//! The check symbol makes the weighted sum of all symbols zero in the field of 32 elements (x^5 + x^2 + 1). The
//! weights are different powers of the field's generator, so each single error and each swap of two symbols is
//! detected.

use zeroize::Zeroizing;

use crate::crockford::{format_symbols, parse_symbols};

/// Number of symbols that carry the code; one more is the check symbol.
pub const PAYLOAD_SYMBOLS: usize = 20;
const ALL_SYMBOLS: usize = PAYLOAD_SYMBOLS + 1;

/// The payload of an access code: numbers below 32.
pub type Symbols = [u8; PAYLOAD_SYMBOLS];

/// Why a typed text is not an access code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AccessCodeError {
    /// It has the form of an access code, but the check symbol is wrong: a typing error.
    WrongChecksum,
    /// It doesn't have the form of an access code.
    NotACode,
}

/// Parses a typed access code. It accepts any case, blanks, dashes, O for 0, and I or L for 1.
///
/// # Errors
/// Tells why the text is not an access code. No text panics.
pub fn parse_code(typed: &str) -> Result<Zeroizing<Symbols>, AccessCodeError> {
    let typed = parse_symbols::<ALL_SYMBOLS>(typed).ok_or(AccessCodeError::NotACode)?;
    let [payload @ .., check] = &*typed;
    if check_of(payload) == *check {
        Ok(Zeroizing::new(*payload))
    } else {
        Err(AccessCodeError::WrongChecksum)
    }
}

/// Formats an access code for display: `XXXXX-XXXXX-XXXXX-XXXXX-C`.
#[must_use]
pub fn format_code(symbols: &Symbols) -> Zeroizing<String> {
    let mut all = Zeroizing::new([0; ALL_SYMBOLS]);
    all[..PAYLOAD_SYMBOLS].copy_from_slice(symbols);
    all[PAYLOAD_SYMBOLS] = check_of(symbols);
    format_symbols(all.as_slice())
}

/// The sum of all symbols, each multiplied by its power of the generator.
fn check_of(symbols: &Symbols) -> u8 {
    // Horner's rule: the last symbol has the first power and the check symbol, in effect, the zeroth.
    symbols.iter().fold(0, |sum, symbol| times_generator(sum ^ (symbol & 31)))
}

fn times_generator(element: u8) -> u8 {
    let doubled = element << 1;
    if doubled & 32 == 0 { doubled } else { (doubled ^ 0b10_0101) & 31 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vectors() {
        // The field of 32 elements, computed by hand: generator^5 = generator^2 + 1.
        assert_eq!(&*format_code(&[0; 20]), "00000-00000-00000-00000-0");
        let mut one = [0; 20];
        one[19] = 1;
        assert_eq!(&*format_code(&one), "00000-00000-00000-00001-2");
        one[19] = 16;
        assert_eq!(&*format_code(&one), "00000-00000-00000-0000G-5");
        let counting = std::array::from_fn(|n| n as u8);
        assert_eq!(&format_code(&counting)[..24], "01234-56789-ABCDE-FGHJK-");
    }

    #[test]
    fn an_access_code_is_parsed_in_every_typed_form() {
        let code = format_code(&[1; 20]);
        for typed in [
            code.to_lowercase(),
            code.replace('-', ""),
            code.replace('-', " \u{2013}\n"),
            code.replace('1', "l"),
            code.replace('1', "I"),
        ] {
            assert_eq!(parse_code(&typed), Ok(Zeroizing::new([1; 20])), "{typed}");
        }
        assert_eq!(parse_code(&format_code(&[0; 20]).replace('0', "o")), Ok(Zeroizing::new([0; 20])));
    }

    #[test]
    fn a_text_without_the_form_of_an_access_code_is_refused() {
        for typed in [
            "",
            "hello",
            "00000-00000-00000-00000",
            "00000-00000-00000-00000-00",
            "U0000-00000-00000-00000-0",
        ] {
            assert_eq!(parse_code(typed), Err(AccessCodeError::NotACode), "{typed}");
        }
    }

    proptest! {
        // Few: whether an error is detected depends on its place and difference, not on the other symbols.
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn every_single_error_and_every_swap_is_detected(symbols: [u8; 20]) {
            let symbols = symbols.map(|symbol| symbol & 31);
            let text: Vec<char> = format_code(&symbols).chars().filter(|c| *c != '-').collect();
            let read = |text: &[char]| parse_code(&text.iter().collect::<String>());
            prop_assert_eq!(read(&text), Ok(Zeroizing::new(symbols)));
            for at in 0..text.len() {
                for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().filter(|c| *c != text[at]) {
                    let mut wrong = text.clone();
                    wrong[at] = other;
                    prop_assert_eq!(read(&wrong), Err(AccessCodeError::WrongChecksum));
                }
                for with in (at + 1..text.len()).filter(|w| text[*w] != text[at]) {
                    let mut wrong = text.clone();
                    wrong.swap(at, with);
                    prop_assert_eq!(read(&wrong), Err(AccessCodeError::WrongChecksum));
                }
            }
        }
    }
}
