//! The token that a thread's letters carry in their reply address and Message-ID. It says which thread is answered;
//! it gives nobody the right to read or to be answered.

use data_encoding::Encoding;
use keyring::Keyring;
use store::Error;

/// Symbols of the thread's number, and of the keyed hash behind it.
const NUMBER: usize = 8;
const HASHED: usize = 16;

/// Crockford's base32 in lower case, for the local parts of addresses change their case on the way.
fn symbols() -> Encoding {
    let mut of = data_encoding::Specification::new();
    of.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    of.encoding().expect("32 different symbols")
}

/// The token of a thread: 24 symbols, 8 of its number and 80 bits of a keyed hash.
///
/// # Errors
/// When the keyring is away.
pub fn reply_token(keyring: &Keyring, id: i64) -> Result<String, Error> {
    let number = symbols().encode(&id.to_be_bytes()[3..]);
    let tag = keyring.tag("mail token", &number)?;
    Ok(number + &symbols().encode(&tag.0[..10]))
}

/// The thread of a token; none where it isn't one of ours. Takes as long for a wrong hash as for a right one.
///
/// # Errors
/// When the keyring is away.
pub fn parse_reply_token(keyring: &Keyring, text: &str) -> Result<Option<i64>, Error> {
    let text = text.to_ascii_lowercase();
    if text.len() != NUMBER + HASHED || !text.is_ascii() {
        return Ok(None);
    }
    let Ok(number) = symbols().decode(&text.as_bytes()[..NUMBER]) else { return Ok(None) };
    let id = number.iter().fold(0, |n, b| n << 8 | i64::from(*b));
    let right = reply_token(keyring, id)?;
    let differing = right.bytes().zip(text.bytes()).fold(0, |sum, (r, t)| sum | (r ^ t));
    Ok((differing == 0).then_some(id))
}
