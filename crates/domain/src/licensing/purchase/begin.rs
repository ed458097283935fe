//! An order begins: its persons, its licences, and its place in the index. What it gives waits until a notice of
//! payment, or the provider's request for the key, lets it stand.

use keyring::Slot;
use sha2::{Digest as _, Sha256};
use store::{BlindIndex, Error, Grant, NewOrder, Numbers, Order, Payment, Product, Put, Standing, TermKind};

use super::transitions::{self, Row};
use super::{Answer, Desk, OrderNotification, apply, find};
use crate::licensing::issue::{found, fresh_number, settle, shares, waiting_term};

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
    /// Begins an order of a known product with the notice that names it first.
    pub(crate) async fn begin(
        &mut self,
        a: &OrderNotification,
        row: &Row,
        product: &Product,
    ) -> Result<Answer, Error> {
        let (buyer, licensee) = self.persons(a, product.prints_company).await?;
        match self.gives(a, product).await? {
            Gives::Licences => self.begin_licences(a, row, product, (buyer, licensee)).await,
            Gives::Renewal(serial) => {
                let order = self.begin_renewal(a, product, serial, (buyer, licensee)).await?;
                self.act_on_known(a, row, order).await
            }
        }
    }

    /// An order of licences of its own: they and the order are written once, as this first notice leaves them.
    async fn begin_licences(
        &mut self,
        a: &OrderNotification,
        row: &Row,
        product: &Product,
        (buyer, licensee): (Slot, Option<Slot>),
    ) -> Result<Answer, Error> {
        let unproved = a.discount;
        let held = (unproved && product.hold_discounts).then_some(Standing::Held);
        let early = self.early(a).await?;
        let today = self.tx.today();
        let mut grants = Vec::new();
        let mut standing = Standing::Waiting;
        for serial in fresh_numbers(shares(product, a.quantity).0)? {
            let first = waiting_term(product, kind_of_term(a), 1, a.placed_day);
            let (_, first) = found(
                self.tx,
                &self.signers,
                product,
                (serial, shares(product, a.quantity).1),
                first,
                |l, terms| {
                    let before = [held, early].into_iter().flatten();
                    before
                        .for_each(|standing| terms.iter_mut().for_each(|t| transitions::raise(t, standing)));
                    apply::begin(row.1, a, today, l, terms);
                    // A dispute that was won gives back what was there before it.
                    held.into_iter()
                        .for_each(|held| terms.iter_mut().for_each(|t| transitions::raise(t, held)));
                },
            )
            .await?;
            standing = first.standing;
            self.hold(serial, buyer, licensee).await?;
            grants.push((serial, 1));
        }
        let acted = self.identity(a)?;
        let flag = if unproved { UNPROVED } else { "" };
        let order = self.add_order(a, product, buyer, (standing, flag, &acted)).await?;
        for (serial, term) in &grants {
            self.tx.add_grant(buyer, &Grant { order, serial: *serial, term: *term }).await?;
        }
        self.answer(a, &grants).await
    }

    /// An order that renews a licence: one more term of it, still waiting.
    async fn begin_renewal(
        &mut self,
        a: &OrderNotification,
        product: &Product,
        serial: i64,
        (buyer, licensee): (Slot, Option<Slot>),
    ) -> Result<Order, Error> {
        let order = self.add_order(a, product, buyer, (Standing::Waiting, "", &[])).await?;
        let n = self.next_term(serial).await?;
        let state = self.grant(a, product, (serial, n), TermKind::Renewal).await?;
        self.tx.add_grant(buyer, &Grant { order, serial, term: n }).await?;
        if state == store::State::Revoked {
            self.tx.flag_order(order, RENEWS_REVOKED).await?;
        }
        self.hold(serial, buyer, licensee).await?;
        self.apply_early(a, &[(serial, n)]).await?;
        self.copy_standing(order, &[(serial, n)]).await?;
        self.tx.order(order).await?.ok_or(Error::Collided)
    }

    /// Licences of an order whose person was erased: nobody holds them. Returns licence and term of each.
    pub(crate) async fn begin_without_person(
        &mut self,
        a: &OrderNotification,
        product: &Product,
    ) -> Result<Vec<(i64, i64)>, Error> {
        let (count, seats) = shares(product, a.quantity);
        let mut given = Vec::new();
        for serial in fresh_numbers(count)? {
            let first = waiting_term(product, kind_of_term(a), 1, a.placed_day);
            found(self.tx, &self.signers, product, (serial, seats), first, |_, _| {}).await?;
            given.push((serial, 1));
        }
        Ok(given)
    }

    /// The row of an order item, with its numbers in the index: how it stands, why staff should look, and which
    /// notices have acted. Returns the row's number.
    pub(crate) async fn add_order(
        &mut self,
        a: &OrderNotification,
        product: &Product,
        buyer: Slot,
        (standing, flag, acted): (Standing, &str, &[u8]),
    ) -> Result<i64, Error> {
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
            standing,
            flag,
            numbers: &numbers,
            payment: &Payment { method: a.payment_method.clone(), last4: a.last4.clone() },
            custom: &a.custom,
            acted,
        };
        let id = self.tx.add_order(&new).await?;
        let item = find::item(&a.order, &a.item);
        for (kind, number) in
            [(find::SUBSCRIPTION, &a.subscription), (find::ITEM, &item), (find::ORDER, &a.order)]
        {
            if !number.is_empty() {
                self.point(kind, number, id).await?;
            }
        }
        Ok(id)
    }

    /// Lets a number lead to an order item's row. An order of several items, and a subscription of several charges,
    /// keep their first; what leads nowhere gives way.
    async fn point(&mut self, kind: u8, number: &str, id: i64) -> Result<(), Error> {
        let tag = find::number_tag(self.tx.vault(), kind, number)?;
        let row = u64::try_from(id).unwrap_or(0);
        let put = self.tx.index_put(BlindIndex::Order, &tag, row, &mut self.old).await?;
        let Put::Taken(other) = put else { return Ok(()) };
        if self.tx.order(i64::try_from(other).unwrap_or(0)).await?.is_none() {
            self.tx.index_drop(BlindIndex::Order, &tag, &mut self.old).await?;
            self.tx.index_put(BlindIndex::Order, &tag, row, &mut self.old).await?;
        } else if kind == find::ITEM {
            return Err(Error::Collided);
        }
        Ok(())
    }

    /// The number of a licence's next term. Nobody else adds one before this transaction ends.
    pub(crate) async fn next_term(&mut self, serial: i64) -> Result<i64, Error> {
        self.tx.licence_locked(serial).await?;
        Ok(transitions::next(&self.tx.terms(serial).await?))
    }

    /// Adds a waiting term of this number to a licence. Returns the licence's state.
    pub(crate) async fn grant(
        &mut self,
        a: &OrderNotification,
        product: &Product,
        (serial, n): (i64, i64),
        kind: TermKind,
    ) -> Result<store::State, Error> {
        let term = waiting_term(product, kind, n, a.placed_day);
        let licence = settle(self.tx, &self.signers, serial, |_, terms| terms.push(term)).await?;
        Ok(licence.state)
    }

    /// Whether the order renews a licence: its link must be genuine, unused, unexpired, and for what was bought.
    async fn gives(&mut self, a: &OrderNotification, product: &Product) -> Result<Gives, Error> {
        if a.renewal.is_empty() {
            return Ok(Gives::Licences);
        }
        let tag: [u8; 32] = Sha256::digest(a.renewal.as_bytes()).into();
        let Some(offer) = self.tx.renewal(&tag).await? else { return Ok(Gives::Licences) };
        let Some(licence) = self.tx.licence(offer.serial).await? else { return Ok(Gives::Licences) };
        // One licence was offered to be renewed: neither fewer seats nor further licences.
        let (count, seats) = shares(product, a.quantity);
        let as_offered = licence.product == product.id && count == 1 && seats >= licence.seats;
        if !as_offered || !self.tx.use_renewal(&tag).await? {
            return Ok(Gives::Licences);
        }
        Ok(Gives::Renewal(offer.serial))
    }
}

/// A subscription's first term may be a charge, when its founding notice is still on its way.
pub(crate) fn kind_of_term(a: &OrderNotification) -> TermKind {
    if a.kind() == paypro::Kind::SubscriptionCharged { TermKind::Charge } else { TermKind::Purchase }
}

/// Fresh licence numbers, in order: as they are found again later, for the answer must be the same text for ever.
fn fresh_numbers(count: u32) -> Result<Vec<i64>, Error> {
    let mut numbers = (0..count).map(|_| fresh_number()).collect::<Result<Vec<_>, _>>()?;
    numbers.sort_unstable();
    Ok(numbers)
}
