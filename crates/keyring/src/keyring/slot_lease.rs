//! Allocation of slots from blocks of 2^16 that are leased from the replicas. No slot is ever given twice, even
//! after an old backup of the data is restored.

use super::Keyring;
use crate::KeyringError;
use crate::derive::random;
use crate::replica::SmallRecord;
use crate::replicas::first_number;
use crate::slot::Slot;

const BLOCK: u64 = 1 << 16;
/// The first slot of random blocks. They are used when a replica is unreachable, and after a replica was renewed: a
/// lease in one replica is unknown to the other, and 46 random bits need no agreement.
pub(super) const FIRST_RANDOM: u64 = 1 << 40;

/// The unused rest of a leased block.
pub(super) struct Lease {
    next: u64,
    end: u64,
}

impl Lease {
    pub(super) const fn none() -> Self {
        Self { next: 0, end: 0 }
    }
}

impl Keyring {
    /// Allocates a slot that was never used. Writes nothing, except the lease of a block once in 65,536 calls.
    pub fn allocate_slot(&self) -> Result<Slot, KeyringError> {
        let mut lease = self.lease.lock().map_err(|_| KeyringError::Interrupted)?;
        if lease.next == lease.end {
            *lease = self.lease_block()?;
        }
        let slot = Slot(lease.next);
        lease.next += 1;
        Ok(slot)
    }

    /// Allocates `count` slots, in no defined order.
    pub fn allocate_slots(&self, count: usize) -> Result<Vec<Slot>, KeyringError> {
        (0..count).map(|_| self.allocate_slot()).collect()
    }

    fn lease_block(&self) -> Result<Lease, KeyringError> {
        let _changing = self.changing()?;
        let _locks = self.replicas.lock()?;
        let mut next = None;
        let mut all_reachable = true;
        for replica in &self.replicas.all {
            if self.replicas.marker(&**replica)?.is_none() {
                all_reachable = false;
            } else if let Some(bytes) = replica.small_record(SmallRecord::Lease)? {
                next = next.max(first_number(&bytes));
            }
        }
        match next {
            Some(next) if all_reachable && next < FIRST_RANDOM => {
                // The lease must be durable in every replica before the first number is used.
                for replica in &self.replicas.all {
                    replica.set_small_record(SmallRecord::Lease, &(next + BLOCK).to_le_bytes())?;
                }
                Ok(Lease { next, end: next + BLOCK })
            }
            _ => random_block(),
        }
    }
}

fn random_block() -> Result<Lease, KeyringError> {
    let blocks = (1 << 46) - FIRST_RANDOM / BLOCK;
    let block = FIRST_RANDOM / BLOCK + u64::from_le_bytes(*random()?) % blocks;
    Ok(Lease { next: block * BLOCK, end: (block + 1) * BLOCK })
}
