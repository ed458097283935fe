//! Random tokens for magic links, sessions and receipt codes. The database stores only their hashes.

use data_encoding::BASE64URL_NOPAD;
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

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Generates a receipt code: 20 symbols of Crockford's base32 (100 bits) in groups of five.
///
/// # Errors
///
/// When the operating system supplies no random numbers.
pub fn generate_receipt_code() -> Result<String, Error> {
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes)
        .map_err(|_| Error::Unavailable("the system gives no random numbers".into()))?;
    let symbols: String = bytes.iter().map(|b| char::from(ALPHABET[usize::from(b & 31)])).collect();
    Ok([&symbols[0..5], &symbols[5..10], &symbols[10..15], &symbols[15..20]].join("-"))
}

/// Normalises a typed code: ignores case, spaces and dashes, and reads O as 0, and I and L as 1.
#[must_use]
pub fn normalise_receipt_code(typed: &str) -> String {
    typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '–' | '—'))
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .collect()
}
