//! The doctor's conditions of erasures, retention, the audit log and conversations.

use domain::compliance::doctor::conditions::RecordsCondition;
use domain::counter::Counter;

use crate::English;

impl English for RecordsCondition {
    fn english(&self) -> String {
        match self {
            Self::NoErasureWaits => "no erasure waits".to_owned(),
            Self::ErasuresWait { persons, conversations, days, buckets, since } => format!(
                "{persons} persons, {conversations} conversations, {days} days of visits and {buckets} index buckets \
                 wait to be erased, the oldest since {since}"
            ),
            Self::Unsearchable { conversations } => {
                let numbers: Vec<String> = conversations.iter().map(ToString::to_string).collect();
                format!(
                    "a value in these conversations does not open, so the search does not find them: {}",
                    numbers.join(", ")
                )
            }
            Self::NotKept { counter, number, days } => {
                format!("not kept in the last {days} days: {} ({number})", counter.english())
            }
            Self::ChainComplete => "the audit chain covers every audit entry".to_owned(),
            Self::ChainIncomplete { entries } => {
                format!("{entries} audit entries are not covered by the audit chain yet")
            }
            Self::NoRetentionRun => "there was no retention run yet".to_owned(),
            Self::RetentionRun { day } | Self::RetentionRunLate { day } => {
                format!("the last retention run was on {day}")
            }
        }
    }
}

impl English for Counter {
    fn english(&self) -> String {
        match self {
            Self::UnknownNotificationKind => "unknown kind of notification",
            Self::Lead => "refused: lead",
            Self::OrderWaiting => "waiting",
            Self::BeforeHorizon => "from before the horizon",
            Self::IncompleteOrder => "too little to begin an order",
            Self::UnknownProductOfErased => "erased order of an unknown product",
            Self::MagicLinkAddressLimit => "magic link refused: rate limit of the address",
            Self::MagicLinkGlobalLimit => "magic link refused: global rate limit",
            Self::StrayDeliveryReport => {
                "mail dropped: a delivery report about an e-mail that we did not send"
            }
            Self::ExpiredEmail => "e-mails that expired unsent",
        }
        .to_owned()
    }
}

pub(super) fn action(condition: &RecordsCondition) -> Option<&'static str> {
    match condition {
        RecordsCondition::NoErasureWaits
        | RecordsCondition::NotKept { .. }
        | RecordsCondition::ChainComplete
        | RecordsCondition::RetentionRun { .. } => None,
        RecordsCondition::ErasuresWait { .. } => {
            Some("make every replica of the keyring reachable and let the server run: it continues by itself")
        }
        RecordsCondition::Unsearchable { .. } => {
            Some("`scruple prove` names the rows; restore them from a backup, or erase the conversations")
        }
        RecordsCondition::ChainIncomplete { .. } => {
            Some("let the server run: it extends the chain regularly")
        }
        RecordsCondition::NoRetentionRun | RecordsCondition::RetentionRunLate { .. } => {
            Some("let the server run: it starts a retention run every day")
        }
    }
}
