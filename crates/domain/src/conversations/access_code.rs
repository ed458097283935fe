//! The access code of a conversation: its holder may read, reply and erase. [`inbound_mail::access_code`] defines its
//! text, and [`crate::token`] the hash that is stored.

use data_encoding::HEXLOWER;
use inbound_mail::access_code::{self, AccessCodeError, PAYLOAD_SYMBOLS, format_code};
use keyring::Keyring;
use store::{Error, Message, MessageKind, Via};
use zeroize::Zeroizing;

use crate::token::{Token, TokenPurpose, code_symbols};

/// Opens a conversation: 100 bits that people type.
pub enum AccessCode {}

impl TokenPurpose for AccessCode {
    const LABEL: &'static str = "access code";

    fn write(random: &[u8; 32]) -> Zeroizing<String> {
        format_code(&code_symbols(random))
    }

    fn normalise(presented: &str) -> Zeroizing<String> {
        access_code::parse_code(presented)
            .map_or_else(|_| Zeroizing::new(presented.to_owned()), |symbols| format_code(&symbols))
    }
}

/// Result of parsing a typed access code.
pub enum ParsedCode {
    /// A valid code, with its lookup hash.
    Code([u8; 32]),
    /// The symbols are those of a code, but the check symbol is wrong: a typing error.
    WrongCheckSymbol,
    /// The symbols are not those of a code.
    NotACode,
}

/// Derives an access code from the idempotency key of a form with the keyring. The same form gets the same code, and
/// the code cannot be guessed.
pub(super) fn derive_code(keyring: &Keyring, from: &[u8; 32]) -> Result<Token<AccessCode>, Error> {
    let tag = keyring.tag("contact code", &HEXLOWER.encode(from))?;
    // Each symbol takes 5 bits of the 128.
    let mut symbols = Zeroizing::new([0; PAYLOAD_SYMBOLS]);
    let number = u128::from_be_bytes(tag.0);
    for (n, symbol) in symbols.iter_mut().enumerate() {
        *symbol = u8::try_from(number >> (5 * n) & 31).unwrap_or(0);
    }
    Ok(Token::presented(&format_code(&symbols)))
}

/// Parses a typed access code. Case and separators do not matter.
#[must_use]
pub fn parse_code(typed: &str) -> ParsedCode {
    match access_code::parse_code(typed) {
        Ok(symbols) => ParsedCode::Code(Token::<AccessCode>::presented(&format_code(&symbols)).hash()),
        Err(AccessCodeError::WrongChecksum) => ParsedCode::WrongCheckSymbol,
        Err(AccessCodeError::NotACode) => ParsedCode::NotACode,
    }
}

/// Tells whether the person has an access code: each message on the web page comes with one.
pub(crate) fn has_access_code(messages: &[Message]) -> bool {
    messages.iter().any(|m| m.kind == MessageKind::Person && m.via == Via::Web)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_one_hash_however_it_is_typed() {
        let code = Token::<AccessCode>::generate().unwrap();
        for typed in [
            code.text().to_owned(),
            code.text().to_lowercase(),
            code.text().replace('-', " "),
            code.text().replace('0', "o").replace('1', "l"),
        ] {
            let ParsedCode::Code(hash) = parse_code(&typed) else { panic!("no code: {typed}") };
            assert_eq!(hash, code.hash());
            assert_eq!(Token::<AccessCode>::presented(&typed).hash(), code.hash());
        }
    }

    #[test]
    fn a_typing_error_is_told_from_a_text_that_is_no_code() {
        let code = Token::<AccessCode>::generate().unwrap();
        let first = if code.text().starts_with('7') { "8" } else { "7" };
        let mistyped = format!("{first}{}", &code.text()[1..]);
        assert!(matches!(parse_code(&mistyped), ParsedCode::WrongCheckSymbol));
        for other in ["", "7", &code.text()[1..], &format!("{}0", code.text()), &mistyped.replace('-', "u")] {
            assert!(matches!(parse_code(other), ParsedCode::NotACode), "{other}");
        }
    }
}
