//! Notifications that can't be applied yet: orders of unknown products, and refunds, chargebacks and declines that
//! arrive before their order.

use keyring::{Slot, Tag16};
use licence::Serial;
use policy::purpose::Licensing;
use store::{Actor, BlindIndex, Error, PaymentStatus, TermNumber};
use zeroize::Zeroizing;

use super::transitions::{self, Effect, Transition};
use super::{NotificationProcessor, OrderNotification, address_tag, order_match};
use crate::counter::Counter;

/// Payment statuses that may arrive before their order, each with the label of its record.
const EARLY: [(PaymentStatus, &str); 3] = [
    (PaymentStatus::ChargedBack, "early charged back"),
    (PaymentStatus::Refunded, "early refunded"),
    (PaymentStatus::Declined, "early declined"),
];

impl NotificationProcessor<'_, '_> {
    /// Records, without identity, the refund, chargeback or decline of an order that hasn't arrived.
    pub(crate) async fn add_early_notification(
        &mut self,
        notification: &OrderNotification,
        transition: &Transition,
    ) -> Result<(), Error> {
        let word =
            EARLY.iter().find(|(payment_status, _)| transition.effect == Effect::Withdraw(*payment_status));
        let Some((_, word)) = word.filter(|_| !notification.item.is_empty()) else {
            return Counter::IncompleteOrder.add_one(self.tx).await;
        };
        let year = notification.placed_day.year();
        let number = order_match::item(&notification.order, &notification.item);
        if let Some(tag) = self.tx.keyring().year_tag(year, word, number.as_bytes())? {
            self.tx.add_early_notification(&tag, i64::from(year)).await?;
            self.has_early_notifications = true;
        }
        Ok(())
    }

    /// Returns the payment status of new terms where a refund, chargeback or decline arrived early: the last in
    /// rank.
    pub(crate) async fn early(
        &mut self,
        notification: &OrderNotification,
    ) -> Result<Option<PaymentStatus>, Error> {
        if !self.has_early_notifications {
            return Ok(None);
        }
        let year = notification.placed_day.year();
        let number = order_match::item(&notification.order, &notification.item);
        let mut tags = [Tag16([0; 16]); 3];
        for (tag, (_, word)) in tags.iter_mut().zip(EARLY) {
            let Some(made) = self.tx.keyring().year_tag(year, word, number.as_bytes())? else {
                return Ok(None);
            };
            *tag = made;
        }
        let came = self.tx.early_notifications_among(&tags).await?;
        Ok(tags
            .iter()
            .zip(EARLY)
            .rfind(|(tag, _)| came.contains(tag))
            .map(|(_, (payment_status, _))| payment_status))
    }

    /// Applies an early refund, chargeback or decline to new terms.
    pub(crate) async fn apply_early(
        &mut self,
        notification: &OrderNotification,
        grants: &[(Serial, TermNumber)],
    ) -> Result<(), Error> {
        match self.early(notification).await? {
            Some(payment_status) => {
                self.update_terms(grants, |_, t| transitions::raise_status(t, payment_status)).await
            }
            None => Ok(()),
        }
    }

    /// Keeps the order of an unknown product, sealed, until the product is added. A resent notification adds no
    /// person, since the licensee may have been erased meanwhile.
    pub(crate) async fn keep_pending(&mut self, notification: &OrderNotification) -> Result<(), Error> {
        let identity = self.identity(notification)?;
        let mut slots = None;
        let tag = address_tag(self.tx.keyring(), &notification.buyer.email)?;
        if let Some(buyer) = self.tx.index_find_locked(BlindIndex::Address, &tag).await?.map(Slot) {
            for known in self.pending_notifications_of(buyer).await? {
                if self.identity(&known)? == identity {
                    return Ok(());
                }
                if (&known.order, &known.item) == (&notification.order, &notification.item) {
                    slots = Some(known.slots);
                }
            }
        }
        // It is unknown yet whether the product prints the company: until then the company stays in the
        // notification alone.
        let (buyer, licensee) = match slots {
            Some(slots) => slots,
            None => self.persons(notification, false).await.map(|(b, l)| (b.0, l.map_or(0, |l| l.0)))?,
        };
        let mut kept = notification.clone();
        // The licensee's details are sealed under their own slot, so that they can be erased separately.
        kept.licensee = None;
        kept.slots = (buyer, licensee);
        let bytes = Zeroizing::new(
            serde_json::to_vec(&kept).map_err(|_| Error::Unknown("pending_order.notification"))?,
        );
        self.tx.add_pending_order(Slot(buyer), &notification.product, &bytes).await?;
        Ok(())
    }

    /// Opens the notifications of a person that wait for their product.
    async fn pending_notifications_of(&mut self, of: Slot) -> Result<Vec<OrderNotification>, Error> {
        let pending = self.tx.pending_orders_of(of).await?;
        if pending.is_empty() {
            return Ok(Vec::new());
        }
        let permit =
            self.tx.permit::<Licensing>(of, "pending_order.notification", &Actor::System, "").await?;
        let mut notifications = Vec::with_capacity(pending.len());
        for one in pending {
            let opened = self.tx.open_pending_order::<Licensing>(&one, &permit)?;
            notifications.push(
                serde_json::from_slice(opened.bytes())
                    .map_err(|_| Error::Unknown("pending_order.notification"))?,
            );
        }
        Ok(notifications)
    }
}
