//! Sealing and forgetting.
//!
//! Everything personal is sealed under the key of a [`Slot`], which is a walk from one root through a trie of
//! one-way derivations. Forgetting a slot strikes it from the trie and turns the root, so that the slot's key can be
//! had no more: not from the data, not from any backup of it, not from any earlier file of the keyring but the
//! root share that was overwritten.
//!
//! - [`Vault`]: the keyring, opened. Seals, opens, tags, forgets.
//! - [`Sealed`], [`Opened`], [`Permit`]: values by field and purpose; what the inventory doesn't allow doesn't compile.
//! - A keyring lies whole in each of its places; see [`Status`] and [`KeyringError`].
//!
//! The construction is known: revocable backups (Boneh and Lipton, 1996), secure deletion with B-trees of keys
//! (Reardon, Basin and Capkun, 2013), puncturable pseudo-random functions.

pub mod address;
pub mod bucket;
mod derive;
pub mod disk;
mod error;
mod folder;
mod ids;
mod keyring;
mod moving;
mod node;
mod place;
mod places;
mod record;
mod seal;
mod sealed;
mod share;
mod slot;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod tombstone;
mod trie;
#[cfg(test)]
mod vectors;

pub use self::keyring::{
    Examined, Forgetting, Forgotten, Look, Opening, PlaceStatus, Status, Vault, Warning,
};
pub use address::Address;
pub use bucket::Bucket;
pub use error::{KeyringError, OpenError};
pub use ids::{KeyringId, StoreId, Tag16};
pub use moving::{adopt, carry, invite};
pub use seal::OVERHEAD;
pub use sealed::{Opened, Permit, Sealed};
pub use share::StaticShare;
pub use slot::Slot;
pub use tombstone::{Erasure, Tombstone};
