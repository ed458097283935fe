//! The proof of the audit log.

use domain::compliance::prove::findings::audit_log::{Fault, Observation, Violation};
use store::ChainFault;

use crate::English;

impl English for ChainFault {
    fn english(&self) -> String {
        match self {
            Self::LinkMissing { expected, found } => {
                format!("link {expected} is missing, or link {found} was added")
            }
            Self::EntriesMissing { link, covers, exist } => {
                format!("link {link} covers {covers} entries, but {exist} exist")
            }
            Self::HashDiffers { link } => {
                format!("link {link} does not match its entries: an entry or the link was changed")
            }
            Self::StrayEntries { entries } => format!("{entries} entries name a link that does not exist"),
        }
    }
}

impl English for Violation {
    fn english(&self) -> String {
        match self {
            Self::Chain(fault) => format!("audit log: {}", fault.english()),
            Self::LinkDiffersFromAnchor { link } => format!(
                "audit log: link {link} of the audit chain differs from the link that the keyring remembers"
            ),
            Self::Truncated { last, anchor } => format!(
                "audit log: it ends at link {last}, but the keyring remembers link {anchor}: it was truncated, or a \
                 backup was restored and the later audit entries are lost"
            ),
            Self::NoAnchor => {
                "audit log: the keyring remembers no link, so a truncated audit log could not be \
                               noticed"
                    .to_owned()
            }
            Self::MoreErasuresThanAgreements { erasures, agreements } => {
                format!("audit log: more erasures than agreements: {erasures} and {agreements}")
            }
        }
    }
}

impl English for Fault {
    fn english(&self) -> String {
        match self {
            Self::DisallowedPurpose { column, purpose } => format!(
                "audit log: values of {column} opened for {purpose}, which the inventory does not allow"
            ),
            Self::SupportWithoutCase => {
                "audit log: accesses for support without staff member or case".to_owned()
            }
            Self::NamesPerson => "audit log: entries of agreement or erasure that name a person".to_owned(),
            Self::AgreementWithoutText => {
                "audit log: agreements without the hash of the agreed text".to_owned()
            }
        }
    }
}

impl English for Observation {
    fn english(&self) -> String {
        match self {
            Self::Anchor { link } => format!("the keyring remembers link {link} of the audit chain"),
            Self::RestoredGap { first, last } => format!(
                "a backup was restored: links {first} to {last} of the audit chain are not in this data"
            ),
            Self::Chain { links, entries, unlinked } => format!(
                "audit chain, recomputed: {links} links over {entries} audit entries; entries not covered yet: \
                 {unlinked}"
            ),
            Self::Openings { openings, purposes } => format!(
                "audited accesses compared with the inventory: {openings}; the closed list of purposes: {}",
                purposes.join(", ")
            ),
            Self::SupportOpenings { openings } => {
                format!("accesses for support, checked for staff member and case: {openings}")
            }
            Self::Agreements { agreements, erasures } => format!(
                "agreements: {agreements}; erasures that need an agreement: {erasures}; no entry of either may name a \
                 person"
            ),
        }
    }
}
