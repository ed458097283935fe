//! Matches a notification to a known order item, a known subscription, something erased, or nothing known.

use keyring::{Keyring, Tag16, Tombstone};
use licence::Serial;
use store::{BlindIndex, Error, Order, OrderId, TermNumber};

use super::{NotificationProcessor, OrderNotification};

/// The match of a notification.
pub(crate) enum OrderMatch {
    /// The order item is known.
    OrderItem(Order),
    /// The item is unknown, but its subscription is known: this is its first order.
    Subscription(Order),
    /// The item, its subscription or its order was erased.
    Erased(Erased),
    /// Nothing is known of it.
    Unknown,
}

/// What tombstones tell about an erased order.
pub(crate) struct Erased {
    /// Licence and term of this item.
    pub(crate) items: Vec<(Serial, TermNumber)>,
    /// Licences of its subscription, each with the highest term that a tombstone names.
    pub(crate) subscription: Vec<(Serial, TermNumber)>,
}

/// Kinds of tombstones.
pub(crate) const ITEM: u8 = 1;
pub(crate) const SUBSCRIPTION: u8 = 2;
pub(crate) const ORDER: u8 = 3;

/// The row of an order item in the blind index.
pub(crate) fn row_of(order: OrderId) -> u64 {
    order.number().cast_unsigned()
}

/// The order item of a row of the blind index.
pub(crate) fn order_of(row: u64) -> OrderId {
    OrderId::new(row.cast_signed())
}

/// Makes the tombstone of a number, with the licence and term that its order granted.
pub(crate) fn tombstone_of(
    year: i32,
    tag: Tag16,
    kind: u8,
    granted: Option<(Serial, TermNumber)>,
) -> Tombstone {
    let (serial, term) = granted.map_or((0, 0), |(serial, term)| (serial.bits(), term.number()));
    Tombstone { year, tag, kind, serial, term: u32::try_from(term).unwrap_or(u32::MAX) }
}

/// The label of a kind within a keyed hash. It separates the numbers of items from those of orders.
pub(crate) fn word(kind: u8) -> &'static str {
    match kind {
        ITEM => "item",
        SUBSCRIPTION => "subscription",
        _ => "order",
    }
}

/// The index key of an item, which includes its order's number. The provider's signature covers only the order
/// number. A genuine notification can therefore not refer to an item of another order.
pub(crate) fn item(order: &str, item: &str) -> String {
    if item.is_empty() { String::new() } else { format!("{order} {item}") }
}

/// Computes the blind-index tag of a number of the provider. An item's tag is placed beside its order's, because
/// both are read together.
pub(crate) fn number_tag(keyring: &Keyring, kind: u8, number: &str) -> Result<Tag16, Error> {
    let tag = keyring.tag(word(kind), number)?;
    match number.split_once(' ') {
        Some((order, _)) if kind == ITEM => Ok(tag.colocated_with(&keyring.tag(word(ORDER), order)?)),
        _ => Ok(tag),
    }
}

impl NotificationProcessor<'_, '_> {
    /// Prefetches the index entries of these notifications. Later reads would flush the queued inserts.
    pub(crate) async fn prefetch(&mut self, notifications: &[OrderNotification]) -> Result<(), Error> {
        let mut tags = Vec::new();
        for notification in notifications {
            for (kind, number) in numbers(notification) {
                tags.push((BlindIndex::Order, number_tag(self.tx.keyring(), kind, &number)?));
            }
            for named in std::iter::once(&notification.buyer)
                .chain(&notification.licensee)
                .filter(|n| !n.email.is_empty())
            {
                tags.push((BlindIndex::Address, super::address_tag(self.tx.keyring(), &named.email)?));
            }
        }
        self.tx.lock_index_for(&tags).await?;
        let mut wanted = Vec::new();
        for notification in notifications {
            wanted.extend(self.tombstone_tags(notification)?);
        }
        // Erasure intents were read before: an erasure moves from the intents to the tombstone log.
        self.tombstones.extend(self.tx.keyring().tombstones_of(&wanted)?);
        Ok(())
    }

    /// The identity of a notification (its idempotency key) as 17 bytes: its kind, and a keyed hash.
    pub(crate) fn identity(&self, notification: &OrderNotification) -> Result<Vec<u8>, Error> {
        let text: String = notification.identity.iter().map(|b| char::from(*b)).collect();
        let mut bytes = vec![u8::try_from(notification.kind).unwrap_or(0)];
        bytes.extend(self.tx.keyring().tag("notification", &text)?.0);
        Ok(bytes)
    }

    /// Matches a notification. The locks keep others from creating the same order until this transaction ends.
    pub(crate) async fn match_order(
        &mut self,
        notification: &OrderNotification,
        transition: &super::transitions::Transition,
    ) -> Result<OrderMatch, Error> {
        let mut subscription = None;
        if !notification.subscription.is_empty() {
            subscription = self.find_order(SUBSCRIPTION, &notification.subscription).await?;
        }
        // All kinds about a subscription match its first order, so that a resent notification is always recognised.
        if super::transitions::concerns_subscription(transition)
            && let Some(order) = subscription
        {
            return Ok(OrderMatch::OrderItem(order));
        }
        if !notification.item.is_empty()
            && let Some(order) = self.find_order(ITEM, &item(&notification.order, &notification.item)).await?
        {
            return Ok(OrderMatch::OrderItem(order));
        }
        // Kinds about an order as a whole, or without an item.
        if notification.item.is_empty()
            && subscription.is_none()
            && let Some(order) = self.find_order(ORDER, &notification.order).await?
        {
            return Ok(OrderMatch::OrderItem(order));
        }
        let erased = self.find_erased(notification)?;
        match (erased, subscription) {
            (Some(erased), _) if !erased.items.is_empty() => Ok(OrderMatch::Erased(erased)),
            (_, Some(order)) => Ok(OrderMatch::Subscription(order)),
            (Some(erased), None) => Ok(OrderMatch::Erased(erased)),
            (None, None) => Ok(OrderMatch::Unknown),
        }
    }

    async fn find_order(&mut self, kind: u8, number: &str) -> Result<Option<Order>, Error> {
        let tag = number_tag(self.tx.keyring(), kind, number)?;
        match self.tx.index_find_locked(BlindIndex::Order, &tag).await? {
            Some(transition) => self.tx.order(order_of(transition)).await,
            None => Ok(None),
        }
    }

    fn find_erased(&self, notification: &OrderNotification) -> Result<Option<Erased>, Error> {
        let found = self.matching_tombstones(notification)?;
        if found.is_empty() {
            return Ok(None);
        }
        let (items, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|t| t.kind == ITEM);
        let subscription: Vec<_> = others.into_iter().filter(|t| t.kind == SUBSCRIPTION).collect();
        let mut licences = named(&subscription);
        // Of each licence the last one, which has the highest term.
        licences.reverse();
        licences.dedup_by_key(|l| l.0);
        licences.reverse();
        Ok(Some(Erased { items: named(&items), subscription: licences }))
    }

    /// The tombstones of the numbers in a notification.
    fn matching_tombstones(&self, notification: &OrderNotification) -> Result<Vec<Tombstone>, Error> {
        if self.tombstones.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = self.tombstone_tags(notification)?;
        Ok(self.tombstones.iter().filter(|t| wanted.contains(&(t.year, t.tag))).copied().collect())
    }

    /// Year and tag of each possible tombstone of a notification.
    fn tombstone_tags(&self, notification: &OrderNotification) -> Result<Vec<(i32, Tag16)>, Error> {
        let mut tags = Vec::new();
        for year in self.settings.tombstone_years(self.tx) {
            for (kind, number) in numbers(notification) {
                let tag = self.tx.keyring().year_tag(year, word(kind), number.as_bytes())?;
                tags.extend(tag.map(|tag| (year, tag)));
            }
        }
        Ok(tags)
    }
}

/// The numbers that a notification is matched by, each with its kind.
fn numbers(notification: &OrderNotification) -> impl Iterator<Item = (u8, String)> {
    let all = [
        (ITEM, item(&notification.order, &notification.item)),
        (SUBSCRIPTION, notification.subscription.clone()),
        (ORDER, notification.order.clone()),
    ];
    all.into_iter().filter(|(_, number)| !number.is_empty())
}

/// Licence and term of each tombstone that names one, sorted and unique.
fn named(tombstones: &[Tombstone]) -> Vec<(Serial, TermNumber)> {
    let mut named: Vec<(Serial, TermNumber)> = tombstones
        .iter()
        .filter(|t| t.serial != 0)
        .filter_map(|t| Some((Serial::from_bits(t.serial).ok()?, TermNumber::new(t.term.into()))))
        .collect();
    named.sort_unstable();
    named.dedup();
    named
}
