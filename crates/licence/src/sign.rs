//! Signing keys, for the shop's side only.

use core::fmt;

use ed25519_dalek::{Signer as _, VerifyingKey};

use crate::{Claims, Key, OutOfRange, PublicKey, claims::HIGHEST_SIGNING_KEY, key::message};

/// A signing key with its number. It is wiped from memory when dropped; `Debug` shows only the number.
pub struct SigningKey {
    id: u8,
    secret: ed25519_dalek::SigningKey,
}

impl SigningKey {
    /// The signing key from a seed of 32 random bytes (RFC 8032, 5.1.5), with a number from 0 to 15. The caller
    /// must wipe the seed.
    ///
    /// # Errors
    /// [`OutOfRange::SigningKey`] for a number above 15.
    pub fn from_seed(id: u8, seed: &[u8; 32]) -> Result<Self, OutOfRange> {
        if id > HIGHEST_SIGNING_KEY {
            return Err(OutOfRange::SigningKey);
        }
        Ok(Self { id, secret: ed25519_dalek::SigningKey::from_bytes(seed) })
    }

    /// The number, 0 to 15.
    pub const fn id(&self) -> u8 {
        self.id
    }

    /// The public key that programs contain.
    pub fn public(&self) -> PublicKey {
        PublicKey::of(self)
    }

    pub(crate) fn point(&self) -> VerifyingKey {
        self.secret.verifying_key()
    }

    /// Signs these claims. Signing is deterministic (RFC 8032, 5.1.6): the same claims always give the same text.
    ///
    /// # Errors
    /// [`OutOfRange::SigningKey`] when the claims name another signing key, [`OutOfRange::Edition`] above 127.
    pub fn sign(&self, claims: &Claims) -> Result<Key, OutOfRange> {
        if claims.signing_key != self.id {
            return Err(OutOfRange::SigningKey);
        }
        let bytes = claims.to_bytes()?;
        let signature = self.secret.sign(&message(bytes));
        Ok(Key::signed(*claims, bytes, signature.to_bytes()))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}
