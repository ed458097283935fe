//! The code of a thread: who holds it may read, answer and erase. [`inbound_mail::access_code`] is its text; here it is made, and turned
//! into what is kept of it.

use data_encoding::HEXLOWER;
use hkdf::Hkdf;
use inbound_mail::access_code::{AccessCodeError, PAYLOAD_SYMBOLS, Symbols, format_code, payload};
use keyring::Keyring;
use sha2::{Digest as _, Sha256};
use store::{Error, Message, MessageKind, Via};
use zeroize::Zeroizing;

/// What was read of a typed text.
pub enum ParsedCode {
    /// A code; this is what is kept of it.
    Code([u8; 32]),
    /// It has a code's symbols, but they don't fit together: something was mistyped.
    WrongCheckSymbol,
    /// It hasn't a code's symbols.
    NotACode,
}

/// A fresh code, as it is shown: `XXXXX-XXXXX-XXXXX-XXXXX-C`.
///
/// # Errors
/// When the system gives no random numbers.
pub fn new_code() -> Result<Zeroizing<String>, Error> {
    let mut symbols = Zeroizing::new([0; PAYLOAD_SYMBOLS]);
    getrandom::fill(symbols.as_mut_slice())
        .map_err(|_| Error::Unavailable("the system gives no random numbers".into()))?;
    symbols.iter_mut().for_each(|symbol| *symbol &= 31);
    Ok(format_code(&symbols))
}

/// The code that follows from what a form says and from the keyring: the same for the same form, and nobody's guess.
///
/// # Errors
/// When the keyring is away.
pub(super) fn derive_code(keyring: &Keyring, from: &[u8; 32]) -> Result<Zeroizing<String>, Error> {
    let tag = keyring.tag("contact code", &HEXLOWER.encode(from))?;
    // Five bits each of 128.
    let mut symbols = Zeroizing::new([0; PAYLOAD_SYMBOLS]);
    let number = u128::from_be_bytes(tag.0);
    for (n, symbol) in symbols.iter_mut().enumerate() {
        *symbol = u8::try_from(number >> (5 * n) & 31).unwrap_or(0);
    }
    Ok(format_code(&symbols))
}

/// Reads a typed code, however it is typed.
#[must_use]
pub fn parse_code(typed: &str) -> ParsedCode {
    match inbound_mail::access_code::parse_code(typed) {
        Ok(symbols) => ParsedCode::Code(lookup_hash(&symbols)),
        Err(AccessCodeError::WrongChecksum) => ParsedCode::WrongCheckSymbol,
        Err(AccessCodeError::NotACode) => ParsedCode::NotACode,
    }
}

/// What is kept of a code: SHA-256 of what HKDF derives from it for looking it up.
fn lookup_hash(symbols: &Symbols) -> [u8; 32] {
    let mut lookup = Zeroizing::new([0_u8; 32]);
    Hkdf::<Sha256>::new(None, &payload(symbols))
        .expand(b"lookup", lookup.as_mut_slice())
        .expect("32 bytes are less than the most that HKDF gives");
    Sha256::digest(lookup.as_slice()).into()
}

/// Tells whether the person has an access code: each message written on the page comes with one.
pub(crate) fn has_access_code(messages: &[Message]) -> bool {
    messages.iter().any(|m| m.kind == MessageKind::Person && m.via == Via::Web)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(typed: &str) -> Option<[u8; 32]> {
        match parse_code(typed) {
            ParsedCode::Code(tag) => Some(tag),
            ParsedCode::WrongCheckSymbol | ParsedCode::NotACode => None,
        }
    }

    /// SHA-256 of HKDF-SHA256 (RFC 5869, no salt, info "lookup") of `0123456789ABCDEFGHJK`.
    const KEPT_OF_COUNTING: &str = "7cccb6fdf72f8b553357c83bd7f8213a716709ac6c489c72909169f15482752e";

    #[test]
    fn what_is_kept_of_a_code_has_a_vector() {
        let counting = format_code(&std::array::from_fn(|n| n as u8));
        assert_eq!(HEXLOWER.encode(&tag(&counting).unwrap()), KEPT_OF_COUNTING);
        assert_eq!(tag(&counting.to_lowercase().replace('-', " ")), tag(&counting));
    }

    #[test]
    fn two_fresh_codes_are_not_the_same() {
        let (one, other) = (new_code().unwrap(), new_code().unwrap());
        assert_ne!(tag(&one).unwrap(), tag(&other).unwrap());
    }
}
