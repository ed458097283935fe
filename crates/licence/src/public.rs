//! The public keys that a program contains.

use alloc::vec::Vec;
use core::{error::Error, fmt};

use ed25519_dalek::{Signature, VerifyingKey};

use crate::{Key, claims::HIGHEST_SIGNING_KEY};

/// First word of each line in a file of public keys.
const KEYWORD: &str = "scruple-licence-public-key";
/// The version of the line format.
const LINE_VERSION: &str = "1";
const LENGTH: usize = 32;

/// A public key (Ed25519, RFC 8032) with the number of its signing key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    id: u8,
    point: VerifyingKey,
}

impl PublicKey {
    /// Reads 32 bytes as in RFC 8032, for the signing key with this number.
    ///
    /// # Errors
    /// [`Id`](BadPublicKey::Id), [`Invalid`](BadPublicKey::Invalid), [`Weak`](BadPublicKey::Weak).
    pub fn from_bytes(id: u8, bytes: &[u8; LENGTH]) -> Result<Self, BadPublicKey> {
        if id > HIGHEST_SIGNING_KEY {
            return Err(BadPublicKey::Id);
        }
        let point = VerifyingKey::from_bytes(bytes).map_err(|_| BadPublicKey::Invalid)?;
        let proper = VerifyingKey::from(point.to_edwards());
        if proper.as_bytes() != bytes {
            return Err(BadPublicKey::Invalid);
        }
        // A point outside the group of prime order allows altered signatures. A point of small order allows
        // signatures by anyone. No correct signing key has such a point.
        if point.is_weak() || !point.to_edwards().is_torsion_free() {
            return Err(BadPublicKey::Weak);
        }
        Ok(Self { id, point })
    }

    #[cfg(feature = "sign")]
    pub(crate) fn of(secret: &crate::SigningKey) -> Self {
        Self { id: secret.id(), point: secret.point() }
    }

    /// The number of the signing key, 0 to 15.
    pub const fn id(&self) -> u8 {
        self.id
    }

    /// The 32 bytes of the point, as in RFC 8032.
    pub fn to_bytes(&self) -> [u8; LENGTH] {
        self.point.to_bytes()
    }

    /// Tells whether this key made the signature. The check is strict: no other signature of the same message
    /// passes.
    pub(crate) fn signed(&self, key: &Key) -> bool {
        self.point.verify_strict(&key.message(), &Signature::from_bytes(&key.signature())).is_ok()
    }

    fn from_line(line: &str) -> Result<Self, BadPublicKey> {
        let mut words = line.split_whitespace();
        let (Some(KEYWORD), Some(version), Some(id), Some(digits), None) =
            (words.next(), words.next(), words.next(), words.next(), words.next())
        else {
            return Err(BadPublicKey::Form);
        };
        if version != LINE_VERSION {
            return Err(BadPublicKey::Version);
        }
        let id = id.parse().map_err(|_| BadPublicKey::Id)?;
        Self::from_bytes(id, &bytes_of(digits).ok_or(BadPublicKey::Digits)?)
    }
}

fn bytes_of(digits: &str) -> Option<[u8; LENGTH]> {
    let digits = digits.as_bytes();
    if digits.len() != 2 * LENGTH {
        return None;
    }
    let mut bytes = [0; LENGTH];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            // A hexadecimal digit is below 16.
            *byte = *byte << 4 | char::from(*digit).to_digit(16)? as u8;
        }
    }
    Some(bytes)
}

/// Writes a line of a file, without the line break.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{KEYWORD} {LINE_VERSION} {} ", self.id)?;
        self.to_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The public keys that a program trusts, at most one for each number. An empty set trusts no key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicKeys {
    /// Sorted by number.
    keys: Vec<PublicKey>,
}

impl PublicKeys {
    /// A set without keys.
    pub const fn new() -> Self {
        Self { keys: Vec::new() }
    }

    /// Parses a file of public keys, one in each line: `scruple-licence-public-key 1 ID HEX`. Empty lines and
    /// lines that begin with `#` are ignored.
    ///
    /// # Errors
    /// The first invalid line, or [`BadPublicKey::Missing`] when there is no key: a program with an empty file
    /// would refuse every key.
    pub fn parse(text: &str) -> Result<Self, BadPublicKeys> {
        let mut keys = Self::new();
        for (line, number) in text.lines().map(str::trim).zip(1..) {
            if !line.is_empty() && !line.starts_with('#') {
                let added = PublicKey::from_line(line).and_then(|key| keys.add(key));
                added.map_err(|why| BadPublicKeys { line: number, why })?;
            }
        }
        if keys.keys.is_empty() {
            return Err(BadPublicKeys { line: text.lines().count(), why: BadPublicKey::Missing });
        }
        Ok(keys)
    }

    /// Adds a key.
    ///
    /// # Errors
    /// [`BadPublicKey::Twice`] when a key with this number exists, even the same key.
    pub fn add(&mut self, key: PublicKey) -> Result<(), BadPublicKey> {
        match self.keys.binary_search_by_key(&key.id, PublicKey::id) {
            Ok(_) => Err(BadPublicKey::Twice),
            Err(index) => {
                self.keys.insert(index, key);
                Ok(())
            }
        }
    }

    /// The key with this number.
    pub fn get(&self, id: u8) -> Option<&PublicKey> {
        let index = self.keys.binary_search_by_key(&id, PublicKey::id).ok()?;
        self.keys.get(index)
    }

    /// All keys, sorted by number.
    pub fn iter(&self) -> impl Iterator<Item = &PublicKey> {
        self.keys.iter()
    }
}

/// Writes the text of a file, one line for each key.
impl fmt::Display for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|key| writeln!(f, "{key}"))
    }
}

/// Why a public key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadPublicKey {
    /// The line is not of the form `scruple-licence-public-key 1 ID HEX`.
    Form,
    /// The line is of another version than 1.
    Version,
    /// The number of the signing key is not one from 0 to 15.
    Id,
    /// The key is not written in 64 hexadecimal digits.
    Digits,
    /// The bytes are no point of the curve in its one proper encoding.
    Invalid,
    /// The point is outside the group of prime order, so that anyone could alter or make signatures.
    Weak,
    /// There are two keys of this number.
    Twice,
    /// There is no key in the file.
    Missing,
}

impl fmt::Display for BadPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => write!(f, "this line does not have the form `{KEYWORD} {LINE_VERSION} ID HEX`"),
            Self::Version => f.write_str("this line has a newer format than this program knows"),
            Self::Id => write!(f, "the number of a signing key must be from 0 to {HIGHEST_SIGNING_KEY}"),
            Self::Digits => f.write_str("a public key has 64 hexadecimal digits"),
            Self::Invalid => f.write_str("this is not an Ed25519 public key"),
            Self::Weak => f.write_str("this public key is too weak to trust"),
            Self::Twice => f.write_str("there are two public keys with this number"),
            Self::Missing => f.write_str("there is no public key in this file"),
        }
    }
}

impl Error for BadPublicKey {}

/// A file of public keys that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadPublicKeys {
    /// The number of the line, from 1. It is the last line (0 in an empty text) when the whole file is wrong.
    pub line: usize,
    /// The reason.
    pub why: BadPublicKey,
}

impl fmt::Display for BadPublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

impl Error for BadPublicKeys {}
