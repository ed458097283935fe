//! A new address (15): the order's person gets it, or the order moves to the person who has it.

use keyring::Slot;
use policy::purpose::Licensing;
use store::{Actor, Error, Holder, Numbers, Order, Put, Why};

use super::{Desk, OrderNotification};

impl Desk<'_, '_> {
    /// The order's person gets the new address; or, where somebody has that address, the order moves to them.
    pub(crate) async fn change_address(&mut self, a: &OrderNotification, of: Slot) -> Result<(), Error> {
        match self.readdress(of, &a.buyer.email).await? {
            Put::Done => Ok(()),
            Put::Taken(other) if Slot(other) == of => Ok(()),
            Put::Taken(other) => self.move_order(a, of, Slot(other)).await,
        }
    }

    /// Moves an order with all its items, and its subscription with all its charges. Whoever has nothing left
    /// afterwards is forgotten: the old address is a stranger's.
    async fn move_order(&mut self, a: &OrderNotification, from: Slot, to: Slot) -> Result<(), Error> {
        let leave = self.tx.leave::<Licensing>(from, "orders.numbers", &Actor::System, "").await?;
        let mut orders: Vec<(Order, Numbers)> = Vec::new();
        for order in self.tx.orders_of(from).await? {
            let numbers = self.tx.open_numbers(&order, &leave)?;
            orders.push((order, numbers));
        }
        let subscriptions: Vec<String> = orders
            .iter()
            .filter(|(_, n)| n.order == a.order && !n.subscription.is_empty())
            .map(|(_, n)| n.subscription.clone())
            .chain(Some(a.subscription.clone()).filter(|s| !s.is_empty()))
            .collect();
        let mut moved = Vec::new();
        for (order, _) in
            orders.iter().filter(|(_, n)| n.order == a.order || subscriptions.contains(&n.subscription))
        {
            moved.extend(self.tx_grants(order.id).await?.iter().map(|g| g.0));
            self.tx.move_order(order, to, &leave).await?;
        }
        let kept: Vec<i64> = self.tx.grants_of(from).await?.iter().map(|g| g.serial).collect();
        for serial in moved {
            // They may have been its licensee until now.
            self.tx.drop_holder(serial, to).await?;
            self.tx.add_holder(&Holder { serial, slot: to, buyer: true }).await?;
            if !kept.contains(&serial) {
                self.tx.drop_holder(serial, from).await?;
            }
        }
        self.tx.set_ended(to, 0).await?;
        let nothing_left = self.tx.orders_of(from).await?.is_empty()
            && self.tx.licences_of(from).await?.is_empty()
            && self.tx.pending_of(from).await?.is_empty();
        if nothing_left {
            crate::erasure::intent::intend(self.tx, self.house, from, Why::Sweep).await?;
        }
        Ok(())
    }
}
