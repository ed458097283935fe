//! The signed text of a licence.

use core::{fmt, str::FromStr};

use crate::{Claims, Refusal, claims::CLAIMS_LENGTH, crockford};

/// Prefix of the signed message (domain separation): a signature made for anything else can never be a key.
pub(crate) const DOMAIN: [u8; 21] = *b"scruple/licence/key/1";
/// Length of a key in bytes: 12 of claims, 64 of signature.
pub const KEY_LENGTH: usize = CLAIMS_LENGTH + SIGNATURE_LENGTH;
const SIGNATURE_LENGTH: usize = 64;
const MESSAGE_LENGTH: usize = DOMAIN.len() + CLAIMS_LENGTH;
const GROUP: usize = 5;

/// A parsed key: well formed, but **not known to be genuine** before [`verify`](crate::verify) confirms it.
///
/// Its text is 122 symbols of Crockford's base 32 in groups of five. Parsing accepts any case, white space, line
/// breaks and dashes, and O for 0, I and L for 1. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    claims: Claims,
    bytes: [u8; KEY_LENGTH],
}

impl Key {
    /// Parses a key in any notation.
    ///
    /// # Errors
    /// Only [`Refusal::Unreadable`] and [`Refusal::UnknownVersion`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        Self::from_bytes(crockford::read(text)?)
    }

    /// Reads a key from bytes: the claims, then the signature as in RFC 8032.
    ///
    /// # Errors
    /// Only [`Refusal::Unreadable`] and [`Refusal::UnknownVersion`].
    pub fn from_bytes(bytes: [u8; KEY_LENGTH]) -> Result<Self, Refusal> {
        let (claims, _) = halves(&bytes);
        Ok(Self { claims: Claims::from_bytes(claims)?, bytes })
    }

    #[cfg(feature = "sign")]
    pub(crate) fn signed(
        claims: Claims,
        claims_bytes: [u8; CLAIMS_LENGTH],
        signature: [u8; SIGNATURE_LENGTH],
    ) -> Self {
        let mut bytes = [0; KEY_LENGTH];
        bytes[..CLAIMS_LENGTH].copy_from_slice(&claims_bytes);
        bytes[CLAIMS_LENGTH..].copy_from_slice(&signature);
        Self { claims, bytes }
    }

    /// The key as bytes.
    pub const fn to_bytes(&self) -> [u8; KEY_LENGTH] {
        self.bytes
    }

    /// The claims of the key, not verified. Anyone can write a key with any claims, so decide nothing on them.
    pub const fn unverified(&self) -> &Claims {
        &self.claims
    }

    pub(crate) fn signature(&self) -> [u8; SIGNATURE_LENGTH] {
        halves(&self.bytes).1
    }

    pub(crate) fn message(&self) -> [u8; MESSAGE_LENGTH] {
        message(halves(&self.bytes).0)
    }
}

/// The message that is signed for a key with these claims.
pub(crate) fn message(claims: [u8; CLAIMS_LENGTH]) -> [u8; MESSAGE_LENGTH] {
    let mut message = [0; MESSAGE_LENGTH];
    message[..DOMAIN.len()].copy_from_slice(&DOMAIN);
    message[DOMAIN.len()..].copy_from_slice(&claims);
    message
}

fn halves(bytes: &[u8; KEY_LENGTH]) -> ([u8; CLAIMS_LENGTH], [u8; SIGNATURE_LENGTH]) {
    let (mut claims, mut signature) = ([0; CLAIMS_LENGTH], [0; SIGNATURE_LENGTH]);
    claims.copy_from_slice(&bytes[..CLAIMS_LENGTH]);
    signature.copy_from_slice(&bytes[CLAIMS_LENGTH..]);
    (claims, signature)
}

/// Writes the text in its canonical notation.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crockford::write(&self.bytes, GROUP, f)
    }
}

/// The text of a key is the licence, so `Debug` must not write it into a log.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl FromStr for Key {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        Self::parse(text)
    }
}
