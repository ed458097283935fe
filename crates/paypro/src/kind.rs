//! The kinds of notifications.

use std::{fmt, str::FromStr};

/// The event that a notification reports. [`NotificationKind::id`] and [`NotificationKind::names`] give the
/// provider's number and names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotificationKind {
    /// 1: an order was paid.
    OrderCharged,
    /// 2: an order was refunded in full.
    OrderRefunded,
    /// 3: a chargeback came in.
    OrderChargedBack,
    /// 4: an order was declined in review.
    OrderDeclined,
    /// 5: an order was refunded in part.
    OrderPartiallyRefunded,
    /// 6: a recurring charge succeeded, under a new order number.
    SubscriptionCharged,
    /// 7: a recurring charge failed.
    SubscriptionChargeFailed,
    /// 8: a subscription was suspended.
    SubscriptionSuspended,
    /// 9: a suspended subscription was resumed.
    SubscriptionRenewed,
    /// 10: a subscription was terminated.
    SubscriptionTerminated,
    /// 11: a subscription ended.
    SubscriptionFinished,
    /// 12: the provider requests a key, and shows the body of the answer to the buyer as that key.
    LicenceRequested,
    /// 13: a trial order was processed.
    TrialCharged,
    /// 14: a dispute was won.
    ChargebackWon,
    /// 15: the buyer's address changed; the notification contains the new one.
    CustomerChanged,
    /// 16: the provider wrote to a person who did *not* buy.
    Lead,
    /// 17: the order is in review, or uses a slow payment method; it is not paid yet.
    OrderWaiting,
    /// 21: the card of a subscription changed.
    PaymentChanged,
    /// A number that this program does not know.
    Unknown(u32),
}

/// Which data of a kind of notification may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetainedData {
    /// Each field by its class.
    ByClass,
    /// The order's numbers, but nothing about a person, who may never become a customer.
    NoPerson,
    /// Only the fact that such a notification arrived.
    Nothing,
}

use NotificationKind::{
    ChargebackWon, CustomerChanged, Lead, LicenceRequested, OrderCharged, OrderChargedBack, OrderDeclined,
    OrderPartiallyRefunded, OrderRefunded, OrderWaiting, PaymentChanged, SubscriptionChargeFailed,
    SubscriptionCharged, SubscriptionFinished, SubscriptionRenewed, SubscriptionSuspended,
    SubscriptionTerminated, TrialCharged, Unknown,
};

/// The provider's number and names of a known kind.
struct KnownKind {
    kind: NotificationKind,
    id: u32,
    /// The usual name first.
    names: &'static [&'static str],
}

const TABLE: [KnownKind; 18] = [
    KnownKind { kind: OrderCharged, id: 1, names: &["OrderCharged"] },
    KnownKind { kind: OrderRefunded, id: 2, names: &["OrderRefunded"] },
    KnownKind { kind: OrderChargedBack, id: 3, names: &["OrderChargedBack"] },
    KnownKind { kind: OrderDeclined, id: 4, names: &["OrderDeclined"] },
    KnownKind { kind: OrderPartiallyRefunded, id: 5, names: &["OrderPartiallyRefunded"] },
    KnownKind { kind: SubscriptionCharged, id: 6, names: &["SubscriptionChargeSucceed"] },
    KnownKind { kind: SubscriptionChargeFailed, id: 7, names: &["SubscriptionChargeFailed"] },
    KnownKind { kind: SubscriptionSuspended, id: 8, names: &["SubscriptionSuspended"] },
    KnownKind { kind: SubscriptionRenewed, id: 9, names: &["SubscriptionRenewed"] },
    KnownKind { kind: SubscriptionTerminated, id: 10, names: &["SubscriptionTerminated"] },
    KnownKind { kind: SubscriptionFinished, id: 11, names: &["SubscriptionFinished"] },
    KnownKind { kind: LicenceRequested, id: 12, names: &["LicenseRequested"] },
    KnownKind { kind: TrialCharged, id: 13, names: &["TrialCharge"] },
    KnownKind { kind: ChargebackWon, id: 14, names: &["OrderChargebackIsWon", "OrderChargedBackWon"] },
    KnownKind { kind: CustomerChanged, id: 15, names: &["OrderCustomerInformationChanged"] },
    KnownKind { kind: Lead, id: 16, names: &["InstantLeadNotification"] },
    KnownKind { kind: OrderWaiting, id: 17, names: &["OrderOnWaiting"] },
    KnownKind { kind: PaymentChanged, id: 21, names: &["SubscriptionPaymentInfoChanged"] },
];

impl NotificationKind {
    /// The 18 known kinds, by number.
    pub const ALL: [Self; 18] = {
        let mut all = [Self::OrderCharged; 18];
        let mut i = 0;
        while i < 18 {
            all[i] = TABLE[i].kind;
            i += 1;
        }
        all
    };

    /// The kind with this `IPN_TYPE_ID`.
    pub fn from_id(id: u32) -> Self {
        TABLE.iter().find(|row| row.id == id).map_or(Unknown(id), |row| row.kind)
    }

    /// The kind with this `IPN_TYPE_NAME`, in any of its spellings.
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.names.contains(&name)).map(|row| row.kind)
    }

    /// The `IPN_TYPE_ID` of the kind.
    pub fn id(self) -> u32 {
        match self {
            Unknown(id) => id,
            known => TABLE.iter().find(|row| row.kind == known).expect("the table has every known kind").id,
        }
    }

    /// The `IPN_TYPE_NAME`s of the kind, the usual one first; empty for an unknown kind.
    pub fn names(self) -> &'static [&'static str] {
        TABLE.iter().find(|row| row.kind == self).map_or(&[], |row| row.names)
    }

    /// Which of its data may be kept.
    pub const fn retained_data(self) -> RetainedData {
        match self {
            Lead | Unknown(_) => RetainedData::Nothing,
            OrderDeclined | OrderWaiting => RetainedData::NoPerson,
            _ => RetainedData::ByClass,
        }
    }

    /// Tells whether the kind can start a licence. Then it must contain product, quantity and buyer.
    pub const fn issues_licence(self) -> bool {
        matches!(self, OrderCharged | SubscriptionCharged | LicenceRequested | TrialCharged)
    }

    /// Tells whether the kind concerns one item of an order, not an order or subscription as a whole.
    pub const fn needs_order_item(self) -> bool {
        self.issues_licence()
            || matches!(
                self,
                OrderRefunded | OrderChargedBack | OrderDeclined | OrderPartiallyRefunded | ChargebackWon
            )
    }

    /// Tells whether the kind concerns a subscription.
    pub const fn needs_subscription(self) -> bool {
        matches!(
            self,
            SubscriptionCharged
                | SubscriptionChargeFailed
                | SubscriptionSuspended
                | SubscriptionRenewed
                | SubscriptionTerminated
                | SubscriptionFinished
                | PaymentChanged
        )
    }

    /// Tells whether the kind needs the buyer's address.
    pub const fn needs_address(self) -> bool {
        self.issues_licence() || matches!(self, CustomerChanged)
    }
}

/// The usual name, or `unknown kind N`.
impl fmt::Display for NotificationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.names().first() {
            Some(name) => f.write_str(name),
            None => write!(f, "unknown kind {}", self.id()),
        }
    }
}

/// The text is neither a number nor one of the provider's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownKindName;

impl fmt::Display for UnknownKindName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "unknown kind of notification: give its number or its name, such as 12 or LicenseRequested",
        )
    }
}

impl std::error::Error for UnknownKindName {}

/// Parses a number, known or not, or one of the names.
impl FromStr for NotificationKind {
    type Err = UnknownKindName;

    fn from_str(text: &str) -> Result<Self, UnknownKindName> {
        match text.parse() {
            Ok(id) => Ok(Self::from_id(id)),
            Err(_) => Self::from_name(text).ok_or(UnknownKindName),
        }
    }
}
