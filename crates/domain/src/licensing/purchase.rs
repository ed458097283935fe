//! Takes the provider's notices: for the shop, which gets each order's effect exactly once, and for the buyer, who
//! gets the key.

mod apply;
mod arrival;
mod begin;
pub(crate) mod find;
mod on_erased_order;
mod on_known_order;
mod on_unknown_product;
mod parties;
mod reassign_order;
pub mod transitions;

pub use arrival::{Named, OrderNotification, RENEWAL_FIELD};
pub use begin::{RENEWS_REVOKED, UNPROVED};
pub(crate) use on_erased_order::acted_tag;
pub(crate) use parties::address_tag;

use std::sync::Arc;

use keyring::{Slot, Tombstone};
use paypro::Kind;
use store::{Ahead, Error, Operation, Product, Shop, Tx};

use crate::licensing::issue::Signers;
use crate::settings::VendorSettings;
use find::Place;
use transitions::Unknown;

/// What became of a notice; a door turns it into a status.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// Taken, or known already (200).
    Taken,
    /// The keys that a request for them is answered with, the same for ever (200, one a line).
    Keys(Vec<String>),
    /// Asks for a key of a product that the shop doesn't know yet; the order is kept (503).
    UnknownProduct,
    /// Asks for a key of an order whose discount no renewal proves; staff must release it (503).
    Held,
    /// Asks for a key of what was taken back (409).
    Revoked,
    /// Asks for a key of an order from before the horizon that nobody knows (410).
    Gone,
}

/// Takes notices in the order of arrival, all in one transaction: one wait for the disk serves them all.
pub struct ProcessNotifications<'a> {
    /// The notices, verified.
    pub arrivals: &'a [OrderNotification],
    /// The vendor's settings.
    pub house: &'a VendorSettings,
}

impl Operation for ProcessNotifications<'_> {
    const NAME: &'static str = "take notices";
    type Done = Vec<Answer>;

    async fn act(&self, tx: &mut Tx) -> Result<Vec<Answer>, Error> {
        let mut desk = Desk::open(tx, self.house).await?;
        let answers = desk.take_all(self.arrivals).await?;
        desk.close().await?;
        Ok(answers)
    }
}

/// What taking a notice works with.
pub(crate) struct Desk<'t, 'h> {
    pub(crate) tx: &'t mut Tx,
    pub(crate) house: &'h VendorSettings,
    pub(crate) signers: Signers,
    /// Slots of index buckets that were replaced, to be forgotten.
    pub(crate) old: Vec<Slot>,
    shop: Arc<Shop>,
    /// Tombstones of forgettings under way, and of whatever the notices name. While the index is locked only this desk
    /// sets others.
    stones: Vec<Tombstone>,
    /// Whether any bad news has overtaken its order.
    any_early: bool,
}

impl<'t, 'h> Desk<'t, 'h> {
    /// Locks the index, and looks at the shop and at what is on its way.
    pub(crate) async fn open(tx: &'t mut Tx, house: &'h VendorSettings) -> Result<Self, Error> {
        tx.lock_index().await?;
        let Ahead { shop, tombstones, any_early } = tx.look_ahead().await?;
        let signers = Signers::open(tx, &shop.keys)?;
        Ok(Self { tx, house, signers, old: Vec::new(), shop, stones: tombstones, any_early })
    }

    /// Writes down which old buckets are to be forgotten.
    pub(crate) async fn close(self) -> Result<(), Error> {
        self.tx.forget_buckets(self.old).await
    }

    /// Takes notices in this order.
    pub(crate) async fn take_all(&mut self, arrivals: &[OrderNotification]) -> Result<Vec<Answer>, Error> {
        self.look_ahead(arrivals).await?;
        let mut answers = Vec::with_capacity(arrivals.len());
        for arrival in arrivals {
            answers.push(self.take(arrival).await?);
        }
        Ok(answers)
    }

    /// Takes one notice that was looked ahead for.
    async fn take(&mut self, a: &OrderNotification) -> Result<Answer, Error> {
        let Some(row) = transitions::of(a.kind()) else {
            self.tx.count("unknown kind", 1).await?;
            return Ok(Answer::Taken);
        };
        if row.2 == Unknown::Nothing {
            let name = if row.0 == Kind::Lead { "refused: lead" } else { "waiting" };
            self.tx.count(name, 1).await?;
            return Ok(Answer::Taken);
        }
        match self.find(a, row).await? {
            Place::Item(order) => self.act_on_known(a, row, order).await,
            Place::Subscription(order) => self.act_on_subscription(a, row, order).await,
            Place::Erased(erased) => self.act_on_erased(a, row, &erased).await,
            Place::Nowhere => self.act_on_unknown(a, row).await,
        }
    }

    async fn act_on_unknown(
        &mut self,
        a: &OrderNotification,
        row: &transitions::Row,
    ) -> Result<Answer, Error> {
        let asks = a.kind() == Kind::LicenceRequested;
        // What waited for its product was in time when it came.
        if a.placed_day < self.house.horizon(self.tx) && a.slots.0 == 0 {
            self.tx.count("from before the horizon", 1).await?;
            return Ok(if asks { Answer::Gone } else { Answer::Taken });
        }
        let begins =
            !(a.product.is_empty() || a.item.is_empty() || a.quantity == 0 || a.buyer.email.is_empty());
        if row.2 == Unknown::Mark || !begins {
            self.mark_early(a, row).await?;
            return Ok(Answer::Taken);
        }
        let Some(product) = self.product(&a.product) else {
            self.keep_for_later(a).await?;
            return Ok(if asks { Answer::UnknownProduct } else { Answer::Taken });
        };
        self.begin(a, row, &product).await
    }

    /// The product with the provider's number.
    pub(crate) fn product(&self, provider_id: &str) -> Option<Product> {
        self.shop.products.iter().find(|p| p.provider_id == provider_id).cloned()
    }
}
