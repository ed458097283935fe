//! A notice of something whose person was erased: it changes what the licence is worth, and nothing about the person
//! comes back.

use keyring::{Tag16, Tombstone};
use paypro::Kind;
use store::{Error, TermKind};

use super::begin::kind_of_term;
use super::find::{Erased, ITEM, ORDER, SUBSCRIPTION, word};
use super::transitions::{Effect, Row};
use super::{Answer, Desk, OrderNotification};
use crate::licensing::issue::{found_as, shares};

impl Desk<'_, '_> {
    /// A notice of something erased acts once, on licences alone.
    pub(crate) async fn act_on_erased(
        &mut self,
        a: &OrderNotification,
        row: &Row,
        erased: &Erased,
    ) -> Result<Answer, Error> {
        if matches!(row.1, Effect::Address | Effect::Card) {
            return Ok(Answer::Taken);
        }
        let gives = matches!(row.1, Effect::Give | Effect::Charge | Effect::TakeBack(_) | Effect::GiveBack);
        let mut grants = if !erased.items.is_empty() {
            self.make_up(a, &erased.items).await?;
            erased.items.clone()
        } else if gives && !a.item.is_empty() {
            match self.give_to_erased(a, row, erased).await? {
                Ok(grants) => grants,
                Err(answer) => return Ok(answer),
            }
        } else {
            self.newest_terms(&erased.subscription).await?
        };
        self.keep_existing(&mut grants).await?;
        if self.acts_first_of_erased(a).await? {
            self.apply(a, row.1, &grants).await?;
        }
        self.answer(a, &grants).await
    }

    /// A tombstone is durable before the licence and the term that it names: after a stop in between, or in data
    /// from a backup, both are made up for, under the same numbers.
    async fn make_up(&mut self, a: &OrderNotification, items: &[(i64, i64)]) -> Result<(), Error> {
        for (serial, n) in items {
            let product = match self.tx.licence_locked(*serial).await? {
                Some(licence) => self.tx.product(licence.product).await?,
                None => self.tx.product_of_provider(&a.product).await?.filter(|_| a.quantity > 0),
            };
            let Some(product) = product else { continue };
            if self.tx.licence(*serial).await?.is_none() {
                found_as(self.tx, &product, shares(&product, a.quantity).1, *serial).await?;
            }
            if !self.tx.terms(*serial).await?.iter().any(|t| t.n == *n) {
                self.grant(a, &product, (*serial, *n), kind_of_term(a)).await?;
                self.apply_early(a, &[(*serial, *n)]).await?;
            }
        }
        Ok(())
    }

    /// Leaves out what isn't in these books: they may have been restored from before its issue.
    async fn keep_existing(&mut self, grants: &mut Vec<(i64, i64)>) -> Result<(), Error> {
        let mut existing = Vec::with_capacity(grants.len());
        for (serial, n) in grants.drain(..) {
            if self.tx.licence(serial).await?.is_some() {
                existing.push((serial, n));
            }
        }
        *grants = existing;
        Ok(())
    }

    /// An item that wasn't known when its person was erased: a further charge of their subscription, or a late part
    /// of their order. Its tags are kept like those of the rest, under the year of this charge.
    async fn give_to_erased(
        &mut self,
        a: &OrderNotification,
        row: &Row,
        erased: &Erased,
    ) -> Result<Result<Vec<(i64, i64)>, Answer>, Error> {
        let mut grants = Vec::new();
        if erased.subscription.is_empty() {
            if !a.kind().issues() {
                self.mark_early(a, row).await?;
                return Ok(Err(Answer::Taken));
            }
            let Some(product) = self.tx.product_of_provider(&a.product).await? else {
                self.tx.count("erased order of an unknown product", 1).await?;
                let asks = a.kind() == Kind::LicenceRequested;
                return Ok(Err(if asks { Answer::UnknownProduct } else { Answer::Taken }));
            };
            grants = self.begin_without_person(a, &product).await?;
        }
        let kind = if row.1 == Effect::Give { TermKind::Purchase } else { TermKind::Charge };
        for (serial, named) in &erased.subscription {
            // Missing where the books were restored from before its issue: this charge begins it again.
            let product = match self.tx.licence_locked(*serial).await? {
                Some(licence) => self.tx.product(licence.product).await?,
                None => self.tx.product_of_provider(&a.product).await?.filter(|_| a.quantity > 0),
            };
            let Some(product) = product else { continue };
            if self.tx.licence(*serial).await?.is_none() {
                found_as(self.tx, &product, shares(&product, a.quantity).1, *serial).await?;
            }
            // Beyond every term that some tombstone names, for that may still be made up for.
            let n = self.next_term(*serial).await?.max(named + 1);
            self.grant(a, &product, (*serial, n), kind).await?;
            grants.push((*serial, n));
        }
        self.apply_early(a, &grants).await?;
        let stones = self.tombstones(a, &grants)?;
        self.tx.vault().append_tombstones(&stones)?;
        self.stones.extend(stones);
        Ok(Ok(grants))
    }

    /// The tombstones of an item with what it gave, of its order and its subscription.
    fn tombstones(&self, a: &OrderNotification, grants: &[(i64, i64)]) -> Result<Vec<Tombstone>, Error> {
        let placed = self.house.tombstone_year(self.tx, a.placed_day);
        let next_year = crate::day::year(self.tx.today()) + 1;
        let mut stones = Vec::new();
        let item = super::find::item(&a.order, &a.item);
        for (kind, year, number) in
            [(ITEM, placed, &item), (SUBSCRIPTION, next_year, &a.subscription), (ORDER, placed, &a.order)]
        {
            let Some(tag) = self.tx.vault().year_tag(year, word(kind), number.as_bytes())? else { continue };
            if number.is_empty() {
                continue;
            }
            for (serial, n) in grants {
                let (serial, term) = (u64::try_from(*serial).unwrap_or(0), u32::try_from(*n).unwrap_or(0));
                stones.push(Tombstone { year, tag, kind, serial, term });
            }
        }
        Ok(stones)
    }

    async fn newest_terms(&mut self, serials: &[(i64, i64)]) -> Result<Vec<(i64, i64)>, Error> {
        let mut newest = Vec::new();
        for (serial, _) in serials {
            if let Some(n) = self.tx.terms(*serial).await?.iter().map(|t| t.n).max() {
                newest.push((*serial, n));
            }
        }
        Ok(newest)
    }

    async fn acts_first_of_erased(&mut self, a: &OrderNotification) -> Result<bool, Error> {
        let identity = self.identity(a)?;
        for year in self.house.living_years(self.tx) {
            let Some(tag) = acted_tag(self.tx.vault(), year, &identity)? else { continue };
            if self.tx.has_acted(&tag).await? {
                return Ok(false);
            }
        }
        let year = self.house.tombstone_year(self.tx, a.placed_day);
        match acted_tag(self.tx.vault(), year, &identity)? {
            Some(tag) => self.tx.mark_acted(&tag, i64::from(year)).await,
            None => Ok(false),
        }
    }
}

/// The mark of a notice of something erased, under the key of its order's year; none once that is forgotten.
pub(crate) fn acted_tag(vault: &keyring::Vault, year: i32, identity: &[u8]) -> Result<Option<Tag16>, Error> {
    Ok(vault.year_tag(year, "acted", identity)?)
}
