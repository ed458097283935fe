//! The access code of a conversation: its holder may read, reply and erase. [`inbound_mail::access_code`] defines its
//! text. This module generates codes and derives the lookup hash that is stored.

use data_encoding::HEXLOWER;
use hkdf::Hkdf;
use inbound_mail::access_code::{AccessCodeError, PAYLOAD_SYMBOLS, Symbols, format_code, payload};
use keyring::Keyring;
use sha2::{Digest as _, Sha256};
use store::{Error, Message, MessageKind, Via};
use zeroize::Zeroizing;

/// Result of parsing a typed access code.
pub enum ParsedCode {
    /// A valid code, with its lookup hash.
    Code([u8; 32]),
    /// The symbols are those of a code, but the check symbol is wrong: a typing error.
    WrongCheckSymbol,
    /// The symbols are not those of a code.
    NotACode,
}

/// Generates an access code in its displayed form: `XXXXX-XXXXX-XXXXX-XXXXX-C`.
///
/// # Errors
/// When the operating system gives no random numbers.
pub fn new_code() -> Result<Zeroizing<String>, Error> {
    let mut symbols = Zeroizing::new([0; PAYLOAD_SYMBOLS]);
    getrandom::fill(symbols.as_mut_slice())
        .map_err(|_| Error::Unavailable("the system gives no random numbers".into()))?;
    symbols.iter_mut().for_each(|symbol| *symbol &= 31);
    Ok(format_code(&symbols))
}

/// Derives an access code from the idempotency key of a form with the keyring. The same form gets the same code, and
/// the code cannot be guessed.
///
/// # Errors
/// When the keyring is unavailable.
pub(super) fn derive_code(keyring: &Keyring, from: &[u8; 32]) -> Result<Zeroizing<String>, Error> {
    let tag = keyring.tag("contact code", &HEXLOWER.encode(from))?;
    // Each symbol takes 5 bits of the 128.
    let mut symbols = Zeroizing::new([0; PAYLOAD_SYMBOLS]);
    let number = u128::from_be_bytes(tag.0);
    for (n, symbol) in symbols.iter_mut().enumerate() {
        *symbol = u8::try_from(number >> (5 * n) & 31).unwrap_or(0);
    }
    Ok(format_code(&symbols))
}

/// Parses a typed access code. Case and separators do not matter.
#[must_use]
pub fn parse_code(typed: &str) -> ParsedCode {
    match inbound_mail::access_code::parse_code(typed) {
        Ok(symbols) => ParsedCode::Code(lookup_hash(&symbols)),
        Err(AccessCodeError::WrongChecksum) => ParsedCode::WrongCheckSymbol,
        Err(AccessCodeError::NotACode) => ParsedCode::NotACode,
    }
}

/// Returns the lookup hash of an access code: SHA-256 of a value that HKDF derives from it.
fn lookup_hash(symbols: &Symbols) -> [u8; 32] {
    let mut lookup = Zeroizing::new([0_u8; 32]);
    Hkdf::<Sha256>::new(None, payload(symbols).as_bytes())
        .expand(b"lookup", lookup.as_mut_slice())
        .expect("32 bytes are less than the most that HKDF gives");
    Sha256::digest(lookup.as_slice()).into()
}

/// Tells whether the person has an access code: each message on the web page comes with one.
pub(crate) fn has_access_code(messages: &[Message]) -> bool {
    messages.iter().any(|m| m.kind == MessageKind::Person && m.via == Via::Web)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup_hash_of(typed: &str) -> Option<[u8; 32]> {
        match parse_code(typed) {
            ParsedCode::Code(hash) => Some(hash),
            ParsedCode::WrongCheckSymbol | ParsedCode::NotACode => None,
        }
    }

    /// SHA-256 of HKDF-SHA256 (RFC 5869, no salt, info "lookup") of `0123456789ABCDEFGHJK`.
    const HASH_OF_COUNTING: &str = "7cccb6fdf72f8b553357c83bd7f8213a716709ac6c489c72909169f15482752e";

    #[test]
    fn the_lookup_hash_has_a_test_vector() {
        let counting = format_code(&std::array::from_fn(|n| n as u8));
        assert_eq!(HEXLOWER.encode(&lookup_hash_of(&counting).unwrap()), HASH_OF_COUNTING);
        assert_eq!(lookup_hash_of(&counting.to_lowercase().replace('-', " ")), lookup_hash_of(&counting));
    }

    #[test]
    fn two_fresh_codes_are_not_the_same() {
        let (one, other) = (new_code().unwrap(), new_code().unwrap());
        assert_ne!(lookup_hash_of(&one).unwrap(), lookup_hash_of(&other).unwrap());
    }
}
