//! An order begins: its persons, its licences, and its place in the index. What it gives waits until a notice of
//! payment, or the provider's request for the key, lets it stand.

use sha2::{Digest as _, Sha256};
use store::{Error, Grant, IndexKind, NewOrder, Numbers, Order, Payment, Product, Put, Standing, TermKind};
use vault::Slot;

use super::{Arrival, Desk, find, life};
use crate::issue::{found, settle, shares, waiting_term};

/// What an order gives.
enum Gives {
    /// Licences of their own.
    Licences,
    /// One more term of this licence, as its renewal link says.
    Renewal(i64),
}

/// Why staff should look at an order: a discount that no renewal link proves.
pub const UNPROVED: &str = "a discount without a renewal";
/// Why staff should look at an order: the licence that it renews had been taken back.
pub const RENEWS_REVOKED: &str = "renews a licence that was revoked";

impl Desk<'_, '_> {
    /// Begins an order of a known product; its terms wait.
    pub(crate) async fn begin(&mut self, a: &Arrival, product: &Product) -> Result<Order, Error> {
        let (buyer, licensee) = self.persons(a, product.prints_company).await?;
        let gives = self.gives(a, product).await?;
        let unproved = a.discount && matches!(gives, Gives::Licences);
        let order = self.add_order(a, product, buyer, if unproved { UNPROVED } else { "" }).await?;
        match gives {
            Gives::Renewal(serial) => {
                let licence =
                    self.grant(a, product, serial, TermKind::Renewal, Some(order.id), buyer).await?;
                if licence == store::State::Revoked {
                    self.tx.flag_order(order.id, RENEWS_REVOKED).await?;
                }
                self.hold(serial, buyer, licensee).await?;
            }
            Gives::Licences => {
                let (count, seats) = shares(product, a.quantity);
                for _ in 0..count {
                    let serial = found(self.tx, product, seats).await?;
                    self.grant(a, product, serial, kind_of_term(a), Some(order.id), buyer).await?;
                    self.hold(serial, buyer, licensee).await?;
                }
            }
        }
        if unproved && product.hold_discounts {
            let grants = self.tx_grants(order.id).await?;
            self.for_each_grant(&grants, |_, t| life::raise(t, Standing::Held)).await?;
        }
        self.apply_early(a, order.id).await?;
        Ok(order)
    }

    /// Licences of an order whose person was erased: nobody holds them. Returns licence and term of each.
    pub(crate) async fn begin_without_person(
        &mut self,
        a: &Arrival,
        product: &Product,
    ) -> Result<Vec<(i64, i64)>, Error> {
        let (count, seats) = shares(product, a.quantity);
        let mut given = Vec::new();
        for _ in 0..count {
            let serial = found(self.tx, product, seats).await?;
            self.grant(a, product, serial, kind_of_term(a), None, Slot(0)).await?;
            given.push((serial, 1));
        }
        Ok(given)
    }

    /// The row of an order item, with its numbers in the index.
    pub(crate) async fn add_order(
        &mut self,
        a: &Arrival,
        product: &Product,
        buyer: Slot,
        flag: &str,
    ) -> Result<Order, Error> {
        let numbers = Numbers {
            order: a.order.clone(),
            item: a.item.clone(),
            subscription: a.subscription.clone(),
            initial_order: a.initial_order.clone(),
        };
        let new = NewOrder {
            slot: buyer,
            product: product.id,
            quantity: a.quantity,
            placed_day: a.placed_day,
            test: a.test,
            standing: Standing::Waiting,
            flag,
            numbers: &numbers,
            payment: &Payment { method: a.payment_method.clone(), last4: a.last4.clone() },
            custom: &a.custom,
            acted: &[],
        };
        let id = self.tx.add_order(&new).await?;
        let row = u64::try_from(id).unwrap_or(0);
        for (kind, number) in
            [(find::SUBSCRIPTION, &a.subscription), (find::ITEM, &a.item), (find::ORDER, &a.order)]
        {
            if number.is_empty() {
                continue;
            }
            let tag = self.number_tag(kind, number)?;
            let put = self.tx.index_put(IndexKind::Order, &tag, row, &mut self.old).await?;
            // An order of several items, and a subscription of several charges, keep their first row.
            if matches!(put, Put::Taken(_)) && kind == find::ITEM {
                return Err(Error::Collided);
            }
        }
        self.tx.order(id).await?.ok_or(Error::Collided)
    }

    /// Adds a waiting term to a licence, and notes which order item gave it. Returns the licence's state.
    pub(crate) async fn grant(
        &mut self,
        a: &Arrival,
        product: &Product,
        serial: i64,
        kind: TermKind,
        order: Option<i64>,
        buyer: Slot,
    ) -> Result<store::State, Error> {
        let mut n = 0;
        let placed = a.placed_day;
        let licence = settle(self.tx, &self.signers, serial, |_, terms| {
            n = terms.iter().map(|t| t.n).max().unwrap_or(0) + 1;
            terms.push(waiting_term(product, kind, n, placed));
        })
        .await?;
        if let Some(order) = order {
            self.tx.add_grant(buyer, &Grant { order, serial, term: n }).await?;
        }
        Ok(licence.state)
    }

    /// Whether the order renews a licence: its link must be genuine, unused, unexpired, and for what was bought.
    async fn gives(&mut self, a: &Arrival, product: &Product) -> Result<Gives, Error> {
        if a.renewal.is_empty() {
            return Ok(Gives::Licences);
        }
        let tag: [u8; 32] = Sha256::digest(a.renewal.as_bytes()).into();
        let Some(offer) = self.tx.renewal(&tag).await? else { return Ok(Gives::Licences) };
        let Some(licence) = self.tx.licence(offer.serial).await? else { return Ok(Gives::Licences) };
        let (_, seats) = shares(product, a.quantity);
        if licence.product != product.id || seats < licence.seats || !self.tx.use_renewal(&tag).await? {
            return Ok(Gives::Licences);
        }
        Ok(Gives::Renewal(offer.serial))
    }

    async fn apply_early(&mut self, a: &Arrival, order: i64) -> Result<(), Error> {
        let year = crate::day::year(a.placed_day);
        let Some(tag) = self.tx.vault().year_tag(year, "early", a.item.as_bytes())? else { return Ok(()) };
        if self.tx.was_early(&tag).await? {
            let grants = self.tx_grants(order).await?;
            self.for_each_grant(&grants, |_, t| life::raise(t, Standing::Declined)).await?;
        }
        Ok(())
    }
}

/// A subscription's first term may be a charge, when its founding notice is still on its way.
pub(crate) fn kind_of_term(a: &Arrival) -> TermKind {
    if a.kind() == paypro::Kind::SubscriptionCharged { TermKind::Charge } else { TermKind::Purchase }
}
