//! The puncturable trie: deriving a slot's key, and puncturing slots.
//!
//! A punctured tree of pseudo-random derivations: Boneh and Lipton 1996 (revocable backups), Reardon, Basin and
//! Capkun 2013, and the puncturable construction of Goldreich, Goldwasser and Micali.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::derive::{Key, child};
use crate::node::{Entry, Node, NodeId, NodeKey, TopRecord, Trees};
use crate::slot::Slot;
use crate::{KeyringError, KeyringId};

/// Loads nodes.
pub(crate) trait NodeSource {
    /// Loads and decrypts the node of this key.
    fn load(&self, key: &NodeKey) -> Result<Arc<Node>, KeyringError>;
}

/// Derives the slot's key; `None` when the slot is forgotten.
pub(crate) fn derive_key(
    top: &TopRecord,
    slot: Slot,
    nodes: &dyn NodeSource,
) -> Result<Option<Key>, KeyringError> {
    let path = slot.digits();
    let mut entry = top.tree(path.tree());
    let mut rest = path.as_slice();
    loop {
        match entry {
            Entry::Punctured => return Ok(None),
            Entry::Seed(seed) => {
                return Ok(Some(rest.iter().fold(seed, |seed, digit| child(&seed, *digit))));
            }
            Entry::Child(key) => {
                let (digit, below) =
                    rest.split_first().ok_or(KeyringError::Damaged("a node below a leaf"))?;
                entry = nodes.load(&key)?.0[usize::from(*digit)].clone();
                rest = below;
            }
        }
    }
}

/// A top record from which slots are punctured, with the new nodes.
pub(crate) struct Punctured {
    pub(crate) top: TopRecord,
    /// New nodes: names and encrypted bytes.
    pub(crate) written: Vec<(NodeId, Vec<u8>)>,
    pub(crate) changes: NodeChanges,
}

/// Nodes that were added and removed.
#[derive(Default)]
pub(crate) struct NodeChanges {
    /// The new nodes, decrypted.
    pub(crate) opened: Vec<(NodeId, Arc<Node>)>,
    /// Nodes that are no longer referenced.
    pub(crate) retired: Vec<NodeId>,
}

/// Punctures `slots`: copies every node on their paths, encrypted under fresh keys. Slots must be distinct, and
/// none of them punctured already.
pub(crate) fn puncture(
    top: &TopRecord,
    slots: &[Slot],
    keyring_id: KeyringId,
    nodes: &dyn NodeSource,
) -> Result<Punctured, KeyringError> {
    let paths: Vec<_> = slots.iter().map(|slot| slot.digits()).collect();
    let mut by_tree: BTreeMap<usize, Vec<&[u8]>> = BTreeMap::new();
    for path in &paths {
        by_tree.entry(path.tree()).or_default().push(path.as_slice());
    }
    let mut work = Puncturer { keyring_id, nodes, written: Vec::new(), changes: NodeChanges::default() };
    let mut trees = top.split();
    for (tree, paths) in by_tree {
        trees[tree] = work.puncture(&trees[tree], &paths)?;
    }
    let count = top.nodes + work.written.len() as u64;
    let top = TopRecord {
        trees: Trees::Split(trees),
        forgotten: top.forgotten + slots.len() as u64,
        nodes: count.saturating_sub(work.changes.retired.len() as u64),
    };
    Ok(Punctured { top, written: work.written, changes: work.changes })
}

struct Puncturer<'a> {
    keyring_id: KeyringId,
    nodes: &'a dyn NodeSource,
    written: Vec<(NodeId, Vec<u8>)>,
    changes: NodeChanges,
}

impl Puncturer<'_> {
    /// The entry that replaces `entry` once `paths` below it are punctured.
    fn puncture(&mut self, entry: &Entry, paths: &[&[u8]]) -> Result<Entry, KeyringError> {
        if paths.iter().any(|path| path.is_empty()) {
            return Ok(Entry::Punctured);
        }
        let mut node = match entry {
            Entry::Punctured => return Ok(Entry::Punctured),
            Entry::Seed(seed) => Node::expand(seed),
            Entry::Child(key) => {
                self.changes.retired.push(key.id());
                Node::clone(&*self.nodes.load(key)?)
            }
        };
        let mut by_digit: BTreeMap<usize, Vec<&[u8]>> = BTreeMap::new();
        for (digit, below) in paths.iter().filter_map(|path| path.split_first()) {
            by_digit.entry(usize::from(*digit)).or_default().push(below);
        }
        for (digit, below) in by_digit {
            node.0[digit] = self.puncture(&node.0[digit], &below)?;
        }
        if node.is_punctured() {
            return Ok(Entry::Punctured);
        }
        let key = NodeKey::fresh()?;
        self.written.push((key.id(), node.seal(&key, self.keyring_id)?));
        self.changes.opened.push((key.id(), Arc::new(node)));
        Ok(Entry::Child(key))
    }
}

/// The names of all nodes in use.
pub(crate) fn nodes_in_use(top: &TopRecord, nodes: &dyn NodeSource) -> Result<Vec<NodeId>, KeyringError> {
    let mut found = Vec::new();
    let mut todo = top.split();
    while let Some(entry) = todo.pop() {
        if let Entry::Child(key) = entry {
            found.push(key.id());
            todo.extend(nodes.load(&key)?.0.iter().filter(|e| matches!(e, Entry::Child(_))).cloned());
        }
    }
    Ok(found)
}
