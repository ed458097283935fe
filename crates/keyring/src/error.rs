//! Errors. Each text says what happened and what to do. No text holds a value, a key or a tag.
//!
//! [`KeyringError`]: the keyring as a whole cannot be used now. [`OpenError`]: one value cannot be opened or
//! sealed.

use std::io;
use std::path::PathBuf;

use crate::{KeyTextFault, KeyringId, TransferFault};

/// The keyring cannot be used, or cannot be used now.
#[derive(thiserror::Error, Debug)]
pub enum KeyringError {
    /// No configured replica holds a valid root.
    #[error(
        "no replica of the keyring has a usable root (checked {}). If a disk isn't mounted, mount it. If the keyring \
         was moved, set keyring.replicas. If the keyring is lost, the encrypted data is lost too: licences \
         continue to work, and a new keyring needs a new data folder", list(.replicas)
    )]
    NoUsableReplica {
        /// The configured replicas.
        replicas: Vec<PathBuf>,
    },
    /// A replica belongs to another keyring.
    #[error(
        "{} belongs to keyring {found}, but {expected} is expected. Set keyring.replicas to the right folder", .path.display()
    )]
    OtherKeyring {
        /// The replica.
        path: PathBuf,
        /// The keyring id in the data or in the other replicas.
        expected: KeyringId,
        /// The keyring id in this replica.
        found: KeyringId,
    },
    /// The newest reachable root is older than one seen before (rollback).
    #[error(
        "the keyring has epoch {found}, but epoch {seen} was seen before: an old copy was restored. Restore the \
         newest copy, or make the other replicas reachable"
    )]
    RolledBack {
        /// Epoch of the newest root found.
        found: u64,
        /// Highest epoch seen before.
        seen: u64,
    },
    /// Two replicas hold different roots of the same epoch.
    #[error(
        "{} and {} hold different roots of the same epoch: they were used separately. Decide which one is right, \
         empty the other folder and run `scruple keyring replica renew` for it", .one.display(), .other.display()
    )]
    Diverged {
        /// One replica.
        one: PathBuf,
        /// The other replica.
        other: PathBuf,
    },
    /// A newer version of this program wrote the file.
    #[error("{} has format {format}, which this version doesn't know. Use the newer version of Scruple that wrote it", .path.display())]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u16,
    },
    /// Other users of the system could read the file or folder.
    #[error("other users can read {} (mode {mode:o}). Run: chmod {} {}", .path.display(), if *.folder { "700" } else { "600" }, .path.display())]
    LoosePermissions {
        /// File or folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// Whether it is a folder.
        folder: bool,
    },
    /// A write must reach every replica, and these replicas are unreachable.
    #[error(
        "can't reach the keyring replica {}: erasures and their receipts wait until it is reachable. Mount it, run \
         `scruple keyring replica renew` for an emptied folder, or `scruple keyring replica drop` for a lost one", list(.replicas)
    )]
    Unreachable {
        /// The replicas.
        replicas: Vec<PathBuf>,
    },
    /// The top record does not open with this static share.
    #[error(
        "the keyring doesn't open: the passphrase or static share is wrong. Set keyring.passphrase_file to the passphrase with which the keyring was created"
    )]
    WrongShare,
    /// A new keyring was to be created in a folder that is not empty.
    #[error("{} isn't empty, so no new keyring was created there. Choose an empty folder, or open the keyring in it", .path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A replica that is to be dropped is still configured.
    #[error("{} is still in keyring.replicas. Remove it there first", .path.display())]
    StillConfigured {
        /// The folder.
        path: PathBuf,
    },
    /// The folder is not a replica of the keyring.
    #[error("{} isn't a replica of this keyring. To renew it, add it to keyring.replicas first", .path.display())]
    NotConfigured {
        /// The folder.
        path: PathBuf,
    },
    /// No replica is configured.
    #[error("no keyring replica is configured. Set keyring.replicas to one or more folders")]
    NoReplicas,
    /// The slot holds one of the program's own keys and cannot be forgotten.
    #[error("slot {0} is one of the program's own keys and can't be forgotten")]
    Reserved(u64),
    /// The system provides no random bytes.
    #[error("the system provides no random bytes; nothing was encrypted")]
    NoRandom,
    /// Not enough memory for the key derivation from the passphrase (Argon2id).
    #[error("there isn't enough memory for the passphrase (Argon2id needs 19 MiB)")]
    NoMemory,
    /// A thread panicked in the middle of a change.
    #[error(
        "a change of the keyring was interrupted; restart the program, which then reads the keyring again"
    )]
    Interrupted,
    /// The keyring contradicts itself.
    #[error(
        "the keyring is damaged ({0}). If there is another replica, empty this one and run `scruple keyring replica renew`"
    )]
    Damaged(&'static str),
    /// The transferred file is not a keyring, or is encrypted for another machine.
    #[error(
        "this keyring can't be imported ({0}). Create a new request with `scruple keyring transfer request` and export the keyring again"
    )]
    InvalidTransfer(TransferFault),
    /// The text is not a transfer request.
    #[error(
        "this isn't a transfer request ({0}). Copy the whole line that `scruple keyring transfer request` printed on the new machine"
    )]
    InvalidTransferRequest(KeyTextFault),
    /// The system refused a file operation.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
}

/// A value cannot be opened or sealed.
#[derive(thiserror::Error, Debug)]
pub enum OpenError {
    /// The slot is forgotten (crypto-shredding). The value is unreadable for ever, by design.
    #[error("forgotten")]
    Forgotten,
    /// The bytes were not sealed for this row and column under this slot.
    #[error("an encrypted value doesn't open: it was damaged or moved to another row")]
    Damaged,
    /// The value is personal, and its opening is not in the audit log.
    #[error("a personal value can only be opened with an entry in the audit log")]
    Unaudited,
    /// The keyring cannot be used.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
