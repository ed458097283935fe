//! The static share: the half of the root key that doesn't turn.

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use crate::derive::{Key, derive};
use crate::{KeyringError, KeyringId};

/// What is needed beside a place to open the keyring. It protects a stolen place, nothing more: forgetting rests
/// on the root share alone.
pub struct StaticShare(Kind);

enum Kind {
    None,
    Bytes(Zeroizing<Vec<u8>>),
    Passphrase(Zeroizing<String>),
}

impl StaticShare {
    /// No second half: who has a place has the keyring.
    #[must_use]
    pub fn none() -> Self {
        Self(Kind::None)
    }

    /// From random bytes, as a key store gives them: used as they are, so at least 32 of them.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(Kind::Bytes(Zeroizing::new(bytes.to_vec())))
    }

    /// From a passphrase, stretched with Argon2id (RFC 9106; 19 MiB, 2 passes). Blanks around it don't count, so
    /// that the line end of a file doesn't.
    #[must_use]
    pub fn from_passphrase(text: &str) -> Self {
        Self(Kind::Passphrase(Zeroizing::new(text.trim().to_owned())))
    }

    /// The share's 32 bytes for this keyring, whose id is the salt.
    pub(crate) fn settle(&self, keyring: KeyringId) -> Result<Key, KeyringError> {
        match &self.0 {
            Kind::None => Ok(Zeroizing::new([0; 32])),
            Kind::Bytes(bytes) => Ok(derive(&[0; 32], "static share", &[bytes])),
            Kind::Passphrase(text) => {
                let params = Params::new(19 * 1024, 2, 1, Some(32)).map_err(|_| KeyringError::NoMemory)?;
                let mut share = Zeroizing::new([0; 32]);
                Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                    .hash_password_into(text.as_bytes(), &keyring.0, share.as_mut_slice())
                    .map_err(|_| KeyringError::NoMemory)?;
                Ok(share)
            }
        }
    }
}
