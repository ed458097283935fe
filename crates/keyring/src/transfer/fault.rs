//! What can be wrong with an exported keyring.

use std::io;

use crate::KeyringError;

/// Why an exported keyring can't be imported.
#[derive(thiserror::Error, Clone, Copy, PartialEq, Eq, Debug)]
pub enum TransferFault {
    /// The file doesn't begin like an exported keyring.
    #[error("it isn't an exported keyring")]
    NotExported,
    /// The format of the file, or of the root in it, is not known.
    #[error("it has a format that this version doesn't know")]
    UnknownFormat,
    /// The file names another public key.
    #[error("it is encrypted for another transfer request")]
    OtherRequest,
    /// The file of the private key holds no private key.
    #[error("the private key of the transfer request is damaged")]
    DamagedPrivateKey,
    /// A part of the file is not authentic, or its end is missing.
    #[error("it is damaged or truncated")]
    Damaged,
    /// The decrypted content is not that of a keyring.
    #[error("its content isn't a keyring")]
    NoKeyring,
}

impl From<TransferFault> for KeyringError {
    fn from(fault: TransferFault) -> Self {
        Self::InvalidTransfer(fault)
    }
}

/// Reports an I/O error of the exported file.
pub(super) fn io_failed(source: io::Error) -> KeyringError {
    KeyringError::Io { path: "the exported file".into(), source }
}
