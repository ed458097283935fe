//! The walk to a slot's key, and striking slots out.
//!
//! A punctured tree of pseudo-random derivations: Boneh and Lipton 1996 (revocable backups), Reardon, Basin and
//! Capkun 2013, and the puncturable construction of Goldreich, Goldwasser and Micali.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::derive::{Key, child};
use crate::node::{Entry, Node, NodeId, NodeKey, Top, Trees};
use crate::slot::Slot;
use crate::{KeyringError, KeyringId};

/// Where nodes come from.
pub(crate) trait Nodes {
    /// The node of this key.
    fn load(&self, key: &NodeKey) -> Result<Arc<Node>, KeyringError>;
}

/// The slot's key; `None` when the slot is forgotten.
pub(crate) fn walk(top: &Top, slot: Slot, nodes: &dyn Nodes) -> Result<Option<Key>, KeyringError> {
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

/// A top from which slots are struck, and what that takes.
pub(crate) struct Punctured {
    pub(crate) top: Top,
    /// New nodes: names and sealed files.
    pub(crate) written: Vec<(NodeId, Vec<u8>)>,
    pub(crate) changed: Changed,
}

/// Nodes that came and went.
#[derive(Default)]
pub(crate) struct Changed {
    /// The new nodes, opened.
    pub(crate) opened: Vec<(NodeId, Arc<Node>)>,
    /// Nodes that nothing names any more.
    pub(crate) retired: Vec<NodeId>,
}

/// Strikes `slots` out, copying every node on their paths under fresh keys. Slots must be distinct and none of
/// them struck already.
pub(crate) fn strike(
    top: &Top,
    slots: &[Slot],
    keyring: KeyringId,
    nodes: &dyn Nodes,
) -> Result<Punctured, KeyringError> {
    let paths: Vec<_> = slots.iter().map(|slot| slot.digits()).collect();
    let mut by_tree: BTreeMap<usize, Vec<&[u8]>> = BTreeMap::new();
    for path in &paths {
        by_tree.entry(path.tree()).or_default().push(path.as_slice());
    }
    let mut work = Work { keyring, nodes, written: Vec::new(), changed: Changed::default() };
    let mut trees = top.split();
    for (tree, paths) in by_tree {
        trees[tree] = work.strike(&trees[tree], &paths)?;
    }
    let count = top.nodes + work.written.len() as u64;
    let top = Top {
        trees: Trees::Split(trees),
        forgotten: top.forgotten + slots.len() as u64,
        nodes: count.saturating_sub(work.changed.retired.len() as u64),
    };
    Ok(Punctured { top, written: work.written, changed: work.changed })
}

struct Work<'a> {
    keyring: KeyringId,
    nodes: &'a dyn Nodes,
    written: Vec<(NodeId, Vec<u8>)>,
    changed: Changed,
}

impl Work<'_> {
    /// What stands for `entry` once `paths` below it are struck.
    fn strike(&mut self, entry: &Entry, paths: &[&[u8]]) -> Result<Entry, KeyringError> {
        if paths.iter().any(|path| path.is_empty()) {
            return Ok(Entry::Punctured);
        }
        let mut node = match entry {
            Entry::Punctured => return Ok(Entry::Punctured),
            Entry::Seed(seed) => Node::expand(seed),
            Entry::Child(key) => {
                self.changed.retired.push(key.id());
                Node::clone(&*self.nodes.load(key)?)
            }
        };
        let mut by_digit: BTreeMap<usize, Vec<&[u8]>> = BTreeMap::new();
        for (digit, below) in paths.iter().filter_map(|path| path.split_first()) {
            by_digit.entry(usize::from(*digit)).or_default().push(below);
        }
        for (digit, below) in by_digit {
            node.0[digit] = self.strike(&node.0[digit], &below)?;
        }
        if node.is_struck() {
            return Ok(Entry::Punctured);
        }
        let key = NodeKey::fresh()?;
        self.written.push((key.id(), node.seal(&key, self.keyring)?));
        self.changed.opened.push((key.id(), Arc::new(node)));
        Ok(Entry::Child(key))
    }
}

/// Names of all nodes in use.
pub(crate) fn in_use(top: &Top, nodes: &dyn Nodes) -> Result<Vec<NodeId>, KeyringError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::collections::HashMap;

    const RING: KeyringId = KeyringId([9; 16]);

    #[derive(Default)]
    struct Shelf(RefCell<HashMap<NodeId, Vec<u8>>>);

    impl Nodes for Shelf {
        fn load(&self, key: &NodeKey) -> Result<Arc<Node>, KeyringError> {
            let shelf = self.0.borrow();
            let node = shelf.get(&key.id()).and_then(|sealed| Node::open(key, RING, sealed));
            node.map(Arc::new).ok_or(KeyringError::Damaged("missing"))
        }
    }

    impl Shelf {
        fn forget(&self, top: &Top, slots: &[Slot]) -> Top {
            let struck = strike(top, slots, RING, self).unwrap();
            let mut shelf = self.0.borrow_mut();
            shelf.extend(struck.written);
            struck.changed.retired.iter().for_each(|id| drop(shelf.remove(id)));
            assert_eq!(shelf.len() as u64, struck.top.nodes);
            struck.top
        }
    }

    #[test]
    fn what_is_struck_has_no_key_and_all_others_keep_theirs() {
        let shelf = Shelf::default();
        let slots = [1, 5, 127, 128, 4121, 65_536, 65_537, 70_000, 1 << 21, 1 << 40, u64::MAX >> 1].map(Slot);
        let mut top = Top::fresh().unwrap();
        let keys: Vec<_> = slots.map(|slot| walk(&top, slot, &shelf).unwrap().unwrap()).into();
        for (i, slot) in slots.iter().enumerate() {
            top = shelf.forget(&top, &[*slot]);
            for (j, other) in slots.iter().enumerate() {
                let key = walk(&top, *other, &shelf).unwrap();
                assert_eq!(key.is_none(), j <= i);
                assert!(key.is_none_or(|key| key == keys[j]));
            }
        }
        assert_eq!(in_use(&top, &shelf).unwrap().len() as u64, top.nodes);
        assert_eq!(top.forgotten, slots.len() as u64);
    }

    #[test]
    fn a_batch_writes_each_node_once() {
        let shelf = Shelf::default();
        let slots: Vec<_> = (65_536..65_546).map(Slot).collect();
        let struck = strike(&Top::fresh().unwrap(), &slots, RING, &shelf).unwrap();
        assert_eq!(struck.written.len(), 3);
    }

    #[test]
    fn a_node_of_which_nothing_is_left_is_no_file_any_more() {
        let shelf = Shelf::default();
        let top = shelf.forget(&Top::fresh().unwrap(), &(128..16_384).map(Slot).collect::<Vec<_>>());
        assert_eq!(top.nodes, 1, "the first of the tree's nodes lies below digit 0 and was never used");
        assert!(walk(&top, Slot(200), &shelf).unwrap().is_none());
    }
}
