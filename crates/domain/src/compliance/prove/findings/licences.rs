//! What the proof finds in orders and licences.

use licence::Serial;

/// What contradicts a promise in licences.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Violation {
    /// A stored public key does not match its signing key.
    PublicKeyDiffers {
        /// Id of the signing key.
        key: u8,
    },
    /// The key of a licence does not verify.
    Unverified { licence: Serial },
}

/// A fault of orders, grants and licences.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// A valid order item has no licence.
    ItemWithoutLicence,
    /// A grant is of a term that does not exist.
    GrantWithoutTerm,
    /// Two order items created a term.
    TermGrantedTwice,
    /// A licence has no key payload.
    LicenceWithoutKey,
}

/// What was checked of orders and licences.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Observation {
    /// Each valid order item was compared with the licence that it created.
    Created {
        /// Order items.
        items: i64,
        licences: i64,
    },
    /// Keys of licences without a holder were verified.
    WithoutHolder {
        /// Licences without a holder.
        licences: i64,
        /// How many of their keys were verified.
        verified: usize,
    },
}
