//! Sealing and opening values, and keyed tags of values.

use policy::purpose::Operating;
use policy::{Field, Holds, OpenFor, Purpose};

use super::Keyring;
use crate::derive::{Key, derive, tag};
use crate::ids::{KeyringId, Tag16};
use crate::sealed::{Opened, Permit, Sealed};
use crate::slot::Slot;
use crate::{KeyringError, OpenError, seal};

/// A view of the keyring at the moment of a read. Slots that any process forgot before that moment are refused
/// under this view.
#[derive(Clone, Copy)]
pub struct KeyringView(KeyringId);

impl Keyring {
    /// Reads the current epoch of the replicas, and returns a view of it.
    pub fn check_epoch(&self) -> Result<KeyringView, KeyringError> {
        self.catch_up()?;
        Ok(KeyringView(self.replicas.keyring_id))
    }

    /// Seals `plain` as the field `F` of the row `row`, under `slot`.
    pub fn seal<F: Field>(&self, slot: Slot, row: &[u8], plain: &[u8]) -> Result<Sealed<F>, OpenError> {
        self.seal_in_view::<F>(&self.check_epoch()?, slot, row, plain)
    }

    /// Seals as [`Keyring::seal`] does, many times under one view. Another process may have forgotten the slot
    /// since. This is the same as between sealing a value and committing it: such a value can never be opened.
    pub fn seal_in_view<F: Field>(
        &self,
        look: &KeyringView,
        slot: Slot,
        row: &[u8],
        plain: &[u8],
    ) -> Result<Sealed<F>, OpenError> {
        let key = compartment::<F>(&self.key_in_view(look, slot)?);
        Ok(Sealed::from_bytes(seal::seal(&key, &self.associated_data::<F>(slot, row), plain)?))
    }

    /// Opens the program's own secrets, many times under one view. The caller's locks keep other processes from
    /// forgetting their slots meanwhile. Personal values cannot be opened this way.
    pub fn open_operating_in_view<F: OpenFor<Operating>>(
        &self,
        look: &KeyringView,
        slot: Slot,
        row: &[u8],
        sealed: &Sealed<F>,
    ) -> Result<Opened<F>, OpenError> {
        if F::COLUMN.holds == Holds::Personal {
            return Err(OpenError::Unaudited);
        }
        self.opened(&self.key_in_view(look, slot)?, slot, row, sealed)
    }

    /// The slot's key as known at the moment of the view, or later.
    fn key_in_view(&self, look: &KeyringView, slot: Slot) -> Result<Key, OpenError> {
        if look.0 != self.replicas.keyring_id {
            self.catch_up()?;
        }
        self.cached_key(slot)?.ok_or(OpenError::Forgotten)
    }

    /// Opens a value for the purpose `P`. Without permission in the data inventory it does not compile. Fails
    /// when the slot has been forgotten.
    pub fn open_field<F, P>(
        &self,
        slot: Slot,
        row: &[u8],
        sealed: &Sealed<F>,
        permit: &Permit<P>,
    ) -> Result<Opened<F>, OpenError>
    where
        F: OpenFor<P>,
        P: Purpose,
    {
        if F::COLUMN.holds == Holds::Personal && !permit.is_audited() {
            return Err(OpenError::Unaudited);
        }
        self.open_sealed(slot, row, sealed)
    }

    /// Tells whether the value opens or is forgotten, without returning it.
    pub fn check<F: Field>(&self, slot: Slot, row: &[u8], sealed: &Sealed<F>) -> Result<(), OpenError> {
        self.open_sealed(slot, row, sealed).map(drop)
    }

    pub(super) fn open_sealed<F: Field>(
        &self,
        slot: Slot,
        row: &[u8],
        sealed: &Sealed<F>,
    ) -> Result<Opened<F>, OpenError> {
        self.opened(&self.require_key(slot)?, slot, row, sealed)
    }

    fn opened<F: Field>(
        &self,
        key: &Key,
        slot: Slot,
        row: &[u8],
        sealed: &Sealed<F>,
    ) -> Result<Opened<F>, OpenError> {
        let key = compartment::<F>(key);
        let plain = seal::open(&key, &self.associated_data::<F>(slot, row), sealed.as_bytes());
        plain.map(Opened::new).ok_or(OpenError::Damaged)
    }

    /// The associated data of a sealed value: store, table, column, row, slot and compartment, each with its
    /// length.
    fn associated_data<F: Field>(&self, slot: Slot, row: &[u8]) -> Vec<u8> {
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
        let mut associated_data = Vec::with_capacity(128);
        for part in parts {
            associated_data.extend_from_slice(&(part.len() as u64).to_le_bytes());
            associated_data.extend_from_slice(part);
        }
        associated_data
    }

    /// Computes the tag of a value in the blind index (HMAC). The same kind and text give the same tag for the
    /// lifetime of the keyring.
    pub fn tag(&self, kind: &str, text: &str) -> Result<Tag16, KeyringError> {
        let key = match self.index.get() {
            Some(key) => key,
            None => {
                let key = self.program_key(Slot::INDEX, "index")?;
                self.index.get_or_init(|| key)
            }
        };
        Ok(tag(key, &[kind.as_bytes(), text.as_bytes()]))
    }

    /// Computes a tag under the key of a year; `None` when that key is forgotten.
    pub fn year_tag(&self, year: i32, kind: &str, bytes: &[u8]) -> Result<Option<Tag16>, KeyringError> {
        let key = self.cached_key(Slot::year(year))?;
        Ok(key.map(|key| tag(&derive(&key, "year", &[]), &[kind.as_bytes(), bytes])))
    }

    /// Computes a tag under a person's slot. Once the person is erased, it cannot be compared any more.
    pub fn slot_tag(&self, slot: Slot, kind: &str, bytes: &[u8]) -> Result<[u8; 32], OpenError> {
        Ok(*derive(&*self.require_key(slot)?, "tag", &[kind.as_bytes(), bytes]))
    }

    /// Computes a keyed hash under one of the program's slots, for the hash chain of the audit log.
    pub fn mac(&self, slot: Slot, bytes: &[u8]) -> Result<[u8; 32], OpenError> {
        Ok(*derive(&*self.require_key(slot)?, "mac", &[bytes]))
    }

    /// Derives a sub-key of one of the program's own slots, which are never forgotten.
    fn program_key(&self, slot: Slot, context: &str) -> Result<Key, KeyringError> {
        let key = self
            .slot_key(slot)?
            .ok_or(KeyringError::Damaged("one of the program's own keys is forgotten"))?;
        Ok(derive(&key, context, &[]))
    }
}

/// Derives the sub-key of a slot for a compartment. Code that holds the sub-key of one compartment cannot open
/// another.
fn compartment<F: Field>(slot_key: &Key) -> Key {
    derive(slot_key, "compartment", &[F::COMPARTMENT.as_bytes()])
}
