//! The static share: the half of the root key that stays the same at every forgetting.

use zeroize::Zeroizing;

use crate::derive::{Argon2Cost, Key, derive, stretch};
use crate::{KeyringError, KeyringId};

/// The secret that is needed beside a replica to open the keyring. It protects a stolen replica, and nothing
/// more: crypto-shredding relies on the root share alone.
pub struct StaticShare(Source);

enum Source {
    None,
    Bytes(Zeroizing<Vec<u8>>),
    Passphrase(Zeroizing<String>),
}

impl StaticShare {
    /// No static share: a replica alone opens the keyring.
    #[must_use]
    pub fn none() -> Self {
        Self(Source::None)
    }

    /// A share of random bytes from a key store. They are used without stretching, so there must be at least 32
    /// of them.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(Source::Bytes(Zeroizing::new(bytes.to_vec())))
    }

    /// A share from a passphrase, stretched with Argon2id (RFC 9106; 19 MiB, 2 passes). White space around the
    /// passphrase is ignored, such as the line end of a file.
    #[must_use]
    pub fn from_passphrase(text: &str) -> Self {
        Self(Source::Passphrase(Zeroizing::new(text.trim().to_owned())))
    }

    /// Derives the 32 bytes of the share for this keyring, whose id is the salt.
    pub(crate) fn derive_share(&self, keyring_id: KeyringId) -> Result<Key, KeyringError> {
        match &self.0 {
            Source::None => Ok(Zeroizing::new([0; 32])),
            Source::Bytes(bytes) => Ok(derive(&[0; 32], "static share", &[bytes])),
            Source::Passphrase(text) => {
                let cost = Argon2Cost { memory_kib: 19 * 1024, passes: 2, lanes: 1 };
                stretch(text, &keyring_id.0, cost).map_err(|_| KeyringError::NoMemory)
            }
        }
    }
}
