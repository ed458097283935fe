//! Names of keyrings, stores and places, and the tags that stand for values.

use std::fmt;

/// Names a keyring: 16 random bytes, written in every place and recorded in the data.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyringId(pub [u8; 16]);

/// Names a store: 16 random bytes, bound into everything sealed for it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct StoreId(pub [u8; 16]);

/// Names a place of a keyring.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PlaceId(pub(crate) [u8; 16]);

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes all that is written");
        text
    })
}

/// 16 bytes from 32 hexadecimal digits.
pub(crate) fn unhex16(text: &str) -> Option<[u8; 16]> {
    let text = text.as_bytes();
    if text.len() != 32 {
        return None;
    }
    let mut out = [0; 16];
    for (byte, pair) in out.iter_mut().zip(text.chunks_exact(2)) {
        let digit = |c: u8| char::from(c).to_digit(16);
        *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
    }
    Some(out)
}

impl fmt::Display for KeyringId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for KeyringId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyringId({self})")
    }
}

/// A keyed hash of 16 bytes, which can't be turned back without the keyring.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag16(pub [u8; 16]);

impl Tag16 {
    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The same hash, beside another: both lie in one bucket, but where a bucket happens to begin between them. 104 bits
    /// stay its own.
    #[must_use]
    pub fn beside(mut self, other: &Self) -> Self {
        self.0[..3].copy_from_slice(&other.0[..3]);
        self
    }

    /// Whether two hashes lie beside each other.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        self.0[..3] == other.0[..3]
    }

    /// Its place in the order of tags, 0 to `i64::MAX`: the top 63 bits. Buckets of the index are ranges of it.
    #[must_use]
    pub fn order(&self) -> i64 {
        let mut head = [0; 8];
        head.copy_from_slice(&self.0[..8]);
        (u64::from_be_bytes(head) >> 1) as i64
    }
}

impl fmt::Debug for Tag16 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tag16")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_there_and_back() {
        let id = [0, 1, 0x9f, 0xff, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
        assert_eq!(unhex16(&hex(&id)), Some(id));
        assert_eq!(unhex16("00"), None);
        assert_eq!(unhex16(&"g".repeat(32)), None);
    }

    #[test]
    fn the_order_of_tags_is_the_order_of_their_first_bits() {
        assert_eq!(Tag16([0; 16]).order(), 0);
        assert_eq!(Tag16([0xff; 16]).order(), i64::MAX);
    }
}
