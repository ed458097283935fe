//! The doctor: what each condition is, and what to do.

mod licensing;
mod mail;
mod records;

use domain::compliance::doctor::conditions::{
    CheckoutKeyFault, ConfigurationCondition, DatabaseCondition, KeyringCondition, StatisticsCondition,
};
use domain::compliance::doctor::{Advice, Condition, Level};
use keyring::KeyringWarning;
use store::Engine;

use crate::English;

impl English for Advice {
    fn english(&self) -> String {
        let level = match self.level {
            Level::Ok => "ok  ",
            Level::Note => "note",
            Level::Warn => "WARN",
            Level::Bad => "BAD ",
        };
        let action =
            action(&self.condition).map_or_else(String::new, |action| format!("\n      -> {action}"));
        format!("{level}  {}{action}", self.condition.english())
    }
}

impl English for Condition {
    fn english(&self) -> String {
        match self {
            Self::Configuration(condition) => condition.english(),
            Self::Database(condition) => condition.english(),
            Self::Keyring(condition) => condition.english(),
            Self::Licensing(condition) => condition.english(),
            Self::Outbox(condition) => condition.english(),
            Self::ReceivedMail(condition) => condition.english(),
            Self::Records(condition) => condition.english(),
            Self::Statistics(condition) => condition.english(),
        }
    }
}

/// Returns what to do about a condition; `None` if nothing.
#[must_use]
pub fn action(condition: &Condition) -> Option<String> {
    match condition {
        Condition::Configuration(condition) => on_configuration(condition).map(str::to_owned),
        Condition::Database(condition) => on_database(condition).map(str::to_owned),
        Condition::Keyring(condition) => on_keyring(condition),
        Condition::Licensing(condition) => licensing::action(condition),
        Condition::Outbox(condition) => mail::on_outbox(condition).map(str::to_owned),
        Condition::ReceivedMail(condition) => mail::on_received_mail(condition).map(str::to_owned),
        Condition::Records(condition) => records::action(condition).map(str::to_owned),
        Condition::Statistics(condition) => on_statistics(*condition).map(str::to_owned),
    }
}

impl English for ConfigurationCondition {
    fn english(&self) -> String {
        match self {
            Self::NotificationsVerifiable => {
                "the provider's notifications (webhooks) can be verified".to_owned()
            }
            Self::NoValidationKey => {
                "paypro.validation_key is not set: every notification (webhook) is answered \
                                      503, and the provider retries"
                    .to_owned()
            }
            Self::TestOrdersAllowed => "test orders create real licences".to_owned(),
            Self::RenewalLinksPossible => "renewal links can be made".to_owned(),
            Self::UnusableCheckoutKey(fault) => format!("renewal links cannot be made: {}", fault.english()),
            Self::NoCheckoutKey => {
                "no checkout key is set: renewals are offered without a discount link".to_owned()
            }
            Self::LocalPublicUrl { url } => {
                format!("links in e-mails lead to {url}, which only this machine reaches")
            }
        }
    }
}

impl English for CheckoutKeyFault {
    fn english(&self) -> String {
        format!("product {}: {}", self.product, self.error)
    }
}

fn on_configuration(condition: &ConfigurationCondition) -> Option<&'static str> {
    use ConfigurationCondition as Found;
    match condition {
        Found::NotificationsVerifiable | Found::RenewalLinksPossible => None,
        Found::NoValidationKey => {
            Some("copy the validation key from the provider's settings into paypro.validation_key")
        }
        Found::TestOrdersAllowed => Some("set paypro.allow_test_orders to false once the shop is open"),
        Found::UnusableCheckoutKey(_) => Some(
            "compare paypro.checkout_key and paypro.checkout_vector with the provider's dynamic settings",
        ),
        Found::NoCheckoutKey => Some("set paypro.checkout_key and paypro.checkout_vector"),
        Found::LocalPublicUrl { .. } => {
            Some("set server.public_url to the address at which buyers reach this server")
        }
    }
}

impl English for DatabaseCondition {
    fn english(&self) -> String {
        match self {
            Self::Answers { engine, persons } => {
                let engine = match engine {
                    Engine::Sqlite => "SQLite, a file in the data folder",
                    Engine::Postgres => "PostgreSQL",
                };
                format!("the database answers: {engine}, {persons} persons")
            }
            Self::Unreadable(error) => error.to_string(),
        }
    }
}

fn on_database(condition: &DatabaseCondition) -> Option<&'static str> {
    match condition {
        DatabaseCondition::Answers { .. } => None,
        DatabaseCondition::Unreadable(_) => Some(
            "check data.database and the disk, and make the database reachable; then run the command again",
        ),
    }
}

impl English for KeyringCondition {
    fn english(&self) -> String {
        match self {
            Self::Usable { replicas, epoch, forgotten } => {
                let noun = if *replicas == 1 { "replica" } else { "replicas" };
                format!("the keyring: {replicas} {noun}, epoch {epoch}, {forgotten} slots forgotten")
            }
            Self::Unusable(error) => format!("the keyring cannot be used: {error}"),
            Self::UnusableReplica { replica, reason } => format!(
                "the replica {} cannot be used: {reason}. Erasures wait, and receipts are withheld",
                replica.display()
            ),
            Self::LateReplica { replica, lag } => format!(
                "the replica {} is {lag} epochs behind: keys that were forgotten since can still be read from it",
                replica.display()
            ),
            Self::Warning(warning) => warning.english(),
        }
    }
}

impl English for KeyringWarning {
    fn english(&self) -> String {
        match self {
            Self::SingleReplica => {
                "the keyring has a single replica. If it is lost, the encrypted data is lost too \
                                    (licences continue to work). Add a second one on another disk to \
                                    keyring.replicas"
                    .to_owned()
            }
            Self::SameDevice(a, b) => {
                format!("{} and {} are on the same disk and can be lost together", a.display(), b.display())
            }
            Self::Unconfigured(path) => format!(
                "{} is a replica of this keyring but isn't in keyring.replicas: erasures wait. Add it, or run \
                 `scruple keyring replica drop` if it is lost",
                path.display()
            ),
            Self::FileSystem(path, kind) => format!(
                "{} is on {kind}, which may keep old copies of overwritten files. Anyone who has such a copy and the \
                 data of that time can read what was erased since",
                path.display()
            ),
        }
    }
}

fn on_keyring(condition: &KeyringCondition) -> Option<String> {
    match condition {
        KeyringCondition::Usable { .. } => None,
        KeyringCondition::Unusable(_) => Some(
            "make it usable again; until then no sealed value opens, and notifications (webhooks) are answered 503"
                .to_owned(),
        ),
        KeyringCondition::UnusableReplica { replica, .. } => {
            let path = replica.display();
            Some(format!(
                "mount it again; or, if its disk is new and empty, `scruple keyring replica renew {path}`; or, if \
                 it will never come back, `scruple keyring replica drop {path}`"
            ))
        }
        KeyringCondition::LateReplica { .. } => Some("restart the server; it updates the replica".to_owned()),
        KeyringCondition::Warning(warning) => Some(on_warning(warning).to_owned()),
    }
}

fn on_warning(warning: &KeyringWarning) -> &'static str {
    match warning {
        KeyringWarning::SingleReplica => "name a second folder, on another disk, in keyring.replicas",
        KeyringWarning::SameDevice(..) => "move one of them to another disk",
        KeyringWarning::Unconfigured(_) => "name it in keyring.replicas again, or drop it",
        KeyringWarning::FileSystem(..) => "move it to a disk of this machine without snapshots",
    }
}

impl English for StatisticsCondition {
    fn english(&self) -> String {
        match self {
            Self::NoSite => "no website is counted yet".to_owned(),
            Self::Counted { sites, closed, open } => {
                format!("visitor statistics: websites: {sites}, days published: {closed}, days open: {open}")
            }
            Self::OverdueDays { days } => {
                format!("{days} days of visitor statistics should have been closed since yesterday")
            }
        }
    }
}

fn on_statistics(condition: StatisticsCondition) -> Option<&'static str> {
    match condition {
        StatisticsCondition::NoSite => Some("scruple site add --id NAME --host HOST, to count visitors"),
        StatisticsCondition::Counted { .. } => None,
        StatisticsCondition::OverdueDays { .. } => {
            Some("let the server run: it closes them by itself; if it is running, see its log for the reason")
        }
    }
}
