//! Forgetting slots.
//!
//! The order is the whole point. Nodes and logs durable in every place, then the commit in every place, and only
//! then is anything taken away. A commit before the nodes are durable locks everybody out; a success before the
//! last commit is a lie.

use std::collections::HashSet;

use super::{Vault, root_key_of};
use crate::KeyringError;
use crate::derive::random;
use crate::place::{Log, Small};
use crate::places::first_number;
use crate::record::{Line, Root, sound_length};
use crate::slot::Slot;
use crate::tombstone::{Erasure, Tombstone};
use crate::trie;

/// What is to be forgotten, in one step.
pub struct Forgetting {
    /// The slots. Those already forgotten are passed over.
    pub slots: Vec<Slot>,
    /// What remains of their orders.
    pub tombstones: Vec<Tombstone>,
    /// The day, in the caller's count.
    pub day: u32,
    /// Hash of the journal's line about it.
    pub digest: [u8; 32],
}

/// A forgetting that holds in every place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Forgotten {
    /// The epoch from which on it holds.
    pub epoch: u64,
    /// How many places have acknowledged.
    pub places: usize,
    /// The old root share was overwritten in every place, as far as the disks let it. When not, it is still
    /// removed, and the receipt should not say more.
    pub overwritten: bool,
}

impl Vault {
    /// Forgets slots: when this returns, nobody opens anything of them any more, in any place or process. Doing it
    /// again is harmless, which is how a stopped one is rolled forward.
    ///
    /// Fails with [`KeyringError::Unreachable`] before anything is written when some place is away.
    pub fn forget(&self, forgetting: &Forgetting) -> Result<Forgotten, KeyringError> {
        if let Some(slot) = forgetting.slots.iter().find(|slot| !slot.is_mortal()) {
            return Err(KeyringError::Reserved(slot.0));
        }
        let _changing = self.changing()?;
        self.places.all_there()?;
        let _locks = self.settled()?;
        // One that went away while we waited for the locks.
        self.places.all_there()?;
        self.set_stones(&forgetting.tombstones)?;
        let living = self.living(&forgetting.slots)?;
        let places = self.places.all.len();
        if living.is_empty() {
            return Ok(Forgotten { epoch: self.epoch()?, places, overwritten: true });
        }
        let (epoch, overwritten) = self.strike(&living, forgetting)?;
        for year in living.iter().filter_map(|slot| slot.as_year()) {
            for place in &self.places.all {
                place.remove_log(Log::Tombstones(year))?;
            }
        }
        Ok(Forgotten { epoch, places, overwritten })
    }

    fn living(&self, slots: &[Slot]) -> Result<Vec<Slot>, KeyringError> {
        let mut slots = slots.to_vec();
        slots.sort_unstable();
        slots.dedup();
        let mut living = Vec::with_capacity(slots.len());
        for slot in slots {
            if !self.is_forgotten(slot)? {
                living.push(slot);
            }
        }
        Ok(living)
    }

    /// Strikes living slots out and commits in every place.
    fn strike(&self, living: &[Slot], forgetting: &Forgetting) -> Result<(u64, bool), KeyringError> {
        let keyring = self.places.keyring;
        let (epoch, struck) = {
            let state = self.state()?;
            (state.epoch + 1, trie::strike(&state.top, living, keyring, &self.reader())?)
        };
        let share = random()?;
        let top = struck.top.seal(&root_key_of(keyring, epoch, &share, &self.share), keyring, epoch)?;
        let root = Root { keyring, epoch, share, top }.to_bytes();
        let slots = u32::try_from(living.len()).unwrap_or(u32::MAX);
        let erasure = Erasure { epoch, day: forgetting.day, slots, digest: forgetting.digest };

        for place in &self.places.all {
            place.add_nodes(&struck.written)?;
            let log = place.log(Log::Erasures)?;
            place.append(Log::Erasures, sound_length::<Erasure>(&log), &erasure.to_log())?;
        }
        let mut overwritten = true;
        for place in &self.places.all {
            overwritten &= place.commit(&root)?;
        }
        let retired = struck.changed.retired.clone();
        self.adopt_state(epoch, struck.top, Some(struck.changed))?;
        for place in &self.places.all {
            place.remove_nodes(&retired)?;
        }
        Ok((epoch, overwritten))
    }

    /// Removes what stops have left behind: nodes that no root names, logs of years whose key is forgotten.
    pub(super) fn tidy(&self) -> Result<(), KeyringError> {
        let mut untidy = false;
        let expected = self.state()?.top.nodes;
        for place in self.present()? {
            untidy |= place.nodes()?.len() as u64 != expected;
            for year in place.years()? {
                untidy |= self.is_forgotten(Slot::year(year))?;
            }
        }
        if untidy { self.sweep() } else { Ok(()) }
    }

    fn sweep(&self) -> Result<(), KeyringError> {
        let _changing = self.changing()?;
        let _locks = self.settled()?;
        let used: HashSet<_> = trie::in_use(&self.state()?.top, &self.reader())?.into_iter().collect();
        for place in self.present()? {
            let there: HashSet<_> = place.nodes()?.into_iter().collect();
            let stale: Vec<_> = there.iter().filter(|id| !used.contains(id)).copied().collect();
            place.remove_nodes(&stale)?;
            for id in used.iter().filter(|id| !there.contains(id)) {
                for other in self.present()? {
                    if let Some(sealed) = other.node(*id)? {
                        place.add_nodes(&[(*id, sealed)])?;
                        break;
                    }
                }
            }
            for year in place.years()? {
                if self.is_forgotten(Slot::year(year))? {
                    place.remove_log(Log::Tombstones(year))?;
                }
            }
        }
        Ok(())
    }

    /// Places that are there.
    pub(super) fn present(&self) -> Result<Vec<&dyn crate::place::Place>, KeyringError> {
        let mut present = Vec::new();
        for place in &self.places.all {
            if self.places.marker(&**place)?.is_some() {
                present.push(&**place);
            }
        }
        Ok(present)
    }

    /// Keeps the journal's head beside the root, so that a journal cut short is noticed. A lower number than the
    /// one kept is passed over. Durable in every place that is there.
    pub fn set_anchor(&self, seq: u64, mac: [u8; 32]) -> Result<(), KeyringError> {
        let _changing = self.changing()?;
        let _locks = self.places.lock()?;
        let bytes = [seq.to_le_bytes().as_slice(), &mac].concat();
        for place in self.present()? {
            let kept = place.small(Small::Anchor)?.and_then(|bytes| first_number(&bytes));
            if kept.is_none_or(|kept| kept < seq) {
                place.set_small(Small::Anchor, &bytes)?;
            }
        }
        Ok(())
    }

    /// The journal's head as last kept: number and keyed hash.
    pub fn anchor(&self) -> Result<Option<(u64, [u8; 32])>, KeyringError> {
        let mut best = None;
        for place in self.present()? {
            let found = place.small(Small::Anchor)?;
            best = best.max(found.as_deref().and_then(anchor));
        }
        Ok(best)
    }
}

fn anchor(bytes: &[u8]) -> Option<(u64, [u8; 32])> {
    let (seq, mac) = bytes.split_first_chunk::<8>()?;
    Some((u64::from_le_bytes(*seq), mac.try_into().ok()?))
}
