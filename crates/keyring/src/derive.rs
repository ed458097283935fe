//! One-way key derivations: no derived key gives back the key that it came from.
//!
//! The trie uses keyed BLAKE3. The root key comes from HKDF-SHA-256 (RFC 5869). The blind index uses HMAC-SHA-256
//! (RFC 2104). Contexts are length-prefixed, so two uses never hash the same bytes. Passphrases are stretched with
//! Argon2id (RFC 9106).

use argon2::{Algorithm, Argon2, Params, Version};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{KeyringError, Tag16};

/// 32 secret bytes, wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// Returns fresh random bytes of the system.
pub(crate) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, KeyringError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| KeyringError::NoRandom)?;
    Ok(bytes)
}

/// Derives a key from `key` for `context` and `parts`.
pub(crate) fn derive(key: &[u8; 32], context: &str, parts: &[&[u8]]) -> Key {
    let mut hasher = blake3::Hasher::new_keyed(key);
    for part in std::iter::once(&context.as_bytes()).chain(parts) {
        hasher.update(&length(part)).update(part);
    }
    Zeroizing::new(*hasher.finalize().as_bytes())
}

/// Derives the seed of a child node. It differs from [`derive`] for speed: a node needs 128 of them.
pub(crate) fn child(seed: &[u8; 32], digit: u8) -> Key {
    Zeroizing::new(*blake3::keyed_hash(seed, &[5, 0, 0, 0, b'c', b'h', b'i', b'l', b'd', digit]).as_bytes())
}

/// Derives the root key from root share and static share with HKDF, bound to keyring and epoch.
pub(crate) fn root_key(root_share: &[u8; 32], static_share: &[u8; 32], info: &[u8]) -> Key {
    let mut key = Zeroizing::new([0; 32]);
    hkdf_sha256(static_share, root_share, info, key.as_mut_slice());
    key
}

/// HKDF-SHA-256 (RFC 5869). `out` may have up to 8160 bytes; here its length is always a constant.
pub(crate) fn hkdf_sha256(salt: &[u8], ikm: &[u8], info: &[u8], out: &mut [u8]) {
    Hkdf::<Sha256>::new(Some(salt), ikm).expand(info, out).expect("HKDF-SHA-256 gives up to 8160 bytes");
}

/// HMAC-SHA-256 (RFC 2104) over length-prefixed parts, truncated to 16 bytes.
pub(crate) fn tag(key: &[u8; 32], parts: &[&[u8]]) -> Tag16 {
    let mut text = Zeroizing::new(Vec::new());
    for part in parts {
        text.extend_from_slice(&length(part));
        text.extend_from_slice(part);
    }
    let mut tag = [0; 16];
    tag.copy_from_slice(&hmac_sha256(key, &text)[..16]);
    Tag16(tag)
}

/// HMAC-SHA-256, RFC 2104.
pub(crate) fn hmac_sha256(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// What a guess of a passphrase costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Argon2Cost {
    /// Memory, in KiB.
    pub(crate) memory_kib: u32,
    /// How often the memory is filled.
    pub(crate) passes: u32,
    /// How many parts of the memory can be filled at the same time.
    pub(crate) lanes: u32,
}

/// Derives a key from a passphrase with Argon2id, version 1.3. It takes the memory that the cost names: a cost from
/// a file must be checked first.
pub(crate) fn stretch(passphrase: &str, salt: &[u8], cost: Argon2Cost) -> Result<Key, argon2::Error> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32))?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
        passphrase.as_bytes(),
        salt,
        key.as_mut_slice(),
    )?;
    Ok(key)
}

fn length(part: &[u8]) -> [u8; 4] {
    u32::try_from(part.len()).expect("every part is shorter than 4 GB").to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_parts_with_the_same_concatenation_give_different_keys() {
        let key = [7; 32];
        assert_ne!(*derive(&key, "a", &[b"bc", b"d"]), *derive(&key, "a", &[b"b", b"cd"]));
        assert_ne!(*derive(&key, "ab", &[b"c"]), *derive(&key, "a", &[b"bc"]));
        assert_ne!(tag(&key, &[b"bc", b"d"]), tag(&key, &[b"b", b"cd"]));
        assert_ne!(*child(&key, 1), *child(&key, 2));
    }

    #[test]
    fn the_fast_derivation_of_a_child_differs_from_the_general_one() {
        assert_ne!(*child(&[7; 32], 1), *derive(&[7; 32], "child", &[&[1]]));
    }
}
