//! Sealing and opening values, and tags in their place.

use policy::purpose::Operating;
use policy::{Field, Holds, OpenFor, Purpose};

use super::Vault;
use crate::derive::{Key, derive, tag};
use crate::ids::{KeyringId, Tag16};
use crate::sealed::{Opened, Permit, Sealed};
use crate::slot::Slot;
use crate::{KeyringError, OpenError, seal};

/// A look at the places: whatever was forgotten before it, by any process, is refused to who goes by it.
#[derive(Clone, Copy)]
pub struct Look(KeyringId);

impl Vault {
    /// Looks at the places.
    pub fn look(&self) -> Result<Look, KeyringError> {
        self.catch_up()?;
        Ok(Look(self.places.keyring))
    }

    /// Seals `plain` as the field `F` of the row named `row`, under `slot`.
    pub fn seal<F: Field>(&self, slot: Slot, row: &[u8], plain: &[u8]) -> Result<Sealed<F>, OpenError> {
        self.seal_after::<F>(&self.look()?, slot, row, plain)
    }

    /// The same, many times after one look. Slots that another process has forgotten since may still be sealed
    /// under, as in the moment between sealing a value and committing it: nobody will open that any more.
    pub fn seal_after<F: Field>(
        &self,
        look: &Look,
        slot: Slot,
        row: &[u8],
        plain: &[u8],
    ) -> Result<Sealed<F>, OpenError> {
        let key = compartment::<F>(&self.key_after(look, slot)?);
        Ok(Sealed::from_bytes(seal::seal(&key, &self.bound::<F>(slot, row), plain)?))
    }

    /// Opens, many times after one look, the program's own secrets: the caller's locks keep others from forgetting them
    /// meanwhile. Values of persons know no such way.
    pub fn open_own_after<F: OpenFor<Operating>>(
        &self,
        look: &Look,
        slot: Slot,
        row: &[u8],
        sealed: &Sealed<F>,
    ) -> Result<Opened<F>, OpenError> {
        if F::COLUMN.holds == Holds::Personal {
            return Err(OpenError::Unjournalled);
        }
        self.opened(&self.key_after(look, slot)?, slot, row, sealed)
    }

    /// The slot's key as it was known at a look of this keyring, or since.
    fn key_after(&self, look: &Look, slot: Slot) -> Result<Key, OpenError> {
        if look.0 != self.places.keyring {
            self.catch_up()?;
        }
        self.known_key(slot)?.ok_or(OpenError::Forgotten)
    }

    /// Opens a value for the purpose `P`, if the inventory allows it (else it doesn't compile) and nobody has
    /// forgotten its slot until now.
    pub fn open_field<F, P>(
        &self,
        slot: Slot,
        row: &[u8],
        sealed: &Sealed<F>,
        leave: &Permit<P>,
    ) -> Result<Opened<F>, OpenError>
    where
        F: OpenFor<P>,
        P: Purpose,
    {
        if F::COLUMN.holds == Holds::Personal && !leave.is_journalled() {
            return Err(OpenError::Unjournalled);
        }
        self.open_sealed(slot, row, sealed)
    }

    /// Does it open, or is it forgotten? For whoever must know and may not look.
    pub fn check<F: Field>(&self, slot: Slot, row: &[u8], sealed: &Sealed<F>) -> Result<(), OpenError> {
        self.open_sealed(slot, row, sealed).map(drop)
    }

    pub(super) fn open_sealed<F: Field>(
        &self,
        slot: Slot,
        row: &[u8],
        sealed: &Sealed<F>,
    ) -> Result<Opened<F>, OpenError> {
        self.opened(&self.living_key(slot)?, slot, row, sealed)
    }

    fn opened<F: Field>(
        &self,
        key: &Key,
        slot: Slot,
        row: &[u8],
        sealed: &Sealed<F>,
    ) -> Result<Opened<F>, OpenError> {
        let key = compartment::<F>(key);
        let plain = seal::open(&key, &self.bound::<F>(slot, row), sealed.as_bytes());
        plain.map(Opened::new).ok_or(OpenError::Damaged)
    }

    /// What a value is bound to: store, table, column, row, slot and compartment, each with its length.
    fn bound<F: Field>(&self, slot: Slot, row: &[u8]) -> Vec<u8> {
        let slot = slot.0.to_be_bytes();
        let column = F::COLUMN;
        let parts: [&[u8]; 6] = [
            &self.store.0,
            column.table.as_bytes(),
            column.column.as_bytes(),
            row,
            &slot,
            F::COMPARTMENT.as_bytes(),
        ];
        let mut bound = Vec::with_capacity(128);
        for part in parts {
            bound.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bound.extend_from_slice(part);
        }
        bound
    }

    /// Tag of a value in the index: the same for the same kind and text, as long as the keyring lives.
    pub fn tag(&self, kind: &str, text: &str) -> Result<Tag16, KeyringError> {
        let key = match self.index.get() {
            Some(key) => key,
            None => {
                let key = self.own_key(Slot::INDEX, "index")?;
                self.index.get_or_init(|| key)
            }
        };
        Ok(tag(key, &[kind.as_bytes(), text.as_bytes()]))
    }

    /// Tag under the key of a year; `None` when that key is forgotten.
    pub fn year_tag(&self, year: i32, kind: &str, bytes: &[u8]) -> Result<Option<Tag16>, KeyringError> {
        let key = self.known_key(Slot::year(year))?;
        Ok(key.map(|key| tag(&derive(&key, "year", &[]), &[kind.as_bytes(), bytes])))
    }

    /// Tag under a person's own slot: nobody can compare it any more once the person is forgotten.
    pub fn slot_tag(&self, slot: Slot, kind: &str, bytes: &[u8]) -> Result<[u8; 32], OpenError> {
        Ok(*derive(&*self.living_key(slot)?, "tag", &[kind.as_bytes(), bytes]))
    }

    /// Keyed hash under a named slot, as the journal's chain needs it.
    pub fn mac(&self, slot: Slot, bytes: &[u8]) -> Result<[u8; 32], OpenError> {
        Ok(*derive(&*self.living_key(slot)?, "mac", &[bytes]))
    }

    /// Sub-key of one of the program's own slots, which are never forgotten.
    fn own_key(&self, slot: Slot, context: &str) -> Result<Key, KeyringError> {
        let key =
            self.slot_key(slot)?.ok_or(KeyringError::Damaged("one of the program's own keys is struck"))?;
        Ok(derive(&key, context, &[]))
    }
}

/// Sub-key of a slot: who holds one for a compartment holds none for another.
fn compartment<F: Field>(slot_key: &Key) -> Key {
    derive(slot_key, "compartment", &[F::COMPARTMENT.as_bytes()])
}
