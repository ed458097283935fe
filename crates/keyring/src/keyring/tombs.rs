//! Tombstones and forgettings: the logs of the places.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::Vault;
use crate::KeyringError;
use crate::ids::Tag16;
use crate::place::{Log, Place};
use crate::record::{Line, lines, sound_length};
use crate::slot::Slot;
use crate::tombstone::{Erasure, Tombstone, TombstoneRecord};

/// The logs of each place and year, as last read.
#[derive(Default)]
pub(super) struct TombstoneLog(HashMap<(usize, i32), YearLog>);

#[derive(Default)]
struct YearLog {
    length: u64,
    sound: u64,
    stones: HashMap<Tag16, Vec<TombstoneRecord>>,
}

impl TombstoneLog {
    /// The log of a year in a place, read again when its length has changed.
    fn year(&mut self, i: usize, place: &dyn Place, year: i32) -> Result<&mut YearLog, KeyringError> {
        let log = self.0.entry((i, year)).or_default();
        let length = place.log_length(Log::Tombstones(year))?;
        // A torn tail may be replaced by a line of the same length.
        if length != log.length || log.sound != log.length {
            let bytes = place.log(Log::Tombstones(year))?;
            let sound = sound_length::<TombstoneRecord>(&bytes);
            *log = YearLog { length: bytes.len() as u64, sound, stones: HashMap::new() };
            lines::<TombstoneRecord>(&bytes)
                .for_each(|stone| log.stones.entry(stone.tag).or_default().push(stone));
        }
        Ok(log)
    }
}

impl YearLog {
    fn has(&self, stone: &TombstoneRecord) -> bool {
        self.stones.get(&stone.tag).is_some_and(|stones| stones.contains(stone))
    }
}

impl Vault {
    /// Tombstones with this tag in this year, each once.
    pub fn tombstones(&self, year: i32, tag: Tag16) -> Result<Vec<Tombstone>, KeyringError> {
        self.tombstones_of(&[(year, tag)])
    }

    /// Tombstones with any of these tags in its year, each once. The logs are looked at once for all of them.
    pub fn tombstones_of(&self, wanted: &[(i32, Tag16)]) -> Result<Vec<Tombstone>, KeyringError> {
        let mut tombs = self.tombs.lock().map_err(|_| KeyringError::Interrupted)?;
        let mut found: Vec<Tombstone> = Vec::new();
        let years: BTreeSet<i32> = wanted.iter().map(|(year, _)| *year).collect();
        for (i, place) in self.places.all.iter().enumerate() {
            if self.is_away(&**place) {
                continue;
            }
            for year in &years {
                let log = tombs.year(i, &**place, *year)?;
                let tags = wanted.iter().filter(|(of, _)| of == year).map(|(_, tag)| tag);
                for stone in tags.filter_map(|tag| log.stones.get(tag)).flatten() {
                    let stone = stone.in_year(*year);
                    if !found.contains(&stone) {
                        found.push(stone);
                    }
                }
            }
        }
        Ok(found)
    }

    /// Sets tombstones, durably in every place; those that stand already aren't set again. Those of a year whose
    /// key is forgotten are left out: nobody could find them.
    pub fn append_tombstones(&self, stones: &[Tombstone]) -> Result<(), KeyringError> {
        let _changing = self.changing()?;
        self.places.all_there()?;
        let _locks = self.settled()?;
        self.places.all_there()?;
        self.set_stones(stones)
    }

    /// The caller holds the locks, and all places are there.
    pub(super) fn set_stones(&self, stones: &[Tombstone]) -> Result<(), KeyringError> {
        let mut by_year: BTreeMap<i32, Vec<TombstoneRecord>> = BTreeMap::new();
        for stone in stones {
            by_year.entry(stone.year).or_default().push(TombstoneRecord::of(stone));
        }
        let mut tombs = self.tombs.lock().map_err(|_| KeyringError::Interrupted)?;
        for (year, stones) in by_year {
            if self.is_forgotten(Slot::year(year))? {
                continue;
            }
            for (i, place) in self.places.all.iter().enumerate() {
                let log = tombs.year(i, &**place, year)?;
                let mut seen = HashSet::new();
                let missing: Vec<_> = stones.iter().filter(|s| !log.has(s) && seen.insert(**s)).collect();
                if missing.is_empty() {
                    continue;
                }
                let bytes: Vec<u8> = missing.iter().flat_map(|stone| stone.to_log()).collect();
                let keep = log.sound;
                // Until it is durable nothing is known of the log.
                log.length = u64::MAX;
                place.append(Log::Tombstones(year), keep, &bytes)?;
                log.length = keep + bytes.len() as u64;
                log.sound = log.length;
                missing.into_iter().for_each(|s| log.stones.entry(s.tag).or_default().push(*s));
            }
        }
        Ok(())
    }

    /// Every forgetting that was committed, in order of epochs.
    pub fn erasures(&self) -> Result<Vec<Erasure>, KeyringError> {
        let epoch = self.epoch()?;
        let survey = self.places.survey()?;
        let log = self.places.all[survey.newest].log(Log::Erasures)?;
        // A forgetting that was stopped before its commit has left a line for an epoch that another one began.
        let by_epoch: BTreeMap<u64, Erasure> = lines::<Erasure>(&log).map(|e| (e.epoch, e)).collect();
        Ok(by_epoch.into_values().filter(|e| e.epoch <= epoch).collect())
    }

    fn is_away(&self, place: &dyn Place) -> bool {
        place.peek().is_none_or(|(keyring, _)| keyring != self.places.keyring)
    }
}
