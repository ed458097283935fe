//! The records that remain after an erasure: tombstones of orders, and one erasure record for each forgetting.

use crate::ids::Tag16;
use crate::record::LogRecord;

/// The record that remains of an erased person's order. It is enough that a redelivered notification restores no
/// data, and that a refund still revokes the licence.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Tombstone {
    /// The year under whose key the tag is computed.
    pub year: i32,
    /// Keyed tag of the order item, subscription or notification.
    pub tag: Tag16,
    /// The kind of number that the tag stands for, in the caller's numbering.
    pub kind: u8,
    /// The serial of the licence.
    pub serial: u64,
    /// The term of the licence.
    pub term: u32,
}

/// A tombstone in the log of its year.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TombstoneRecord {
    pub(crate) tag: Tag16,
    kind: u8,
    serial: u64,
    term: u32,
}

impl TombstoneRecord {
    pub(crate) fn of(tombstone: &Tombstone) -> Self {
        Self { tag: tombstone.tag, kind: tombstone.kind, serial: tombstone.serial, term: tombstone.term }
    }

    pub(crate) fn in_year(&self, year: i32) -> Tombstone {
        Tombstone { year, tag: self.tag, kind: self.kind, serial: self.serial, term: self.term }
    }
}

impl LogRecord for TombstoneRecord {
    const LENGTH: usize = 16 + 1 + 8 + 4;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.tag.0);
        out.push(self.kind);
        out.extend_from_slice(&self.serial.to_le_bytes());
        out.extend_from_slice(&self.term.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (tag, rest) = bytes.split_first_chunk::<16>()?;
        let (kind, rest) = rest.split_first()?;
        let (serial, term) = rest.split_first_chunk::<8>()?;
        Some(Self {
            tag: Tag16(*tag),
            kind: *kind,
            serial: u64::from_le_bytes(*serial),
            term: u32::from_le_bytes(term.try_into().ok()?),
        })
    }
}

/// A committed forgetting, without anything about the person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ErasureRecord {
    /// The epoch that it started.
    pub epoch: u64,
    /// Its day, in the caller's numbering.
    pub day: u32,
    /// How many slots it forgot.
    pub slots: u32,
    /// Hash of its entry in the audit log.
    pub digest: [u8; 32],
}

impl LogRecord for ErasureRecord {
    const LENGTH: usize = 8 + 4 + 4 + 32;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.epoch.to_le_bytes());
        out.extend_from_slice(&self.day.to_le_bytes());
        out.extend_from_slice(&self.slots.to_le_bytes());
        out.extend_from_slice(&self.digest);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (epoch, rest) = bytes.split_first_chunk::<8>()?;
        let (day, rest) = rest.split_first_chunk::<4>()?;
        let (slots, digest) = rest.split_first_chunk::<4>()?;
        Some(Self {
            epoch: u64::from_le_bytes(*epoch),
            day: u32::from_le_bytes(*day),
            slots: u32::from_le_bytes(*slots),
            digest: digest.try_into().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{log_records, valid_length};

    fn tombstone(n: u8) -> TombstoneRecord {
        TombstoneRecord { tag: Tag16([n; 16]), kind: n, serial: u64::from(n), term: 1 }
    }

    #[test]
    fn a_torn_tail_damages_no_other_tombstone() {
        let mut log = Vec::new();
        (1..=3).for_each(|n| log.extend(tombstone(n).to_log()));
        for cut in 0..TombstoneRecord::LENGTH_IN_LOG {
            let torn = &log[..log.len() - 1 - cut];
            assert!(log_records::<TombstoneRecord>(torn).eq([tombstone(1), tombstone(2)]));
            assert_eq!(valid_length::<TombstoneRecord>(torn), 2 * TombstoneRecord::LENGTH_IN_LOG as u64);
        }
        log[TombstoneRecord::LENGTH_IN_LOG] ^= 1;
        assert!(log_records::<TombstoneRecord>(&log).eq([tombstone(1), tombstone(3)]));
        assert_eq!(valid_length::<TombstoneRecord>(&log), 3 * TombstoneRecord::LENGTH_IN_LOG as u64);
    }

    #[test]
    fn an_erasure_record_reads_back() {
        let erasure = ErasureRecord { epoch: 1, day: 2, slots: 3, digest: [4; 32] };
        assert!(log_records::<ErasureRecord>(&erasure.to_log()).eq([erasure]));
    }
}
