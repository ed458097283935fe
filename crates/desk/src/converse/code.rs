//! The code of a thread: who holds it may read, answer and erase. 100 random bits as 20 symbols of Crockford's base32,
//! and one to check them by, so that a slip of the hand is told from a code that leads nowhere.
//!
//! The check symbol makes the weighted sum of all symbols zero in the field of 32 elements (x^5 + x^2 + 1). The
//! weights are powers of its generator, all different: each single error and each swap of two symbols shows.

use data_encoding::HEXLOWER;
use hkdf::Hkdf;
use sha2::{Digest as _, Sha256};
use store::Error;
use vault::Vault;
use zeroize::Zeroizing;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Symbols that carry the code; one more checks them.
const CARRYING: usize = 20;

/// What was read of a typed text.
pub enum Read {
    /// A code; this is what is kept of it.
    Code([u8; 32]),
    /// It has a code's symbols, but they don't fit together: something was mistyped.
    WrongCheck,
    /// It hasn't a code's symbols.
    NoCode,
}

/// A fresh code, as it is shown: `XXXXX-XXXXX-XXXXX-XXXXX-C`.
///
/// # Errors
/// When the system gives no random numbers.
pub fn fresh() -> Result<Zeroizing<String>, Error> {
    let mut symbols = Zeroizing::new([0_u8; CARRYING]);
    getrandom::fill(symbols.as_mut_slice())
        .map_err(|_| Error::Away("the system gives no random numbers".into()))?;
    symbols.iter_mut().for_each(|symbol| *symbol &= 31);
    Ok(shown(symbols.as_slice()))
}

/// The code that follows from what a form says and from the keyring: the same for the same form, and nobody's guess.
///
/// # Errors
/// When the keyring is away.
pub(super) fn following(vault: &Vault, from: &[u8; 32]) -> Result<Zeroizing<String>, Error> {
    let tag = vault.tag("contact code", &HEXLOWER.encode(from))?;
    // Five bits each of 128.
    let mut symbols = Zeroizing::new([0_u8; CARRYING]);
    let number = u128::from_be_bytes(tag.0);
    for (n, symbol) in symbols.iter_mut().enumerate() {
        *symbol = u8::try_from(number >> (5 * n) & 31).unwrap_or(0);
    }
    Ok(shown(symbols.as_slice()))
}

/// Reads a typed code: any case, blanks, dashes, O for 0, I and L for 1.
#[must_use]
pub fn read(typed: &str) -> Read {
    let mut symbols = Zeroizing::new([0_u8; CARRYING + 1]);
    let mut count = 0;
    for c in typed.chars().filter(|c| !is_spacing(*c)) {
        let Some(value) = value(c) else { return Read::NoCode };
        let Some(place) = symbols.get_mut(count) else { return Read::NoCode };
        *place = value;
        count += 1;
    }
    if count != symbols.len() {
        return Read::NoCode;
    }
    let (carrying, check) = symbols.split_at(CARRYING);
    if check_of(carrying) != check[0] {
        return Read::WrongCheck;
    }
    Read::Code(kept(carrying))
}

/// What is kept of a code: SHA-256 of what HKDF derives from it for looking it up.
fn kept(symbols: &[u8]) -> [u8; 32] {
    let text: Zeroizing<Vec<u8>> =
        Zeroizing::new(symbols.iter().map(|s| ALPHABET[usize::from(*s)]).collect());
    let mut lookup = Zeroizing::new([0_u8; 32]);
    Hkdf::<Sha256>::new(None, &text)
        .expand(b"lookup", lookup.as_mut_slice())
        .expect("32 bytes are less than the most that HKDF gives");
    Sha256::digest(lookup.as_slice()).into()
}

fn shown(symbols: &[u8]) -> Zeroizing<String> {
    // Room for all of it from the start: a text that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(CARRYING + 5));
    for (n, symbol) in symbols.iter().enumerate() {
        if n > 0 && n % 5 == 0 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::from(*symbol)]));
    }
    text.push('-');
    text.push(char::from(ALPHABET[usize::from(check_of(symbols))]));
    text
}

fn is_spacing(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '_' | '\u{ad}' | '\u{200b}' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn value(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    let place = ALPHABET.iter().position(|symbol| char::from(*symbol) == c)?;
    u8::try_from(place).ok()
}

/// The sum of all symbols, each times its power of the generator.
fn check_of(symbols: &[u8]) -> u8 {
    // By Horner's rule, so that the last symbol has the first power and the check symbol, in effect, the zeroth.
    symbols.iter().fold(0, |sum, symbol| times_generator(sum ^ symbol))
}

fn times_generator(element: u8) -> u8 {
    let doubled = element << 1;
    if doubled & 32 == 0 { doubled } else { (doubled ^ 0b10_0101) & 31 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tag(typed: &str) -> Option<[u8; 32]> {
        match read(typed) {
            Read::Code(tag) => Some(tag),
            Read::WrongCheck | Read::NoCode => None,
        }
    }

    fn is_wrong_check(typed: &str) -> bool {
        matches!(read(typed), Read::WrongCheck)
    }

    #[test]
    fn vectors() {
        // The field of 32 elements worked out by hand: generator^5 = generator^2 + 1.
        assert_eq!(&*shown(&[0; 20]), "00000-00000-00000-00000-0");
        let mut one = [0; 20];
        one[19] = 1;
        assert_eq!(&*shown(&one), "00000-00000-00000-00001-2");
        one[19] = 16;
        assert_eq!(&*shown(&one), "00000-00000-00000-0000G-5");
        let counting: Vec<u8> = (0..20).collect();
        let text = shown(&counting);
        assert_eq!(&text[..24], "01234-56789-ABCDE-FGHJK-");
        let kept = HEXLOWER.encode(&tag(&text).unwrap());
        assert_eq!(kept, KEPT_OF_COUNTING);
    }

    /// SHA-256 of HKDF-SHA256 (RFC 5869, no salt, info "lookup") of `0123456789ABCDEFGHJK`.
    const KEPT_OF_COUNTING: &str = "7cccb6fdf72f8b553357c83bd7f8213a716709ac6c489c72909169f15482752e";

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = shown(&[1; 20]);
        let same = tag(&code).unwrap();
        assert_eq!(tag(&code.to_lowercase()), Some(same));
        assert_eq!(tag(&code.replace('-', "")), Some(same));
        assert_eq!(tag(&code.replace('-', " \u{2013}\n")), Some(same));
        assert_eq!(tag(&code.replace('1', "l")), Some(same));
        assert_eq!(tag(&code.replace('1', "I")), Some(same));
        let zeros = shown(&[0; 20]);
        assert_eq!(tag(&zeros.replace('0', "o")), tag(&zeros));
    }

    #[test]
    fn what_has_not_the_symbols_of_a_code_is_none() {
        for typed in [
            "",
            "hello",
            "00000-00000-00000-00000",
            "00000-00000-00000-00000-00",
            "U0000-00000-00000-00000-0",
        ] {
            assert!(matches!(read(typed), Read::NoCode), "{typed}");
        }
    }

    #[test]
    fn two_fresh_codes_are_not_the_same() {
        let (one, other) = (fresh().unwrap(), fresh().unwrap());
        assert_ne!(tag(&one).unwrap(), tag(&other).unwrap());
    }

    proptest! {
        #[test]
        fn every_single_error_and_every_swap_shows(symbols in prop::collection::vec(0_u8..32, 20)) {
            let text: Vec<char> = shown(&symbols).chars().filter(|c| *c != '-').collect();
            prop_assert!(tag(&text.iter().collect::<String>()).is_some());
            for at in 0..text.len() {
                for other in ALPHABET.iter().map(|b| char::from(*b)).filter(|c| *c != text[at]) {
                    let mut wrong = text.clone();
                    wrong[at] = other;
                    prop_assert!(is_wrong_check(&wrong.iter().collect::<String>()));
                }
                for with in (at + 1..text.len()).filter(|w| text[*w] != text[at]) {
                    let mut wrong = text.clone();
                    wrong.swap(at, with);
                    prop_assert!(is_wrong_check(&wrong.iter().collect::<String>()));
                }
            }
        }

        #[test]
        fn no_text_makes_it_stumble(typed in ".{0,60}") {
            drop(read(&typed));
        }
    }
}
