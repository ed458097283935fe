//! Random tokens for magic links, sessions and receipt codes. The database stores only their hashes.

use data_encoding::BASE64URL_NOPAD;
use inbound_mail::crockford::{format_symbols, parse_symbols};
use sha2::{Digest as _, Sha256};
use store::Error;
use zeroize::Zeroizing;

/// Generates a token of 256 bits, as text for a link or a cookie.
///
/// # Errors
///
/// When the operating system supplies no random numbers.
pub fn generate() -> Result<Zeroizing<String>, Error> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    getrandom::fill(bytes.as_mut())
        .map_err(|_| Error::Unavailable("the system gives no random numbers".into()))?;
    Ok(Zeroizing::new(BASE64URL_NOPAD.encode(bytes.as_ref())))
}

/// Hashes a token for storage (SHA-256). Tokens are looked up by this hash, so no timing of a comparison reveals a
/// token.
#[must_use]
pub fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Symbols of a receipt code.
const RECEIPT_SYMBOLS: usize = 20;

/// Generates a receipt code: 20 symbols of Crockford's base32 (100 bits) in groups of five.
///
/// # Errors
///
/// When the operating system supplies no random numbers.
pub fn generate_receipt_code() -> Result<String, Error> {
    let mut symbols = [0; RECEIPT_SYMBOLS];
    getrandom::fill(&mut symbols)
        .map_err(|_| Error::Unavailable("the system gives no random numbers".into()))?;
    Ok(format_symbols(&symbols.map(|symbol| symbol & 31)).to_string())
}

/// Hashes a receipt code as a person types it. `None` if it doesn't have the form of one.
#[must_use]
pub fn receipt_code_hash(typed: &str) -> Option<[u8; 32]> {
    parse_symbols::<RECEIPT_SYMBOLS>(typed).map(|symbols| token_hash(&format_symbols(symbols.as_slice())))
}
