//! What the doctor finds, as data. The crate `message-catalogue` has two sentences for each condition: what it
//! is, and what to do.

use std::path::PathBuf;

use calendar::Day;
use keyring::{KeyringError, KeyringWarning};
use paypro::DynamicKeyError;
use store::{ConversationId, Engine, Error};

use crate::counter::Counter;
use crate::email::DeliveryFailure;

use super::mailbox_fault::MailboxFault;

by_area! {
    /// What a check of the doctor found.
    #[derive(Debug)]
    Condition {
        Configuration(ConfigurationCondition),
        Database(DatabaseCondition),
        /// Of the keyring and its replicas.
        Keyring(KeyringCondition),
        /// Of orders, licences and signing keys.
        Licensing(LicensingCondition),
        /// Of e-mails to be sent.
        Outbox(OutboxCondition),
        ReceivedMail(ReceivedMailCondition),
        /// Of erasures, retention, the audit log and conversations.
        Records(RecordsCondition),
        /// Of visitor statistics.
        Statistics(StatisticsCondition),
    }
}

#[derive(Debug)]
pub enum ConfigurationCondition {
    /// Notifications can be verified.
    NotificationsVerifiable,
    /// `paypro.validation_key` is not set.
    NoValidationKey,
    /// Test orders create real licences.
    TestOrdersAllowed,
    /// Renewal links can be made.
    RenewalLinksPossible,
    /// The checkout key cannot be used.
    UnusableCheckoutKey(CheckoutKeyFault),
    /// No checkout key is set.
    NoCheckoutKey,
    /// Only this machine reaches `server.public_url`.
    LocalPublicUrl {
        /// The URL.
        url: String,
    },
}

/// Why the checkout key cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckoutKeyFault {
    /// The provider's number of the first product that it does not fit.
    pub product: String,
    /// Why it does not fit the product.
    pub error: DynamicKeyError,
}

#[derive(Debug)]
pub enum DatabaseCondition {
    Answers {
        engine: Engine,
        /// Persons in the data.
        persons: i64,
    },
    /// The database cannot be read.
    Unreadable(Error),
}

/// Condition of the keyring and its replicas.
#[derive(Debug)]
pub enum KeyringCondition {
    /// The keyring can be used.
    Usable {
        /// Configured replicas.
        replicas: usize,
        /// The newest epoch.
        epoch: u64,
        /// Slots that were ever forgotten.
        forgotten: u64,
    },
    /// The keyring cannot be used.
    Unusable(KeyringError),
    /// A replica cannot be used.
    UnusableReplica {
        replica: PathBuf,
        /// Why, as the keyring says it.
        reason: String,
    },
    /// A replica is behind the newest epoch.
    LateReplica {
        replica: PathBuf,
        /// Epochs by which it lags.
        lag: u64,
    },
    /// The keyring warns of a risk.
    Warning(KeyringWarning),
}

/// Condition of orders, licences and signing keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LicensingCondition {
    /// Notifications wait for a product that does not exist.
    UnknownProduct {
        /// The provider's number of the product.
        product: String,
        /// Waiting notifications.
        notifications: i64,
    },
    /// Order items need a check.
    FlaggedOrders {
        /// Order items.
        items: i64,
    },
    /// There is no product yet.
    NoProduct,
    /// A signing key signs.
    SigningKeys {
        /// Ids of the current keys.
        current: Vec<u8>,
        /// Retired keys.
        retired: usize,
    },
    /// No signing key is current.
    NoSigningKey,
    /// The newest signing key has no backup.
    NoSigningKeyBackup,
}

/// Condition of e-mails to be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OutboxCondition {
    /// E-mails were given up.
    GivenUp {
        failure: DeliveryFailure,
        /// E-mails.
        emails: i64,
    },
    /// E-mails expired before they were sent.
    Expired {
        /// E-mails.
        emails: i64,
        /// Days that were examined.
        days: i64,
    },
    /// No e-mail waits.
    Empty,
    /// E-mails wait to be sent.
    Waiting {
        /// E-mails.
        emails: i64,
    },
    /// No mail server is configured.
    NoMailServer {
        /// Waiting e-mails.
        emails: i64,
    },
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReceivedMailCondition {
    /// The mailbox cannot be read.
    MailboxUnreadable(MailboxFault),
    /// `mail.reply` is set, but no mail arrives.
    NoMailArrives,
    /// Mail arrived.
    LastReceived {
        /// The last day on which mail arrived.
        day: Day,
    },
    /// `mail.authserv` is not set.
    NoAuthserv,
    /// Messages were too large and were moved to a folder.
    TooLarge { messages: i64 },
    /// Messages cannot be received or moved.
    Unprocessable { messages: i64 },
}

/// Condition of erasures, retention, the audit log and conversations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecordsCondition {
    NoErasureWaits,
    ErasuresWait {
        /// Persons to be erased.
        persons: usize,
        /// Conversations to be erased.
        conversations: usize,
        /// Days of visits to be erased.
        days: usize,
        /// Buckets of the blind index to be erased.
        buckets: usize,
        /// Day of the oldest decision.
        since: Day,
    },
    /// Conversations have a value that does not open.
    Unsearchable {
        conversations: Vec<ConversationId>,
    },
    /// Something was not kept.
    NotKept {
        /// What it was.
        counter: Counter,
        /// How often.
        number: i64,
        /// Days that were examined.
        days: i64,
    },
    /// The audit chain covers every audit entry.
    ChainComplete,
    /// The audit chain does not cover all entries yet.
    ChainIncomplete {
        /// Entries that it does not cover.
        entries: i64,
    },
    /// There was no retention run yet.
    NoRetentionRun,
    /// The retention runs are on time.
    RetentionRun {
        /// Day of the last one.
        day: Day,
    },
    RetentionRunLate {
        /// Day of the last one.
        day: Day,
    },
}

/// Condition of visitor statistics.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StatisticsCondition {
    /// No website is counted yet.
    NoSite,
    /// Websites are counted.
    Counted {
        /// Websites.
        sites: usize,
        /// Published days.
        closed: i64,
        /// Open days.
        open: i64,
    },
    /// Days should have been closed since yesterday.
    OverdueDays { days: i64 },
}
