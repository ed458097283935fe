//! A notice of an order item, or of a subscription, whose buyer is known.

use keyring::Permit;
use policy::purpose::{Licensing, Operating};
use store::{Actor, Error, Grant, Order, Payment, Standing, TermKind};

use super::transitions::{Effect, Row};
use super::{Answer, Desk, OrderNotification, UNPROVED};

impl Desk<'_, '_> {
    /// A notice of a known order item acts once.
    pub(crate) async fn act_on_known(
        &mut self,
        a: &OrderNotification,
        row: &Row,
        order: Order,
    ) -> Result<Answer, Error> {
        let grants = self.tx_grants(order.id).await?;
        // Two notices of one licence may have come to it by different numbers: one waits here for the other.
        if let Some((serial, _)) = grants.first() {
            self.tx.licence_locked(*serial).await?;
        }
        let order = self.tx.order(order.id).await?.ok_or(Error::Collided)?;
        if self.acts_first(a, &order).await? {
            match row.1 {
                Effect::Address => self.change_address(a, order.slot).await?,
                Effect::Card => self.change_card(a, &order).await?,
                effect => {
                    self.apply(a, effect, &grants).await?;
                    if effect == Effect::GiveBack {
                        self.hold_again(&order, &grants).await?;
                    }
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
        a: &OrderNotification,
        row: &Row,
        founding: Order,
    ) -> Result<Answer, Error> {
        let gives = matches!(row.1, Effect::Give | Effect::Charge | Effect::TakeBack(_) | Effect::GiveBack);
        if !gives || a.item.is_empty() {
            return self.act_on_known(a, row, founding).await;
        }
        let product = self.tx.product(founding.product).await?.ok_or(Error::Unknown("orders.product"))?;
        let order = self.add_order(a, &product, founding.slot, (Standing::Waiting, "", &[])).await?;
        let mut serials: Vec<i64> = self.tx_grants(founding.id).await?.iter().map(|g| g.0).collect();
        serials.dedup();
        let kind = if row.1 == Effect::Give { TermKind::Purchase } else { TermKind::Charge };
        let mut grants = Vec::new();
        for serial in serials {
            let n = self.next_term(serial).await?;
            self.grant(a, &product, (serial, n), kind).await?;
            self.tx.add_grant(founding.slot, &Grant { order, serial, term: n }).await?;
            grants.push((serial, n));
        }
        self.apply_early(a, &grants).await?;
        let order = self.tx.order(order).await?.ok_or(Error::Collided)?;
        self.act_on_known(a, row, order).await
    }

    /// A dispute that was won gives back what was there before it: an order that staff had not released is held.
    async fn hold_again(&mut self, order: &Order, grants: &[(i64, i64)]) -> Result<(), Error> {
        let holds = self.tx.product(order.product).await?.is_some_and(|p| p.hold_discounts);
        if order.flag != UNPROVED || !holds {
            return Ok(());
        }
        self.for_each_grant(grants, |_, t| super::transitions::raise(t, Standing::Held)).await
    }

    /// Whether a notice that gives has acted on an order: payment, or the provider's request for the key.
    pub(crate) fn was_given(&self, order: &Order, leave: &Permit<Licensing>) -> Result<bool, Error> {
        let acted = self.tx.open_acted(order, leave)?;
        let gives = |kind: u8| {
            let row = super::transitions::of(paypro::Kind::from_id(kind.into()));
            row.is_some_and(|r| matches!(r.1, Effect::Give | Effect::Charge | Effect::GiveBack))
        };
        Ok(acted.chunks(17).any(|identity| gives(identity[0])))
    }

    /// Whether this notice is the first of its identity; it is noted as acted then.
    async fn acts_first(&mut self, a: &OrderNotification, order: &Order) -> Result<bool, Error> {
        let identity = self.identity(a)?;
        let mut acted = self.tx.open_acted::<Operating>(order, &Permit::<Operating>::operating())?;
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

    async fn change_card(&mut self, a: &OrderNotification, order: &Order) -> Result<(), Error> {
        let leave = self.tx.leave::<Licensing>(order.slot, "orders.payment", &Actor::System, "").await?;
        let old = self.tx.open_payment(order, &leave)?;
        self.tx.set_payment(order, &Payment { method: old.method, last4: a.last4.clone() }).await
    }
}
