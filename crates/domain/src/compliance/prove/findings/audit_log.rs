//! What the proof finds in the audit log: its chain, accesses and agreements.

use store::ChainFault;

/// What contradicts a promise in the audit log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Violation {
    /// The chain has a fault.
    Chain(ChainFault),
    /// A link is not the one that the keyring remembers.
    LinkDiffersFromAnchor {
        /// Number of the link.
        link: i64,
    },
    /// The log ends before the link that the keyring remembers.
    Truncated {
        /// Number of the last link; 0 for none.
        last: i64,
        /// Number of the link that the keyring remembers.
        anchor: i64,
    },
    /// The log has links, but the keyring remembers none.
    NoAnchor,
    /// There are more erasures than agreements.
    MoreErasuresThanAgreements {
        /// Erasures that need an agreement.
        erasures: i64,
        agreements: i64,
    },
}

/// A fault of audit entries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// A value was opened for a purpose that the inventory does not allow.
    DisallowedPurpose {
        /// The value, as `table.column`.
        column: String,
        /// Id of the purpose.
        purpose: String,
    },
    /// An access for support names no member of staff, or no case.
    SupportWithoutCase,
    /// An entry of an agreement or erasure names a person.
    NamesPerson,
    /// An agreement lacks the hash of the agreed text.
    AgreementWithoutText,
}

/// What was checked in the audit log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Observation {
    /// The keyring remembers a link.
    Anchor {
        /// Number of the link.
        link: i64,
    },
    /// Links are missing, because a backup was restored.
    RestoredGap {
        /// Number of the first missing link.
        first: i64,
        /// Number of the last missing link.
        last: i64,
    },
    /// The chain was recomputed.
    Chain {
        links: i64,
        /// Entries that links cover.
        entries: i64,
        /// Entries that no link covers yet.
        unlinked: i64,
    },
    /// Accesses were compared with the inventory.
    Openings {
        /// Accesses.
        openings: i64,
        /// Ids of all purposes.
        purposes: Vec<&'static str>,
    },
    /// Accesses for support were checked for staff member and case.
    SupportOpenings {
        /// Accesses for support.
        openings: i64,
    },
    /// Agreements were compared with erasures.
    Agreements {
        agreements: i64,
        /// Erasures that need an agreement.
        erasures: i64,
    },
}
