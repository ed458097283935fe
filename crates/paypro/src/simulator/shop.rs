//! The notifications in the lifecycle of a purchase, consistent with each other.

use super::{Draft, Party, Purchase, Simulator};
use crate::{
    date_text::{long_text, short_text},
    kind::NotificationKind,
    personal::Secret,
};

/// Empty once a subscription has ended.
const NEXT_CHARGE: &str = "SUBSCRIPTION_NEXT_CHARGE_DATE";

/// An invented shop at the provider. Each method makes the notification of one event.
#[derive(Clone)]
pub struct Shop {
    simulator: Simulator,
}

impl Shop {
    /// A shop with the key with which the receiver verifies.
    pub const fn new(key: Secret) -> Self {
        Self { simulator: Simulator::new(key) }
    }

    /// 1: the order was paid.
    pub fn charged(&self, purchase: &Purchase) -> Draft {
        self.notification(NotificationKind::OrderCharged, purchase)
    }

    /// 2: the order was refunded in full.
    pub fn refunded(&self, purchase: &Purchase) -> Draft {
        self.notification(NotificationKind::OrderRefunded, purchase)
    }

    /// 3: a chargeback was received.
    pub fn charged_back(&self, purchase: &Purchase) -> Draft {
        self.notification(NotificationKind::OrderChargedBack, purchase)
    }

    /// 4: the order was declined in review.
    pub fn declined(&self, purchase: &Purchase) -> Draft {
        self.notification(NotificationKind::OrderDeclined, purchase)
    }

    /// 5: the order was refunded in part; `amount` as in `10.00`.
    pub fn partially_refunded(&self, purchase: &Purchase, amount: &str) -> Draft {
        let draft = self.notification(NotificationKind::OrderPartiallyRefunded, purchase);
        draft.field("ORDER_ITEM_REFUNDED", amount).field("ORDER_REFUNDED", amount)
    }

    /// 6: the `n`-th recurring charge succeeded (from 1), under its own order number.
    pub fn subscription_charged(&self, purchase: &Purchase, n: u16) -> Draft {
        let cycle = Purchase {
            order: format!("{}{n:03}", purchase.order),
            order_item: format!("{}{n:03}", purchase.order_item),
            placed: n.checked_sub(1).map_or(purchase.placed, |before| purchase.paid_until(before)),
            ..purchase.clone()
        };
        self.notification(NotificationKind::SubscriptionCharged, &cycle)
            .field("SUBSCRIPTION_INITIAL_ORDER_ID", &purchase.order)
            .field("SUBSCRIPTION_NUMBER_OF_BILLING_CYCLES", (u32::from(n) + 1).to_string())
            .field(NEXT_CHARGE, short_text(purchase.paid_until(n)))
    }

    /// 7: the charge after the `n`-th failed.
    pub fn charge_failed(&self, purchase: &Purchase, n: u16) -> Draft {
        self.after(NotificationKind::SubscriptionChargeFailed, purchase, n)
            .field("SUBSCRIPTION_NUMBER_OF_FAILED_ATTEMPTS", "1")
    }

    /// 8: the subscription was suspended after the `n`-th charge.
    pub fn suspended(&self, purchase: &Purchase, n: u16) -> Draft {
        self.after(NotificationKind::SubscriptionSuspended, purchase, n)
    }

    /// 9: the subscription was resumed, and is paid as after the `n`-th charge.
    pub fn renewed(&self, purchase: &Purchase, n: u16) -> Draft {
        self.after(NotificationKind::SubscriptionRenewed, purchase, n)
    }

    /// 10: the subscription was terminated. The date of the next charge is empty from then on.
    pub fn terminated(&self, purchase: &Purchase) -> Draft {
        self.notification(NotificationKind::SubscriptionTerminated, purchase)
    }

    /// 11: the subscription ended after the `n`-th charge.
    pub fn finished(&self, purchase: &Purchase, n: u16) -> Draft {
        self.notification(NotificationKind::SubscriptionFinished, purchase)
            .field("SUBSCRIPTION_FINISH_DATE", short_text(purchase.paid_until(n)))
    }

    /// 12: the provider requests the key.
    pub fn licence_requested(&self, purchase: &Purchase) -> Draft {
        self.notification(NotificationKind::LicenceRequested, purchase)
    }

    /// 13: a trial of `days` days started.
    pub fn trial(&self, purchase: &Purchase, days: u16) -> Draft {
        let till = short_text(purchase.placed + i64::from(days) * 86_400);
        let draft =
            self.notification(NotificationKind::TrialCharged, purchase).field("TRIAL_PERIOD_TILL", &till);
        match purchase.subscription {
            Some(_) => draft.field(NEXT_CHARGE, till),
            None => draft,
        }
    }

    /// 14: the dispute was won.
    pub fn won(&self, purchase: &Purchase) -> Draft {
        self.notification(NotificationKind::ChargebackWon, purchase)
    }

    /// 15: the buyer's address changed to this one.
    pub fn customer_changed(&self, purchase: &Purchase, email: &str) -> Draft {
        self.notification(NotificationKind::CustomerChanged, purchase).field("CUSTOMER_EMAIL", email)
    }

    /// 16: the provider wrote to a person who did not buy.
    pub fn lead(&self, person: &Party) -> Draft {
        with_buyer_name(self.simulator.notification(NotificationKind::Lead), person)
    }

    /// 17: the order is not paid yet.
    pub fn waiting(&self, purchase: &Purchase) -> Draft {
        self.notification(NotificationKind::OrderWaiting, purchase)
    }

    /// 21: the card changed.
    pub fn payment_changed(&self, purchase: &Purchase, last4: &str) -> Draft {
        self.notification(NotificationKind::PaymentChanged, purchase).field("CREDIT_CARD_LAST4", last4)
    }

    /// A notification of any kind, in the state after the first payment.
    pub fn notification(&self, kind: NotificationKind, purchase: &Purchase) -> Draft {
        let custom: Vec<String> =
            purchase.custom.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let placed = long_text(purchase.placed);
        let discount = if purchase.dynamic_discount.is_empty() { "0.00" } else { &purchase.dynamic_discount };
        let draft = with_buyer_name(self.simulator.notification(kind), &purchase.buyer)
            .field("ORDER_ID", &purchase.order)
            .field("ORDER_ITEM_ID", &purchase.order_item)
            .field("PRODUCT_ID", &purchase.product)
            .field("PRODUCT_QUANTITY", purchase.quantity.to_string())
            .field("ORDER_PLACED_TIME_UTC", &placed)
            .field("ORDER_PLACED_TIME_CUSTOMER_TIMEZONE", placed)
            .field("COMPANY_NAME", &purchase.company)
            .field("CUSTOMER_LANGUAGE_CODE", &purchase.language)
            .field("CREDIT_CARD_LAST4", &purchase.last4)
            .field("ORDER_CUSTOM_FIELDS", custom.join(","))
            .field("ORDER_ITEM_DYNAMIC_DISCOUNT", discount)
            .field("TEST_MODE", if purchase.test { "1" } else { "0" });
        subscribed(with_licensee(draft, purchase.licensee.as_ref()), purchase)
    }

    fn after(&self, kind: NotificationKind, purchase: &Purchase, charges: u16) -> Draft {
        self.notification(kind, purchase).field(NEXT_CHARGE, short_text(purchase.paid_until(charges)))
    }
}

/// Sets every field in which the provider repeats the buyer's name, so that no sample value remains.
fn with_buyer_name(draft: Draft, buyer: &Party) -> Draft {
    let (first, last) = buyer.name.split_once(' ').unwrap_or(("", &buyer.name));
    let mut draft = draft
        .field("CUSTOMER_EMAIL", &buyer.email)
        .field("CUSTOMER_NAME", &buyer.name)
        .field("CUSTOMER_NAME_ASCII", &buyer.name)
        .field("PAYPAL_ACCOUNT", &buyer.email);
    for owner in ["CUSTOMER", "SHIPPING"] {
        for suffix in ["", "_ASCII"] {
            draft = draft
                .field(&format!("{owner}_FIRST_NAME{suffix}"), first)
                .field(&format!("{owner}_LAST_NAME{suffix}"), last);
        }
    }
    draft
}

fn with_licensee(draft: Draft, licensee: Option<&Party>) -> Draft {
    let (name, email) = licensee.map_or(("", ""), |party| (&party.name, &party.email));
    draft
        .field("LICENSED_TO_NAME", name)
        .field("LICENSED_TO_NAME_ASCII", name)
        .field("LICENSED_TO_EMAIL", email)
}

fn subscribed(draft: Draft, purchase: &Purchase) -> Draft {
    let Some(subscription) = &purchase.subscription else { return draft.without_subscription() };
    let ended = draft.value(NEXT_CHARGE) == Some("");
    let draft = draft
        .with_subscription()
        .field("SUBSCRIPTION_ID", &subscription.id)
        .field("SUBSCRIPTION_INITIAL_ORDER_ID", &purchase.order);
    if ended { draft } else { draft.field(NEXT_CHARGE, short_text(purchase.paid_until(0))) }
}
