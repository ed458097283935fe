//! The keyring, opened.

mod examining;
mod forgetting;
mod leases;
mod making;
mod sealing;
mod status;
mod tombs;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, RwLock};

use crate::derive::{Key, root_key};
use crate::ids::{KeyringId, StoreId};
use crate::node::{Node, NodeId, NodeKey, Top};
use crate::place::Lock;
use crate::places::Places;
use crate::record::Root;
use crate::share::StaticShare;
use crate::slot::Slot;
use crate::trie::{self, Nodes};
use crate::{KeyringError, OpenError};

pub use examining::Examined;
pub use forgetting::{Forgetting, Forgotten};
pub use sealing::Look;
pub use status::{PlaceStatus, Status, Warning};

/// What is needed to open a keyring.
pub struct Opening<'a> {
    /// The configured places, in the order of the configuration.
    pub places: &'a [PathBuf],
    /// The half of the root key that doesn't turn.
    pub share: StaticShare,
    /// The store whose values it seals.
    pub store: StoreId,
    /// The keyring that the data names, if it names one.
    pub keyring: Option<KeyringId>,
    /// The highest epoch that the data has seen.
    pub seen_epoch: u64,
}

/// A keyring, opened for one store. Shared by threads; several processes may have the same one open.
pub struct Vault {
    places: Places,
    store: StoreId,
    share: Key,
    state: RwLock<State>,
    nodes: NodeCache,
    /// One change at a time in this process; between processes the places' locks do the same.
    changing: Mutex<()>,
    lease: Mutex<leases::Lease>,
    tombs: Mutex<tombs::TombstoneLog>,
    /// Key of the index's tags, derived once: its slot is never forgotten.
    index: OnceLock<Key>,
}

/// What this process knows of the newest root.
struct State {
    epoch: u64,
    top: Top,
}

impl Vault {
    /// The keyring's name, to be recorded in the data.
    #[must_use]
    pub fn keyring_id(&self) -> KeyringId {
        self.places.keyring
    }

    /// The store for which it is open.
    #[must_use]
    pub fn store_id(&self) -> StoreId {
        self.store
    }

    /// The configured places.
    #[must_use]
    pub fn places(&self) -> Vec<PathBuf> {
        self.places.paths()
    }

    /// The epoch at this moment: it grows by one with each forgetting.
    pub fn epoch(&self) -> Result<u64, KeyringError> {
        self.catch_up()?;
        Ok(self.state()?.epoch)
    }

    /// Has this slot been forgotten?
    pub fn is_forgotten(&self, slot: Slot) -> Result<bool, KeyringError> {
        Ok(self.slot_key(slot)?.is_none())
    }

    /// The slot's key by the newest root; `None` when it is forgotten.
    fn slot_key(&self, slot: Slot) -> Result<Option<Key>, KeyringError> {
        self.catch_up()?;
        for _ in 0..8 {
            let (epoch, found) = {
                let state = self.state()?;
                (state.epoch, trie::walk(&state.top, slot, &self.reader()))
            };
            match found {
                // Another process may have removed the node since we looked: then there is a newer root.
                Err(KeyringError::Damaged(_)) if self.places.peek() != Some(epoch) => self.catch_up()?,
                found => return found,
            }
        }
        Err(KeyringError::Interrupted)
    }

    /// The slot's key as this process last knew it. Enough for tags of a year, and for sealing after a look: what is made
    /// under a key that another process has just forgotten is found, and opened, by nobody.
    fn known_key(&self, slot: Slot) -> Result<Option<Key>, KeyringError> {
        let found = trie::walk(&self.state()?.top, slot, &self.reader());
        match found {
            Err(KeyringError::Damaged(_)) => self.slot_key(slot),
            found => found,
        }
    }

    fn living_key(&self, slot: Slot) -> Result<Key, OpenError> {
        self.slot_key(slot)?.ok_or(OpenError::Forgotten)
    }

    fn state(&self) -> Result<std::sync::RwLockReadGuard<'_, State>, KeyringError> {
        self.state.read().map_err(|_| KeyringError::Interrupted)
    }

    fn reader(&self) -> Reader<'_> {
        Reader { places: &self.places, cache: &self.nodes }
    }

    /// Reloads when some place shows a newer epoch than ours.
    fn catch_up(&self) -> Result<(), KeyringError> {
        let known = self.state()?.epoch;
        match self.places.peek() {
            Some(epoch) if epoch == known => Ok(()),
            Some(epoch) if epoch > known => self.reload(),
            Some(epoch) => self.check_not_older(epoch),
            None => Err(KeyringError::Unreachable { places: self.places.paths() }),
        }
    }

    /// Another thread may have moved on between the two looks; an epoch that is lower than what was known before
    /// it was read is an old copy.
    fn check_not_older(&self, found: u64) -> Result<(), KeyringError> {
        let known = self.state()?.epoch;
        match self.places.peek() {
            Some(again) if again >= known => self.reload(),
            _ => Err(KeyringError::Older { found, seen: known }),
        }
    }

    fn reload(&self) -> Result<(), KeyringError> {
        let root = self.places.survey()?.root;
        let top = open_top(&root, &self.share)?;
        self.adopt_state(root.epoch, top, None)
    }

    /// Takes over a newer root. Nodes of the old one are dropped from memory: they hold seeds of what is
    /// forgotten.
    fn adopt_state(&self, epoch: u64, top: Top, changed: Option<trie::Changed>) -> Result<(), KeyringError> {
        let mut state = self.state.write().map_err(|_| KeyringError::Interrupted)?;
        if epoch <= state.epoch {
            return Ok(());
        }
        let follows = epoch == state.epoch + 1;
        *state = State { epoch, top };
        let mut nodes = self.nodes.lock()?;
        match changed {
            Some(changed) if follows => {
                changed.retired.iter().for_each(|id| drop(nodes.remove(id)));
                nodes.extend(changed.opened);
            }
            _ => nodes.clear(),
        }
        Ok(())
    }

    /// All places that are there, locked, at one epoch, which is ours. Whether we fell back is asked first: an old copy
    /// must not be spread.
    fn settled(&self) -> Result<Vec<Lock>, KeyringError> {
        let locks = self.places.lock()?;
        self.catch_up()?;
        self.places.level()?;
        Ok(locks)
    }

    fn changing(&self) -> Result<MutexGuard<'_, ()>, KeyringError> {
        self.changing.lock().map_err(|_| KeyringError::Interrupted)
    }
}

/// Opens the top record of a root.
fn open_top(root: &Root, share: &[u8; 32]) -> Result<Top, KeyringError> {
    let key = root_key_of(root.keyring, root.epoch, &root.share, share);
    Top::open(&key, root.keyring, root.epoch, &root.top).ok_or(KeyringError::WrongShare)
}

fn root_key_of(keyring: KeyringId, epoch: u64, root_share: &[u8; 32], share: &[u8; 32]) -> Key {
    let info = [b"root key".as_slice(), &keyring.0, &epoch.to_le_bytes()].concat();
    root_key(root_share, share, &info)
}

/// Opened nodes of the newest root, a bounded number of them.
struct NodeCache(Mutex<HashMap<NodeId, Arc<Node>>>);

impl NodeCache {
    /// About 5 kB each.
    const MOST: usize = 1024;

    fn lock(&self) -> Result<MutexGuard<'_, HashMap<NodeId, Arc<Node>>>, KeyringError> {
        self.0.lock().map_err(|_| KeyringError::Interrupted)
    }
}

/// Reads nodes from the cache, else from the first place that has them whole.
struct Reader<'a> {
    places: &'a Places,
    cache: &'a NodeCache,
}

impl Nodes for Reader<'_> {
    fn load(&self, key: &NodeKey) -> Result<Arc<Node>, KeyringError> {
        let id = key.id();
        if let Some(node) = self.cache.lock()?.get(&id) {
            return Ok(node.clone());
        }
        let mut failed = None;
        for place in &self.places.all {
            match place.node(id) {
                Ok(sealed) => {
                    if let Some(node) = sealed.and_then(|s| Node::open(key, self.places.keyring, &s)) {
                        let node = Arc::new(node);
                        let mut cache = self.cache.lock()?;
                        if cache.len() >= NodeCache::MOST
                            && let Some(any) = cache.keys().next().copied()
                        {
                            cache.remove(&any);
                        }
                        cache.insert(id, node.clone());
                        return Ok(node);
                    }
                }
                Err(error) => failed = Some(error),
            }
        }
        Err(failed.unwrap_or(KeyringError::Damaged("a node is missing in every place")))
    }
}
