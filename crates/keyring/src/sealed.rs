//! Sealed values, opened values, and the leave to open.

use std::fmt;
use std::marker::PhantomData;

use policy::purpose::Operating;
use policy::{Field, Purpose};
use zeroize::Zeroizing;

/// A sealed value of the field `F`, as it lies in the database.
pub struct Sealed<F: Field> {
    bytes: Vec<u8>,
    field: PhantomData<fn() -> F>,
}

impl<F: Field> Sealed<F> {
    /// Takes it from the database; whether it is genuine shows at opening.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes, field: PhantomData }
    }

    /// For the database.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// For the database, without a copy.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl<F: Field> Clone for Sealed<F> {
    fn clone(&self) -> Self {
        Self::from_bytes(self.bytes.clone())
    }
}

impl<F: Field> fmt::Debug for Sealed<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sealed")
    }
}

/// An opened value of the field `F`: it can't be printed, copied or serialised as it is, and is wiped from memory
/// when dropped.
pub struct Opened<F: Field> {
    bytes: Zeroizing<Vec<u8>>,
    field: PhantomData<fn() -> F>,
}

impl<F: Field> Opened<F> {
    pub(crate) fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self { bytes, field: PhantomData }
    }

    /// The value as text; empty when it isn't UTF-8, which no field of text is.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or("")
    }

    /// The value.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The leave to open values for the purpose `P`: whoever holds one has written the opening into the journal.
pub struct Permit<P: Purpose> {
    journalled: bool,
    purpose: PhantomData<fn() -> P>,
}

impl<P: Purpose> Permit<P> {
    /// Only the store's journal may call this, after the line of the opening is durable. A lint of the workspace
    /// forbids it everywhere else.
    #[must_use]
    pub fn journalled() -> Self {
        Self { journalled: true, purpose: PhantomData }
    }

    pub(crate) fn is_journalled(&self) -> bool {
        self.journalled
    }
}

impl Permit<Operating> {
    /// For the program's own secrets, in which there is nothing to read about a person: no line is written. Opens
    /// no personal value.
    #[must_use]
    pub fn operating() -> Self {
        Self { journalled: false, purpose: PhantomData }
    }
}
