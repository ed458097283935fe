//! The allowed part of a notification. All other fields were dropped when it was read (`payment.partial`).

use calendar::Day;
use paypro::NotificationKind;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A buyer or licensee in a notification. No `Debug`: it holds personal data.
#[derive(Clone, Default, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct PartyDetails {
    /// E-mail address as spelled; empty for none.
    pub email: String,
    /// Name; empty for none.
    pub name: String,
    /// Company; empty for none.
    pub company: String,
    /// Language code; empty for none.
    pub language: String,
}

/// A verified notification, reduced to the fields whose class may be kept.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct OrderNotification {
    /// The provider's type id (IPN_TYPE_ID).
    pub kind: u32,
    pub test: bool,
    /// ORDER_ID, digits.
    pub order: String,
    /// ORDER_ITEM_ID, digits; empty for none.
    pub item: String,
    /// SUBSCRIPTION_ID; empty for none.
    pub subscription: String,
    /// SUBSCRIPTION_INITIAL_ORDER_ID; empty for none.
    pub initial_order: String,
    /// PRODUCT_ID.
    pub product: String,
    /// PRODUCT_QUANTITY; 0 where it is missing.
    pub quantity: u32,
    /// Day of the order; the day of arrival where it is missing.
    #[serde(with = "crate::day::unix_days")]
    #[zeroize(skip)]
    pub placed_day: Day,
    /// Day paid until, or the last day of the trial.
    #[serde(with = "crate::day::optional_unix_days")]
    #[zeroize(skip)]
    pub until_day: Option<Day>,
    /// Day on which the subscription finished.
    #[serde(with = "crate::day::optional_unix_days")]
    #[zeroize(skip)]
    pub finish_day: Option<Day>,
    /// A dynamic discount was given, which only a link of ours can have requested.
    pub discount: bool,
    /// The token of a renewal link; empty for none.
    pub renewal: String,
    pub buyer: PartyDetails,
    /// The licensee, where it is another person than the buyer.
    pub licensee: Option<PartyDetails>,
    /// Slots of buyer and licensee of a pending order; 0 where they are not allocated yet.
    #[serde(default)]
    pub slots: (u64, u64),
    /// PAYMENT_METHOD_ID; empty for none.
    pub payment_method: String,
    /// CREDIT_CARD_LAST4; empty for none.
    pub last4: String,
    /// Custom fields that the configuration lists, `name=value` lines.
    pub custom: String,
    /// The identity of this notification (its idempotency key). It holds no personal data, except for kinds 15 and
    /// 21.
    pub identity: Vec<u8>,
}

/// The custom field that carries a renewal link's token.
pub const RENEWAL_FIELD: &str = "x-renewal";

impl OrderNotification {
    /// Copies the allowed fields of a notification. `keep_custom` names the custom fields that the vendor keeps. A
    /// value that looks like a card number is masked (`payment.direct`).
    #[must_use]
    pub fn of(notification: &paypro::Notification, keep_custom: &[String], today: Day) -> Self {
        let text = |p: Option<&paypro::Personal>| {
            p.map_or_else(String::new, |p| paypro::card_number::mask(p.expose()).into_owned())
        };
        let number = |p: Option<&paypro::Personal>| p.map_or_else(String::new, |p| p.expose().to_owned());
        let buyer = notification.buyer();
        let licensee = notification.licensee().and_then(|l| l.email.as_ref().map(|email| (email, l)));
        let custom: Vec<String> = notification
            .custom_fields()
            .iter()
            .filter(|c| keep_custom.contains(&c.name))
            .map(|c| format!("{}={}", c.name, paypro::card_number::mask(c.value.expose()).replace('\n', " ")))
            .collect();
        Self {
            kind: notification.kind().id(),
            test: notification.test(),
            order: number(notification.order()),
            item: number(notification.order_item()),
            subscription: number(notification.subscription()),
            initial_order: number(notification.subscription_initial_order()),
            product: notification.product().unwrap_or_default().to_owned(),
            quantity: notification.quantity().unwrap_or(0),
            placed_day: notification.placed().unwrap_or(today),
            until_day: notification.next_charge().or(notification.trial_till()),
            finish_day: notification.finish(),
            discount: notification.dynamic_discount(),
            renewal: number(notification.custom_field(RENEWAL_FIELD)),
            buyer: PartyDetails {
                email: number(buyer.email.as_ref()),
                name: text(buyer.name.as_ref()),
                company: text(buyer.company.as_ref()),
                language: text(buyer.language.as_ref()),
            },
            licensee: licensee.map(|(email, l)| PartyDetails {
                email: number(Some(email)),
                name: text(l.name.as_ref()),
                company: String::new(),
                language: String::new(),
            }),
            slots: (0, 0),
            payment_method: number(notification.payment().method.as_ref()),
            last4: number(notification.payment().last4.as_ref()),
            custom: custom.join("\n"),
            identity: notification
                .personal_idempotency_key()
                .map_or_else(|| notification.idempotency_key(), |bytes| bytes.to_vec()),
        }
    }

    #[must_use]
    pub fn kind(&self) -> NotificationKind {
        NotificationKind::from_id(self.kind)
    }
}
