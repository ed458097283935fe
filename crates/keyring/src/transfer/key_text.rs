//! The keys of a transfer as text: the public key is the transfer request, the private key is a file.
//!
//! Text: prefix | `1-` | key (64 hexadecimal digits) | `-` | checksum (8 hexadecimal digits). The checksum is the
//! start of the SHA-256 hash of everything before its dash. Each key has exactly one text.

use std::fmt::Write;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::derive::Key;
use crate::ids::unhex;

/// The prefix of a transfer request.
pub(super) const REQUEST: &str = "scruple-transfer-request-";
/// The prefix of a private key.
pub(super) const PRIVATE_KEY: &str = "scruple-transfer-private-key-";

const VERSION: &str = "1";
const CHECKSUM: usize = 4;

/// Why a text is not the key that it should be.
#[derive(thiserror::Error, Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyTextFault {
    /// The prefix is another one.
    #[error("it doesn't begin with {REQUEST}")]
    OtherPrefix,
    /// The version after the prefix is not known.
    #[error("it has a version that this program doesn't know")]
    UnknownVersion,
    /// The length or the checksum is wrong.
    #[error("it is mistyped or incomplete")]
    Mistyped,
    /// X25519 gives the same secret for every sender.
    #[error("it isn't a key that can encrypt")]
    Unusable,
}

/// Returns the text of a key.
pub(super) fn to_text(prefix: &str, key: &[u8; 32]) -> Zeroizing<String> {
    // Room for the whole text: a string that grows would leave a copy of the key in memory.
    let room = prefix.len() + VERSION.len() + 2 * (key.len() + CHECKSUM) + 2;
    let mut text = Zeroizing::new(String::with_capacity(room));
    text.push_str(prefix);
    text.push_str(VERSION);
    push_hex(&mut text, key);
    let checksum = Sha256::digest(text.as_bytes());
    push_hex(&mut text, &checksum[..CHECKSUM]);
    text
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    text.push('-');
    for byte in bytes {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
    }
}

/// Reads the output of [`to_text`], with or without white space around it.
pub(super) fn from_text(prefix: &str, text: &str) -> Result<Key, KeyTextFault> {
    let text = text.trim();
    let rest = text.strip_prefix(prefix).ok_or(KeyTextFault::OtherPrefix)?;
    let (version, rest) = rest.split_once('-').ok_or(KeyTextFault::Mistyped)?;
    if version != VERSION {
        return Err(KeyTextFault::UnknownVersion);
    }
    let key = rest.get(..64).and_then(unhex).map(Zeroizing::new).ok_or(KeyTextFault::Mistyped)?;
    if *to_text(prefix, &key) == text { Ok(key) } else { Err(KeyTextFault::Mistyped) }
}
