//! A changed address (kind 15): the order's person gets it, or the order is reassigned to the person who has it.

use keyring::Slot;
use licence::Serial;
use policy::purpose::Licensing;
use store::{Actor, ErasureReason, Error, Holder, Inserted, Order, ProviderIds};

use super::{NotificationProcessor, OrderNotification};

impl NotificationProcessor<'_, '_> {
    /// Changes the address of the order's person. Where another person has that address, the order is reassigned to
    /// them.
    pub(crate) async fn change_address(
        &mut self,
        notification: &OrderNotification,
        of: Slot,
    ) -> Result<(), Error> {
        match self.change_person_address(of, &notification.buyer.email).await? {
            Inserted::Added => Ok(()),
            Inserted::Existing(other) if Slot(other) == of => Ok(()),
            Inserted::Existing(other) => self.reassign_order(notification, of, Slot(other)).await,
        }
    }

    /// Reassigns an order with all its items, and its subscription with all its charges. A person without anything
    /// left is erased: the address that we have for them is another person's.
    async fn reassign_order(
        &mut self,
        notification: &OrderNotification,
        from: Slot,
        to: Slot,
    ) -> Result<(), Error> {
        let permit = self.tx.permit::<Licensing>(from, "orders.provider_ids", &Actor::System, "").await?;
        let mut orders: Vec<(Order, ProviderIds)> = Vec::new();
        for order in self.tx.orders_of(from).await? {
            let numbers = self.tx.open_provider_ids(&order, &permit)?;
            orders.push((order, numbers));
        }
        let subscriptions: Vec<String> = orders
            .iter()
            .filter(|(_, n)| n.order == notification.order && !n.subscription.is_empty())
            .map(|(_, n)| n.subscription.clone())
            .chain(Some(notification.subscription.clone()).filter(|s| !s.is_empty()))
            .collect();
        let mut moved_serials = Vec::new();
        for (order, _) in orders
            .iter()
            .filter(|(_, n)| n.order == notification.order || subscriptions.contains(&n.subscription))
        {
            moved_serials.extend(self.grants_of_order(order.id).await?.iter().map(|g| g.0));
            self.tx.reassign_order(order, to, &permit).await?;
        }
        let kept_serials: Vec<Serial> = self.tx.grants_of(from).await?.iter().map(|g| g.serial).collect();
        for serial in moved_serials {
            // The new person may have been its licensee until now.
            self.tx.delete_holder(serial, to).await?;
            self.tx.add_holder(&Holder { serial, slot: to, buyer: true }).await?;
            if !kept_serials.contains(&serial) {
                self.tx.delete_holder(serial, from).await?;
            }
        }
        self.tx.set_ended(to, None).await?;
        let nothing_left = self.tx.orders_of(from).await?.is_empty()
            && self.tx.licences_of(from).await?.is_empty()
            && self.tx.pending_orders_of(from).await?.is_empty();
        if nothing_left {
            crate::erasure::request::start_erasure(self.tx, self.settings, from, ErasureReason::Retention)
                .await?;
        }
        Ok(())
    }
}
