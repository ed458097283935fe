//! Sealed values, opened values, and the permit to open values.

use std::fmt;
use std::marker::PhantomData;

use policy::purpose::Operating;
use policy::{Field, Purpose};
use zeroize::Zeroizing;

/// An encrypted value of the field `F`, as stored in the database.
pub struct Sealed<F: Field> {
    bytes: Vec<u8>,
    field: PhantomData<fn() -> F>,
}

impl<F: Field> Sealed<F> {
    /// Takes the bytes from the database. Opening shows whether they are genuine.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes, field: PhantomData }
    }

    /// The bytes for the database.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes for the database, without a copy.
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

/// A decrypted value of the field `F`. It cannot be printed, copied or serialised, and is wiped from memory when
/// dropped.
pub struct Opened<F: Field> {
    bytes: Zeroizing<Vec<u8>>,
    field: PhantomData<fn() -> F>,
}

impl<F: Field> Opened<F> {
    pub(crate) fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self { bytes, field: PhantomData }
    }

    /// The value as text; empty when it is not UTF-8, which every text field is.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or("")
    }

    /// The value as bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A permit to open values for the purpose `P`. Its holder has written the access to the audit log.
pub struct Permit<P: Purpose> {
    audited: bool,
    purpose: PhantomData<fn() -> P>,
}

impl<P: Purpose> Permit<P> {
    /// Creates a permit. Only the store's audit log may call this, after the audit entry is written. A lint of
    /// the workspace forbids it everywhere else.
    #[must_use]
    pub fn audited() -> Self {
        Self { audited: true, purpose: PhantomData }
    }

    pub(crate) fn is_audited(&self) -> bool {
        self.audited
    }
}

impl Permit<Operating> {
    /// Creates a permit for the program's own secrets, which hold nothing about a person. It needs no audit entry
    /// and opens no personal value.
    #[must_use]
    pub fn operating() -> Self {
        Self { audited: false, purpose: PhantomData }
    }
}
