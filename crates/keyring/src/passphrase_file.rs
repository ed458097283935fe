//! A small file that is encrypted with a passphrase, such as the backup of the signing keys.
//!
//! Argon2id stretches the passphrase to a key. XChaCha20-Poly1305 with a commitment to the key encrypts the content.
//! The head is associated data. docs/formats.md describes the file, and `vectors/` has examples.
//!
//! Head: magic (8) | format (2) | memory in KiB (4) | passes (4) | lanes (4) | salt (16).

#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

use crate::KeyringError;
use crate::derive::{Argon2Cost, Key, random, stretch};
use crate::seal::{self, commits_to};

const MAGIC: &[u8; 8] = b"scruple\x04";
const FORMAT: u16 = 1;
const HEAD: usize = 8 + 2 + 3 * 4 + 16;
const SALT: usize = HEAD - 16;

/// The cost of a new file: the second recommended option of RFC 9106, 64 MiB.
const COST: Argon2Cost = Argon2Cost { memory_kib: 64 * 1024, passes: 3, lanes: 4 };
/// The highest cost at which a file is opened: 256 MiB, and about ten seconds.
const MAX_COST: Argon2Cost = Argon2Cost { memory_kib: 256 * 1024, passes: 32, lanes: 16 };

/// The file can't be encrypted or decrypted.
#[derive(thiserror::Error, Clone, Copy, PartialEq, Eq, Debug)]
pub enum PassphraseFileError {
    /// The file doesn't begin like one that was encrypted with a passphrase.
    #[error("the file isn't one that Scruple encrypted with a passphrase")]
    OtherFile,
    /// The format of the file is not known.
    #[error("the file has format {0}, which this version doesn't know")]
    UnknownFormat(u16),
    /// Argon2id can't have this cost, or would take too much memory or time.
    #[error("the file asks for more memory or time (Argon2id) than this version allows")]
    CostOutOfLimits,
    /// The key commitment differs.
    #[error("the passphrase is wrong, or the beginning of the file is damaged")]
    WrongPassphrase,
    /// The passphrase is right, and the content is not authentic.
    #[error("the file is damaged or truncated")]
    Damaged,
    /// Not enough memory for Argon2id.
    #[error("there isn't enough memory for the passphrase (Argon2id)")]
    NoMemory,
    /// The system provides no random bytes.
    #[error("the system provides no random bytes; nothing was encrypted")]
    NoRandom,
}

/// Encrypts `plain` with a passphrase. Takes 64 MiB of memory while it runs.
pub fn encrypt(passphrase: &str, plain: &[u8]) -> Result<Vec<u8>, PassphraseFileError> {
    let no_random = |_: KeyringError| PassphraseFileError::NoRandom;
    let salt = random().map_err(no_random)?;
    let nonce = random().map_err(no_random)?;
    encrypt_with(passphrase, COST, &salt, &nonce, plain)
}

/// As [`encrypt`], with chosen cost and chosen random bytes.
fn encrypt_with(
    passphrase: &str,
    cost: Argon2Cost,
    salt: &[u8; 16],
    nonce: &[u8; 24],
    plain: &[u8],
) -> Result<Vec<u8>, PassphraseFileError> {
    let mut file = head(cost, salt);
    let key = key_of(passphrase, &file)?;
    let sealed = seal::seal_with_nonce(&key, nonce, &file, plain);
    file.extend_from_slice(&sealed);
    Ok(file)
}

/// Decrypts the output of [`encrypt`]. The cost that the file names is checked before any memory is taken.
pub fn decrypt(passphrase: &str, file: &[u8]) -> Result<Zeroizing<Vec<u8>>, PassphraseFileError> {
    let rest = file.strip_prefix(MAGIC).ok_or(PassphraseFileError::OtherFile)?;
    let (format, _) = rest.split_first_chunk::<2>().ok_or(PassphraseFileError::Damaged)?;
    let format = u16::from_le_bytes(*format);
    if format != FORMAT {
        return Err(PassphraseFileError::UnknownFormat(format));
    }
    let (head, sealed) = file.split_at_checked(HEAD).ok_or(PassphraseFileError::Damaged)?;
    if sealed.len() < seal::OVERHEAD {
        return Err(PassphraseFileError::Damaged);
    }
    let key = key_of(passphrase, head)?;
    if !commits_to(&key, sealed) {
        return Err(PassphraseFileError::WrongPassphrase);
    }
    seal::open(&key, head, sealed).ok_or(PassphraseFileError::Damaged)
}

fn head(cost: Argon2Cost, salt: &[u8; 16]) -> Vec<u8> {
    let mut head = [MAGIC.as_slice(), &FORMAT.to_le_bytes()].concat();
    for number in [cost.memory_kib, cost.passes, cost.lanes] {
        head.extend_from_slice(&number.to_le_bytes());
    }
    head.extend_from_slice(salt);
    head
}

/// Derives the key with the cost and the salt of a head.
fn key_of(passphrase: &str, head: &[u8]) -> Result<Key, PassphraseFileError> {
    let number = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().expect("a head has 38 bytes"));
    let cost = Argon2Cost { memory_kib: number(10), passes: number(14), lanes: number(18) };
    let salt = head[SALT..].try_into().expect("a head has 38 bytes");
    if cost.memory_kib > MAX_COST.memory_kib || cost.passes > MAX_COST.passes || cost.lanes > MAX_COST.lanes {
        return Err(PassphraseFileError::CostOutOfLimits);
    }
    stretch(passphrase, salt, cost).map_err(|why| match why {
        argon2::Error::OutOfMemory => PassphraseFileError::NoMemory,
        _ => PassphraseFileError::CostOutOfLimits,
    })
}
