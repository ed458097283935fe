//! Creates orders with their persons, licences and index entries. Their terms stay pending until a notification of
//! payment, or the provider's request for the key.

use keyring::Slot;
use licence::Serial;
use store::{
    BlindIndex, Error, Grant, Inserted, NewOrder, Order, OrderId, Payment, PaymentStatus, Product,
    ProviderIds, TermKind, TermNumber,
};

use super::transitions::{self, Transition};
use super::{NotificationProcessor, NotificationReply, OrderNotification, apply, order_match};
use crate::licensing::issue::{
    create_licence, generate_serial, licences_and_seats, pending_term, update_licence,
};
use crate::token::{Renewal, Token};

/// What an order results in.
enum OrderResult {
    NewLicences,
    /// A further term of this licence, for its renewal.
    Renewal(Serial),
}

/// The reason for staff to review an order: a discount that no renewal link proves.
pub const UNPROVED_DISCOUNT: &str = "a discount without a renewal";
/// The reason for staff to review an order: the renewed licence had been revoked.
pub const RENEWED_REVOKED_LICENCE: &str = "renews a licence that was revoked";

impl NotificationProcessor<'_, '_> {
    /// Creates the order of a known product from its first notification.
    pub(crate) async fn create_order(
        &mut self,
        notification: &OrderNotification,
        transition: &Transition,
        product: &Product,
    ) -> Result<NotificationReply, Error> {
        let (buyer, licensee) = self.persons(notification, product.prints_company).await?;
        match self.order_result(notification, product).await? {
            OrderResult::NewLicences => {
                self.create_order_with_licences(notification, transition, product, (buyer, licensee)).await
            }
            OrderResult::Renewal(serial) => {
                let order =
                    self.create_renewal_order(notification, product, serial, (buyer, licensee)).await?;
                self.on_known_order(notification, transition, order).await
            }
        }
    }

    /// Creates an order of new licences. Order and licences are written once, with the effect of this first
    /// notification.
    async fn create_order_with_licences(
        &mut self,
        notification: &OrderNotification,
        transition: &Transition,
        product: &Product,
        (buyer, licensee): (Slot, Option<Slot>),
    ) -> Result<NotificationReply, Error> {
        let unproved = notification.discount;
        let held = (unproved && product.hold_discounts).then_some(PaymentStatus::OnHold);
        let early = self.early(notification).await?;
        let today = self.tx.today();
        let mut grants = Vec::new();
        let mut payment_status = PaymentStatus::Pending;
        for serial in generate_serials(licences_and_seats(product, notification.quantity).0)? {
            let first =
                pending_term(product, term_kind(notification), TermNumber::FIRST, notification.placed_day);
            let (_, first) = create_licence(
                self.tx,
                &self.signers,
                product,
                (serial, licences_and_seats(product, notification.quantity).1),
                first,
                |l, terms| {
                    let before = [held, early].into_iter().flatten();
                    before.for_each(|payment_status| {
                        terms.iter_mut().for_each(|t| transitions::raise_status(t, payment_status))
                    });
                    apply::apply_first(transition.effect, notification, today, l, terms);
                    // A won dispute restores the earlier status: the order stays on hold.
                    held.into_iter()
                        .for_each(|held| terms.iter_mut().for_each(|t| transitions::raise_status(t, held)));
                },
            )
            .await?;
            payment_status = first.payment_status;
            self.hold(serial, buyer, licensee).await?;
            grants.push((serial, TermNumber::FIRST));
        }
        let acted = self.identity(notification)?;
        let flag = if unproved { UNPROVED_DISCOUNT } else { "" };
        let order = self.add_order(notification, product, buyer, (payment_status, flag, &acted)).await?;
        for (serial, term) in &grants {
            self.tx.add_grant(buyer, &Grant { order, serial: *serial, term: *term }).await?;
        }
        self.reply(notification, &grants).await
    }

    /// Creates an order that renews a licence: it adds a pending term.
    async fn create_renewal_order(
        &mut self,
        notification: &OrderNotification,
        product: &Product,
        serial: Serial,
        (buyer, licensee): (Slot, Option<Slot>),
    ) -> Result<Order, Error> {
        let order = self.add_order(notification, product, buyer, (PaymentStatus::Pending, "", &[])).await?;
        let n = self.next_term(serial).await?;
        let state = self.add_term(notification, product, (serial, n), TermKind::Renewal).await?;
        self.tx.add_grant(buyer, &Grant { order, serial, term: n }).await?;
        if state == store::LicenceState::Revoked {
            self.tx.flag_order(order, RENEWED_REVOKED_LICENCE).await?;
        }
        self.hold(serial, buyer, licensee).await?;
        self.apply_early(notification, &[(serial, n)]).await?;
        self.copy_payment_status(order, &[(serial, n)]).await?;
        self.tx.order(order).await?.ok_or(Error::Conflict)
    }

    /// Creates the licences of an order whose person was erased: they have no holder. Returns licence and term of
    /// each.
    pub(crate) async fn create_licences_without_holder(
        &mut self,
        notification: &OrderNotification,
        product: &Product,
    ) -> Result<Vec<(Serial, TermNumber)>, Error> {
        let (count, seats) = licences_and_seats(product, notification.quantity);
        let mut given = Vec::new();
        for serial in generate_serials(count)? {
            let first =
                pending_term(product, term_kind(notification), TermNumber::FIRST, notification.placed_day);
            create_licence(self.tx, &self.signers, product, (serial, seats), first, |_, _| {}).await?;
            given.push((serial, TermNumber::FIRST));
        }
        Ok(given)
    }

    /// Adds an order item and indexes its numbers. `acted` lists the processed notifications. Returns the row's id.
    pub(crate) async fn add_order(
        &mut self,
        notification: &OrderNotification,
        product: &Product,
        buyer: Slot,
        (payment_status, flag, acted): (PaymentStatus, &str, &[u8]),
    ) -> Result<OrderId, Error> {
        let numbers = ProviderIds {
            order: notification.order.clone(),
            item: notification.item.clone(),
            subscription: notification.subscription.clone(),
            initial_order: notification.initial_order.clone(),
        };
        let new = NewOrder {
            slot: buyer,
            product: product.id,
            quantity: notification.quantity,
            placed_day: notification.placed_day,
            test: notification.test,
            payment_status,
            flag,
            provider_ids: &numbers,
            payment: &Payment {
                method: notification.payment_method.clone(),
                last4: notification.last4.clone(),
            },
            custom: &notification.custom,
            processed_notifications: acted,
        };
        let id = self.tx.add_order(&new).await?;
        let item = order_match::item(&notification.order, &notification.item);
        for (kind, number) in [
            (order_match::SUBSCRIPTION, &notification.subscription),
            (order_match::ITEM, &item),
            (order_match::ORDER, &notification.order),
        ] {
            if !number.is_empty() {
                self.index_number(kind, number, id).await?;
            }
        }
        Ok(id)
    }

    /// Indexes a number of an order item. An order of several items, and a subscription of several charges, keep
    /// their first entry. An entry without a row is replaced.
    async fn index_number(&mut self, kind: u8, number: &str, id: OrderId) -> Result<(), Error> {
        let tag = order_match::number_tag(self.tx.keyring(), kind, number)?;
        let row = order_match::row_of(id);
        let put = self.tx.index_insert(BlindIndex::Order, &tag, row, &mut self.replaced_buckets).await?;
        let Inserted::Existing(other) = put else { return Ok(()) };
        if self.tx.order(order_match::order_of(other)).await?.is_none() {
            self.tx.index_remove(BlindIndex::Order, &tag, &mut self.replaced_buckets).await?;
            self.tx.index_insert(BlindIndex::Order, &tag, row, &mut self.replaced_buckets).await?;
        } else if kind == order_match::ITEM {
            return Err(Error::Conflict);
        }
        Ok(())
    }

    /// Returns the number of a licence's next term. The lock keeps other transactions from adding one.
    pub(crate) async fn next_term(&mut self, serial: Serial) -> Result<TermNumber, Error> {
        self.tx.licence_locked(serial).await?;
        Ok(transitions::next_term_number(&self.tx.terms(serial).await?))
    }

    /// Adds a pending term to a licence. Returns the licence's state.
    pub(crate) async fn add_term(
        &mut self,
        notification: &OrderNotification,
        product: &Product,
        (serial, n): (Serial, TermNumber),
        kind: TermKind,
    ) -> Result<store::LicenceState, Error> {
        let term = pending_term(product, kind, n, notification.placed_day);
        let licence = update_licence(self.tx, &self.signers, serial, |_, terms| terms.push(term)).await?;
        Ok(licence.state)
    }

    /// Tells whether the order renews a licence. Its link must be genuine, unused, unexpired and for the same
    /// purchase.
    async fn order_result(
        &mut self,
        notification: &OrderNotification,
        product: &Product,
    ) -> Result<OrderResult, Error> {
        if notification.renewal.is_empty() {
            return Ok(OrderResult::NewLicences);
        }
        let hash = Token::<Renewal>::presented(&notification.renewal).hash();
        let Some(offer) = self.tx.renewal(&hash).await? else { return Ok(OrderResult::NewLicences) };
        let Some(licence) = self.tx.licence(offer.serial).await? else { return Ok(OrderResult::NewLicences) };
        // The offer was for one licence: neither fewer seats nor further licences.
        let (count, seats) = licences_and_seats(product, notification.quantity);
        let as_offered = licence.product == product.id && count == 1 && seats >= licence.seats;
        if !as_offered || !self.tx.use_renewal(&hash).await? {
            return Ok(OrderResult::NewLicences);
        }
        Ok(OrderResult::Renewal(offer.serial))
    }
}

/// The kind of an order's first term. In a subscription it may be a charge, when its first notification is late.
pub(crate) fn term_kind(notification: &OrderNotification) -> TermKind {
    if notification.kind() == paypro::NotificationKind::SubscriptionCharged {
        TermKind::Charge
    } else {
        TermKind::Purchase
    }
}

/// Generates licence numbers in ascending order. Later reads return this order, so that the reply stays the same
/// text.
fn generate_serials(count: u32) -> Result<Vec<Serial>, Error> {
    let mut numbers = (0..count).map(|_| generate_serial()).collect::<Result<Vec<_>, _>>()?;
    numbers.sort_unstable();
    Ok(numbers)
}
