//! What to do about each condition; nothing about one that is in order.

use domain::compliance::doctor::conditions::{
    ConfigurationCondition, DatabaseCondition, KeyringCondition, LicensingCondition, OutboxCondition,
    ReceivedMailCondition, RecordsCondition, StatisticsCondition,
};
use domain::compliance::doctor::{Condition, MailboxFault};
use domain::counter::Counter;
use domain::email::DeliveryFailure;
use keyring::{KeyringError, KeyringWarning};
use message_catalogue::english::doctor::action;
use store::{Engine, Error};

use super::{checkout_key_fault, day, path};
use crate::serial;

fn on(condition: impl Into<Condition>) -> Option<String> {
    action(&condition.into())
}

fn assert_action(condition: impl Into<Condition>, expected: &str) {
    assert_eq!(on(condition).as_deref(), Some(expected));
}

#[test]
fn a_condition_that_is_in_order_needs_no_action() {
    let counted = StatisticsCondition::Counted { sites: 1, closed: 2, open: 3 };
    let not_kept = RecordsCondition::NotKept { counter: Counter::Lead, number: 5, days: 30 };
    for none in [
        on(ConfigurationCondition::NotificationsVerifiable),
        on(ConfigurationCondition::RenewalLinksPossible),
        on(DatabaseCondition::Answers { engine: Engine::Sqlite, persons: 0 }),
        on(KeyringCondition::Usable { replicas: 2, epoch: 1, forgotten: 0 }),
        on(LicensingCondition::SigningKeys { current: vec![1], retired: 0 }),
        on(OutboxCondition::Empty),
        on(ReceivedMailCondition::LastReceived { day: day() }),
        on(RecordsCondition::NoErasureWaits),
        on(RecordsCondition::ChainComplete),
        on(RecordsCondition::RetentionRun { day: day() }),
        on(not_kept),
        on(counted),
    ] {
        assert_eq!(none, None);
    }
}

#[test]
fn configuration_and_database_name_the_key_to_set() {
    use ConfigurationCondition as Found;
    assert_action(
        Found::NoValidationKey,
        "copy the validation key from the provider's settings into paypro.validation_key",
    );
    assert_action(Found::TestOrdersAllowed, "set paypro.allow_test_orders to false once the shop is open");
    assert_action(
        Found::UnusableCheckoutKey(checkout_key_fault()),
        "compare paypro.checkout_key and paypro.checkout_vector with the provider's dynamic settings",
    );
    assert_action(Found::NoCheckoutKey, "set paypro.checkout_key and paypro.checkout_vector");
    assert_action(
        Found::LocalPublicUrl { url: "http://localhost".into() },
        "set server.public_url to the address at which buyers reach this server",
    );
    assert_action(
        DatabaseCondition::Unreadable(Error::Conflict),
        "check data.database and the disk, and make the database reachable; then run the command again",
    );
}

#[test]
fn the_keyring_names_the_replica_to_mend() {
    assert_action(
        KeyringCondition::Unusable(KeyringError::WrongShare),
        "make it usable again; until then no sealed value opens, and notifications (webhooks) are answered 503",
    );
    assert_action(
        KeyringCondition::UnusableReplica { replica: path("/second"), reason: "torn".into() },
        "mount it again; or, if its disk is new and empty, `scruple keyring replica renew /second`; or, if it will \
         never come back, `scruple keyring replica drop /second`",
    );
    assert_action(
        KeyringCondition::LateReplica { replica: path("/second"), lag: 1 },
        "restart the server; it updates the replica",
    );
    for (warning, expected) in [
        (KeyringWarning::SingleReplica, "name a second folder, on another disk, in keyring.replicas"),
        (KeyringWarning::SameDevice(path("/one"), path("/two")), "move one of them to another disk"),
        (KeyringWarning::Unconfigured(path("/three")), "name it in keyring.replicas again, or drop it"),
        (
            KeyringWarning::FileSystem(path("/four"), "nfs".into()),
            "move it to a disk of this machine without snapshots",
        ),
    ] {
        assert_action(KeyringCondition::Warning(warning), expected);
    }
}

#[test]
fn orders_and_keys_name_the_command() {
    assert_action(
        LicensingCondition::UnknownProduct { product: "9999".into(), notifications: 1 },
        "scruple product add --id 9999 --name 'NAME' --kind perpetual   (or subscription, or trial; they get their \
         keys at once)",
    );
    assert_action(
        LicensingCondition::FlaggedOrders { items: 1 },
        "check them at the provider; `scruple licence release --order N --case TEXT` accepts one that is on hold",
    );
    assert_action(
        LicensingCondition::NoProduct,
        "scruple product add --id N --name 'NAME' --kind perpetual   (N is the provider's product number)",
    );
    assert_action(LicensingCondition::NoSigningKey, "scruple licence keys new");
    assert_action(
        LicensingCondition::NoSigningKeyBackup,
        "scruple licence keys backup FILE, and keep the file apart from this machine",
    );
}

#[test]
fn mail_names_what_to_check() {
    let given_up = OutboxCondition::GivenUp { failure: DeliveryFailure::Reply(550), emails: 1 };
    assert_action(
        given_up,
        "check the mail server's log and mail.smtp; the recipients can ask for another e-mail",
    );
    assert_action(
        OutboxCondition::Expired { emails: 1, days: 30 },
        "check the mail server's log and mail.smtp; reply again where a conversation says that an e-mail was not sent",
    );
    assert_action(OutboxCondition::Waiting { emails: 1 }, "nothing, unless they stay");
    assert_action(OutboxCondition::NoMailServer { emails: 1 }, "set mail.smtp and mail.from");
    let unreadable = ReceivedMailCondition::MailboxUnreadable(MailboxFault::TimedOut);
    assert_action(unreadable, "check mail.imap, its password and the mail server; Scruple retries by itself");
    assert_action(
        ReceivedMailCondition::NoMailArrives,
        "set mail.imap, or let the mail server pipe that address into `scruple mail receive`",
    );
    assert_action(
        ReceivedMailCondition::NoAuthserv,
        "set it to the id that your mail server writes into Authentication-Results",
    );
    assert_action(ReceivedMailCondition::TooLarge { messages: 1 }, "read them there, and delete them");
    assert_action(
        ReceivedMailCondition::Unprocessable { messages: 1 },
        "see the server's log, and read the messages with a mail program",
    );
}

#[test]
fn records_and_statistics_wait_for_the_server_or_name_the_command() {
    let waiting =
        RecordsCondition::ErasuresWait { persons: 1, conversations: 0, days: 0, buckets: 0, since: day() };
    assert_action(
        waiting,
        "make every replica of the keyring reachable and let the server run: it continues by itself",
    );
    assert_action(
        RecordsCondition::Unsearchable { conversations: vec![serial("7K3M-9QXD").into()] },
        "`scruple prove` names the rows; restore them from a backup, or erase the conversations",
    );
    assert_action(
        RecordsCondition::ChainIncomplete { entries: 1 },
        "let the server run: it extends the chain regularly",
    );
    for late in [RecordsCondition::NoRetentionRun, RecordsCondition::RetentionRunLate { day: day() }] {
        assert_action(late, "let the server run: it starts a retention run every day");
    }
    assert_action(StatisticsCondition::NoSite, "scruple site add --id NAME --host HOST, to count visitors");
    assert_action(
        StatisticsCondition::OverdueDays { days: 1 },
        "let the server run: it closes them by itself; if it is running, see its log for the reason",
    );
}
