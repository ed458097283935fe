//! The form of a vector, and the names of outcomes.

use licence::{BadPublicKey, BadPublicKeys, Claims, Refusal, Term, Unreadable};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Vector {
    pub name: String,
    pub public_keys: String,
    pub key: String,
    pub check: Conditions,
    /// `good`, or the name of a refusal.
    pub expect: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<ExpectedClaims>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Conditions {
    pub product: u8,
    pub today: String,
    pub build: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedClaims {
    pub signing_key: u8,
    pub product: u8,
    pub edition: u8,
    pub term: String,
    pub seats: u16,
    pub serial: String,
}

impl From<&Claims> for ExpectedClaims {
    fn from(claims: &Claims) -> Self {
        Self {
            signing_key: claims.signing_key,
            product: claims.product,
            edition: claims.edition,
            term: match claims.term {
                Term::Forever => "forever".to_owned(),
                Term::UpdatesUntil(day) => format!("updates until {day}"),
                Term::Ends(day) => format!("ends {day}"),
            },
            seats: claims.seats,
            serial: claims.serial.to_string(),
        }
    }
}

pub fn name_of(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Unreadable(Unreadable::Length { symbols, wanted }) => {
            format!("unreadable: {symbols} symbols of {wanted}")
        }
        Refusal::Unreadable(Unreadable::Symbol { position }) => format!("unreadable: symbol {position}"),
        Refusal::Unreadable(Unreadable::Padding) => "unreadable: padding".to_owned(),
        Refusal::Unreadable(Unreadable::EndWithoutDay) => "unreadable: end without day".to_owned(),
        Refusal::UnknownVersion(version) => format!("unknown version: {version}"),
        Refusal::UnknownSigningKey(id) => format!("unknown signing key: {id}"),
        Refusal::Forged => "forged".to_owned(),
        Refusal::OtherProduct { of_key, .. } => format!("other product: {of_key}"),
        Refusal::Ended(day) => format!("ended: {day}"),
        Refusal::UpdatesOver { until, .. } => format!("updates over: {until}"),
    }
}

pub fn name_of_bad_keys(bad: &BadPublicKeys) -> String {
    let why = match bad.why {
        BadPublicKey::Form => "form",
        BadPublicKey::Version => "version",
        BadPublicKey::Id => "id",
        BadPublicKey::Digits => "digits",
        BadPublicKey::Invalid => "invalid",
        BadPublicKey::Weak => "weak",
        BadPublicKey::Twice => "twice",
        BadPublicKey::Missing => "missing",
    };
    format!("public keys, line {}: {why}", bad.line)
}
