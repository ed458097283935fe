//! Creating and opening a keyring, and adding or dropping replicas.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use super::{Keyring, KeyringConfig, NodeCache, State, open_top, root_key_of, slot_lease, tombstone_log};
use crate::KeyringError;
use crate::derive::random;
use crate::disk::{Disk, SystemDisk};
use crate::fs_replica::FsReplica;
use crate::ids::{KeyringId, ReplicaId, StoreId};
use crate::node::TopRecord;
use crate::record::{Marker, Read, ReplicaList, Root};
use crate::replica::{Lock, Replica, SmallRecord};
use crate::replicas::{ReplicaState, Replicas};
use crate::share::StaticShare;
use crate::slot::Slot;

impl Keyring {
    /// Creates a keyring in empty or missing folders. Leftovers of an interrupted creation count as empty:
    /// nothing can have been sealed with them.
    pub fn create(replicas: &[PathBuf], share: StaticShare, store: StoreId) -> Result<Self, KeyringError> {
        Self::create_on(Arc::new(SystemDisk), replicas, share, store)
    }

    /// [`Keyring::create`] on a given disk.
    pub fn create_on(
        disk: Arc<dyn Disk>,
        replicas: &[PathBuf],
        share: StaticShare,
        store: StoreId,
    ) -> Result<Self, KeyringError> {
        let replicas = Replicas { all: fs_replicas(&disk, replicas)?, keyring_id: KeyringId(*random()?) };
        let _locks = lock_empty_replicas(&replicas)?;
        let keyring_id = replicas.keyring_id;
        let (root_share, static_share, top) =
            (random()?, share.derive_share(keyring_id)?, TopRecord::fresh()?);
        let sealed = top.seal(&root_key_of(keyring_id, 1, &root_share, &static_share), keyring_id, 1)?;
        let root = Root { keyring_id, epoch: 1, share: root_share, top: sealed };
        for replica in &replicas.all {
            replica.set_small_record(SmallRecord::Incomplete, &keyring_id.0)?;
            replica.clear()?;
            replica.set_small_record(SmallRecord::Lease, &Slot::FIRST_ALLOCATED.0.to_le_bytes())?;
            replica.commit(&root.to_bytes())?;
        }
        let mut listed = ReplicaList::default();
        for replica in &replicas.all {
            listed.add(ReplicaId(*random()?), replica.path());
        }
        for (replica, (id, _)) in replicas.all.iter().zip(&listed.0) {
            replica.set_small_record(SmallRecord::ReplicaList, &listed.to_bytes())?;
            replica.set_small_record(SmallRecord::Marker, &Marker { keyring_id, replica: *id }.to_bytes())?;
        }
        for replica in &replicas.all {
            replica.remove_small_record(SmallRecord::Incomplete)?;
        }
        Ok(Self::assemble(replicas, store, static_share, State { epoch: 1, top }))
    }

    /// Opens a keyring. The newest epoch of its replicas wins, and lagging replicas are brought up to it.
    pub fn open(opening: KeyringConfig<'_>) -> Result<Self, KeyringError> {
        Self::open_on(Arc::new(SystemDisk), opening)
    }

    /// [`Keyring::open`] on a given disk.
    pub fn open_on(disk: Arc<dyn Disk>, opening: KeyringConfig<'_>) -> Result<Self, KeyringError> {
        let all = fs_replicas(&disk, opening.replicas)?;
        let Some(keyring_id) = opening.keyring_id.or(keyring_named_by_replicas(&all)?) else {
            return Err(KeyringError::NoUsableReplica { replicas: opening.replicas.to_vec() });
        };
        let replicas = Replicas { all, keyring_id };
        for replica in &replicas.all {
            if replicas.marker(&**replica)?.is_some() {
                replica.check_permissions()?;
            }
        }
        let survey = replicas.survey()?;
        if survey.root.epoch < opening.seen_epoch {
            return Err(KeyringError::RolledBack { found: survey.root.epoch, seen: opening.seen_epoch });
        }
        let share = opening.share.derive_share(keyring_id)?;
        let top = open_top(&survey.root, &share)?;
        let has_incomplete_replica = has_incomplete_replica(&replicas, &survey.states)?;
        let keyring = Self::assemble(replicas, opening.store, share, State { epoch: survey.root.epoch, top });
        if has_incomplete_replica || survey.has_lagging_replica() {
            let _locks = keyring.lock_and_sync()?;
            keyring.finish_incomplete_replicas()?;
        }
        keyring.remove_leftovers()?;
        Ok(keyring)
    }

    fn assemble(replicas: Replicas, store: StoreId, share: crate::derive::Key, state: State) -> Self {
        Self {
            replicas,
            store,
            share,
            state: RwLock::new(state),
            nodes: NodeCache(Mutex::new(HashMap::new())),
            changing: Mutex::new(()),
            lease: Mutex::new(slot_lease::Lease::none()),
            tombstone_log: Mutex::new(tombstone_log::TombstoneLog::default()),
            index: OnceLock::new(),
        }
    }

    /// Restores a replica in a configured folder that is empty or was dropped. Copies everything from the other
    /// replicas, the root and the marker last.
    pub fn renew_replica(&self, path: &Path) -> Result<(), KeyringError> {
        let _changing = self.changing()?;
        let Some(replica) = self.replicas.all.iter().find(|replica| replica.path() == path) else {
            return Err(KeyringError::NotConfigured { path: path.to_owned() });
        };
        if self.replicas.marker(&**replica)?.is_none() && replica.is_occupied()? {
            return Err(KeyringError::NotEmpty { path: path.to_owned() });
        }
        let _locks = self.lock_and_sync()?;
        if self.replicas.marker(&**replica)?.is_none() {
            self.fill_replica(&**replica)?;
        }
        Ok(())
    }

    /// Copies the newest replica to `to` and marks it. The caller holds the locks.
    fn fill_replica(&self, to: &dyn Replica) -> Result<(), KeyringError> {
        let survey = self.replicas.survey()?;
        to.prepare()?;
        to.check_permissions()?;
        let _lock = to.lock()?;
        to.set_small_record(SmallRecord::Incomplete, &self.replicas.keyring_id.0)?;
        to.clear()?;
        self.replicas.synchronise_replica(&*self.replicas.all[survey.newest], to, &survey.root)?;
        self.stop_sequential_leases(to)?;
        let id = ReplicaId(*random()?);
        let (mut listed, _) = self.replicas.listed()?;
        listed.add(id, to.path());
        // Every other replica must know the new one before it becomes a replica.
        self.replicas.set_replica_list(&listed)?;
        to.set_small_record(SmallRecord::ReplicaList, &listed.to_bytes())?;
        to.set_small_record(
            SmallRecord::Marker,
            &Marker { keyring_id: self.replicas.keyring_id, replica: id }.to_bytes(),
        )?;
        to.remove_small_record(SmallRecord::Incomplete)
    }

    /// Makes all later leases random. The lost replica may have known a newer lease than the others, of which one may
    /// be an old copy. Without this, a slot could be given twice. Slots of random blocks lie deeper in the trie: to forget
    /// one writes nine nodes instead of three.
    fn stop_sequential_leases(&self, renewed: &dyn Replica) -> Result<(), KeyringError> {
        let first_random = slot_lease::FIRST_RANDOM.to_le_bytes();
        for replica in &self.replicas.all {
            if self.replicas.marker(&**replica)?.is_some() {
                replica.set_small_record(SmallRecord::Lease, &first_random)?;
            }
        }
        renewed.set_small_record(SmallRecord::Lease, &first_random)
    }

    /// Drops a lost replica that is no longer configured, so that erasures no longer wait for it. Anyone who has
    /// the lost replica can still read what it held at its last epoch.
    pub fn drop_replica(&self, path: &Path) -> Result<(), KeyringError> {
        let _changing = self.changing()?;
        if self.replicas.all.iter().any(|replica| replica.path() == path) {
            return Err(KeyringError::StillConfigured { path: path.to_owned() });
        }
        let _locks = self.replicas.lock()?;
        let (mut listed, there) = self.replicas.listed()?;
        let before = listed.0.len();
        listed.0.retain(|(id, at)| there.contains(id) || at != path);
        if listed.0.len() == before {
            return Err(KeyringError::NotConfigured { path: path.to_owned() });
        }
        self.replicas.set_replica_list(&listed)
    }

    /// Calls `operation` with the newest replica while nothing can change.
    pub(crate) fn with_newest_replica<T>(
        &self,
        operation: impl FnOnce(&dyn Replica) -> Result<T, KeyringError>,
    ) -> Result<T, KeyringError> {
        let _changing = self.changing()?;
        let _locks = self.replicas.lock()?;
        let survey = self.replicas.survey()?;
        operation(&*self.replicas.all[survey.newest])
    }

    /// Finishes replicas whose creation was interrupted. The caller holds the locks.
    fn finish_incomplete_replicas(&self) -> Result<(), KeyringError> {
        for replica in &self.replicas.all {
            if replica.small_record(SmallRecord::Incomplete)?.as_deref() != Some(&self.replicas.keyring_id.0)
            {
                continue;
            }
            match self.replicas.marker(&**replica)? {
                Some(_) => replica.remove_small_record(SmallRecord::Incomplete)?,
                None => self.fill_replica(&**replica)?,
            }
        }
        Ok(())
    }
}

fn fs_replicas(disk: &Arc<dyn Disk>, paths: &[PathBuf]) -> Result<Vec<Box<dyn Replica>>, KeyringError> {
    if paths.is_empty() {
        return Err(KeyringError::NoReplicas);
    }
    Ok(paths.iter().map(|path| Box::new(FsReplica::new(path, disk.clone())) as Box<dyn Replica>).collect())
}

/// Locks the empty folders. When two processes create a keyring at once, the second finds it created.
fn lock_empty_replicas(replicas: &Replicas) -> Result<Vec<Lock>, KeyringError> {
    let free = |replica: &dyn Replica| match replica.is_occupied()? {
        true => Err(KeyringError::NotEmpty { path: replica.path().to_owned() }),
        false => Ok(()),
    };
    let mut all: Vec<_> = replicas.all.iter().collect();
    all.sort_by_key(|replica| replica.path().to_owned());
    let mut locks = Vec::new();
    for replica in &all {
        free(&***replica)?;
        replica.prepare()?;
        replica.check_permissions()?;
        locks.push(replica.lock()?);
    }
    all.iter().try_for_each(|replica| free(&***replica))?;
    Ok(locks)
}

/// The keyring id in the replicas' markers.
fn keyring_named_by_replicas(replicas: &[Box<dyn Replica>]) -> Result<Option<KeyringId>, KeyringError> {
    for replica in replicas {
        match replica.marker() {
            Ok(Read::Whole(marker)) => return Ok(Some(marker.keyring_id)),
            Ok(Read::TooNew(format)) => {
                return Err(KeyringError::TooNew { path: replica.path().to_owned(), format });
            }
            Ok(Read::Invalid) => {}
            // A missing marker is not an error; a refused read is.
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Tells whether the creation of a replica was interrupted.
fn has_incomplete_replica(replicas: &Replicas, states: &[ReplicaState]) -> Result<bool, KeyringError> {
    for (replica, states) in replicas.all.iter().zip(states) {
        let fresh = match replica.small_record(SmallRecord::Incomplete) {
            Ok(fresh) => fresh,
            // An unreadable replica is unreachable, which its state already says.
            Err(_) if *states == ReplicaState::Unreachable => None,
            Err(error) => return Err(error),
        };
        if fresh.as_deref() == Some(&replicas.keyring_id.0) {
            return Ok(true);
        }
    }
    Ok(false)
}
