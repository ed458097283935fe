//! Encryption keys for personal data, and their deletion (crypto-shredding).
//!
//! Every personal value is encrypted ("sealed") under the key of a [`Slot`]. Slot keys derive from one root key
//! through a trie of one-way derivations: a puncturable pseudo-random function. Forgetting a slot punctures the
//! trie at that slot and replaces the root key. After that the slot's key cannot be derived again. Neither the
//! data, nor any backup of it, nor an earlier file of the keyring helps, except the root share that was
//! overwritten.
//!
//! - [`Keyring`]: an open keyring. It seals and opens values, computes keyed tags, and forgets slots.
//! - [`Sealed`], [`Opened`], [`Permit`]: values by field and purpose. An access that the data inventory does not
//!   allow does not compile.
//! - Each replica holds the whole keyring; see [`KeyringStatus`] and [`KeyringError`].
//! - [`create_transfer_request`], [`export_keyring`], [`import_keyring`]: the keyring moves to another machine.
//! - [`passphrase_file`]: small files that are encrypted with a passphrase.
//!
//! The construction is published: revocable backups (Boneh and Lipton, 1996), secure deletion with B-trees of
//! keys (Reardon, Basin and Capkun, 2013), puncturable pseudo-random functions. In terms of envelope encryption,
//! a slot key is a data encryption key (DEK) and the root key is the key encryption key (KEK).
#![deny(missing_docs)]
#![deny(unreachable_pub)]

pub mod address;
pub mod bucket;
mod derive;
pub mod disk;
mod error;
mod fs_replica;
mod ids;
mod keyring;
mod node;
pub mod passphrase_file;
mod record;
mod replica;
mod replicas;
mod seal;
mod sealed;
mod share;
mod slot;
#[cfg(test)]
mod test_vectors;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod tombstone;
mod transfer;
mod trie;

pub use self::keyring::{
    Examination, ForgetOutcome, ForgetRequest, Keyring, KeyringConfig, KeyringStatus, KeyringView,
    KeyringWarning, ReplicaStatus,
};
pub use address::Address;
pub use bucket::Bucket;
pub use error::{KeyringError, OpenError};
pub use ids::{KeyringId, StoreId, Tag16};
pub use seal::OVERHEAD;
pub use sealed::{Opened, Permit, Sealed};
pub use share::StaticShare;
pub use slot::Slot;
pub use tombstone::{ErasureRecord, Tombstone};
pub use transfer::{
    KeyTextFault, TransferFault, create_transfer_request, export_keyring, import_keyring, import_keyring_on,
};
