//! The proof of persons: erasure, the blind index and retention.

use domain::compliance::prove::findings::persons::{Fault, Observation, Violation};
use store::BlindIndex;

use crate::English;

impl English for Violation {
    fn english(&self) -> String {
        match self {
            Self::OldKeyring { seen, epoch } => format!(
                "the data has seen epoch {seen}, but the keyring has epoch {epoch}: the keyring is an old copy"
            ),
            Self::Unreconciled => {
                "the data comes from a backup and was not reconciled: start the server".to_owned()
            }
            Self::OverdueIntent { intent, since } => {
                format!("erasure intent {intent}: it waits since {since}")
            }
            Self::IndexDiffers { addresses, persons } => {
                format!("index_bucket.pairs: addresses and persons differ: {addresses} and {persons}")
            }
        }
    }
}

fn entries_of(index: BlindIndex) -> &'static str {
    match index {
        BlindIndex::Address => "addresses",
        BlindIndex::Order => "order numbers",
    }
}

impl English for Fault {
    fn english(&self) -> String {
        match self {
            Self::RowWithoutPerson { table } => format!("{table}: rows without a person"),
            Self::RowOfForgotten { column } => format!("{column}: rows of forgotten persons or buckets"),
            Self::EntryWithoutRow { index } => {
                format!("index_bucket.pairs: entries of {} without a row", entries_of(*index))
            }
            Self::UnreadableBucket { index } => {
                format!("index_bucket.pairs: buckets of {} that do not open", entries_of(*index))
            }
            Self::OldNotificationTag { first_year } => {
                format!("processed and early notifications: keyed tags from before {first_year}")
            }
            Self::PersonPastRetention => {
                "person: kept beyond the retention time (at most 500 are counted)".to_owned()
            }
            Self::OverdueErasure => {
                "person: the agreed erasure is overdue (at most 500 are counted)".to_owned()
            }
            Self::ConversationPastRetention => {
                "conversation: kept beyond the retention time (at most 500 are counted)".to_owned()
            }
        }
    }
}

impl English for Observation {
    fn english(&self) -> String {
        match self {
            Self::Keyring { epoch, forgettings, slots } => {
                format!("keyring epoch: {epoch}; forgettings: {forgettings}, of key slots: {slots}")
            }
            Self::Persons { persons, tables } => {
                format!("persons: {persons}; tables in which every row must belong to a person: {tables}")
            }
            Self::IndexEntries { addresses, orders } => format!(
                "entries of the blind index, each checked for its row: {addresses} addresses, {orders} order numbers"
            ),
            Self::ReplacedBuckets { buckets } => {
                format!("buckets of the index that were replaced during the check: {buckets}")
            }
            Self::NotificationTags { first_year } => {
                format!(
                    "orders of erased persons are recognised by keyed tags (HMAC) of {first_year} and later only"
                )
            }
            Self::PersonRetention { months } => {
                format!("retention of persons: {months} months after the last licence ended")
            }
            Self::ConversationRetention { months, anonymous_days } => format!(
                "retention of closed conversations: {months} months; of anonymous ones: {anonymous_days} days"
            ),
        }
    }
}
