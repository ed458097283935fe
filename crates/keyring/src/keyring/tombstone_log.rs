//! Tombstones and erasure records: the append-only logs of the replicas.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::Keyring;
use crate::KeyringError;
use crate::ids::Tag16;
use crate::record::{LogRecord, log_records, valid_length};
use crate::replica::{Log, Replica};
use crate::slot::Slot;
use crate::tombstone::{ErasureRecord, Tombstone, TombstoneRecord};

/// The tombstone logs of each replica and year, as last read.
#[derive(Default)]
pub(super) struct TombstoneLog(HashMap<(usize, i32), YearLog>);

#[derive(Default)]
struct YearLog {
    length: u64,
    valid_length: u64,
    tombstones: HashMap<Tag16, Vec<TombstoneRecord>>,
}

impl TombstoneLog {
    /// The log of a year in a replica, read again when its length has changed.
    fn year(&mut self, i: usize, replica: &dyn Replica, year: i32) -> Result<&mut YearLog, KeyringError> {
        let log = self.0.entry((i, year)).or_default();
        let length = replica.log_length(Log::Tombstones(year))?;
        // A record of the same length may have replaced a torn tail.
        if length != log.length || log.valid_length != log.length {
            let bytes = replica.log(Log::Tombstones(year))?;
            let valid_length = valid_length::<TombstoneRecord>(&bytes);
            *log = YearLog { length: bytes.len() as u64, valid_length, tombstones: HashMap::new() };
            log_records::<TombstoneRecord>(&bytes)
                .for_each(|tombstone| log.tombstones.entry(tombstone.tag).or_default().push(tombstone));
        }
        Ok(log)
    }
}

impl YearLog {
    fn has(&self, tombstone: &TombstoneRecord) -> bool {
        self.tombstones.get(&tombstone.tag).is_some_and(|tombstones| tombstones.contains(tombstone))
    }
}

impl Keyring {
    /// The tombstones with this tag in this year, each once.
    pub fn tombstones(&self, year: i32, tag: Tag16) -> Result<Vec<Tombstone>, KeyringError> {
        self.tombstones_of(&[(year, tag)])
    }

    /// The tombstones with any of these tags in its year, each once. Reads each log once for all tags.
    pub fn tombstones_of(&self, wanted: &[(i32, Tag16)]) -> Result<Vec<Tombstone>, KeyringError> {
        let mut tombstone_log = self.tombstone_log.lock().map_err(|_| KeyringError::Interrupted)?;
        let mut found: Vec<Tombstone> = Vec::new();
        let years: BTreeSet<i32> = wanted.iter().map(|(year, _)| *year).collect();
        for (i, replica) in self.replicas.all.iter().enumerate() {
            if self.is_away(&**replica) {
                continue;
            }
            for year in &years {
                let log = tombstone_log.year(i, &**replica, *year)?;
                let tags = wanted.iter().filter(|(of, _)| of == year).map(|(_, tag)| tag);
                for tombstone in tags.filter_map(|tag| log.tombstones.get(tag)).flatten() {
                    let tombstone = tombstone.in_year(*year);
                    if !found.contains(&tombstone) {
                        found.push(tombstone);
                    }
                }
            }
        }
        Ok(found)
    }

    /// Appends tombstones, durably in every replica. Skips existing ones, and those of a year whose key is
    /// forgotten: nothing could find them.
    pub fn append_tombstones(&self, tombstones: &[Tombstone]) -> Result<(), KeyringError> {
        let _changing = self.changing()?;
        self.replicas.require_all_reachable()?;
        let _locks = self.lock_and_sync()?;
        self.replicas.require_all_reachable()?;
        self.append_missing_tombstones(tombstones)
    }

    /// Appends the tombstones that are missing. The caller holds the locks, and all replicas are reachable.
    pub(super) fn append_missing_tombstones(&self, tombstones: &[Tombstone]) -> Result<(), KeyringError> {
        let mut by_year: BTreeMap<i32, Vec<TombstoneRecord>> = BTreeMap::new();
        for tombstone in tombstones {
            by_year.entry(tombstone.year).or_default().push(TombstoneRecord::of(tombstone));
        }
        let mut tombstone_log = self.tombstone_log.lock().map_err(|_| KeyringError::Interrupted)?;
        for (year, tombstones) in by_year {
            if self.is_forgotten(Slot::year(year))? {
                continue;
            }
            for (i, replica) in self.replicas.all.iter().enumerate() {
                let log = tombstone_log.year(i, &**replica, year)?;
                let mut seen = HashSet::new();
                let missing: Vec<_> = tombstones.iter().filter(|s| !log.has(s) && seen.insert(**s)).collect();
                if missing.is_empty() {
                    continue;
                }
                let bytes: Vec<u8> = missing.iter().flat_map(|tombstone| tombstone.to_log()).collect();
                let keep = log.valid_length;
                // Until the append is durable, the cached state of the log is invalid.
                log.length = u64::MAX;
                replica.append(Log::Tombstones(year), keep, &bytes)?;
                log.length = keep + bytes.len() as u64;
                log.valid_length = log.length;
                missing.into_iter().for_each(|s| log.tombstones.entry(s.tag).or_default().push(*s));
            }
        }
        Ok(())
    }

    /// Every committed forgetting, ordered by epoch.
    pub fn erasure_records(&self) -> Result<Vec<ErasureRecord>, KeyringError> {
        let epoch = self.epoch()?;
        let survey = self.replicas.survey()?;
        let log = self.replicas.all[survey.newest].log(Log::Erasures)?;
        // A forgetting that was interrupted before its commit leaves a record for an epoch that a later one
        // started.
        let by_epoch: BTreeMap<u64, ErasureRecord> =
            log_records::<ErasureRecord>(&log).map(|e| (e.epoch, e)).collect();
        Ok(by_epoch.into_values().filter(|e| e.epoch <= epoch).collect())
    }

    fn is_away(&self, replica: &dyn Replica) -> bool {
        replica.peek().is_none_or(|(keyring_id, _)| keyring_id != self.replicas.keyring_id)
    }
}
