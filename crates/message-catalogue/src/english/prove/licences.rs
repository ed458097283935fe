//! The proof of orders and licences.

use domain::compliance::prove::findings::licences::{Fault, Observation, Violation};

use crate::English;

impl English for Violation {
    fn english(&self) -> String {
        match self {
            Self::PublicKeyDiffers { key } => {
                format!("signing_key.public: key {key} does not match the signing key")
            }
            Self::Unverified { licence } => format!("licence {licence}: its key does not verify"),
        }
    }
}

impl English for Fault {
    fn english(&self) -> String {
        match self {
            Self::ItemWithoutLicence => "orders: valid items without a licence",
            Self::GrantWithoutTerm => "grants: terms that do not exist",
            Self::TermGrantedTwice => "grants: terms that two order items created",
            Self::LicenceWithoutKey => "licence: rows without a key payload",
        }
        .to_owned()
    }
}

impl English for Observation {
    fn english(&self) -> String {
        match self {
            Self::Created { items, licences } => format!(
                "order items: {items}; licences: {licences}; each valid item compared with the licence that it created"
            ),
            Self::WithoutHolder { licences, verified } => format!(
                "licences without a holder (erased, or issued without one): {licences}; keys of them that were \
                 verified: {verified}"
            ),
        }
    }
}
