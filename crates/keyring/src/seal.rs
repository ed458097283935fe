//! Authenticated encryption of bytes (AEAD): XChaCha20-Poly1305 with a commitment to the key.
//!
//! Key and nonce give an encryption key and a commitment of 32 bytes, so no ciphertext opens under two keys.
//! Format: version (1) | nonce (24) | commitment (32) | ciphertext and tag (length + 16).

use chacha20poly1305::aead::{Aead, AeadInOut, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::KeyringError;
use crate::derive::{derive, random};

const VERSION: u8 = 1;
const NONCE: usize = 24;
const HEADER_LENGTH: usize = 1 + NONCE + 32;

/// How many bytes longer a sealed value is than the plain value.
pub const OVERHEAD: usize = HEADER_LENGTH + 16;

/// Encrypts `plain` and binds it to `associated_data`.
pub(crate) fn seal(key: &[u8; 32], associated_data: &[u8], plain: &[u8]) -> Result<Vec<u8>, KeyringError> {
    Ok(seal_with_nonce(key, &*random()?, associated_data, plain))
}

/// As [`seal`], with a nonce that was never used before with this key.
pub(crate) fn seal_with_nonce(
    key: &[u8; 32],
    nonce: &[u8; NONCE],
    associated_data: &[u8],
    plain: &[u8],
) -> Vec<u8> {
    let mut out = Vec::with_capacity(plain.len() + OVERHEAD);
    out.push(VERSION);
    out.extend_from_slice(nonce);
    out.extend_from_slice(&*derive(key, "commitment", &[nonce]));
    encrypt(&derive(key, "encryption", &[nonce]), nonce, associated_data, plain, &mut out);
    out
}

/// Decrypts the output of [`seal`]; `None` when the key, the associated data or the bytes differ.
pub(crate) fn open(key: &[u8; 32], associated_data: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if !commits_to(key, sealed) {
        return None;
    }
    let (head, text) = sealed.split_at_checked(HEADER_LENGTH)?;
    let nonce = head[1..].first_chunk::<NONCE>()?;
    decrypt(&derive(key, "encryption", &[nonce]), nonce, associated_data, text)
}

/// Tells whether the output of [`seal`] was made with this key. The rest may be damaged.
pub(crate) fn commits_to(key: &[u8; 32], sealed: &[u8]) -> bool {
    let Some((&[VERSION], rest)) = sealed.split_first_chunk::<1>() else { return false };
    let Some((nonce, rest)) = rest.split_first_chunk::<NONCE>() else { return false };
    let Some(commitment) = rest.first_chunk::<32>() else { return false };
    // blake3::Hash makes a constant-time comparison.
    blake3::Hash::from_bytes(*derive(key, "commitment", &[nonce])) == *commitment
}

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha), tag at the end. Appends to `out`, without another copy of a
/// large value.
pub(crate) fn encrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE],
    associated_data: &[u8],
    plain: &[u8],
    out: &mut Vec<u8>,
) {
    let from = out.len();
    out.extend_from_slice(plain);
    let tag = XChaCha20Poly1305::new(&(*key).into())
        .encrypt_inout_detached(&XNonce::from(*nonce), associated_data, (&mut out[from..]).into())
        .expect("only a text of 256 GB is too long");
    out.extend_from_slice(&tag);
}

/// Reverses [`encrypt`].
pub(crate) fn decrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE],
    associated_data: &[u8],
    text: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    let plain = cipher.decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: associated_data });
    // The cipher's only error is a wrong tag.
    plain.ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_opens_only_with_its_key_and_associated_data() {
        let sealed = seal(&[1; 32], b"here", b"text").unwrap();
        assert_eq!(sealed.len(), 4 + OVERHEAD);
        assert_eq!(open(&[1; 32], b"here", &sealed).unwrap().as_slice(), b"text");
        assert!(open(&[2; 32], b"here", &sealed).is_none());
        assert!(open(&[1; 32], b"there", &sealed).is_none());
    }

    #[test]
    fn no_byte_of_it_can_be_changed_or_removed() {
        let sealed = seal(&[1; 32], b"", b"text").unwrap();
        for at in 0..sealed.len() {
            let mut other = sealed.clone();
            other[at] ^= 1;
            assert!(open(&[1; 32], b"", &other).is_none(), "byte {at}");
            assert!(open(&[1; 32], b"", &sealed[..at]).is_none(), "cut at {at}");
        }
    }

    #[test]
    fn the_commitment_refuses_a_text_that_would_decrypt_under_another_key() {
        // The head commits to key 1, the rest is a true ciphertext under key 2.
        let mut sealed = seal(&[1; 32], b"", b"text").unwrap();
        let nonce: [u8; NONCE] = sealed[1..=NONCE].try_into().unwrap();
        sealed.truncate(HEADER_LENGTH);
        encrypt(&derive(&[2; 32], "encryption", &[&nonce]), &nonce, b"", b"text", &mut sealed);
        assert!(
            decrypt(&derive(&[2; 32], "encryption", &[&nonce]), &nonce, b"", &sealed[HEADER_LENGTH..])
                .is_some()
        );
        assert!(open(&[2; 32], b"", &sealed).is_none());
        assert!(open(&[1; 32], b"", &sealed).is_none());
    }
}
