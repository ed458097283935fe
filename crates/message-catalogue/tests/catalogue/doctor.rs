//! Sentences of the doctor, and what to do.

mod actions;

use std::path::PathBuf;

use domain::compliance::doctor::conditions::{
    ConfigurationCondition, DatabaseCondition, KeyringCondition, LicensingCondition, OutboxCondition,
    ReceivedMailCondition, RecordsCondition, StatisticsCondition,
};
use domain::compliance::doctor::{Advice, CheckoutKeyFault, Level, MailboxFault};
use domain::counter::Counter;
use domain::email::DeliveryFailure;
use keyring::{KeyringError, KeyringWarning};
use message_catalogue::English as _;
use paypro::DynamicKeyError;
use store::{Engine, Error};

use crate::serial;

fn day() -> calendar::Day {
    "2026-11-22".parse().expect("a day")
}

fn path(path: &str) -> PathBuf {
    path.into()
}

fn checkout_key_fault() -> CheckoutKeyFault {
    CheckoutKeyFault { product: "4711".into(), error: DynamicKeyError::Key { key: 7, product: 4 } }
}

#[test]
fn advice_has_a_line_for_the_condition_and_one_for_the_action() {
    for (level, condition, expected) in [
        (Level::Ok, OutboxCondition::Empty, "ok    no e-mail waits"),
        (
            Level::Note,
            OutboxCondition::Waiting { emails: 1 },
            "note  1 e-mails wait to be sent\n      -> nothing, unless they stay",
        ),
        (
            Level::Warn,
            OutboxCondition::NoMailServer { emails: 0 },
            "WARN  no mail server is configured: 0 e-mails wait and will expire unsent\n      -> set mail.smtp and \
             mail.from",
        ),
        (
            Level::Bad,
            OutboxCondition::NoMailServer { emails: 2 },
            "BAD   no mail server is configured: 2 e-mails wait and will expire unsent\n      -> set mail.smtp and \
             mail.from",
        ),
    ] {
        assert_eq!(Advice { level, condition: condition.into() }.english(), expected);
    }
}

sentences!(each_condition_of_the_configuration_has_its_sentence, ConfigurationCondition {
    NotificationsVerifiable => "the provider's notifications (webhooks) can be verified",
    NoValidationKey =>
        "paypro.validation_key is not set: every notification (webhook) is answered 503, and the provider retries",
    TestOrdersAllowed => "test orders create real licences",
    RenewalLinksPossible => "renewal links can be made",
    UnusableCheckoutKey(checkout_key_fault()) =>
        format!("renewal links cannot be made: product 4711: {}", checkout_key_fault().error),
    NoCheckoutKey => "no checkout key is set: renewals are offered without a discount link",
    LocalPublicUrl { url: "http://localhost".into() } =>
        "links in e-mails lead to http://localhost, which only this machine reaches",
});

sentences!(each_condition_of_the_database_has_its_sentence, DatabaseCondition {
    Answers { engine: Engine::Sqlite, persons: 2 } =>
        "the database answers: SQLite, a file in the data folder, 2 persons",
    Answers { engine: Engine::Postgres, persons: 0 } => "the database answers: PostgreSQL, 0 persons",
    Unreadable(Error::Unavailable("code 08006".into())) => "the database is unavailable: code 08006",
});

sentences!(each_condition_of_the_keyring_has_its_sentence, KeyringCondition {
    Usable { replicas: 1, epoch: 3, forgotten: 9 } =>
        "the keyring: 1 replica, epoch 3, 9 slots forgotten",
    Usable { replicas: 2, epoch: 3, forgotten: 9 } =>
        "the keyring: 2 replicas, epoch 3, 9 slots forgotten",
    Unusable(KeyringError::RolledBack { found: 3, seen: 4 }) =>
        format!("the keyring cannot be used: {}", KeyringError::RolledBack { found: 3, seen: 4 }),
    UnusableReplica { replica: path("/second"), reason: "its root is missing or torn".into() } =>
        "the replica /second cannot be used: its root is missing or torn. Erasures wait, and receipts are withheld",
    LateReplica { replica: path("/second"), lag: 2 } =>
        "the replica /second is 2 epochs behind: keys that were forgotten since can still be read from it",
    Warning(KeyringWarning::SameDevice(path("/one"), path("/two"))) =>
        "/one and /two are on the same disk and can be lost together",
});

sentences!(each_warning_of_the_keyring_has_its_sentence, KeyringWarning {
    SingleReplica =>
        "the keyring has a single replica. If it is lost, the encrypted data is lost too (licences continue to work). \
         Add a second one on another disk to keyring.replicas",
    SameDevice { 0: path("/one"), 1: path("/two") } =>
        "/one and /two are on the same disk and can be lost together",
    Unconfigured(path("/three")) =>
        "/three is a replica of this keyring but isn't in keyring.replicas: erasures wait. Add it, or run `scruple \
         keyring replica drop` if it is lost",
    FileSystem { 0: path("/four"), 1: "btrfs".into() } =>
        "/four is on btrfs, which may keep old copies of overwritten files. Anyone who has such a copy and the data of \
         that time can read what was erased since",
});

sentences!(each_condition_of_licensing_has_its_sentence, LicensingCondition {
    UnknownProduct { product: "9999".into(), notifications: 3 } =>
        "3 notifications wait for the unknown product 9999: its buyers have no key yet",
    FlaggedOrders { items: 1 } =>
        "1 order items need a check: a discount without a renewal link of ours, or a renewal of a revoked licence",
    NoProduct => "there is no product yet",
    SigningKeys { current: vec![2, 3], retired: 1 } => "signing key 2, 3 signs, 1 are retired",
    NoSigningKey => "no signing key is current: no key can be issued",
    NoSigningKeyBackup =>
        "the newest signing key has no backup: if the keyring is lost, no key can ever be repeated or renewed",
});

sentences!(each_condition_of_the_outbox_has_its_sentence, OutboxCondition {
    GivenUp { failure: DeliveryFailure::Reply(550), emails: 2 } =>
        "2 e-mails were given up: the mail server replied 550",
    Expired { emails: 4, days: 30 } =>
        "4 e-mails expired unsent in the last 30 days; the conversations of unsent replies say so",
    Empty => "no e-mail waits",
    Waiting { emails: 5 } => "5 e-mails wait to be sent",
    NoMailServer { emails: 6 } => "no mail server is configured: 6 e-mails wait and will expire unsent",
});

sentences!(each_condition_of_received_mail_has_its_sentence, ReceivedMailCondition {
    MailboxUnreadable(MailboxFault::TimedOut) => "the mailbox took too long",
    NoMailArrives => "mail.reply is set, but no mail arrives: answers to your e-mails are lost",
    LastReceived { day: day() } => "mail was last received on 2026-11-22",
    NoAuthserv => "mail.authserv is not set: no sender is verified, so no answer is added to its conversation",
    TooLarge { messages: 2 } =>
        "2 messages were larger than 40 MB and were moved to the mailbox's folder `Too large`",
    Unprocessable { messages: 3 } =>
        "3 messages in the mailbox cannot be received or moved; other messages are still received",
});

sentences!(each_condition_of_records_has_its_sentence, RecordsCondition {
    NoErasureWaits => "no erasure waits",
    ErasuresWait { persons: 1, conversations: 2, days: 3, buckets: 4, since: day() } =>
        "1 persons, 2 conversations, 3 days of visits and 4 index buckets wait to be erased, the oldest since \
         2026-11-22",
    Unsearchable { conversations: vec![serial("7K3M-9QXD").into(), serial("2B4C-6D8E").into()] } =>
        "a value in these conversations does not open, so the search does not find them: 7K3M-9QXD, 2B4C-6D8E",
    NotKept { counter: Counter::Lead, number: 5, days: 30 } =>
        "not kept in the last 30 days: refused: lead (5)",
    ChainComplete => "the audit chain covers every audit entry",
    ChainIncomplete { entries: 7 } => "7 audit entries are not covered by the audit chain yet",
    NoRetentionRun => "there was no retention run yet",
    RetentionRun { day: day() } => "the last retention run was on 2026-11-22",
    RetentionRunLate { day: day() } => "the last retention run was on 2026-11-22",
});

sentences!(each_counter_has_its_phrase, Counter {
    UnknownNotificationKind => "unknown kind of notification",
    Lead => "refused: lead",
    OrderWaiting => "waiting",
    BeforeHorizon => "from before the horizon",
    IncompleteOrder => "too little to begin an order",
    UnknownProductOfErased => "erased order of an unknown product",
    MagicLinkAddressLimit => "magic link refused: rate limit of the address",
    MagicLinkGlobalLimit => "magic link refused: global rate limit",
    StrayDeliveryReport => "mail dropped: a delivery report about an e-mail that we did not send",
    ExpiredEmail => "e-mails that expired unsent",
});

sentences!(each_condition_of_statistics_has_its_sentence, StatisticsCondition {
    NoSite => "no website is counted yet",
    Counted { sites: 1, closed: 2, open: 3 } =>
        "visitor statistics: websites: 1, days published: 2, days open: 3",
    OverdueDays { days: 4 } => "4 days of visitor statistics should have been closed since yesterday",
});
