//! Ids of keyrings, stores and replicas, and the keyed tags that replace values in the blind index.

use std::fmt;

/// The id of a keyring: 16 random bytes, written to every replica and recorded in the data.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyringId(pub [u8; 16]);

/// The id of a store: 16 random bytes, bound into every value sealed for it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct StoreId(pub [u8; 16]);

/// The id of a replica.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ReplicaId(pub(crate) [u8; 16]);

/// Encodes bytes as lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    })
}

/// Decodes `N` bytes from twice as many hexadecimal digits.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let text = text.as_bytes();
    if text.len() != 2 * N {
        return None;
    }
    let mut out = [0; N];
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

/// A keyed hash of 16 bytes (HMAC). Without the keyring it cannot be linked to its value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag16(pub [u8; 16]);

impl Tag16 {
    /// The bytes of the tag.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The same hash with the first three bytes of `other`, so that both normally fall into one bucket of the
    /// blind index. Only a bucket boundary between them can separate them. The other 104 bits are unchanged.
    #[must_use]
    pub fn colocated_with(mut self, other: &Self) -> Self {
        self.0[..3].copy_from_slice(&other.0[..3]);
        self
    }

    /// Tells whether two tags share their first three bytes.
    #[must_use]
    pub fn is_colocated_with(&self, other: &Self) -> bool {
        self.0[..3] == other.0[..3]
    }

    /// The tag's position in the order of all tags, 0 to `i64::MAX`: its top 63 bits. Buckets of the blind index
    /// are ranges of it.
    #[must_use]
    pub fn sort_key(&self) -> i64 {
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
    fn hexadecimal_digits_decode_to_the_same_bytes() {
        let id = [0, 1, 0x9f, 0xff, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
        assert_eq!(unhex(&hex(&id)), Some(id));
        assert_eq!(unhex::<16>("00"), None);
        assert_eq!(unhex::<16>(&"g".repeat(32)), None);
    }

    #[test]
    fn the_sort_key_of_a_tag_is_its_first_63_bits() {
        assert_eq!(Tag16([0; 16]).sort_key(), 0);
        assert_eq!(Tag16([0xff; 16]).sort_key(), i64::MAX);
    }
}
