//! Nodes of the trie, and the record at its top.
//!
//! A node has 128 entries. The top record has one entry for each tree. In a keyring in which no slot was ever
//! forgotten, the top record is a single seed and there are no nodes.

#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

use crate::derive::{Key, child, derive, random};
use crate::seal;
use crate::slot::Digits;
use crate::{KeyringError, KeyringId};

/// Number of entries of a node: one for each digit.
pub(crate) const FANOUT: usize = 128;
/// Number of trees in the top record: one for each length of a slot's digits.
pub(crate) const TREES: usize = Digits::MAX;

const ENTRY: usize = 33;
const SEED: u8 = 0;
const CHILD: u8 = 1;
const PUNCTURED: u8 = 2;

/// The entry for one digit.
#[derive(Clone)]
pub(crate) enum Entry {
    /// The seed of everything below. No slot below was ever forgotten.
    Seed(Key),
    /// A slot below was forgotten. The node is encrypted under this key.
    Child(NodeKey),
    /// Every slot below is forgotten.
    Punctured,
}

impl Entry {
    fn write(&self, out: &mut Vec<u8>) {
        let (kind, key) = match self {
            Entry::Seed(seed) => (SEED, &**seed),
            Entry::Child(key) => (CHILD, &*key.0),
            Entry::Punctured => (PUNCTURED, &[0; 32]),
        };
        out.push(kind);
        out.extend_from_slice(key);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (&kind, key) = bytes.split_first()?;
        let key = || Some(Zeroizing::new(<[u8; 32]>::try_from(key).ok()?));
        match kind {
            SEED => Some(Entry::Seed(key()?)),
            CHILD => Some(Entry::Child(NodeKey(key()?))),
            PUNCTURED => Some(Entry::Punctured),
            _ => None,
        }
    }

    pub(crate) fn is_punctured(&self) -> bool {
        matches!(self, Entry::Punctured)
    }
}

/// The name of a node, which is its file name in every replica.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct NodeId(pub [u8; 16]);

/// The key of one version of a node: random and used once. The node's name derives from it one way, so the holder
/// of the key finds exactly this node.
#[derive(Clone)]
pub(crate) struct NodeKey(Key);

impl NodeKey {
    pub(crate) fn fresh() -> Result<Self, KeyringError> {
        Ok(Self(random()?))
    }

    pub(crate) fn id(&self) -> NodeId {
        let mut id = [0; 16];
        id.copy_from_slice(&derive(&self.0, "node id", &[])[..16]);
        NodeId(id)
    }
}

/// A node: 128 entries.
#[derive(Clone)]
pub(crate) struct Node(pub(crate) Vec<Entry>);

impl Node {
    /// Expands a seed into a node with the seeds of its children.
    pub(crate) fn expand(seed: &[u8; 32]) -> Self {
        Self((0..FANOUT as u8).map(|digit| Entry::Seed(child(seed, digit))).collect())
    }

    /// Tells whether every slot below the node is forgotten.
    pub(crate) fn is_punctured(&self) -> bool {
        self.0.iter().all(Entry::is_punctured)
    }

    /// Encrypts the node. The result always has the same length.
    pub(crate) fn seal(&self, key: &NodeKey, keyring_id: KeyringId) -> Result<Vec<u8>, KeyringError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(FANOUT * ENTRY));
        self.0.iter().for_each(|entry| entry.write(&mut plain));
        seal::seal(&key.0, &associated_data(b"node", keyring_id, &key.id().0), &plain)
    }

    /// Decrypts a node; `None` when the bytes are not the node of this key.
    pub(crate) fn open(key: &NodeKey, keyring_id: KeyringId, sealed: &[u8]) -> Option<Self> {
        let plain = seal::open(&key.0, &associated_data(b"node", keyring_id, &key.id().0), sealed)?;
        Self::read(&plain)
    }

    /// Reads the entries of a decrypted node.
    pub(crate) fn read(plain: &[u8]) -> Option<Self> {
        if plain.len() != FANOUT * ENTRY {
            return None;
        }
        plain.chunks_exact(ENTRY).map(Entry::read).collect::<Option<_>>().map(Self)
    }
}

/// The record at the top of the trie, encrypted under the root key.
#[derive(Clone)]
pub(crate) struct TopRecord {
    pub(crate) trees: Trees,
    /// Number of slots that were ever forgotten.
    pub(crate) forgotten: u64,
    /// Number of nodes in use, to detect leftovers of an interrupted change.
    pub(crate) nodes: u64,
}

#[derive(Clone)]
pub(crate) enum Trees {
    /// One seed for all trees.
    Whole(Key),
    /// One entry for each tree.
    Split(Vec<Entry>),
}

impl TopRecord {
    /// Length of the encrypted record.
    pub(crate) const SEALED: usize = TREES * ENTRY + 16 + seal::OVERHEAD;

    pub(crate) fn fresh() -> Result<Self, KeyringError> {
        Ok(Self { trees: Trees::Whole(random()?), forgotten: 0, nodes: 0 })
    }

    /// The entry of a tree.
    pub(crate) fn tree(&self, tree: usize) -> Entry {
        match &self.trees {
            Trees::Whole(seed) => Entry::Seed(tree_seed(seed, tree)),
            Trees::Split(trees) => trees[tree].clone(),
        }
    }

    /// All entries, to be changed. The single seed is gone afterwards.
    pub(crate) fn split(&self) -> Vec<Entry> {
        (0..TREES).map(|tree| self.tree(tree)).collect()
    }

    pub(crate) fn seal(
        &self,
        root_key: &[u8; 32],
        keyring_id: KeyringId,
        epoch: u64,
    ) -> Result<Vec<u8>, KeyringError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(Self::SEALED));
        match &self.trees {
            // 0xff marks a single seed, so that a child entry cannot be taken for the seed of all trees.
            Trees::Whole(seed) => {
                plain.push(0xff);
                plain.extend_from_slice(&**seed);
                plain.resize(TREES * ENTRY, 0);
            }
            Trees::Split(trees) => trees.iter().for_each(|entry| entry.write(&mut plain)),
        }
        plain.extend_from_slice(&self.forgotten.to_le_bytes());
        plain.extend_from_slice(&self.nodes.to_le_bytes());
        seal::seal(root_key, &associated_data(b"top", keyring_id, &epoch.to_le_bytes()), &plain)
    }

    pub(crate) fn open(
        root_key: &[u8; 32],
        keyring_id: KeyringId,
        epoch: u64,
        sealed: &[u8],
    ) -> Option<Self> {
        let plain = seal::open(root_key, &associated_data(b"top", keyring_id, &epoch.to_le_bytes()), sealed)?;
        Self::read(&plain)
    }

    /// Reads a decrypted top record.
    pub(crate) fn read(plain: &[u8]) -> Option<Self> {
        let (entries, counts) = plain.split_at_checked(TREES * ENTRY)?;
        let (forgotten, nodes) = counts.split_first_chunk::<8>()?;
        let trees = if entries[0] == 0xff {
            Trees::Whole(Zeroizing::new(entries[1..ENTRY].try_into().ok()?))
        } else {
            Trees::Split(entries.chunks_exact(ENTRY).map(Entry::read).collect::<Option<_>>()?)
        };
        Some(Self {
            trees,
            forgotten: u64::from_le_bytes(*forgotten),
            nodes: u64::from_le_bytes(nodes.try_into().ok()?),
        })
    }
}

fn tree_seed(seed: &[u8; 32], tree: usize) -> Key {
    derive(seed, "tree", &[&[tree as u8]])
}

/// The associated data of a node or top record. The first two parts have a fixed length for each kind.
fn associated_data(kind: &[u8], keyring_id: KeyringId, name: &[u8]) -> Vec<u8> {
    [kind, &keyring_id.0, name].concat()
}
