//! The notices in the life of a purchase, each agreeing with the others.

use super::{Draft, Party, Purchase, Simulator};
use crate::{kind::Kind, personal::Secret};

/// Empty once a subscription has come to its end.
const NEXT_CHARGE: &str = "SUBSCRIPTION_NEXT_CHARGE_DATE";

/// A made-up shop at the provider. Each verb makes the notice of what just happened.
#[derive(Clone)]
pub struct Shop {
    simulator: Simulator,
}

impl Shop {
    /// With the key that the receiver verifies with.
    pub const fn new(key: Secret) -> Self {
        Self { simulator: Simulator::new(key) }
    }

    /// 1: it was paid.
    pub fn charged(&self, purchase: &Purchase) -> Draft {
        self.notice(Kind::OrderCharged, purchase)
    }

    /// 2: refunded in full.
    pub fn refunded(&self, purchase: &Purchase) -> Draft {
        self.notice(Kind::OrderRefunded, purchase)
    }

    /// 3: a chargeback.
    pub fn charged_back(&self, purchase: &Purchase) -> Draft {
        self.notice(Kind::OrderChargedBack, purchase)
    }

    /// 4: declined in review.
    pub fn declined(&self, purchase: &Purchase) -> Draft {
        self.notice(Kind::OrderDeclined, purchase)
    }

    /// 5: refunded in part, `amount` as in `10.00`.
    pub fn partially_refunded(&self, purchase: &Purchase, amount: &str) -> Draft {
        let draft = self.notice(Kind::OrderPartiallyRefunded, purchase);
        draft.field("ORDER_ITEM_REFUNDED", amount).field("ORDER_REFUNDED", amount)
    }

    /// 6: the `n`-th recurring charge succeeded (from 1), under a number of its own.
    pub fn subscription_charged(&self, purchase: &Purchase, n: u16) -> Draft {
        let cycle = Purchase {
            order: format!("{}{n:03}", purchase.order),
            order_item: format!("{}{n:03}", purchase.order_item),
            placed: n.checked_sub(1).map_or(purchase.placed, |before| purchase.paid_until(before)),
            ..purchase.clone()
        };
        self.notice(Kind::SubscriptionCharged, &cycle)
            .field("SUBSCRIPTION_INITIAL_ORDER_ID", &purchase.order)
            .field("SUBSCRIPTION_NUMBER_OF_BILLING_CYCLES", (u32::from(n) + 1).to_string())
            .field(NEXT_CHARGE, purchase.paid_until(n).short_text())
    }

    /// 7: the charge after the `n`-th failed.
    pub fn charge_failed(&self, purchase: &Purchase, n: u16) -> Draft {
        self.after(Kind::SubscriptionChargeFailed, purchase, n)
            .field("SUBSCRIPTION_NUMBER_OF_FAILED_ATTEMPTS", "1")
    }

    /// 8: suspended after the `n`-th charge.
    pub fn suspended(&self, purchase: &Purchase, n: u16) -> Draft {
        self.after(Kind::SubscriptionSuspended, purchase, n)
    }

    /// 9: taken up again and paid as far as after the `n`-th charge.
    pub fn renewed(&self, purchase: &Purchase, n: u16) -> Draft {
        self.after(Kind::SubscriptionRenewed, purchase, n)
    }

    /// 10: terminated; the date of the next charge is empty from then on.
    pub fn terminated(&self, purchase: &Purchase) -> Draft {
        self.notice(Kind::SubscriptionTerminated, purchase)
    }

    /// 11: ended after the `n`-th charge.
    pub fn finished(&self, purchase: &Purchase, n: u16) -> Draft {
        self.notice(Kind::SubscriptionFinished, purchase)
            .field("SUBSCRIPTION_FINISH_DATE", purchase.paid_until(n).short_text())
    }

    /// 12: asks for the key.
    pub fn licence_requested(&self, purchase: &Purchase) -> Draft {
        self.notice(Kind::LicenceRequested, purchase)
    }

    /// 13: a trial of so many days began.
    pub fn trial(&self, purchase: &Purchase, days: u16) -> Draft {
        let till = purchase.placed.days_later(i32::from(days)).short_text();
        let draft = self.notice(Kind::TrialCharged, purchase).field("TRIAL_PERIOD_TILL", &till);
        match purchase.subscription {
            Some(_) => draft.field(NEXT_CHARGE, till),
            None => draft,
        }
    }

    /// 14: the dispute was won.
    pub fn won(&self, purchase: &Purchase) -> Draft {
        self.notice(Kind::ChargebackWon, purchase)
    }

    /// 15: the buyer's address changed to this one.
    pub fn customer_changed(&self, purchase: &Purchase, email: &str) -> Draft {
        self.notice(Kind::CustomerChanged, purchase).field("CUSTOMER_EMAIL", email)
    }

    /// 16: somebody was written to who did not buy.
    pub fn lead(&self, person: &Party) -> Draft {
        named(self.simulator.notice(Kind::Lead), person)
    }

    /// 17: not paid yet.
    pub fn waiting(&self, purchase: &Purchase) -> Draft {
        self.notice(Kind::OrderWaiting, purchase)
    }

    /// 21: another card.
    pub fn payment_changed(&self, purchase: &Purchase, last4: &str) -> Draft {
        self.notice(Kind::PaymentChanged, purchase).field("CREDIT_CARD_LAST4", last4)
    }

    /// Any kind, as it stands after the first payment.
    pub fn notice(&self, kind: Kind, purchase: &Purchase) -> Draft {
        let custom: Vec<String> =
            purchase.custom.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let placed = purchase.placed.long_text();
        let discount = if purchase.dynamic_discount.is_empty() { "0.00" } else { &purchase.dynamic_discount };
        let draft = named(self.simulator.notice(kind), &purchase.buyer)
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
        subscribed(licensed(draft, purchase.licensee.as_ref()), purchase)
    }

    fn after(&self, kind: Kind, purchase: &Purchase, charges: u16) -> Draft {
        self.notice(kind, purchase).field(NEXT_CHARGE, purchase.paid_until(charges).short_text())
    }
}

/// Everywhere the provider repeats the buyer's name, so that no stale sample hides one.
fn named(draft: Draft, buyer: &Party) -> Draft {
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

fn licensed(draft: Draft, licensee: Option<&Party>) -> Draft {
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
    if ended { draft } else { draft.field(NEXT_CHARGE, purchase.paid_until(0).short_text()) }
}
