//! Random tokens: links, sessions, pick-up codes. Only their hash is kept.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use store::Error;
use zeroize::Zeroizing;

/// A fresh token of 256 bits, as text for a link or a cookie.
///
/// # Errors
/// When the system gives no random numbers.
pub fn fresh() -> Result<Zeroizing<String>, Error> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    getrandom::fill(bytes.as_mut()).map_err(|_| Error::Away("the system gives no random numbers".into()))?;
    Ok(Zeroizing::new(BASE64URL_NOPAD.encode(bytes.as_ref())))
}

/// What is kept of a token. Looked up by its hash, so no comparison of secrets can be timed.
#[must_use]
pub fn tag(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A fresh pick-up code: 20 symbols of Crockford's base32 (100 bits) in groups of five.
///
/// # Errors
/// When the system gives no random numbers.
pub fn fresh_code() -> Result<String, Error> {
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes).map_err(|_| Error::Away("the system gives no random numbers".into()))?;
    let symbols: String = bytes.iter().map(|b| char::from(ALPHABET[usize::from(b & 31)])).collect();
    Ok([&symbols[0..5], &symbols[5..10], &symbols[10..15], &symbols[15..20]].join("-"))
}

/// A code as typed, read tolerantly: case, spaces, dashes, O for 0, I and L for 1.
#[must_use]
pub fn read_code(typed: &str) -> String {
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
