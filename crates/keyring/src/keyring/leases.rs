//! Taking slots: from blocks of 2^16 that are leased from the places, so that no number is ever given twice,
//! whatever backup of the data is put back.

use super::Vault;
use crate::KeyringError;
use crate::derive::random;
use crate::place::Small;
use crate::places::first_number;
use crate::slot::Slot;

const BLOCK: u64 = 1 << 16;
/// Blocks from here on are taken at random when some place is away: what is leased in one place alone is unknown
/// to another, and 46 random bits need no agreement.
const SCATTERED: u64 = 1 << 40;

/// The rest of a leased block.
pub(super) struct Lease {
    next: u64,
    end: u64,
}

impl Lease {
    pub(super) const fn none() -> Self {
        Self { next: 0, end: 0 }
    }
}

impl Vault {
    /// A slot that nobody had before. Writes nothing, but for the lease of a block once in 65,536 times.
    pub fn take_slot(&self) -> Result<Slot, KeyringError> {
        let mut lease = self.lease.lock().map_err(|_| KeyringError::Interrupted)?;
        if lease.next == lease.end {
            *lease = self.lease_block()?;
        }
        let slot = Slot(lease.next);
        lease.next += 1;
        Ok(slot)
    }

    /// `count` slots, in no promised order.
    pub fn take_slots(&self, count: usize) -> Result<Vec<Slot>, KeyringError> {
        (0..count).map(|_| self.take_slot()).collect()
    }

    fn lease_block(&self) -> Result<Lease, KeyringError> {
        let _changing = self.changing()?;
        let _locks = self.places.lock()?;
        let mut next = None;
        let mut all_there = true;
        for place in &self.places.all {
            if self.places.marker(&**place)?.is_none() {
                all_there = false;
            } else if let Some(bytes) = place.small(Small::Lease)? {
                next = next.max(first_number(&bytes));
            }
        }
        match next {
            Some(next) if all_there && next < SCATTERED => {
                // Durable everywhere before the first number is used.
                for place in &self.places.all {
                    place.set_small(Small::Lease, &(next + BLOCK).to_le_bytes())?;
                }
                Ok(Lease { next, end: next + BLOCK })
            }
            _ => scattered(),
        }
    }
}

fn scattered() -> Result<Lease, KeyringError> {
    let blocks = (1 << 46) - SCATTERED / BLOCK;
    let block = SCATTERED / BLOCK + u64::from_le_bytes(*random()?) % blocks;
    Ok(Lease { next: block * BLOCK, end: (block + 1) * BLOCK })
}
