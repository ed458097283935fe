//! Takes the provider's notices: for the shop, which gets each order's effect exactly once, and for the buyer, who
//! gets the key.

mod act;
mod arrival;
mod begin;
mod erased;
pub(crate) mod find;
mod known;
pub mod life;
mod people;

pub use arrival::{Arrival, Named, RENEWAL_FIELD};
pub use begin::{RENEWS_REVOKED, UNPROVED};
pub(crate) use erased::acted_tag;
pub(crate) use people::address_tag;

use paypro::Kind;
use policy::purpose::Licensing;
use store::{Deed, Error, Tx};
use vault::Slot;

use crate::house::House;
use crate::issue::Signers;
use find::Place;
use life::Unknown;

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
pub struct TakeNotices<'a> {
    /// The notices, verified.
    pub arrivals: &'a [Arrival],
    /// The vendor's settings.
    pub house: &'a House,
}

impl Deed for TakeNotices<'_> {
    const NAME: &'static str = "take notices";
    type Done = Vec<Answer>;

    async fn act(&self, tx: &mut Tx) -> Result<Vec<Answer>, Error> {
        let mut desk = Desk::open(tx, self.house).await?;
        let mut answers = Vec::with_capacity(self.arrivals.len());
        for arrival in self.arrivals {
            answers.push(desk.take(arrival).await?);
        }
        desk.close().await?;
        Ok(answers)
    }
}

/// What taking a notice works with.
pub(crate) struct Desk<'t, 'h> {
    pub(crate) tx: &'t mut Tx,
    pub(crate) house: &'h House,
    pub(crate) signers: Signers,
    /// Slots of index buckets that were replaced, to be forgotten.
    pub(crate) old: Vec<Slot>,
}

impl<'t, 'h> Desk<'t, 'h> {
    pub(crate) async fn open(tx: &'t mut Tx, house: &'h House) -> Result<Self, Error> {
        let signers = Signers::load(tx).await?;
        Ok(Self { tx, house, signers, old: Vec::new() })
    }

    /// Writes down which old buckets are to be forgotten.
    pub(crate) async fn close(self) -> Result<(), Error> {
        self.tx.forget_buckets(self.old).await
    }

    /// Takes one notice.
    pub(crate) async fn take(&mut self, a: &Arrival) -> Result<Answer, Error> {
        let Some(row) = life::of(a.kind()) else {
            self.tx.count("unknown kind", 1).await?;
            return Ok(Answer::Taken);
        };
        if row.2 == Unknown::Nothing {
            let name = if row.0 == Kind::Lead { "refused: lead" } else { "waiting" };
            self.tx.count(name, 1).await?;
            return Ok(Answer::Taken);
        }
        match self.find(a).await? {
            Place::Item(order) => self.act_on_known(a, row, order).await,
            Place::Subscription(order) => self.act_on_subscription(a, row, order).await,
            Place::Erased(erased) => self.act_on_erased(a, row, &erased).await,
            Place::Nowhere => self.act_on_unknown(a, row).await,
        }
    }

    async fn act_on_unknown(&mut self, a: &Arrival, row: &life::Row) -> Result<Answer, Error> {
        let asks = a.kind() == Kind::LicenceRequested;
        if a.placed_day < self.house.horizon(self.tx) {
            self.tx.count("from before the horizon", 1).await?;
            return Ok(if asks { Answer::Gone } else { Answer::Taken });
        }
        if row.2 == Unknown::Mark {
            let year = crate::day::year(a.placed_day);
            if let Some(tag) = self.tx.vault().year_tag(year, "early", a.item.as_bytes())? {
                self.tx.mark_early(&tag, i64::from(year)).await?;
            }
            return Ok(Answer::Taken);
        }
        if a.product.is_empty() || a.buyer.email.is_empty() {
            self.tx.count("too little to begin an order", 1).await?;
            return Ok(Answer::Taken);
        }
        let Some(product) = self.tx.product_of_provider(&a.product).await? else {
            self.keep_for_later(a).await?;
            return Ok(if asks { Answer::UnknownProduct } else { Answer::Taken });
        };
        let order = self.begin(a, &product).await?;
        self.act_on_known(a, row, order).await
    }

    /// An order for a product that the shop doesn't know: sealed, and served when the product is added.
    async fn keep_for_later(&mut self, a: &Arrival) -> Result<(), Error> {
        let (buyer, licensee) = self.persons(a, true).await?;
        let identity = self.identity(a)?;
        let leave = self.tx.leave::<Licensing>(buyer, "pending.notice", &store::Who::System, "").await?;
        for waiting in self.tx.pending_of(buyer).await? {
            let notice = self.tx.open_pending::<Licensing>(&waiting, &leave)?;
            let known: Arrival =
                serde_json::from_slice(notice.bytes()).map_err(|_| Error::Unknown("pending.notice"))?;
            if self.identity(&known)? == identity {
                return Ok(());
            }
        }
        // The licensee's details lie under their own slot, so that they can be erased by themselves.
        let mut kept = a.clone();
        kept.licensee = None;
        kept.slots = (buyer.0, licensee.map_or(0, |l| l.0));
        let bytes = serde_json::to_vec(&kept).map_err(|_| Error::Unknown("pending.notice"))?;
        self.tx.add_pending(buyer, &a.product, &zeroize::Zeroizing::new(bytes)).await?;
        Ok(())
    }
}
