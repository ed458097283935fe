//! Forgetting slots: crypto-shredding of everything sealed under them.
//!
//! The order of the steps matters. First, nodes and logs become durable in every replica. Then the new root is
//! committed in every replica. Only then is anything removed. A commit before the nodes are durable would make
//! every value unreadable. A success reported before the last commit would be false.

use std::collections::HashSet;

use super::{Keyring, root_key_of};
use crate::KeyringError;
use crate::derive::random;
use crate::record::{LogRecord, Root, valid_length};
use crate::replica::{Log, SmallRecord};
use crate::replicas::first_number;
use crate::slot::Slot;
use crate::tombstone::{ErasureRecord, Tombstone};
use crate::trie;

/// The slots to be forgotten in one step.
pub struct ForgetRequest {
    /// The slots. Slots that are already forgotten are skipped.
    pub slots: Vec<Slot>,
    /// Tombstones to be kept for the orders of the erased persons.
    pub tombstones: Vec<Tombstone>,
    /// The day, in the caller's numbering.
    pub day: u32,
    /// Hash of the audit entry about this erasure.
    pub digest: [u8; 32],
}

/// The result of a forgetting that is committed in every replica.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ForgetOutcome {
    /// The epoch that this forgetting started.
    pub epoch: u64,
    /// The number of replicas that committed it.
    pub replicas: usize,
    /// Whether the old root share was overwritten in every replica, as far as the disks allow. If not, the share
    /// is still removed, and a receipt of erasure must not claim more.
    pub overwritten: bool,
}

impl Keyring {
    /// Forgets slots. When it returns, nothing sealed under them can be opened, in any replica or process.
    /// Repeating it is harmless: an interrupted forgetting is rolled forward by repeating it.
    ///
    /// # Errors
    /// [`KeyringError::Unreachable`], before anything is written, when a replica is unreachable.
    pub fn forget(&self, request: &ForgetRequest) -> Result<ForgetOutcome, KeyringError> {
        if let Some(slot) = request.slots.iter().find(|slot| !slot.is_erasable()) {
            return Err(KeyringError::Reserved(slot.0));
        }
        let _changing = self.changing()?;
        self.replicas.require_all_reachable()?;
        let _locks = self.lock_and_sync()?;
        // A replica may have become unreachable while we waited for the locks.
        self.replicas.require_all_reachable()?;
        self.append_missing_tombstones(&request.tombstones)?;
        let unforgotten = self.unforgotten(&request.slots)?;
        let replicas = self.replicas.all.len();
        if unforgotten.is_empty() {
            return Ok(ForgetOutcome { epoch: self.epoch()?, replicas, overwritten: true });
        }
        let (epoch, overwritten) = self.puncture(&unforgotten, request)?;
        for year in unforgotten.iter().filter_map(|slot| slot.as_year()) {
            for replica in &self.replicas.all {
                replica.remove_log(Log::Tombstones(year))?;
            }
        }
        Ok(ForgetOutcome { epoch, replicas, overwritten })
    }

    fn unforgotten(&self, slots: &[Slot]) -> Result<Vec<Slot>, KeyringError> {
        let mut slots = slots.to_vec();
        slots.sort_unstable();
        slots.dedup();
        let mut unforgotten = Vec::with_capacity(slots.len());
        for slot in slots {
            if !self.is_forgotten(slot)? {
                unforgotten.push(slot);
            }
        }
        Ok(unforgotten)
    }

    /// Punctures the trie at the given slots and commits the new root in every replica.
    fn puncture(&self, unforgotten: &[Slot], request: &ForgetRequest) -> Result<(u64, bool), KeyringError> {
        let keyring_id = self.replicas.keyring_id;
        let (epoch, punctured) = {
            let state = self.state()?;
            (state.epoch + 1, trie::puncture(&state.top, unforgotten, keyring_id, &self.reader())?)
        };
        let share = random()?;
        let top =
            punctured.top.seal(&root_key_of(keyring_id, epoch, &share, &self.share), keyring_id, epoch)?;
        let root = Root { keyring_id, epoch, share, top }.to_bytes();
        let slots = u32::try_from(unforgotten.len()).unwrap_or(u32::MAX);
        let erasure = ErasureRecord { epoch, day: request.day, slots, digest: request.digest };

        for replica in &self.replicas.all {
            replica.add_nodes(&punctured.written)?;
            let log = replica.log(Log::Erasures)?;
            replica.append(Log::Erasures, valid_length::<ErasureRecord>(&log), &erasure.to_log())?;
        }
        let mut overwritten = true;
        for replica in &self.replicas.all {
            overwritten &= replica.commit(&root)?;
        }
        let retired = punctured.changes.retired.clone();
        self.adopt_state(epoch, punctured.top, Some(punctured.changes))?;
        for replica in &self.replicas.all {
            replica.remove_nodes(&retired)?;
        }
        Ok((epoch, overwritten))
    }

    /// Removes what interrupted changes left behind: nodes that no root refers to, and logs of years whose key is
    /// forgotten.
    pub(super) fn remove_leftovers(&self) -> Result<(), KeyringError> {
        let mut untidy = false;
        let expected = self.state()?.top.nodes;
        for replica in self.reachable()? {
            untidy |= replica.nodes()?.len() as u64 != expected;
            for year in replica.years()? {
                untidy |= self.is_forgotten(Slot::year(year))?;
            }
        }
        if untidy { self.collect_garbage() } else { Ok(()) }
    }

    fn collect_garbage(&self) -> Result<(), KeyringError> {
        let _changing = self.changing()?;
        let _locks = self.lock_and_sync()?;
        let used: HashSet<_> = trie::nodes_in_use(&self.state()?.top, &self.reader())?.into_iter().collect();
        for replica in self.reachable()? {
            let there: HashSet<_> = replica.nodes()?.into_iter().collect();
            let stale: Vec<_> = there.iter().filter(|id| !used.contains(id)).copied().collect();
            replica.remove_nodes(&stale)?;
            for id in used.iter().filter(|id| !there.contains(id)) {
                for other in self.reachable()? {
                    if let Some(sealed) = other.node(*id)? {
                        replica.add_nodes(&[(*id, sealed)])?;
                        break;
                    }
                }
            }
            for year in replica.years()? {
                if self.is_forgotten(Slot::year(year))? {
                    replica.remove_log(Log::Tombstones(year))?;
                }
            }
        }
        Ok(())
    }

    /// The replicas that are reachable.
    pub(super) fn reachable(&self) -> Result<Vec<&dyn crate::replica::Replica>, KeyringError> {
        let mut reachable = Vec::new();
        for replica in &self.replicas.all {
            if self.replicas.marker(&**replica)?.is_some() {
                reachable.push(&**replica);
            }
        }
        Ok(reachable)
    }

    /// Stores the head of the audit log beside the root, so that a truncated log is noticed. A lower number than
    /// the stored one is ignored. The record is durable in every reachable replica.
    pub fn set_anchor(&self, seq: u64, mac: [u8; 32]) -> Result<(), KeyringError> {
        let _changing = self.changing()?;
        let _locks = self.replicas.lock()?;
        let bytes = [seq.to_le_bytes().as_slice(), &mac].concat();
        for replica in self.reachable()? {
            let kept = replica.small_record(SmallRecord::Anchor)?.and_then(|bytes| first_number(&bytes));
            if kept.is_none_or(|kept| kept < seq) {
                replica.set_small_record(SmallRecord::Anchor, &bytes)?;
            }
        }
        Ok(())
    }

    /// The stored head of the audit log: number and keyed hash.
    pub fn anchor(&self) -> Result<Option<(u64, [u8; 32])>, KeyringError> {
        let mut best = None;
        for replica in self.reachable()? {
            let found = replica.small_record(SmallRecord::Anchor)?;
            best = best.max(found.as_deref().and_then(anchor));
        }
        Ok(best)
    }
}

fn anchor(bytes: &[u8]) -> Option<(u64, [u8; 32])> {
    let (seq, mac) = bytes.split_first_chunk::<8>()?;
    Some((u64::from_le_bytes(*seq), mac.try_into().ok()?))
}
