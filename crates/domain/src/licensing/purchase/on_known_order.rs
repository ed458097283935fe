//! Notifications of a known order item, or of a known subscription.

use keyring::Permit;
use licence::Serial;
use policy::purpose::{Licensing, Operating};
use store::{Actor, Error, Grant, Order, OrderId, Payment, PaymentStatus, TermKind, TermNumber};

use super::transitions::{Effect, Transition};
use super::{NotificationProcessor, NotificationReply, OrderNotification, UNPROVED_DISCOUNT};

impl NotificationProcessor<'_, '_> {
    /// Processes a notification of a known order item once.
    pub(crate) async fn on_known_order(
        &mut self,
        notification: &OrderNotification,
        transition: &Transition,
        order: Order,
    ) -> Result<NotificationReply, Error> {
        let grants = self.grants_of_order(order.id).await?;
        // Two notifications may reach one licence by different numbers: the lock serialises them.
        if let Some((serial, _)) = grants.first() {
            self.tx.licence_locked(*serial).await?;
        }
        let order = self.tx.order(order.id).await?.ok_or(Error::Conflict)?;
        if self.record_processed(notification, &order).await? {
            match transition.effect {
                Effect::ChangeAddress => self.change_address(notification, order.slot).await?,
                Effect::ChangeCard => self.update_card(notification, &order).await?,
                effect => {
                    self.apply(notification, effect, &grants).await?;
                    if effect == Effect::Reinstate {
                        self.reapply_hold(&order, &grants).await?;
                    }
                    self.copy_payment_status(order.id, &grants).await?;
                }
            }
        }
        self.reply(notification, &grants).await
    }

    /// Processes a notification of an unknown item in a known subscription. A further charge adds a term; other
    /// kinds apply to the first order.
    pub(crate) async fn on_known_subscription(
        &mut self,
        notification: &OrderNotification,
        transition: &Transition,
        founding: Order,
    ) -> Result<NotificationReply, Error> {
        let gives = matches!(
            transition.effect,
            Effect::Grant | Effect::Charge | Effect::Withdraw(_) | Effect::Reinstate
        );
        if !gives || notification.item.is_empty() {
            return self.on_known_order(notification, transition, founding).await;
        }
        let product = self.tx.product(founding.product).await?.ok_or(Error::Unknown("orders.product"))?;
        let order =
            self.add_order(notification, &product, founding.slot, (PaymentStatus::Pending, "", &[])).await?;
        let mut serials: Vec<Serial> = self.grants_of_order(founding.id).await?.iter().map(|g| g.0).collect();
        serials.dedup();
        let kind = if transition.effect == Effect::Grant { TermKind::Purchase } else { TermKind::Charge };
        let mut grants = Vec::new();
        for serial in serials {
            let n = self.next_term(serial).await?;
            self.add_term(notification, &product, (serial, n), kind).await?;
            self.tx.add_grant(founding.slot, &Grant { order, serial, term: n }).await?;
            grants.push((serial, n));
        }
        self.apply_early(notification, &grants).await?;
        let order = self.tx.order(order).await?.ok_or(Error::Conflict)?;
        self.on_known_order(notification, transition, order).await
    }

    /// Puts an order on hold again after a won dispute, where staff had not released it.
    async fn reapply_hold(&mut self, order: &Order, grants: &[(Serial, TermNumber)]) -> Result<(), Error> {
        let holds = self.tx.product(order.product).await?.is_some_and(|p| p.hold_discounts);
        if order.flag != UNPROVED_DISCOUNT || !holds {
            return Ok(());
        }
        self.update_terms(grants, |_, t| super::transitions::raise_status(t, PaymentStatus::OnHold)).await
    }

    /// Tells whether an order was paid, or its key was requested.
    pub(crate) fn was_granted(&self, order: &Order, permit: &Permit<Licensing>) -> Result<bool, Error> {
        let acted = self.tx.open_processed_notifications(order, permit)?;
        let gives = |kind: u8| {
            let transition =
                super::transitions::transition_for(paypro::NotificationKind::from_id(kind.into()));
            transition.is_some_and(|r| matches!(r.effect, Effect::Grant | Effect::Charge | Effect::Reinstate))
        };
        Ok(acted.chunks(17).any(|identity| gives(identity[0])))
    }

    /// Records a notification as processed; `false` where it was already (idempotency).
    async fn record_processed(
        &mut self,
        notification: &OrderNotification,
        order: &Order,
    ) -> Result<bool, Error> {
        let identity = self.identity(notification)?;
        let mut acted =
            self.tx.open_processed_notifications::<Operating>(order, &Permit::<Operating>::operating())?;
        if acted.chunks(identity.len()).any(|known| known == identity) {
            return Ok(false);
        }
        acted.extend(identity);
        self.tx.set_processed_notifications(order, &acted).await?;
        Ok(true)
    }

    /// Copies the payment status of the first term to the order.
    pub(crate) async fn copy_payment_status(
        &mut self,
        order: OrderId,
        grants: &[(Serial, TermNumber)],
    ) -> Result<(), Error> {
        let Some((serial, n)) = grants.first() else { return Ok(()) };
        let terms = self.tx.terms(*serial).await?;
        let payment_status =
            terms.iter().find(|t| t.number == *n).map_or(PaymentStatus::Pending, |t| t.payment_status);
        self.tx.set_payment_status(order, payment_status).await
    }

    async fn update_card(&mut self, notification: &OrderNotification, order: &Order) -> Result<(), Error> {
        let permit = self.tx.permit::<Licensing>(order.slot, "orders.payment", &Actor::System, "").await?;
        let old = self.tx.open_payment(order, &permit)?;
        self.tx.set_payment(order, &Payment { method: old.method, last4: notification.last4.clone() }).await
    }
}
