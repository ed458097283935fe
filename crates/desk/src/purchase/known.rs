//! A notice of an order item, or of a subscription, whose buyer is known.

use policy::purpose::{Licensing, Operating};
use store::{Error, Order, Payment, Put, Standing, TermKind, Who};
use vault::{Leave, Slot};

use super::life::{Effect, Row};
use super::{Answer, Arrival, Desk};

impl Desk<'_, '_> {
    /// A notice of a known order item acts once.
    pub(crate) async fn act_on_known(
        &mut self,
        a: &Arrival,
        row: &Row,
        order: Order,
    ) -> Result<Answer, Error> {
        let grants = self.tx_grants(order.id).await?;
        if self.acts_first(a, &order).await? {
            match row.1 {
                Effect::Address => self.change_address(a, order.slot).await?,
                Effect::Card => self.change_card(a, &order).await?,
                Effect::Suspend | Effect::RunOn | Effect::Terminate | Effect::Finish => {
                    self.apply(a, row.1, &grants).await?;
                }
                effect => {
                    self.apply(a, effect, &grants).await?;
                    self.copy_standing(order.id, &grants).await?;
                }
            }
        }
        self.answer(a, &grants).await
    }

    /// A notice whose item isn't known, but whose subscription is: a further charge gives a further term; what
    /// speaks of the subscription acts on the order that founded it.
    pub(crate) async fn act_on_subscription(
        &mut self,
        a: &Arrival,
        row: &Row,
        founding: Order,
    ) -> Result<Answer, Error> {
        let gives = matches!(row.1, Effect::Give | Effect::Charge | Effect::TakeBack(_) | Effect::GiveBack);
        if !gives || a.item.is_empty() {
            return self.act_on_known(a, row, founding).await;
        }
        let product = self.tx.product(founding.product).await?.ok_or(Error::Unknown("orders.product"))?;
        let order = self.add_order(a, &product, founding.slot, "").await?;
        let mut serials: Vec<i64> = self.tx_grants(founding.id).await?.iter().map(|g| g.0).collect();
        serials.dedup();
        let kind = if row.1 == Effect::Give { TermKind::Purchase } else { TermKind::Charge };
        for serial in serials {
            self.grant(a, &product, serial, kind, Some(order.id), founding.slot).await?;
        }
        self.act_on_known(a, row, order).await
    }

    /// Whether this notice is the first of its identity; it is noted as acted then.
    async fn acts_first(&mut self, a: &Arrival, order: &Order) -> Result<bool, Error> {
        let identity = self.identity(a)?;
        let mut acted = self.tx.open_acted::<Operating>(order, &Leave::<Operating>::operating())?;
        if acted.chunks(identity.len()).any(|known| known == identity) {
            return Ok(false);
        }
        acted.extend(identity);
        self.tx.set_acted(order, &acted).await?;
        Ok(true)
    }

    /// The order's row shows how what it gave stands.
    pub(crate) async fn copy_standing(&mut self, order: i64, grants: &[(i64, i64)]) -> Result<(), Error> {
        let Some((serial, n)) = grants.first() else { return Ok(()) };
        let terms = self.tx.terms(*serial).await?;
        let standing = terms.iter().find(|t| t.n == *n).map_or(Standing::Waiting, |t| t.standing);
        self.tx.set_order_standing(order, standing).await
    }

    async fn change_card(&mut self, a: &Arrival, order: &Order) -> Result<(), Error> {
        let leave = self.tx.leave::<Licensing>(order.slot, "orders.payment", &Who::System, "").await?;
        let old = self.tx.open_payment(order, &leave)?;
        self.tx.set_payment(order, &Payment { method: old.method, last4: a.last4.clone() }).await
    }

    /// The order's person gets the new address; or, where somebody has that address, the order moves to them.
    async fn change_address(&mut self, a: &Arrival, of: Slot) -> Result<(), Error> {
        match self.readdress(of, &a.buyer.email).await? {
            Put::Done => Ok(()),
            Put::Taken(other) if Slot(other) == of => Ok(()),
            Put::Taken(other) => self.move_order(a, of, Slot(other)).await,
        }
    }

    async fn move_order(&mut self, a: &Arrival, from: Slot, to: Slot) -> Result<(), Error> {
        let leave = self.tx.leave::<Licensing>(from, "orders.numbers", &Who::System, "").await?;
        let mut left = false;
        let mut moved = Vec::new();
        for order in self.tx.orders_of(from).await? {
            if self.tx.open_numbers(&order, &leave)?.order != a.order {
                left = true;
                continue;
            }
            moved.extend(self.tx_grants(order.id).await?.iter().map(|g| g.0));
            self.tx.move_order(&order, to, &leave).await?;
        }
        let kept: Vec<i64> = self.tx.grants_of(from).await?.iter().map(|g| g.serial).collect();
        for serial in moved {
            self.tx.add_holder(&store::Holder { serial, slot: to, buyer: true }).await?;
            if !kept.contains(&serial) {
                self.tx.drop_holder(serial, from).await?;
            }
        }
        self.tx.set_ended(to, 0).await?;
        if !left && self.tx.licences_of(from).await?.is_empty() {
            let today = self.tx.today();
            self.tx.set_ended(from, today).await?;
        }
        Ok(())
    }
}
