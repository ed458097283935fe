//! A verified notice, and all that may be known of it.

use crate::{
    custom::Custom,
    kind::{Keeps, Kind},
    moment::Moment,
    personal::Personal,
};

/// Who bought. Everything here is absent for kinds that keep no person.
#[derive(Default)]
pub struct Buyer {
    /// The address as sent, trimmed; always there for kinds with [`Kind::needs_address`].
    pub email: Option<Personal>,
    /// The full name, on one line.
    pub name: Option<Personal>,
    /// The organisation, on one line; to be kept only where the product needs it.
    pub company: Option<Personal>,
    /// The language of the checkout, as a code.
    pub language: Option<Personal>,
}

/// Whom the licence is for, if the checkout asked. Another person than the buyer unless the address is the same.
pub struct Licensee {
    /// The address as sent, trimmed.
    pub email: Option<Personal>,
    /// The full name, on one line.
    pub name: Option<Personal>,
}

/// The part of the payment data that the policy names.
#[derive(Default)]
pub struct Payment {
    /// Exactly four digits.
    pub last4: Option<Personal>,
    /// The provider's number for the way of paying.
    pub method: Option<Personal>,
}

/// A genuine notice. Fields of class DROP never came this far, and what its kind doesn't keep isn't here either.
pub struct Notice {
    pub(crate) kind: Kind,
    pub(crate) test: bool,
    pub(crate) resent: bool,
    pub(crate) unknown_fields: usize,
    pub(crate) contents: Contents,
}

/// Empty for kinds that keep nothing.
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
    pub placed: Option<Moment>,
    pub next_charge: Option<Moment>,
    pub finish: Option<Moment>,
    pub trial_till: Option<Moment>,
    pub dynamic_discount: bool,
    /// Fingerprint of the amount, for partial refunds only.
    pub refunded: Option<[u8; 32]>,
    pub person: Person,
}

/// Empty for kinds that keep no person.
#[derive(Default)]
pub(crate) struct Person {
    pub buyer: Buyer,
    pub licensee: Option<Licensee>,
    pub payment: Payment,
    pub custom: Vec<Custom>,
    pub licence_text: Option<Personal>,
}

impl Notice {
    /// What it tells.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// How much of it may be kept.
    pub const fn keeps(&self) -> Keeps {
        self.kind.keeps()
    }

    /// A test order: no money moved.
    pub const fn test(&self) -> bool {
        self.test
    }

    /// The provider says that it sent this before. Decides nothing: a first sending can get lost.
    pub const fn resent(&self) -> bool {
        self.resent
    }

    /// How many fields had a name that we don't know.
    pub const fn unknown_fields(&self) -> usize {
        self.unknown_fields
    }

    /// The order's number, 1 to 20 digits; there for every kind that keeps anything.
    pub const fn order(&self) -> Option<&Personal> {
        self.contents.order.as_ref()
    }

    /// The number of the item within all orders, digits; there for kinds with [`Kind::needs_order_item`].
    pub const fn order_item(&self) -> Option<&Personal> {
        self.contents.order_item.as_ref()
    }

    /// The subscription's number, digits; there for kinds with [`Kind::needs_subscription`].
    pub const fn subscription(&self) -> Option<&Personal> {
        self.contents.subscription.as_ref()
    }

    /// The number of the subscription's first order, digits.
    pub const fn subscription_initial_order(&self) -> Option<&Personal> {
        self.contents.initial_order.as_ref()
    }

    /// The provider's product id, digits; there for kinds with [`Kind::issues`].
    pub fn product(&self) -> Option<&str> {
        self.contents.product.as_deref()
    }

    /// How many were bought, 1 to 65535; there for kinds with [`Kind::issues`].
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

    /// The day on which the order was placed, in days since 1970-01-01.
    pub fn placed(&self) -> Option<i32> {
        self.contents.placed.map(Moment::day)
    }

    /// When the subscription will be charged next; only the day may be kept.
    pub const fn next_charge(&self) -> Option<Moment> {
        self.contents.next_charge
    }

    /// When the subscription ended or will end; only the day may be kept.
    pub const fn finish(&self) -> Option<Moment> {
        self.contents.finish
    }

    /// When the trial ends; only the day may be kept.
    pub const fn trial_till(&self) -> Option<Moment> {
        self.contents.trial_till
    }

    /// Was a discount given that a link of ours must have asked for? True unless the amount is absent or zero.
    pub const fn dynamic_discount(&self) -> bool {
        self.contents.dynamic_discount
    }

    /// Who bought.
    pub const fn buyer(&self) -> &Buyer {
        &self.contents.person.buyer
    }

    /// Whom the licence is for, None when the notice names nobody.
    pub const fn licensee(&self) -> Option<&Licensee> {
        self.contents.person.licensee.as_ref()
    }

    /// The part of the payment data that may be kept.
    pub const fn payment(&self) -> &Payment {
        &self.contents.person.payment
    }

    /// The vendor's own fields, in the order sent. Only those that the operator lists may be kept.
    pub fn custom(&self) -> &[Custom] {
        &self.contents.person.custom
    }

    /// The vendor's own field of that name (with its `x-`). None when it is absent, or stands there twice: the value
    /// of one field can be made to look like a second.
    pub fn custom_field(&self, name: &str) -> Option<&Personal> {
        let mut found = self.custom().iter().filter(|custom| custom.name == name);
        let first = found.next()?;
        found.next().is_none().then_some(&first.value)
    }

    /// The text that the vendor gave the provider for this product, to be sent with requests for a key.
    pub const fn licence_text(&self) -> Option<&Personal> {
        self.contents.person.licence_text.as_ref()
    }
}
