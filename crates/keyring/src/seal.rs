//! Sealing bytes: XChaCha20-Poly1305 with a commitment to the key.
//!
//! From key and nonce come an encryption key and a commitment of 32 bytes, so that no text opens under two keys.
//! Form: version (1) | nonce (24) | commitment (32) | ciphertext and tag (length + 16).

use chacha20poly1305::aead::{Aead, AeadInOut, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::KeyringError;
use crate::derive::{derive, random};

const VERSION: u8 = 1;
const NONCE: usize = 24;
const HEAD: usize = 1 + NONCE + 32;

/// How much longer a sealed value is than the value.
pub const OVERHEAD: usize = HEAD + 16;

/// Seals `plain`, bound to `bound`.
pub(crate) fn seal(key: &[u8; 32], bound: &[u8], plain: &[u8]) -> Result<Vec<u8>, KeyringError> {
    let nonce = *random::<NONCE>()?;
    let mut out = Vec::with_capacity(plain.len() + OVERHEAD);
    out.push(VERSION);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&*derive(key, "commitment", &[&nonce]));
    encrypt(&derive(key, "encryption", &[&nonce]), &nonce, bound, plain, &mut out);
    Ok(out)
}

/// Opens what [`seal`] made; `None` when key, binding or bytes aren't those.
pub(crate) fn open(key: &[u8; 32], bound: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (head, text) = sealed.split_at_checked(HEAD)?;
    if head[0] != VERSION {
        return None;
    }
    let (nonce, commitment) = head[1..].split_first_chunk::<NONCE>()?;
    // blake3::Hash compares in constant time.
    if blake3::Hash::from_bytes(*derive(key, "commitment", &[nonce])) != *commitment {
        return None;
    }
    decrypt(&derive(key, "encryption", &[nonce]), nonce, bound, text)
}

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha), tag at the end; behind what is in `out`, without another copy of a large
/// value.
pub(crate) fn encrypt(key: &[u8; 32], nonce: &[u8; NONCE], bound: &[u8], plain: &[u8], out: &mut Vec<u8>) {
    let from = out.len();
    out.extend_from_slice(plain);
    let tag = XChaCha20Poly1305::new(&(*key).into())
        .encrypt_inout_detached(&XNonce::from(*nonce), bound, (&mut out[from..]).into())
        .expect("only a text of 256 GB is too long");
    out.extend_from_slice(&tag);
}

/// The way back.
pub(crate) fn decrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE],
    bound: &[u8],
    text: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    let plain = cipher.decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: bound });
    // The cipher's error says no more than that the tag is wrong.
    plain.ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_opens_under_its_key_and_binding_alone() {
        let sealed = seal(&[1; 32], b"here", b"text").unwrap();
        assert_eq!(sealed.len(), 4 + OVERHEAD);
        assert_eq!(open(&[1; 32], b"here", &sealed).unwrap().as_slice(), b"text");
        assert!(open(&[2; 32], b"here", &sealed).is_none());
        assert!(open(&[1; 32], b"there", &sealed).is_none());
    }

    #[test]
    fn no_byte_of_it_can_be_changed_or_taken_away() {
        let sealed = seal(&[1; 32], b"", b"text").unwrap();
        for at in 0..sealed.len() {
            let mut other = sealed.clone();
            other[at] ^= 1;
            assert!(open(&[1; 32], b"", &other).is_none(), "byte {at}");
            assert!(open(&[1; 32], b"", &sealed[..at]).is_none(), "cut at {at}");
        }
    }

    #[test]
    fn a_text_that_would_decrypt_under_another_key_is_refused_by_its_commitment() {
        // The head commits to key 1, the rest is a true ciphertext under key 2.
        let mut sealed = seal(&[1; 32], b"", b"text").unwrap();
        let nonce: [u8; NONCE] = sealed[1..=NONCE].try_into().unwrap();
        sealed.truncate(HEAD);
        encrypt(&derive(&[2; 32], "encryption", &[&nonce]), &nonce, b"", b"text", &mut sealed);
        assert!(decrypt(&derive(&[2; 32], "encryption", &[&nonce]), &nonce, b"", &sealed[HEAD..]).is_some());
        assert!(open(&[2; 32], b"", &sealed).is_none());
        assert!(open(&[1; 32], b"", &sealed).is_none());
    }
}
