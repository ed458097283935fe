//! What staff do by hand to licences: issue one (purchase orders, gifts), revoke one, release an order that was held.

use policy::purpose::Licensing;
use store::{Actor, BlindIndex, Error, Licence, Operation, Standing, TermKind, Tx};

use crate::licensing::issue::{Signers, found, fresh_number, settle, shares, waiting_term};
use crate::licensing::products::note;
use crate::licensing::purchase::find::{ORDER, number_tag};
use crate::licensing::purchase::{Desk, Named};
use crate::settings::VendorSettings;

/// Issues a licence by hand; to nobody, where no address is given.
pub struct IssueByHand<'a> {
    /// Our product.
    pub product: u8,
    /// Units.
    pub quantity: u32,
    /// For whom; an empty address for nobody.
    pub to: &'a Named,
    /// Who issues.
    pub who: &'a Actor,
    /// The vendor's settings.
    pub house: &'a VendorSettings,
}

impl Operation for IssueByHand<'_> {
    const NAME: &'static str = "issue by hand";
    /// Keys; none when there is no such product.
    type Done = Option<Vec<String>>;

    async fn act(&self, tx: &mut Tx) -> Result<Option<Vec<String>>, Error> {
        let Some(product) = tx.product(self.product).await? else { return Ok(None) };
        note(tx, "licence issued by hand", self.who).await?;
        let mut desk = Desk::open(tx, self.house).await?;
        let slot = match self.to.email.as_str() {
            "" => None,
            _ => Some(desk.person(self.to, product.prints_company).await?),
        };
        let today = desk.tx.today();
        let (count, seats) = shares(&product, self.quantity);
        let mut keys = Vec::new();
        for _ in 0..count {
            let mut term = waiting_term(&product, TermKind::Hand, 1, today);
            term.standing = Standing::Standing;
            let serial = fresh_number()?;
            let (licence, _) =
                found(desk.tx, &desk.signers, &product, (serial, seats), term, |_, _| {}).await?;
            if let Some(slot) = slot {
                desk.hold(serial, slot, None).await?;
            }
            keys.push(desk.signers.text(&licence.current_key)?);
        }
        desk.close().await?;
        Ok(Some(keys))
    }
}

/// Revokes a licence by hand, or takes that back.
pub struct Revoke<'a> {
    /// Licence number.
    pub serial: i64,
    /// Revoke, or take a revocation back.
    pub revoked: bool,
    /// Who does it.
    pub who: &'a Actor,
}

impl Operation for Revoke<'_> {
    const NAME: &'static str = "revoke";
    /// The licence as it is now; none when there is no such licence.
    type Done = Option<Licence>;

    async fn act(&self, tx: &mut Tx) -> Result<Option<Licence>, Error> {
        if tx.licence(self.serial).await?.is_none() {
            return Ok(None);
        }
        note(tx, if self.revoked { "licence revoked by hand" } else { "licence restored by hand" }, self.who)
            .await?;
        let signers = Signers::load(tx).await?;
        settle(tx, &signers, self.serial, |licence, _| licence.revoked = self.revoked).await.map(Some)
    }
}

/// Releases an order that was held back for a discount that no renewal proved.
pub struct Release<'a> {
    /// The provider's number of the order.
    pub order: &'a str,
    /// Who releases it.
    pub who: &'a Actor,
    /// The vendor's settings.
    pub house: &'a VendorSettings,
}

impl Operation for Release<'_> {
    const NAME: &'static str = "release order";
    /// Whether there was such an order.
    type Done = bool;

    async fn act(&self, tx: &mut Tx) -> Result<bool, Error> {
        let tag = number_tag(tx.vault(), ORDER, self.order)?;
        let Some(row) = tx.index_find(BlindIndex::Order, &tag).await? else { return Ok(false) };
        let Some(first) = tx.order(i64::try_from(row).unwrap_or(0)).await? else { return Ok(false) };
        note(tx, "order released by hand", self.who).await?;
        let leave = tx.leave::<Licensing>(first.slot, "orders.numbers", self.who, "").await?;
        let mut desk = Desk::open(tx, self.house).await?;
        for order in desk.tx.orders_of(first.slot).await? {
            if desk.tx.open_numbers(&order, &leave)?.order != self.order {
                continue;
            }
            let grants = desk.tx_grants(order.id).await?;
            let to = if desk.was_given(&order, &leave)? { Standing::Standing } else { Standing::Waiting };
            desk.for_each_grant(&grants, |_, term| {
                if term.standing == Standing::Held {
                    term.standing = to;
                }
            })
            .await?;
            desk.copy_standing(order.id, &grants).await?;
            desk.tx.flag_order(order.id, "").await?;
        }
        desk.close().await?;
        Ok(true)
    }
}

/// Extends a licence by hand, by months of updates or of its subscription.
pub struct Extend<'a> {
    /// Licence number.
    pub serial: i64,
    /// Months, 1 to 120.
    pub months: i64,
    /// Who does it.
    pub who: &'a Actor,
}

/// What became of an extension.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Extended {
    /// The licence as it is now.
    Done(Box<Licence>),
    /// It can't be extended, and why; for staff.
    Refused(&'static str),
    /// There is no such licence.
    NoLicence,
}

impl Operation for Extend<'_> {
    const NAME: &'static str = "extend";
    type Done = Extended;

    async fn act(&self, tx: &mut Tx) -> Result<Extended, Error> {
        let Some(licence) = tx.licence_locked(self.serial).await? else { return Ok(Extended::NoLicence) };
        if !(1..=120).contains(&self.months) {
            return Ok(Extended::Refused("a licence is extended by 1 to 120 months"));
        }
        if licence.until_day == 0 {
            return Ok(Extended::Refused("it has no end that could be moved"));
        }
        if !matches!(licence.state, store::State::Active | store::State::Suspended) {
            return Ok(Extended::Refused("only a licence that stands can be extended"));
        }
        note(tx, "licence extended by hand", self.who).await?;
        let signers = Signers::load(tx).await?;
        let (today, months) = (tx.today(), self.months);
        let extended = settle(tx, &signers, self.serial, |licence, terms| {
            let n = terms.iter().map(|t| t.n).max().unwrap_or(0) + 1;
            // It stands beside what was bought and never instead of it: a refund still ends the licence.
            let until_day = match licence.kind {
                store::Kind::Perpetual => 0,
                _ => crate::day::months_later(licence.until_day.max(today), months),
            };
            let (kind, standing) = (TermKind::Renewal, Standing::Standing);
            terms.push(store::Term {
                n,
                kind,
                placed_day: today,
                months,
                until_day,
                standing,
                given_key: Vec::new(),
            });
        })
        .await?;
        Ok(Extended::Done(Box::new(extended)))
    }
}
