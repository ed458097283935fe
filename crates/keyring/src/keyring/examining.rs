//! Looking whether values open, for the proof: it must know, and may not keep what it sees.

use policy::Field;

use super::Vault;
use crate::sealed::Sealed;
use crate::slot::Slot;
use crate::{KeyringError, OpenError};

/// What an examination found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Examined {
    /// It opens and passes the test.
    Passes,
    /// It opens and fails the test.
    Fails,
    /// Its slot is forgotten.
    Forgotten,
    /// It neither opens nor is forgotten.
    Damaged,
}

impl Vault {
    /// Does it open, and does it pass `test`? For the proof alone, which writes no line: a plain
    /// function captures nothing, and must store nothing either.
    pub fn examine<F: Field>(
        &self,
        slot: Slot,
        row: &[u8],
        sealed: &Sealed<F>,
        test: fn(&[u8]) -> bool,
    ) -> Result<Examined, KeyringError> {
        match self.open_sealed(slot, row, sealed) {
            Ok(opened) if test(opened.bytes()) => Ok(Examined::Passes),
            Ok(_) => Ok(Examined::Fails),
            Err(OpenError::Forgotten) => Ok(Examined::Forgotten),
            Err(OpenError::Keyring(error)) => Err(error),
            Err(_) => Ok(Examined::Damaged),
        }
    }
}
