//! What the proof finds of forgotten persons and of retention.

use calendar::Day;
use store::BlindIndex;

/// What contradicts a promise about persons.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Violation {
    /// The keyring is older than the data: an old copy.
    OldKeyring {
        /// Epoch that the data has seen.
        seen: u64,
        /// Epoch of the keyring.
        epoch: u64,
    },
    /// The data comes from a backup and was not reconciled with the keyring.
    Unreconciled,
    /// An erasure intent is not carried out.
    OverdueIntent {
        /// Row of the intent.
        intent: i64,
        /// Day of the decision.
        since: Day,
    },
    /// The blind index has another number of addresses than there are persons.
    IndexDiffers {
        /// Addresses in the index.
        addresses: i64,
        /// Persons who are not being erased.
        persons: i64,
    },
}

/// A fault of rows of persons.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// A row belongs to a person who does not exist.
    RowWithoutPerson { table: &'static str },
    /// A row is sealed under a forgotten slot, and no erasure waits for it.
    RowOfForgotten {
        /// The column, as `table.column`.
        column: String,
    },
    /// An entry of the blind index has no row.
    EntryWithoutRow { index: BlindIndex },
    /// A bucket of the blind index does not open although it should.
    UnreadableBucket { index: BlindIndex },
    /// The keyed tag of a notification is older than the horizon.
    OldNotificationTag {
        /// First year whose tags may exist.
        first_year: i64,
    },
    /// A person is kept beyond the retention time. At most 500 are counted.
    PersonPastRetention,
    /// The agreed erasure of a person is overdue. At most 500 are counted.
    OverdueErasure,
    /// A conversation is kept beyond the retention time. At most 500 are counted.
    ConversationPastRetention,
}

/// What was checked of persons.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Observation {
    /// Epoch and erasures of the keyring.
    Keyring {
        /// Epoch of the keyring.
        epoch: u64,
        /// How often it forgot slots.
        forgettings: usize,
        /// Slots that it forgot in all.
        slots: u64,
    },
    /// Rows were compared with the persons to whom they belong.
    Persons {
        persons: i64,
        /// Tables in which every row must belong to a person.
        tables: usize,
    },
    /// Each entry of the blind index was compared with its row.
    IndexEntries {
        /// Entries of addresses.
        addresses: i64,
        /// Entries of order numbers.
        orders: u64,
    },
    /// Buckets of the blind index were replaced during the check.
    ReplacedBuckets { buckets: u64 },
    /// Orders of erased persons are recognised by keyed tags of some years.
    NotificationTags {
        /// First year whose tags may exist.
        first_year: i64,
    },
    PersonRetention {
        /// Months after the last licence ended.
        months: i64,
    },
    ConversationRetention {
        /// Months after a conversation was closed.
        months: i64,
        /// Days after an anonymous conversation was closed.
        anonymous_days: i64,
    },
}
