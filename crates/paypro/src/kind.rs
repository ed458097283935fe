//! The kinds of notices.

use std::{fmt, str::FromStr};

/// What a notice tells. The provider's number and names are in [`Kind::id`] and [`Kind::names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
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
    /// 9: a subscription was taken up again.
    SubscriptionRenewed,
    /// 10: a subscription was terminated.
    SubscriptionTerminated,
    /// 11: a subscription ended.
    SubscriptionFinished,
    /// 12: the provider asks for a key; the answer's body is shown to the buyer as that key.
    LicenceRequested,
    /// 13: a trial order was processed.
    TrialCharged,
    /// 14: a dispute was won.
    ChargebackWon,
    /// 15: the buyer's address changed; the notice carries the new one.
    CustomerChanged,
    /// 16: somebody who did *not* buy was written to by the provider.
    Lead,
    /// 17: in review, or a slow way of paying: not paid yet.
    OrderWaiting,
    /// 21: the card of a subscription changed.
    PaymentChanged,
    /// A number that we don't know.
    Unknown(u32),
}

/// How much of a kind of notice may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// Each field by its class.
    ByClass,
    /// The order's numbers, but nothing of a person: they may never become a customer.
    NoPerson,
    /// Nothing but the fact that such a notice came.
    Nothing,
}

use Kind::{
    ChargebackWon, CustomerChanged, Lead, LicenceRequested, OrderCharged, OrderChargedBack, OrderDeclined,
    OrderPartiallyRefunded, OrderRefunded, OrderWaiting, PaymentChanged, SubscriptionChargeFailed,
    SubscriptionCharged, SubscriptionFinished, SubscriptionRenewed, SubscriptionSuspended,
    SubscriptionTerminated, TrialCharged, Unknown,
};

const TABLE: [(Kind, u32, &[&str]); 18] = [
    (OrderCharged, 1, &["OrderCharged"]),
    (OrderRefunded, 2, &["OrderRefunded"]),
    (OrderChargedBack, 3, &["OrderChargedBack"]),
    (OrderDeclined, 4, &["OrderDeclined"]),
    (OrderPartiallyRefunded, 5, &["OrderPartiallyRefunded"]),
    (SubscriptionCharged, 6, &["SubscriptionChargeSucceed"]),
    (SubscriptionChargeFailed, 7, &["SubscriptionChargeFailed"]),
    (SubscriptionSuspended, 8, &["SubscriptionSuspended"]),
    (SubscriptionRenewed, 9, &["SubscriptionRenewed"]),
    (SubscriptionTerminated, 10, &["SubscriptionTerminated"]),
    (SubscriptionFinished, 11, &["SubscriptionFinished"]),
    (LicenceRequested, 12, &["LicenseRequested"]),
    (TrialCharged, 13, &["TrialCharge"]),
    (ChargebackWon, 14, &["OrderChargebackIsWon", "OrderChargedBackWon"]),
    (CustomerChanged, 15, &["OrderCustomerInformationChanged"]),
    (Lead, 16, &["InstantLeadNotification"]),
    (OrderWaiting, 17, &["OrderOnWaiting"]),
    (PaymentChanged, 21, &["SubscriptionPaymentInfoChanged"]),
];

impl Kind {
    /// The 18 kinds that we know, by number.
    pub const ALL: [Self; 18] = {
        let mut all = [Self::OrderCharged; 18];
        let mut i = 0;
        while i < 18 {
            all[i] = TABLE[i].0;
            i += 1;
        }
        all
    };

    /// The kind of that `IPN_TYPE_ID`.
    pub fn from_id(id: u32) -> Self {
        TABLE.iter().find(|row| row.1 == id).map_or(Unknown(id), |row| row.0)
    }

    /// The kind of that `IPN_TYPE_NAME`, in any of its spellings.
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.2.contains(&name)).map(|row| row.0)
    }

    /// Its `IPN_TYPE_ID`.
    pub fn id(self) -> u32 {
        match self {
            Unknown(id) => id,
            known => TABLE.iter().find(|row| row.0 == known).expect("the table has every known kind").1,
        }
    }

    /// Its `IPN_TYPE_NAME`, the usual spelling first; none for an unknown kind.
    pub fn names(self) -> &'static [&'static str] {
        TABLE.iter().find(|row| row.0 == self).map_or(&[], |row| row.2)
    }

    /// How much of it may be kept.
    pub const fn keeps(self) -> Keeps {
        match self {
            Lead | Unknown(_) => Keeps::Nothing,
            OrderDeclined | OrderWaiting => Keeps::NoPerson,
            _ => Keeps::ByClass,
        }
    }

    /// Can it start a licence? Then it must say of which product, how many, and for whom.
    pub const fn issues(self) -> bool {
        matches!(self, OrderCharged | SubscriptionCharged | LicenceRequested | TrialCharged)
    }

    /// Is it about one item of an order, not about an order or subscription as a whole?
    pub const fn needs_order_item(self) -> bool {
        self.issues()
            || matches!(
                self,
                OrderRefunded | OrderChargedBack | OrderDeclined | OrderPartiallyRefunded | ChargebackWon
            )
    }

    /// Is it about a subscription?
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

    /// Can nothing be done without the buyer's address?
    pub const fn needs_address(self) -> bool {
        self.issues() || matches!(self, CustomerChanged)
    }
}

/// The usual name, or `unknown kind N`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.names().first() {
            Some(name) => f.write_str(name),
            None => write!(f, "unknown kind {}", self.id()),
        }
    }
}

/// Not a number and not one of the provider's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchKind;

impl fmt::Display for NoSuchKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such kind of notice: give its number or its name, as 12 or LicenseRequested")
    }
}

impl std::error::Error for NoSuchKind {}

/// From a number, known or not, or from one of the names.
impl FromStr for Kind {
    type Err = NoSuchKind;

    fn from_str(text: &str) -> Result<Self, NoSuchKind> {
        match text.parse() {
            Ok(id) => Ok(Self::from_id(id)),
            Err(_) => Self::from_name(text).ok_or(NoSuchKind),
        }
    }
}
