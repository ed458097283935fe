//! All replicas of a keyring together: which are reachable, which is newest, and bringing up those that lag.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::KeyringError;
use crate::ids::{KeyringId, ReplicaId};
use crate::node::NodeId;
use crate::record::{LogRecord, Marker, Read, ReplicaList, Root, log_records, valid_length};
use crate::replica::{Lock, Log, Replica, SmallRecord};
use crate::tombstone::TombstoneRecord;

/// The state of a replica.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ReplicaState {
    /// It has no marker. An unmounted disk looks the same, so it is never taken for a new replica.
    Unreachable,
    /// It is a replica, but its root is missing or torn.
    Rootless,
    /// It is a replica at this epoch.
    At(u64),
}

/// The newest root, the replica that holds it, and the state of each replica.
pub(crate) struct Survey {
    pub(crate) root: Root,
    pub(crate) newest: usize,
    pub(crate) states: Vec<ReplicaState>,
}

impl Survey {
    /// Tells whether a reachable replica lags behind the newest.
    pub(crate) fn has_lagging_replica(&self) -> bool {
        self.states.iter().any(|s| *s != ReplicaState::Unreachable && *s != ReplicaState::At(self.root.epoch))
    }
}

/// The configured replicas of one keyring.
pub(crate) struct Replicas {
    pub(crate) all: Vec<Box<dyn Replica>>,
    pub(crate) keyring_id: KeyringId,
}

impl Replicas {
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.all.iter().map(|replica| replica.path().to_owned()).collect()
    }

    /// The marker of a replica; `None` when it is unreachable.
    pub(crate) fn marker(&self, replica: &dyn Replica) -> Result<Option<Marker>, KeyringError> {
        let found = match replica.marker() {
            Ok(Read::Whole(marker)) => marker,
            Ok(Read::TooNew(format)) => {
                return Err(KeyringError::TooNew { path: replica.path().to_owned(), format });
            }
            // An unreadable replica is unreachable. The status shows the error itself.
            Ok(Read::Invalid) | Err(_) => return Ok(None),
        };
        if found.keyring_id == self.keyring_id {
            Ok(Some(found))
        } else {
            Err(KeyringError::OtherKeyring {
                path: replica.path().to_owned(),
                expected: self.keyring_id,
                found: found.keyring_id,
            })
        }
    }

    /// Reads the state of every replica.
    pub(crate) fn survey(&self) -> Result<Survey, KeyringError> {
        let mut newest: Option<(usize, Root)> = None;
        let mut states = Vec::with_capacity(self.all.len());
        for (i, replica) in self.all.iter().enumerate() {
            if self.marker(&**replica)?.is_none() {
                states.push(ReplicaState::Unreachable);
                continue;
            }
            let root = match replica.root()? {
                Read::Whole(root) if root.keyring_id == self.keyring_id => root,
                Read::Whole(_) | Read::Invalid => {
                    states.push(ReplicaState::Rootless);
                    continue;
                }
                Read::TooNew(format) => {
                    return Err(KeyringError::TooNew { path: replica.path().to_owned(), format });
                }
            };
            states.push(ReplicaState::At(root.epoch));
            match &newest {
                Some((_, best)) if root.epoch < best.epoch => {}
                Some((j, best)) if root.epoch == best.epoch => {
                    if root.share != best.share || root.top != best.top {
                        return Err(KeyringError::Diverged {
                            one: self.all[*j].path().to_owned(),
                            other: replica.path().to_owned(),
                        });
                    }
                }
                _ => newest = Some((i, root)),
            }
        }
        let (newest, root) =
            newest.ok_or_else(|| KeyringError::NoUsableReplica { replicas: self.paths() })?;
        Ok(Survey { root, newest, states })
    }

    /// The highest epoch that a replica shows at this moment; `None` when no replica is reachable. Costs one
    /// small read for each replica.
    pub(crate) fn peek(&self) -> Option<u64> {
        let shown = self.all.iter().filter_map(|replica| replica.peek());
        shown.filter(|(keyring_id, _)| *keyring_id == self.keyring_id).map(|(_, epoch)| epoch).max()
    }

    /// Locks every reachable replica in the order of their ids, which is the same in every process.
    pub(crate) fn lock(&self) -> Result<Vec<Lock>, KeyringError> {
        let mut reachable = Vec::new();
        for replica in &self.all {
            if let Some(marker) = self.marker(&**replica)? {
                reachable.push((marker.replica, replica));
            }
        }
        reachable.sort_by_key(|(id, _)| *id);
        reachable.into_iter().map(|(_, replica)| replica.lock()).collect()
    }

    /// Every replica that is known to hold this keyring, and the ids of the reachable ones.
    pub(crate) fn listed(&self) -> Result<(ReplicaList, BTreeSet<ReplicaId>), KeyringError> {
        let mut listed = ReplicaList::default();
        let mut there = BTreeSet::new();
        for replica in &self.all {
            if let Some(marker) = self.marker(&**replica)? {
                there.insert(marker.replica);
                let stored = replica
                    .small_record(SmallRecord::ReplicaList)?
                    .and_then(|bytes| ReplicaList::read(&bytes));
                for (id, path) in stored.unwrap_or_default().0 {
                    if !listed.0.iter().any(|(other, _)| *other == id) {
                        listed.0.push((id, path));
                    }
                }
            }
        }
        Ok((listed, there))
    }

    /// Records the list of replicas in each reachable replica. The caller holds the locks.
    pub(crate) fn set_replica_list(&self, listed: &ReplicaList) -> Result<(), KeyringError> {
        for replica in &self.all {
            if self.marker(&**replica)?.is_some() {
                replica.set_small_record(SmallRecord::ReplicaList, &listed.to_bytes())?;
            }
        }
        Ok(())
    }

    /// The unreachable replicas that hold this keyring: configured ones without a marker, and listed ones that
    /// are no longer configured.
    pub(crate) fn unreachable(&self) -> Result<Vec<PathBuf>, KeyringError> {
        let mut unreachable = Vec::new();
        for replica in &self.all {
            if self.marker(&**replica)?.is_none() {
                unreachable.push(replica.path().to_owned());
            }
        }
        let (listed, there) = self.listed()?;
        for (id, path) in listed.0 {
            // A renewed replica has a new id under the same path. An old copy of another replica may still list
            // the old id.
            let renewed = self.all.iter().any(|replica| replica.path() == path);
            if !there.contains(&id) && !renewed {
                unreachable.push(path);
            }
        }
        Ok(unreachable)
    }

    /// Fails when a replica is unreachable: a change that must reach every replica must not start.
    pub(crate) fn require_all_reachable(&self) -> Result<(), KeyringError> {
        let unreachable = self.unreachable()?;
        if unreachable.is_empty() { Ok(()) } else { Err(KeyringError::Unreachable { replicas: unreachable }) }
    }

    /// Brings every reachable replica up to the newest. The caller holds the locks.
    pub(crate) fn synchronise(&self) -> Result<Survey, KeyringError> {
        let survey = self.survey()?;
        let from = &*self.all[survey.newest];
        for (replica, state) in self.all.iter().zip(&survey.states) {
            let lags = *state != ReplicaState::At(survey.root.epoch);
            if *state != ReplicaState::Unreachable && lags {
                self.synchronise_replica(from, &**replica, &survey.root)?;
            }
        }
        Ok(Survey { states: self.survey()?.states, ..survey })
    }

    /// Copies the content of `from` to `to`: nodes, logs and records first, the root last.
    pub(crate) fn synchronise_replica(
        &self,
        from: &dyn Replica,
        to: &dyn Replica,
        root: &Root,
    ) -> Result<(), KeyringError> {
        to.prepare()?;
        let wanted = from.nodes()?;
        for some in wanted.chunks(256) {
            let mut missing = Vec::new();
            for id in some {
                // An interrupted write may leave a torn node under the right name, so compare the bytes.
                if let Some(sealed) = from.node(*id)?
                    && to.node(*id)?.as_ref() != Some(&sealed)
                {
                    missing.push((*id, sealed));
                }
            }
            to.add_nodes(&missing)?;
        }
        copy_logs(from, to)?;
        for which in [SmallRecord::Lease, SmallRecord::Anchor] {
            let number = |bytes: &Option<Vec<u8>>| bytes.as_deref().and_then(first_number);
            let (source, target) = (from.small_record(which)?, to.small_record(which)?);
            if let Some(bytes) = &source
                && number(&source) > number(&target)
            {
                to.set_small_record(which, bytes)?;
            }
        }
        to.commit(&root.to_bytes())?;
        let wanted: BTreeSet<NodeId> = wanted.into_iter().collect();
        let stale: Vec<_> = to.nodes()?.into_iter().filter(|id| !wanted.contains(id)).collect();
        to.remove_nodes(&stale)
    }
}

/// Copies the records that are missing in the logs of `to`.
fn copy_logs(from: &dyn Replica, to: &dyn Replica) -> Result<(), KeyringError> {
    for year in from.years()? {
        let log = Log::Tombstones(year);
        let (source, target) = (from.log(log)?, to.log(log)?);
        let have: std::collections::HashSet<TombstoneRecord> = log_records(&target).collect();
        let missing: Vec<u8> = log_records::<TombstoneRecord>(&source)
            .filter(|s| !have.contains(s))
            .flat_map(|s| s.to_log())
            .collect();
        if !missing.is_empty() {
            to.append(log, valid_length::<TombstoneRecord>(&target), &missing)?;
        }
    }
    let (source, target) = (from.log(Log::Erasures)?, to.log(Log::Erasures)?);
    if source == target { Ok(()) } else { to.append(Log::Erasures, 0, &source) }
}

/// The number at the start of leases and anchors.
pub(crate) fn first_number(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk::<8>().map(|n| u64::from_le_bytes(*n))
}
