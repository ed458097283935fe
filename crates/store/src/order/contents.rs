//! Personal values of an order item, sealed under the buyer's key slot.

use keyring::{Opened, Permit};
use policy::inventory::sealed::{OrderCustom, OrderPayment, OrderProcessedNotifications, OrderProviderIds};
use policy::{OpenFor, Purpose};

use super::Order;
use crate::{Error, Tx};

/// The provider's numbers of an order item; empty if there is none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProviderIds {
    pub order: String,
    /// ORDER_ITEM_ID.
    pub item: String,
    pub subscription: String,
    /// SUBSCRIPTION_INITIAL_ORDER_ID.
    pub initial_order: String,
}

impl ProviderIds {
    pub(super) fn to_text(&self) -> String {
        [&*self.order, &*self.item, &*self.subscription, &*self.initial_order].join("\n")
    }

    fn from_text(text: &str) -> Self {
        let mut lines = text.split('\n').map(str::to_owned);
        let mut next = || lines.next().unwrap_or_default();
        Self { order: next(), item: next(), subscription: next(), initial_order: next() }
    }
}

/// The part of the payment data that the provider shares (`payment.partial`).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Payment {
    /// PAYMENT_METHOD_ID.
    pub method: String,
    /// Last four digits of the card.
    pub last4: String,
}

impl Payment {
    pub(super) fn to_text(&self) -> String {
        if self == &Self::default() { String::new() } else { format!("{}\n{}", self.method, self.last4) }
    }
}

impl Tx {
    /// Opens the provider's numbers.
    ///
    /// # Errors
    /// When a value was forgotten or can't be opened.
    pub fn open_provider_ids<P: Purpose>(&self, of: &Order, permit: &Permit<P>) -> Result<ProviderIds, Error>
    where
        OrderProviderIds: OpenFor<P>,
    {
        let opened = self.open::<OrderProviderIds, P>(of.slot, of.id, &of.provider_ids, permit)?;
        Ok(opened.map_or_else(ProviderIds::default, |o| ProviderIds::from_text(o.text())))
    }

    /// Opens the part of the payment data.
    ///
    /// # Errors
    /// When the value was forgotten or can't be opened.
    pub fn open_payment<P: Purpose>(&self, of: &Order, permit: &Permit<P>) -> Result<Payment, Error>
    where
        OrderPayment: OpenFor<P>,
    {
        let opened = self.open::<OrderPayment, P>(of.slot, of.id, &of.payment, permit)?;
        Ok(opened.map_or_else(Payment::default, |o| {
            let (method, last4) = o.text().split_once('\n').unwrap_or_default();
            Payment { method: method.into(), last4: last4.into() }
        }))
    }

    /// Opens the custom fields, as `name=value` lines.
    ///
    /// # Errors
    /// When a value was forgotten or can't be opened.
    pub fn open_custom<P: Purpose>(
        &self,
        of: &Order,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<OrderCustom>>, Error>
    where
        OrderCustom: OpenFor<P>,
    {
        self.open::<OrderCustom, P>(of.slot, of.id, &of.custom, permit)
    }

    /// Identities of the processed notifications (idempotency keys), 16 bytes each.
    ///
    /// # Errors
    /// When a value was forgotten or can't be opened.
    pub fn open_processed_notifications<P: Purpose>(
        &self,
        of: &Order,
        permit: &Permit<P>,
    ) -> Result<Vec<u8>, Error>
    where
        OrderProcessedNotifications: OpenFor<P>,
    {
        Ok(self
            .open::<OrderProcessedNotifications, P>(of.slot, of.id, &of.processed_notifications, permit)?
            .map_or_else(Vec::new, |o| o.bytes().to_vec()))
    }
}
