//! The reply token of a conversation, which its e-mails carry in their reply address and Message-ID.
//!
//! The token names the conversation that an e-mail answers. It gives no right to read the conversation or to receive
//! replies.

use data_encoding::Encoding;
use keyring::Keyring;
use store::Error;

/// Symbols of the conversation number.
const NUMBER: usize = 8;
/// Symbols of the keyed hash behind the number.
const HASHED: usize = 16;

/// Returns Crockford's base32 in lower case, because mail servers may change the case of local parts.
fn symbols() -> Encoding {
    let mut specification = data_encoding::Specification::new();
    specification.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    specification.encoding().expect("32 different symbols")
}

/// Returns the reply token of a conversation: 24 symbols, 8 of its number and 80 bits of a keyed hash.
///
/// # Errors
/// When the keyring is unavailable.
pub fn reply_token(keyring: &Keyring, id: i64) -> Result<String, Error> {
    let number = symbols().encode(&id.to_be_bytes()[3..]);
    let tag = keyring.tag("mail token", &number)?;
    Ok(number + &symbols().encode(&tag.0[..10]))
}

/// Returns the conversation of a reply token, or `None` if the token is not valid. The comparison takes constant time.
///
/// # Errors
/// When the keyring is unavailable.
pub fn parse_reply_token(keyring: &Keyring, text: &str) -> Result<Option<i64>, Error> {
    let text = text.to_ascii_lowercase();
    if text.len() != NUMBER + HASHED || !text.is_ascii() {
        return Ok(None);
    }
    let Ok(number) = symbols().decode(&text.as_bytes()[..NUMBER]) else { return Ok(None) };
    let id = number.iter().fold(0, |n, b| n << 8 | i64::from(*b));
    let expected = reply_token(keyring, id)?;
    let differing = expected.bytes().zip(text.bytes()).fold(0, |sum, (e, t)| sum | (e ^ t));
    Ok((differing == 0).then_some(id))
}
