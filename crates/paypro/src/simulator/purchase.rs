//! One item of an invented order. It contains no real person's data, so it may be printed.

use calendar::{Day, Timestamp};

/// An invented person of a purchase.
#[derive(Clone, Debug)]
pub struct Party {
    /// The address.
    pub email: String,
    /// The full name.
    pub name: String,
}

impl Party {
    /// A person with that address and name.
    pub fn new(email: impl Into<String>, name: impl Into<String>) -> Self {
        Self { email: email.into(), name: name.into() }
    }
}

/// A subscription that started with a purchase.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The provider's number, digits.
    pub id: String,
    /// Days between two charges.
    pub period_days: u16,
}

/// One item of an order: the data that all notifications about it share.
#[derive(Clone, Debug)]
pub struct Purchase {
    /// The order's number, digits.
    pub order: String,
    /// The item's number, digits.
    pub order_item: String,
    /// The provider's product id, digits.
    pub product: String,
    /// The quantity.
    pub quantity: u32,
    /// When the order was placed.
    pub placed: Timestamp,
    /// The buyer.
    pub buyer: Party,
    /// The buyer's organisation, may be empty.
    pub company: String,
    /// The language of the checkout, as a code.
    pub language: String,
    /// The card's last four digits.
    pub last4: String,
    /// The person for whom the licence is; `None` when it is the buyer.
    pub licensee: Option<Party>,
    /// The subscription, None for a product bought once.
    pub subscription: Option<Subscription>,
    /// The vendor's custom fields, names with their `x-`.
    pub custom: Vec<(String, String)>,
    /// The discount from a link's dynamic settings, an amount; empty for none.
    pub dynamic_discount: String,
    /// Whether it is a test order.
    pub test: bool,
}

impl Purchase {
    /// One piece of a product, bought once, on 2025-03-21 at 19:02. The item's number is made from the order's.
    pub fn new(order: impl Into<String>, product: impl Into<String>, buyer: Party) -> Self {
        let order = order.into();
        Self {
            order_item: format!("{order}1"),
            order,
            product: product.into(),
            quantity: 1,
            placed: Day::from_unix_days(20_168).midnight() + 19 * 3_600 + 2 * 60,
            buyer,
            company: String::new(),
            language: "en".to_owned(),
            last4: "4242".to_owned(),
            licensee: None,
            subscription: None,
            custom: Vec::new(),
            dynamic_discount: String::new(),
            test: false,
        }
    }

    /// The same purchase as the start of a subscription.
    pub fn subscribed(mut self, id: impl Into<String>, period_days: u16) -> Self {
        self.subscription = Some(Subscription { id: id.into(), period_days });
        self
    }

    /// The moment up to which the purchase is paid after the `charges`-th recurring charge (0: after the first
    /// payment). For a product bought once, the moment of the order.
    pub fn paid_until(&self, charges: u16) -> Timestamp {
        let period = self.subscription.as_ref().map_or(0, |subscription| i64::from(subscription.period_days));
        self.placed + period * (i64::from(charges) + 1) * 86_400
    }
}
