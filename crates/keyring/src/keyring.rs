//! The open keyring: its state, its cache of trie nodes, and how it follows changes made by other processes.

mod create;
mod examination;
mod forget;
mod slot_lease;
mod status;
mod tombstone_log;
mod values;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, RwLock};

use crate::derive::{Key, root_key};
use crate::ids::{KeyringId, StoreId};
use crate::node::{Node, NodeId, NodeKey, TopRecord};
use crate::record::Root;
use crate::replica::Lock;
use crate::replicas::Replicas;
use crate::share::StaticShare;
use crate::slot::Slot;
use crate::trie::{self, NodeSource};
use crate::{KeyringError, OpenError};

pub use examination::Examination;
pub use forget::{ForgetOutcome, ForgetRequest};
pub use status::{KeyringStatus, KeyringWarning, ReplicaStatus};
pub use values::KeyringView;

/// What [`Keyring::open`] needs.
pub struct KeyringConfig<'a> {
    /// The configured replicas, in the order of the configuration.
    pub replicas: &'a [PathBuf],
    /// The half of the root key that stays the same at every forgetting.
    pub share: StaticShare,
    /// The store whose values the keyring seals.
    pub store: StoreId,
    /// The keyring id recorded in the data, if there is one.
    pub keyring_id: Option<KeyringId>,
    /// The highest epoch recorded in the data. A keyring with a lower epoch is an old copy and is refused.
    pub seen_epoch: u64,
}

/// A keyring, open for one store. Threads share it, and several processes may open the same keyring.
pub struct Keyring {
    replicas: Replicas,
    store: StoreId,
    share: Key,
    state: RwLock<State>,
    nodes: NodeCache,
    /// Allows one change at a time in this process. The locks of the replicas do the same between processes.
    changing: Mutex<()>,
    lease: Mutex<slot_lease::Lease>,
    tombstone_log: Mutex<tombstone_log::TombstoneLog>,
    /// HMAC key of the blind index, derived once. Its slot is never forgotten.
    index: OnceLock<Key>,
}

/// The newest root that this process has read.
struct State {
    epoch: u64,
    top: TopRecord,
}

impl Keyring {
    /// The keyring's id, to be recorded in the data.
    #[must_use]
    pub fn keyring_id(&self) -> KeyringId {
        self.replicas.keyring_id
    }

    /// The store for which the keyring is open.
    #[must_use]
    pub fn store_id(&self) -> StoreId {
        self.store
    }

    /// The paths of the configured replicas.
    #[must_use]
    pub fn replica_paths(&self) -> Vec<PathBuf> {
        self.replicas.paths()
    }

    /// Returns the current epoch. Each forgetting increases it by one.
    pub fn epoch(&self) -> Result<u64, KeyringError> {
        self.catch_up()?;
        Ok(self.state()?.epoch)
    }

    /// Tells whether the slot has been forgotten.
    pub fn is_forgotten(&self, slot: Slot) -> Result<bool, KeyringError> {
        Ok(self.slot_key(slot)?.is_none())
    }

    /// Derives the slot's key from the newest root; `None` when the slot is forgotten.
    fn slot_key(&self, slot: Slot) -> Result<Option<Key>, KeyringError> {
        self.catch_up()?;
        for _ in 0..8 {
            let (epoch, found) = {
                let state = self.state()?;
                (state.epoch, trie::derive_key(&state.top, slot, &self.reader()))
            };
            match found {
                // Another process may have removed the node after we read the root. Then a newer root exists.
                Err(KeyringError::Damaged(_)) if self.replicas.peek() != Some(epoch) => self.catch_up()?,
                found => return found,
            }
        }
        Err(KeyringError::Interrupted)
    }

    /// Derives the slot's key from the newest root that this process has read.
    ///
    /// This is enough for tags of a year, and for sealing under a [`KeyringView`]. If another process has just
    /// forgotten the slot, the sealed value can never be opened.
    fn cached_key(&self, slot: Slot) -> Result<Option<Key>, KeyringError> {
        let found = trie::derive_key(&self.state()?.top, slot, &self.reader());
        match found {
            Err(KeyringError::Damaged(_)) => self.slot_key(slot),
            found => found,
        }
    }

    fn require_key(&self, slot: Slot) -> Result<Key, OpenError> {
        self.slot_key(slot)?.ok_or(OpenError::Forgotten)
    }

    fn state(&self) -> Result<std::sync::RwLockReadGuard<'_, State>, KeyringError> {
        self.state.read().map_err(|_| KeyringError::Interrupted)
    }

    fn reader(&self) -> Reader<'_> {
        Reader { replicas: &self.replicas, cache: &self.nodes }
    }

    /// Reloads the root when a replica shows a newer epoch.
    fn catch_up(&self) -> Result<(), KeyringError> {
        let cached_epoch = self.state()?.epoch;
        match self.replicas.peek() {
            Some(epoch) if epoch == cached_epoch => Ok(()),
            Some(epoch) if epoch > cached_epoch => self.reload(),
            Some(epoch) => self.check_not_older(epoch),
            None => Err(KeyringError::Unreachable { replicas: self.replicas.paths() }),
        }
    }

    /// Reloads when another thread has read a newer root between the two reads. Fails when the replicas went back
    /// to an older epoch: then an old copy was restored.
    fn check_not_older(&self, found: u64) -> Result<(), KeyringError> {
        let cached_epoch = self.state()?.epoch;
        match self.replicas.peek() {
            Some(again) if again >= cached_epoch => self.reload(),
            _ => Err(KeyringError::RolledBack { found, seen: cached_epoch }),
        }
    }

    fn reload(&self) -> Result<(), KeyringError> {
        let root = self.replicas.survey()?.root;
        let top = open_top(&root, &self.share)?;
        self.adopt_state(root.epoch, top, None)
    }

    /// Replaces the state by a newer root. Drops cached nodes of the old root, because they hold seeds of
    /// forgotten slots.
    fn adopt_state(
        &self,
        epoch: u64,
        top: TopRecord,
        changes: Option<trie::NodeChanges>,
    ) -> Result<(), KeyringError> {
        let mut state = self.state.write().map_err(|_| KeyringError::Interrupted)?;
        if epoch <= state.epoch {
            return Ok(());
        }
        let follows = epoch == state.epoch + 1;
        *state = State { epoch, top };
        let mut nodes = self.nodes.lock()?;
        match changes {
            Some(changes) if follows => {
                changes.retired.iter().for_each(|id| drop(nodes.remove(id)));
                nodes.extend(changes.opened);
            }
            _ => nodes.clear(),
        }
        Ok(())
    }

    /// Locks all reachable replicas and brings them to one epoch, which is ours. Checks first that the epoch did
    /// not go back: an old copy must not be spread.
    fn lock_and_sync(&self) -> Result<Vec<Lock>, KeyringError> {
        let locks = self.replicas.lock()?;
        self.catch_up()?;
        self.replicas.synchronise()?;
        Ok(locks)
    }

    fn changing(&self) -> Result<MutexGuard<'_, ()>, KeyringError> {
        self.changing.lock().map_err(|_| KeyringError::Interrupted)
    }
}

/// Decrypts the top record of a root.
fn open_top(root: &Root, share: &[u8; 32]) -> Result<TopRecord, KeyringError> {
    let key = root_key_of(root.keyring_id, root.epoch, &root.share, share);
    TopRecord::open(&key, root.keyring_id, root.epoch, &root.top).ok_or(KeyringError::WrongShare)
}

fn root_key_of(keyring_id: KeyringId, epoch: u64, root_share: &[u8; 32], share: &[u8; 32]) -> Key {
    let info = [b"root key".as_slice(), &keyring_id.0, &epoch.to_le_bytes()].concat();
    root_key(root_share, share, &info)
}

/// A bounded cache of decrypted nodes of the newest root.
struct NodeCache(Mutex<HashMap<NodeId, Arc<Node>>>);

impl NodeCache {
    /// Each cached node takes about 5 kB.
    const MAX: usize = 1024;

    fn lock(&self) -> Result<MutexGuard<'_, HashMap<NodeId, Arc<Node>>>, KeyringError> {
        self.0.lock().map_err(|_| KeyringError::Interrupted)
    }
}

/// Reads nodes from the cache, else from the first replica that has an undamaged copy.
struct Reader<'a> {
    replicas: &'a Replicas,
    cache: &'a NodeCache,
}

impl NodeSource for Reader<'_> {
    fn load(&self, key: &NodeKey) -> Result<Arc<Node>, KeyringError> {
        let id = key.id();
        if let Some(node) = self.cache.lock()?.get(&id) {
            return Ok(node.clone());
        }
        let mut io_error = None;
        for replica in &self.replicas.all {
            match replica.node(id) {
                Ok(sealed) => {
                    if let Some(node) = sealed.and_then(|s| Node::open(key, self.replicas.keyring_id, &s)) {
                        let node = Arc::new(node);
                        let mut cache = self.cache.lock()?;
                        if cache.len() >= NodeCache::MAX
                            && let Some(any) = cache.keys().next().copied()
                        {
                            cache.remove(&any);
                        }
                        cache.insert(id, node.clone());
                        return Ok(node);
                    }
                }
                Err(error) => io_error = Some(error),
            }
        }
        Err(io_error.unwrap_or(KeyringError::Damaged("a node is missing in every replica")))
    }
}
