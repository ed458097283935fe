//! The reply token of a conversation, which its e-mails carry in their reply address and Message-ID.
//!
//! The token names the conversation that an e-mail answers. It gives no right to read the conversation or to receive
//! replies.

use inbound_mail::crockford;
use keyring::Keyring;
use store::{ConversationId, Error};
use subtle::ConstantTimeEq as _;

use crate::token::{ReplyAddress, Token};

/// Bytes of the conversation number.
const NUMBER: usize = 5;
/// Bytes of a token: the number, and 80 bits of a keyed hash.
const TOKEN: usize = NUMBER + 10;

/// Returns the reply token of a conversation: 24 symbols of Crockford's base32. It is in lower case, because mail servers
/// may change the case of local parts.
pub fn reply_token(keyring: &Keyring, id: ConversationId) -> Result<String, Error> {
    Ok(crockford::encode(&token_bytes(keyring, id)?).to_ascii_lowercase())
}

/// Returns the conversation of a reply token, or `None` if the token is not valid. The comparison takes constant time.
pub fn parse_reply_token(keyring: &Keyring, text: &str) -> Result<Option<ConversationId>, Error> {
    let Some(token) = crockford::decode(text).and_then(|bytes| <[u8; TOKEN]>::try_from(bytes).ok()) else {
        return Ok(None);
    };
    let id = token[..NUMBER].iter().fold(0, |n, b| n << 8 | i64::from(*b));
    let id = ConversationId::new(id);
    Ok(bool::from(token_bytes(keyring, id)?.ct_eq(&token)).then_some(id))
}

/// Returns the hash of a conversation's reply token, which is stored once the conversation is merged.
pub(super) fn stored_hash(keyring: &Keyring, id: ConversationId) -> Result<[u8; 32], Error> {
    Ok(Token::<ReplyAddress>::presented(&reply_token(keyring, id)?).hash())
}

fn token_bytes(keyring: &Keyring, id: ConversationId) -> Result<[u8; TOKEN], Error> {
    let number = &id.number().to_be_bytes()[8 - NUMBER..];
    let tag = keyring.tag("mail token", &crockford::encode(number))?;
    let mut token = [0; TOKEN];
    token[..NUMBER].copy_from_slice(number);
    token[NUMBER..].copy_from_slice(&tag.0[..TOKEN - NUMBER]);
    Ok(token)
}
