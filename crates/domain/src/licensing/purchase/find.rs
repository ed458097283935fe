//! Where a notice belongs: to an order item of a living person, to their subscription, to something erased, or to
//! nothing that is known.

use keyring::{Tag16, Tombstone, Vault};
use store::{BlindIndex, Error, Order};

use super::{Desk, OrderNotification};

/// Where a notice belongs.
pub(crate) enum Place {
    /// The order item is known.
    Item(Order),
    /// The item isn't, but its subscription is: this is the order that founded it.
    Subscription(Order),
    /// The item, its subscription or its order was erased.
    Erased(Erased),
    /// Nothing is known of it.
    Nowhere,
}

/// What remains of something erased.
pub(crate) struct Erased {
    /// Licence and term that this very item gave.
    pub(crate) items: Vec<(i64, i64)>,
    /// Licences of its subscription, each with the highest term that a tombstone names.
    pub(crate) subscription: Vec<(i64, i64)>,
}

/// Kinds of tombstones.
pub(crate) const ITEM: u8 = 1;
pub(crate) const SUBSCRIPTION: u8 = 2;
pub(crate) const ORDER: u8 = 3;

/// The word that goes into a tag, so that an item's number can't be taken for an order's.
pub(crate) fn word(kind: u8) -> &'static str {
    match kind {
        ITEM => "item",
        SUBSCRIPTION => "subscription",
        _ => "order",
    }
}

/// What an item is found by: its order's number as well. The provider's signature covers that one alone, so nobody
/// can make a genuine notice of their own order speak of another's item.
pub(crate) fn item(order: &str, item: &str) -> String {
    if item.is_empty() { String::new() } else { format!("{order} {item}") }
}

/// The index's tag of a number of the provider. An item lies beside its order, for they are looked for together.
pub(crate) fn number_tag(vault: &Vault, kind: u8, number: &str) -> Result<Tag16, Error> {
    let tag = vault.tag(word(kind), number)?;
    match number.split_once(' ') {
        Some((order, _)) if kind == ITEM => Ok(tag.beside(&vault.tag(word(ORDER), order)?)),
        _ => Ok(tag),
    }
}

impl Desk<'_, '_> {
    /// Reads at once what all these notices will look for: later each look would part the rows that are gathered.
    pub(crate) async fn look_ahead(&mut self, arrivals: &[OrderNotification]) -> Result<(), Error> {
        let mut tags = Vec::new();
        for a in arrivals {
            for (kind, number) in numbers(a) {
                tags.push((BlindIndex::Order, number_tag(self.tx.vault(), kind, &number)?));
            }
            for named in std::iter::once(&a.buyer).chain(&a.licensee).filter(|n| !n.email.is_empty()) {
                tags.push((BlindIndex::Address, super::address_tag(self.tx.vault(), &named.email)?));
            }
        }
        self.tx.lock_index_for(&tags).await?;
        let mut wanted = Vec::new();
        for a in arrivals {
            wanted.extend(self.stone_tags(a)?);
        }
        // What is intended was looked at before: a forgetting moves from there to what is done.
        self.stones.extend(self.tx.vault().tombstones_of(&wanted)?);
        Ok(())
    }

    /// What tells this notice from all others, as 17 bytes: its kind, and a keyed hash.
    pub(crate) fn identity(&self, a: &OrderNotification) -> Result<Vec<u8>, Error> {
        let text: String = a.identity.iter().map(|b| char::from(*b)).collect();
        let mut bytes = vec![u8::try_from(a.kind).unwrap_or(0)];
        bytes.extend(self.tx.vault().tag("notice", &text)?.0);
        Ok(bytes)
    }

    /// Finds where a notice belongs, and keeps others from founding the same until this transaction ends.
    pub(crate) async fn find(
        &mut self,
        a: &OrderNotification,
        row: &super::transitions::Row,
    ) -> Result<Place, Error> {
        let mut subscription = None;
        if !a.subscription.is_empty() {
            subscription = self.find_order(SUBSCRIPTION, &a.subscription).await?;
        }
        // One place for all that speaks of a subscription, so that a resent notice is always recognised.
        if super::transitions::of_subscription(row)
            && let Some(order) = subscription
        {
            return Ok(Place::Item(order));
        }
        if !a.item.is_empty()
            && let Some(order) = self.find_order(ITEM, &item(&a.order, &a.item)).await?
        {
            return Ok(Place::Item(order));
        }
        // Kinds that speak of an order as a whole, or whose item isn't named.
        if a.item.is_empty()
            && subscription.is_none()
            && let Some(order) = self.find_order(ORDER, &a.order).await?
        {
            return Ok(Place::Item(order));
        }
        let erased = self.find_erased(a)?;
        match (erased, subscription) {
            (Some(erased), _) if !erased.items.is_empty() => Ok(Place::Erased(erased)),
            (_, Some(order)) => Ok(Place::Subscription(order)),
            (Some(erased), None) => Ok(Place::Erased(erased)),
            (None, None) => Ok(Place::Nowhere),
        }
    }

    async fn find_order(&mut self, kind: u8, number: &str) -> Result<Option<Order>, Error> {
        let tag = number_tag(self.tx.vault(), kind, number)?;
        match self.tx.index_find_locked(BlindIndex::Order, &tag).await? {
            Some(row) => self.tx.order(i64::try_from(row).unwrap_or(0)).await,
            None => Ok(None),
        }
    }

    fn find_erased(&self, a: &OrderNotification) -> Result<Option<Erased>, Error> {
        let found = self.stones_of(a)?;
        if found.is_empty() {
            return Ok(None);
        }
        let (items, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|t| t.kind == ITEM);
        let subscription: Vec<_> = others.into_iter().filter(|t| t.kind == SUBSCRIPTION).collect();
        let mut licences = named(&subscription);
        // Of each licence the last, which has the highest term.
        licences.reverse();
        licences.dedup_by_key(|l| l.0);
        licences.reverse();
        Ok(Some(Erased { items: named(&items), subscription: licences }))
    }

    /// The tombstones of everything that a notice names.
    fn stones_of(&self, a: &OrderNotification) -> Result<Vec<Tombstone>, Error> {
        if self.stones.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = self.stone_tags(a)?;
        Ok(self.stones.iter().filter(|t| wanted.contains(&(t.year, t.tag))).copied().collect())
    }

    /// Year and tag of each tombstone that there may be of what a notice names.
    fn stone_tags(&self, a: &OrderNotification) -> Result<Vec<(i32, Tag16)>, Error> {
        let mut tags = Vec::new();
        for year in self.house.living_years(self.tx) {
            for (kind, number) in numbers(a) {
                let tag = self.tx.vault().year_tag(year, word(kind), number.as_bytes())?;
                tags.extend(tag.map(|tag| (year, tag)));
            }
        }
        Ok(tags)
    }
}

/// The numbers by which a notice is found, each with its kind.
fn numbers(a: &OrderNotification) -> impl Iterator<Item = (u8, String)> {
    let all =
        [(ITEM, item(&a.order, &a.item)), (SUBSCRIPTION, a.subscription.clone()), (ORDER, a.order.clone())];
    all.into_iter().filter(|(_, number)| !number.is_empty())
}

/// Licence and term of each tombstone that names one, in order, each once.
fn named(stones: &[Tombstone]) -> Vec<(i64, i64)> {
    let serial = |t: &Tombstone| i64::try_from(t.serial).unwrap_or(0);
    let mut named: Vec<(i64, i64)> =
        stones.iter().map(|t| (serial(t), i64::from(t.term))).filter(|(serial, _)| *serial != 0).collect();
    named.sort_unstable();
    named.dedup();
    named
}
