//! Checks whether values open, for `prove`: the proof must know the result, and must not keep the value.

use policy::Field;

use super::Keyring;
use crate::sealed::Sealed;
use crate::slot::Slot;
use crate::{KeyringError, OpenError};

/// The result of examining a sealed value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Examination {
    /// The value opens and passes the test.
    Passes,
    /// The value opens and fails the test.
    Fails,
    /// The slot of the value is forgotten.
    Forgotten,
    /// The value does not open, and its slot is not forgotten.
    Damaged,
}

impl Keyring {
    /// Checks whether the value opens and passes `test`. Only `prove` uses it, which writes no audit entry.
    /// `test` is a plain function pointer: it captures nothing, and it must not store the value.
    pub fn examine<F: Field>(
        &self,
        slot: Slot,
        row: &[u8],
        sealed: &Sealed<F>,
        test: fn(&[u8]) -> bool,
    ) -> Result<Examination, KeyringError> {
        match self.open_sealed(slot, row, sealed) {
            Ok(opened) if test(opened.bytes()) => Ok(Examination::Passes),
            Ok(_) => Ok(Examination::Fails),
            Err(OpenError::Forgotten) => Ok(Examination::Forgotten),
            Err(OpenError::Keyring(error)) => Err(error),
            Err(_) => Ok(Examination::Damaged),
        }
    }
}
