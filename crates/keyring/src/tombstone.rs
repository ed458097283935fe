//! What remains of the erased: tombstones of their orders, and a line for each forgetting.

use crate::ids::Tag16;
use crate::record::Line;

/// What remains of an erased person's order: enough that a resend brings nobody back and a refund still revokes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Tombstone {
    /// The year under whose key the tag is.
    pub year: i32,
    /// Keyed tag of the order item, subscription or notice.
    pub tag: Tag16,
    /// What it is the tag of; the caller's numbering.
    pub kind: u8,
    /// The licence.
    pub serial: u64,
    /// Which term of it.
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
    pub(crate) fn of(stone: &Tombstone) -> Self {
        Self { tag: stone.tag, kind: stone.kind, serial: stone.serial, term: stone.term }
    }

    pub(crate) fn in_year(&self, year: i32) -> Tombstone {
        Tombstone { year, tag: self.tag, kind: self.kind, serial: self.serial, term: self.term }
    }
}

impl Line for TombstoneRecord {
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

/// A forgetting that was committed, without a word on whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Erasure {
    /// The epoch that it began.
    pub epoch: u64,
    /// Its day, in the caller's count.
    pub day: u32,
    /// How many slots it forgot.
    pub slots: u32,
    /// Hash of its line in the journal.
    pub digest: [u8; 32],
}

impl Line for Erasure {
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
    use crate::record::{lines, sound_length};

    fn stone(n: u8) -> TombstoneRecord {
        TombstoneRecord { tag: Tag16([n; 16]), kind: n, serial: u64::from(n), term: 1 }
    }

    #[test]
    fn a_torn_tail_costs_no_other_tombstone() {
        let mut log = Vec::new();
        (1..=3).for_each(|n| log.extend(stone(n).to_log()));
        for cut in 0..TombstoneRecord::IN_LOG {
            let torn = &log[..log.len() - 1 - cut];
            assert!(lines::<TombstoneRecord>(torn).eq([stone(1), stone(2)]));
            assert_eq!(sound_length::<TombstoneRecord>(torn), 2 * TombstoneRecord::IN_LOG as u64);
        }
        log[TombstoneRecord::IN_LOG] ^= 1;
        assert!(lines::<TombstoneRecord>(&log).eq([stone(1), stone(3)]));
        assert_eq!(sound_length::<TombstoneRecord>(&log), 3 * TombstoneRecord::IN_LOG as u64);
    }

    #[test]
    fn an_erasure_reads_back() {
        let erasure = Erasure { epoch: 1, day: 2, slots: 3, digest: [4; 32] };
        assert!(lines::<Erasure>(&erasure.to_log()).eq([erasure]));
    }
}
