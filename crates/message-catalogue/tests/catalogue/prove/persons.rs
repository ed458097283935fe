use calendar::Day;
use domain::compliance::prove::findings::persons::{Fault, Observation, Violation};
use store::BlindIndex;

fn day() -> Day {
    "2026-11-20".parse().expect("a day")
}

sentences!(each_violation_has_its_sentence, Violation {
    OldKeyring { seen: 99, epoch: 4 } =>
        "the data has seen epoch 99, but the keyring has epoch 4: the keyring is an old copy",
    Unreconciled => "the data comes from a backup and was not reconciled: start the server",
    OverdueIntent { intent: 5, since: day() } => "erasure intent 5: it waits since 2026-11-20",
    IndexDiffers { addresses: 0, persons: 2 } =>
        "index_bucket.pairs: addresses and persons differ: 0 and 2",
});

sentences!(each_fault_has_its_phrase, Fault {
    RowWithoutPerson { table: "session" } => "session: rows without a person",
    RowOfForgotten { column: "person.email".into() } =>
        "person.email: rows of forgotten persons or buckets",
    EntryWithoutRow { index: BlindIndex::Address } =>
        "index_bucket.pairs: entries of addresses without a row",
    EntryWithoutRow { index: BlindIndex::Order } =>
        "index_bucket.pairs: entries of order numbers without a row",
    UnreadableBucket { index: BlindIndex::Address } =>
        "index_bucket.pairs: buckets of addresses that do not open",
    UnreadableBucket { index: BlindIndex::Order } =>
        "index_bucket.pairs: buckets of order numbers that do not open",
    OldNotificationTag { first_year: 2025 } =>
        "processed and early notifications: keyed tags from before 2025",
    PersonPastRetention => "person: kept beyond the retention time (at most 500 are counted)",
    OverdueErasure => "person: the agreed erasure is overdue (at most 500 are counted)",
    ConversationPastRetention =>
        "conversation: kept beyond the retention time (at most 500 are counted)",
});

sentences!(each_observation_has_its_sentence, Observation {
    Keyring { epoch: 4, forgettings: 3, slots: 12 } =>
        "keyring epoch: 4; forgettings: 3, of key slots: 12",
    Persons { persons: 2, tables: 11 } =>
        "persons: 2; tables in which every row must belong to a person: 11",
    IndexEntries { addresses: 2, orders: 6 } =>
        "entries of the blind index, each checked for its row: 2 addresses, 6 order numbers",
    ReplacedBuckets { buckets: 1 } => "buckets of the index that were replaced during the check: 1",
    NotificationTags { first_year: 2025 } =>
        "orders of erased persons are recognised by keyed tags (HMAC) of 2025 and later only",
    PersonRetention { months: 24 } => "retention of persons: 24 months after the last licence ended",
    ConversationRetention { months: 12, anonymous_days: 90 } =>
        "retention of closed conversations: 12 months; of anonymous ones: 90 days",
});
