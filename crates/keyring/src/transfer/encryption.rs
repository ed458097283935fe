//! Encryption of a transferred keyring with HPKE (RFC 9180), in chunks, so that neither side holds it in memory.
//!
//! Suite: base mode of DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305. File: head | chunks.
//! Head: magic (8) | format (2) | public key of the request (32) | encapsulated key (32). The head up to the
//! encapsulated key is HPKE's `info`. Each chunk has 4,096 bytes, the last one 1 to 4,096, and a tag (16) after
//! them. The associated data of a chunk is the byte 0, of the last one 1. HPKE numbers the chunks.

use std::convert::Infallible;
use std::io::{self, Read, Write};

use hpke::aead::{AeadCtxR, AeadCtxS, AeadTag, ChaCha20Poly1305};
use hpke::inout::InOutBuf;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use zeroize::Zeroizing;

use super::fault::{TransferFault, io_failed};
use super::key_text::KeyTextFault;
use crate::KeyringError;
use crate::derive::{Key, random};

pub(super) type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
pub(super) type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;
pub(super) type EncapsulatedKey = <X25519HkdfSha256 as Kem>::EncappedKey;
pub(super) type SealingContext = AeadCtxS<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>;
pub(super) type OpeningContext = AeadCtxR<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>;
pub(super) type Tag = AeadTag<ChaCha20Poly1305>;

const MAGIC: &[u8; 8] = b"scruple\x03";
const FORMAT: u16 = 1;
/// The length of the head before the encapsulated key.
const INFO: usize = 8 + 2 + 32;
/// The length of the head.
pub(super) const HEAD: usize = INFO + 32;
/// The length of a chunk, decrypted.
pub(super) const CHUNK: usize = 4096;
/// The length of a chunk in the file.
pub(super) const SEALED_CHUNK: usize = CHUNK + TAG;
const TAG: usize = 16;
const MORE_FOLLOW: &[u8] = &[0];
const LAST: &[u8] = &[1];

/// Derives a key pair from random bytes.
pub(super) fn key_pair(seed: &[u8; 32]) -> (PrivateKey, PublicKey) {
    X25519HkdfSha256::derive_keypair(seed)
}

/// Returns the 32 bytes of a key.
pub(super) fn bytes_of(key: &impl Serializable) -> Key {
    let mut bytes = Zeroizing::new([0; 32]);
    key.write_exact(bytes.as_mut_slice());
    bytes
}

/// The random bytes from which HPKE derives the sender's key pair. HPKE draws them once.
pub(super) struct SenderSeed(Option<Key>);

impl SenderSeed {
    pub(super) fn new(seed: Key) -> Self {
        Self(Some(seed))
    }
}

impl TryRng for SenderSeed {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("HPKE draws 32 bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("HPKE draws 32 bytes")
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        out.copy_from_slice(&*self.0.take().expect("HPKE draws once"));
        Ok(())
    }
}

impl TryCryptoRng for SenderSeed {}

/// Sets up HPKE for a sender. Returns nothing for a public key with which no secret can be agreed.
pub(super) fn sender(
    to: &PublicKey,
    info: &[u8],
    mut seed: SenderSeed,
) -> Option<(EncapsulatedKey, SealingContext)> {
    hpke::setup_sender_with_rng(&OpModeS::Base, to, info, &mut seed).ok()
}

/// Sets up HPKE for the recipient.
pub(super) fn recipient(
    key: &PrivateKey,
    info: &[u8],
    encapsulated: &EncapsulatedKey,
) -> Option<OpeningContext> {
    hpke::setup_receiver(&OpModeR::Base, key, encapsulated, info).ok()
}

/// Encrypts what is written to it. The file is complete after [`EncryptingWriter::finish`].
pub(super) struct EncryptingWriter<'a> {
    out: &'a mut dyn Write,
    context: SealingContext,
    chunk: Zeroizing<Vec<u8>>,
}

impl<'a> EncryptingWriter<'a> {
    /// Writes the head. Returns [`KeyringError::InvalidTransferRequest`] for a public key that HPKE refuses.
    pub(super) fn new(out: &'a mut dyn Write, to: &[u8; 32]) -> Result<Self, KeyringError> {
        Self::with_seed(out, to, SenderSeed::new(random()?))
    }

    /// As [`Self::new`], with chosen random bytes, for test vectors.
    pub(super) fn with_seed(
        out: &'a mut dyn Write,
        to: &[u8; 32],
        seed: SenderSeed,
    ) -> Result<Self, KeyringError> {
        let mut head = [MAGIC.as_slice(), &FORMAT.to_le_bytes(), to].concat();
        let (encapsulated, context) = PublicKey::from_bytes(to)
            .ok()
            .and_then(|to| sender(&to, &head, seed))
            .ok_or(KeyringError::InvalidTransferRequest(KeyTextFault::Unusable))?;
        head.extend_from_slice(&*bytes_of(&encapsulated));
        out.write_all(&head).map_err(io_failed)?;
        Ok(Self { out, context, chunk: Zeroizing::new(Vec::with_capacity(SEALED_CHUNK)) })
    }

    /// Encrypts and writes bytes.
    pub(super) fn write_all(&mut self, mut bytes: &[u8]) -> Result<(), KeyringError> {
        while !bytes.is_empty() {
            // A full chunk waits for the next byte, which tells that it is not the last chunk.
            if self.chunk.len() == CHUNK {
                self.seal_chunk(MORE_FOLLOW)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// Writes the last chunk.
    pub(super) fn finish(mut self) -> Result<(), KeyringError> {
        self.seal_chunk(LAST)?;
        self.out.flush().map_err(io_failed)
    }

    fn seal_chunk(&mut self, associated_data: &[u8]) -> Result<(), KeyringError> {
        let tag = self
            .context
            .seal_inout_detached(InOutBuf::from(self.chunk.as_mut_slice()), associated_data)
            .expect("HPKE encrypts 2^64 chunks");
        self.chunk.extend_from_slice(&tag.to_bytes());
        let written = self.out.write_all(&self.chunk).map_err(io_failed);
        self.chunk.clear();
        written
    }
}

/// Decrypts what [`EncryptingWriter`] wrote. It returns only bytes of chunks that are authentic. Whether the file
/// is complete is known at its end: see [`DecryptingReader::check_end`].
pub(super) struct DecryptingReader<'a> {
    from: &'a mut dyn Read,
    context: OpeningContext,
    /// The decrypted chunk.
    chunk: Zeroizing<Vec<u8>>,
    /// How many bytes of the chunk were read.
    read: usize,
    /// The byte after the chunk in the file; none if the chunk is the last one.
    ahead: Option<u8>,
}

impl<'a> DecryptingReader<'a> {
    /// Reads the head and decrypts the first chunk.
    pub(super) fn new(from: &'a mut dyn Read, key: &PrivateKey) -> Result<Self, KeyringError> {
        let head = read_head(from)?;
        let (info, encapsulated) = head.split_at(INFO);
        if info[10..] != *bytes_of(&X25519HkdfSha256::sk_to_pk(key)) {
            return Err(TransferFault::OtherRequest.into());
        }
        let context = EncapsulatedKey::from_bytes(encapsulated)
            .ok()
            .and_then(|encapsulated| recipient(key, info, &encapsulated))
            .ok_or(TransferFault::Damaged)?;
        let mut ahead = [0];
        read_exact(from, &mut ahead, TransferFault::Damaged)?;
        let chunk = Zeroizing::new(Vec::with_capacity(SEALED_CHUNK + 1));
        let mut reader = Self { from, context, chunk, read: 0, ahead: Some(ahead[0]) };
        reader.open_chunk()?;
        Ok(reader)
    }

    /// Fills `out`. The end of the content before that is a fault of the content.
    pub(super) fn read_exact(&mut self, out: &mut [u8]) -> Result<(), KeyringError> {
        let mut filled = 0;
        while filled < out.len() {
            if self.read == self.chunk.len() {
                self.open_chunk()?;
            }
            let part = (out.len() - filled).min(self.chunk.len() - self.read);
            out[filled..filled + part].copy_from_slice(&self.chunk[self.read..self.read + part]);
            (filled, self.read) = (filled + part, self.read + part);
        }
        Ok(())
    }

    /// Checks that everything was read, up to an authentic last chunk.
    pub(super) fn check_end(&mut self) -> Result<(), KeyringError> {
        if self.read == self.chunk.len() && self.ahead.is_some() {
            self.open_chunk()?;
        }
        if self.is_at_end() { Ok(()) } else { Err(TransferFault::NoKeyring.into()) }
    }

    /// Returns whether the last chunk was read to its end.
    fn is_at_end(&self) -> bool {
        self.read == self.chunk.len() && self.ahead.is_none()
    }

    /// Decrypts the next chunk.
    fn open_chunk(&mut self) -> Result<(), KeyringError> {
        let first = self.ahead.take().ok_or(TransferFault::NoKeyring)?;
        self.chunk.clear();
        self.chunk.push(first);
        // One byte more than a chunk tells whether another chunk follows.
        let rest = (&mut *self.from).take(SEALED_CHUNK as u64).read_to_end(&mut self.chunk);
        rest.map_err(io_failed)?;
        if self.chunk.len() > SEALED_CHUNK {
            self.ahead = self.chunk.pop();
        }
        let associated_data = if self.ahead.is_some() { MORE_FOLLOW } else { LAST };
        let length = self.chunk.len().checked_sub(TAG).filter(|length| *length > 0);
        let length = length.ok_or(TransferFault::Damaged)?;
        let (text, tag) = self.chunk.split_at_mut(length);
        Tag::from_bytes(tag)
            .and_then(|tag| self.context.open_inout_detached(InOutBuf::from(text), associated_data, &tag))
            .map_err(|_| TransferFault::Damaged)?;
        self.chunk.truncate(length);
        self.read = 0;
        Ok(())
    }
}

/// Reads the head and checks its magic and format.
fn read_head(from: &mut dyn Read) -> Result<[u8; HEAD], KeyringError> {
    let mut head = [0; HEAD];
    read_exact(from, &mut head[..8], TransferFault::NotExported)?;
    if !head.starts_with(MAGIC) {
        return Err(TransferFault::NotExported.into());
    }
    read_exact(from, &mut head[8..10], TransferFault::Damaged)?;
    if head[8..10] != FORMAT.to_le_bytes() {
        return Err(TransferFault::UnknownFormat.into());
    }
    read_exact(from, &mut head[10..], TransferFault::Damaged)?;
    Ok(head)
}

/// Fills `out`. The end of the file before that is the fault `at_end`.
fn read_exact(from: &mut dyn Read, out: &mut [u8], at_end: TransferFault) -> Result<(), KeyringError> {
    from.read_exact(out).map_err(|why| match why.kind() {
        io::ErrorKind::UnexpectedEof => at_end.into(),
        _ => io_failed(why),
    })
}
