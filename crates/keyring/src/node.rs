//! Nodes of the trie and the record at its top.
//!
//! A node is 128 entries; the top record has one for each tree. In a keyring in which nothing was ever forgotten
//! the top is one seed, and there are no nodes.

use zeroize::Zeroizing;

use crate::derive::{Key, child, derive, random};
use crate::seal;
use crate::slot::Digits;
use crate::{KeyringError, KeyringId};

/// Entries of a node: one for each digit.
pub(crate) const FANOUT: usize = 128;
/// Trees in the top record: one for each length of a slot's digits.
pub(crate) const TREES: usize = Digits::MOST;

const ENTRY: usize = 33;
const SEED: u8 = 0;
const CHILD: u8 = 1;
const STRUCK: u8 = 2;

/// What stands for one digit.
#[derive(Clone)]
pub(crate) enum Entry {
    /// Everything below derives from this; nothing below was ever forgotten.
    Seed(Key),
    /// Something below was forgotten: the node sealed under this key.
    Child(NodeKey),
    /// Everything below is forgotten.
    Punctured,
}

impl Entry {
    fn write(&self, out: &mut Vec<u8>) {
        let (kind, key) = match self {
            Entry::Seed(seed) => (SEED, &**seed),
            Entry::Child(key) => (CHILD, &*key.0),
            Entry::Punctured => (STRUCK, &[0; 32]),
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
            STRUCK => Some(Entry::Punctured),
            _ => None,
        }
    }

    pub(crate) fn is_struck(&self) -> bool {
        matches!(self, Entry::Punctured)
    }
}

/// A node's name: its file in every place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub [u8; 16]);

/// The key under which one version of a node is sealed: random, never used for another. Its name derives from it
/// one way, so a node that was found under its name was meant by whoever holds the key.
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

/// 128 entries.
#[derive(Clone)]
pub(crate) struct Node(pub(crate) Vec<Entry>);

impl Node {
    /// What `seed` stood for, spelled out.
    pub(crate) fn expand(seed: &[u8; 32]) -> Self {
        Self((0..FANOUT as u8).map(|digit| Entry::Seed(child(seed, digit))).collect())
    }

    /// Nothing below it is left.
    pub(crate) fn is_struck(&self) -> bool {
        self.0.iter().all(Entry::is_struck)
    }

    /// The node's file: of one size whatever it holds.
    pub(crate) fn seal(&self, key: &NodeKey, keyring: KeyringId) -> Result<Vec<u8>, KeyringError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(FANOUT * ENTRY));
        self.0.iter().for_each(|entry| entry.write(&mut plain));
        seal::seal(&key.0, &bound(b"node", keyring, &key.id().0), &plain)
    }

    /// The node in a file; `None` when it isn't the one of this key.
    pub(crate) fn open(key: &NodeKey, keyring: KeyringId, sealed: &[u8]) -> Option<Self> {
        let plain = seal::open(&key.0, &bound(b"node", keyring, &key.id().0), sealed)?;
        Self::read(&plain)
    }

    /// Reads the entries of an opened node.
    pub(crate) fn read(plain: &[u8]) -> Option<Self> {
        if plain.len() != FANOUT * ENTRY {
            return None;
        }
        plain.chunks_exact(ENTRY).map(Entry::read).collect::<Option<_>>().map(Self)
    }
}

/// The record at the top of the trie, sealed under the root key.
#[derive(Clone)]
pub(crate) struct Top {
    pub(crate) trees: Trees,
    /// Slots that were ever forgotten.
    pub(crate) forgotten: u64,
    /// Nodes in use, so that leftovers of a stop are noticed.
    pub(crate) nodes: u64,
}

#[derive(Clone)]
pub(crate) enum Trees {
    /// One seed for all.
    Whole(Key),
    /// One entry for each tree.
    Split(Vec<Entry>),
}

impl Top {
    /// Length of the sealed record.
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

    /// All entries, to be changed; afterwards the one seed is gone.
    pub(crate) fn split(&self) -> Vec<Entry> {
        (0..TREES).map(|tree| self.tree(tree)).collect()
    }

    pub(crate) fn seal(
        &self,
        root_key: &[u8; 32],
        keyring: KeyringId,
        epoch: u64,
    ) -> Result<Vec<u8>, KeyringError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(Self::SEALED));
        match &self.trees {
            // One entry says that there is one seed: a child can't stand in for a whole trie.
            Trees::Whole(seed) => {
                plain.push(0xff);
                plain.extend_from_slice(&**seed);
                plain.resize(TREES * ENTRY, 0);
            }
            Trees::Split(trees) => trees.iter().for_each(|entry| entry.write(&mut plain)),
        }
        plain.extend_from_slice(&self.forgotten.to_le_bytes());
        plain.extend_from_slice(&self.nodes.to_le_bytes());
        seal::seal(root_key, &bound(b"top", keyring, &epoch.to_le_bytes()), &plain)
    }

    pub(crate) fn open(root_key: &[u8; 32], keyring: KeyringId, epoch: u64, sealed: &[u8]) -> Option<Self> {
        let plain = seal::open(root_key, &bound(b"top", keyring, &epoch.to_le_bytes()), sealed)?;
        Self::read(&plain)
    }

    /// Reads an opened top record.
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

/// What a node or top record is bound to. The first two are of fixed length for each kind.
fn bound(kind: &[u8], keyring: KeyringId, name: &[u8]) -> Vec<u8> {
    [kind, &keyring.0, name].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RING: KeyringId = KeyringId([9; 16]);

    #[test]
    fn a_node_has_one_size_whatever_it_holds_and_opens_under_its_key_alone() {
        let full = Node::expand(&[1; 32]);
        let mut mixed = full.clone();
        mixed.0[5] = Entry::Punctured;
        mixed.0[6] = Entry::Child(NodeKey::fresh().unwrap());
        let key = NodeKey::fresh().unwrap();
        let (a, b) = (full.seal(&key, RING).unwrap(), mixed.seal(&key, RING).unwrap());
        assert_eq!(a.len(), b.len());
        let back = Node::open(&key, RING, &b).unwrap();
        assert!(back.0[5].is_struck() && matches!(&back.0[6], Entry::Child(_)));
        assert!(Node::open(&NodeKey::fresh().unwrap(), RING, &b).is_none());
        assert!(Node::open(&key, KeyringId([8; 16]), &b).is_none());
    }

    #[test]
    fn the_top_is_one_seed_until_it_is_split_and_means_the_same_after() {
        let mut top = Top::fresh().unwrap();
        let trees = top.split();
        let before = top.seal(&[1; 32], RING, 1).unwrap();
        top.trees = Trees::Split(trees);
        let after = top.seal(&[1; 32], RING, 2).unwrap();
        assert_eq!((before.len(), after.len()), (Top::SEALED, Top::SEALED));
        let (a, b) =
            (Top::open(&[1; 32], RING, 1, &before).unwrap(), Top::open(&[1; 32], RING, 2, &after).unwrap());
        for tree in 0..TREES {
            match (a.tree(tree), b.tree(tree)) {
                (Entry::Seed(x), Entry::Seed(y)) => assert!(x == y),
                _ => panic!("a tree changed its kind"),
            }
        }
        assert!(Top::open(&[1; 32], RING, 3, &after).is_none(), "bound to its epoch");
    }
}
