//! A verified notification, and the data in it that may be used.

use calendar::{Day, Timestamp};

use crate::{
    custom_field::CustomField,
    kind::{NotificationKind, RetainedData},
    personal::Personal,
};

/// The buyer. All fields are absent for kinds that keep no person.
#[derive(Default)]
pub struct Buyer {
    /// The address as sent, trimmed; present for kinds with [`NotificationKind::needs_address`].
    pub email: Option<Personal>,
    /// The full name, on one line.
    pub name: Option<Personal>,
    /// The organisation, on one line; to be kept only where the product needs it.
    pub company: Option<Personal>,
    /// The language of the checkout, as a code.
    pub language: Option<Personal>,
}

/// The person for whom the licence is, if the checkout asked. A different person from the buyer unless the
/// address is the same.
pub struct Licensee {
    /// The address as sent, trimmed.
    pub email: Option<Personal>,
    /// The full name, on one line.
    pub name: Option<Personal>,
}

/// The part of the payment data that the privacy policy names.
#[derive(Default)]
pub struct Payment {
    /// Exactly four digits.
    pub last4: Option<Personal>,
    /// The provider's number for the payment method.
    pub method: Option<Personal>,
}

/// A genuine notification. It contains no fields of class DROP, and nothing that its kind does not keep.
pub struct Notification {
    pub(crate) kind: NotificationKind,
    pub(crate) test: bool,
    pub(crate) resent: bool,
    pub(crate) unknown_fields: usize,
    pub(crate) contents: Contents,
}

/// The data of a notification; empty for kinds that keep nothing. Times of day are in idempotency keys only.
#[derive(Default)]
pub(crate) struct Contents {
    pub order: Option<Personal>,
    pub order_item: Option<Personal>,
    pub subscription: Option<Personal>,
    pub initial_order: Option<Personal>,
    pub product: Option<String>,
    pub quantity: Option<u32>,
    pub order_status: Option<u32>,
    pub subscription_status: Option<u32>,
    pub placed: Option<Timestamp>,
    pub next_charge: Option<Timestamp>,
    pub finish: Option<Timestamp>,
    pub trial_till: Option<Timestamp>,
    pub dynamic_discount: bool,
    /// Hash of the refunded amount, for partial refunds only.
    pub refunded: Option<[u8; 32]>,
    pub person: Person,
}

/// The data about persons; empty for kinds that keep no person.
#[derive(Default)]
pub(crate) struct Person {
    pub buyer: Buyer,
    pub licensee: Option<Licensee>,
    pub payment: Payment,
    pub custom_fields: Vec<CustomField>,
    pub licence_text: Option<Personal>,
}

impl Notification {
    /// The kind of event that it reports.
    pub const fn kind(&self) -> NotificationKind {
        self.kind
    }

    /// Which of its data may be kept.
    pub const fn retained_data(&self) -> RetainedData {
        self.kind.retained_data()
    }

    /// Whether it concerns a test order, for which no money moved.
    pub const fn test(&self) -> bool {
        self.test
    }

    /// Whether the provider says that it was sent before. This decides nothing, because the first delivery can
    /// get lost.
    pub const fn resent(&self) -> bool {
        self.resent
    }

    /// The number of fields with unknown names.
    pub const fn unknown_fields(&self) -> usize {
        self.unknown_fields
    }

    /// The order's number, 1 to 20 digits; present for every kind that keeps anything.
    pub const fn order(&self) -> Option<&Personal> {
        self.contents.order.as_ref()
    }

    /// The number of the item within all orders, digits; present for kinds with
    /// [`NotificationKind::needs_order_item`].
    pub const fn order_item(&self) -> Option<&Personal> {
        self.contents.order_item.as_ref()
    }

    /// The subscription's number, digits; present for kinds with [`NotificationKind::needs_subscription`].
    pub const fn subscription(&self) -> Option<&Personal> {
        self.contents.subscription.as_ref()
    }

    /// The number of the subscription's first order, digits.
    pub const fn subscription_initial_order(&self) -> Option<&Personal> {
        self.contents.initial_order.as_ref()
    }

    /// The provider's product id, digits; present for kinds with [`NotificationKind::issues_licence`].
    pub fn product(&self) -> Option<&str> {
        self.contents.product.as_deref()
    }

    /// The quantity, 1 to 65535; present for kinds with [`NotificationKind::issues_licence`].
    pub const fn quantity(&self) -> Option<u32> {
        self.contents.quantity
    }

    /// `ORDER_STATUS_ID`: 1 waiting, 2 cancelled, 3 refunded, 4 chargeback, 5 processed.
    pub const fn order_status(&self) -> Option<u32> {
        self.contents.order_status
    }

    /// `SUBSCRIPTION_STATUS_ID`: 1 active, 2 suspended, 3 terminated, 4 finished.
    pub const fn subscription_status(&self) -> Option<u32> {
        self.contents.subscription_status
    }

    /// The day on which the order was placed.
    pub fn placed(&self) -> Option<Day> {
        self.contents.placed.map(Timestamp::day)
    }

    /// The day on which the subscription will be charged next.
    pub fn next_charge(&self) -> Option<Day> {
        self.contents.next_charge.map(Timestamp::day)
    }

    /// The day on which the subscription ended or will end.
    pub fn finish(&self) -> Option<Day> {
        self.contents.finish.map(Timestamp::day)
    }

    /// The day on which the trial ends.
    pub fn trial_till(&self) -> Option<Day> {
        self.contents.trial_till.map(Timestamp::day)
    }

    /// Tells whether the checkout gave a discount from dynamic settings, which only a link of the vendor can
    /// request. True unless the amount is absent or zero.
    pub const fn dynamic_discount(&self) -> bool {
        self.contents.dynamic_discount
    }

    /// The buyer.
    pub const fn buyer(&self) -> &Buyer {
        &self.contents.person.buyer
    }

    /// The person for whom the licence is; `None` when the notification names none.
    pub const fn licensee(&self) -> Option<&Licensee> {
        self.contents.person.licensee.as_ref()
    }

    /// The part of the payment data that may be kept.
    pub const fn payment(&self) -> &Payment {
        &self.contents.person.payment
    }

    /// The vendor's custom fields, in the order sent. Only those that the operator lists may be kept.
    pub fn custom_fields(&self) -> &[CustomField] {
        &self.contents.person.custom_fields
    }

    /// The custom field with this name (with its `x-`). `None` when it is absent or appears twice: a buyer can
    /// make the value of one field look like a second field.
    pub fn custom_field(&self, name: &str) -> Option<&Personal> {
        let mut found = self.custom_fields().iter().filter(|field| field.name == name);
        let first = found.next()?;
        found.next().is_none().then_some(&first.value)
    }

    /// The text that the vendor set at the provider for this product, sent with requests for a key.
    pub const fn licence_text(&self) -> Option<&Personal> {
        self.contents.person.licence_text.as_ref()
    }
}
