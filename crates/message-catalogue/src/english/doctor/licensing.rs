//! The doctor's conditions of orders, licences and signing keys.

use domain::compliance::doctor::conditions::LicensingCondition;

use crate::English;

impl English for LicensingCondition {
    fn english(&self) -> String {
        match self {
            Self::UnknownProduct { product, notifications } => format!(
                "{notifications} notifications wait for the unknown product {product}: its buyers have no key yet"
            ),
            Self::FlaggedOrders { items } => format!(
                "{items} order items need a check: a discount without a renewal link of ours, or a renewal of a revoked \
                 licence"
            ),
            Self::NoProduct => "there is no product yet".to_owned(),
            Self::SigningKeys { current, retired } => {
                let current: Vec<String> = current.iter().map(u8::to_string).collect();
                format!("signing key {} signs, {retired} are retired", current.join(", "))
            }
            Self::NoSigningKey => "no signing key is current: no key can be issued".to_owned(),
            Self::NoSigningKeyBackup => {
                "the newest signing key has no backup: if the keyring is lost, no key can ever \
                                         be repeated or renewed"
                    .to_owned()
            }
        }
    }
}

pub(super) fn action(condition: &LicensingCondition) -> Option<String> {
    let action = match condition {
        LicensingCondition::UnknownProduct { product, .. } => {
            return Some(format!(
                "scruple product add --id {product} --name 'NAME' --kind perpetual   (or subscription, or trial; they \
                 get their keys at once)"
            ));
        }
        LicensingCondition::FlaggedOrders { .. } => {
            "check them at the provider; `scruple licence release --order N --case TEXT` accepts one that is on hold"
        }
        LicensingCondition::NoProduct => {
            "scruple product add --id N --name 'NAME' --kind perpetual   (N is the provider's product number)"
        }
        LicensingCondition::SigningKeys { .. } => return None,
        LicensingCondition::NoSigningKey => "scruple licence keys new",
        LicensingCondition::NoSigningKeyBackup => {
            "scruple licence keys backup FILE, and keep the file apart from this machine"
        }
    };
    Some(action.to_owned())
}
