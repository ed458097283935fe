//! What can't act yet: orders of products that the shop doesn't know, and bad news that overtook its order.

use keyring::{Slot, Tag16};
use policy::purpose::Licensing;
use store::{Actor, BlindIndex, Error, Standing};
use zeroize::Zeroizing;

use super::transitions::{self, Effect, Row};
use super::{Desk, OrderNotification, address_tag, find};

/// Standings that may arrive before their order, with the word of their mark.
const EARLY: [(Standing, &str); 3] = [
    (Standing::ChargedBack, "early charged back"),
    (Standing::Refunded, "early refunded"),
    (Standing::Declined, "early declined"),
];

impl Desk<'_, '_> {
    /// Keeps, without identity, that an order is taken back if it should still come.
    pub(crate) async fn mark_early(&mut self, a: &OrderNotification, row: &Row) -> Result<(), Error> {
        let word = EARLY.iter().find(|(standing, _)| row.1 == Effect::TakeBack(*standing));
        let Some((_, word)) = word.filter(|_| !a.item.is_empty()) else {
            return self.tx.count("too little to begin an order", 1).await;
        };
        let year = crate::day::year(a.placed_day);
        let number = find::item(&a.order, &a.item);
        if let Some(tag) = self.tx.vault().year_tag(year, word, number.as_bytes())? {
            self.tx.mark_early(&tag, i64::from(year)).await?;
            self.any_early = true;
        }
        Ok(())
    }

    /// How new terms stand because of what overtook them: the furthest of it.
    pub(crate) async fn early(&mut self, a: &OrderNotification) -> Result<Option<Standing>, Error> {
        if !self.any_early {
            return Ok(None);
        }
        let year = crate::day::year(a.placed_day);
        let number = find::item(&a.order, &a.item);
        let mut tags = [Tag16([0; 16]); 3];
        for (tag, (_, word)) in tags.iter_mut().zip(EARLY) {
            let Some(made) = self.tx.vault().year_tag(year, word, number.as_bytes())? else {
                return Ok(None);
            };
            *tag = made;
        }
        let came = self.tx.early_among(&tags).await?;
        Ok(tags.iter().zip(EARLY).rfind(|(tag, _)| came.contains(tag)).map(|(_, (standing, _))| standing))
    }

    /// Applies to new terms what overtook them.
    pub(crate) async fn apply_early(
        &mut self,
        a: &OrderNotification,
        grants: &[(i64, i64)],
    ) -> Result<(), Error> {
        match self.early(a).await? {
            Some(standing) => self.for_each_grant(grants, |_, t| transitions::raise(t, standing)).await,
            None => Ok(()),
        }
    }

    /// An order for a product that the shop doesn't know: sealed, and served when the product is added. A resent
    /// notice adds nobody: the licensee may have been erased meanwhile.
    pub(crate) async fn keep_for_later(&mut self, a: &OrderNotification) -> Result<(), Error> {
        let identity = self.identity(a)?;
        let mut slots = None;
        let tag = address_tag(self.tx.vault(), &a.buyer.email)?;
        if let Some(buyer) = self.tx.index_find_locked(BlindIndex::Address, &tag).await?.map(Slot) {
            for known in self.waiting_of(buyer).await? {
                if self.identity(&known)? == identity {
                    return Ok(());
                }
                if (&known.order, &known.item) == (&a.order, &a.item) {
                    slots = Some(known.slots);
                }
            }
        }
        // Whether the product prints the company isn't known yet: until then it stays in the notice alone.
        let (buyer, licensee) = match slots {
            Some(slots) => slots,
            None => self.persons(a, false).await.map(|(b, l)| (b.0, l.map_or(0, |l| l.0)))?,
        };
        let mut kept = a.clone();
        // The licensee's details lie under their own slot, so that they can be erased by themselves.
        kept.licensee = None;
        kept.slots = (buyer, licensee);
        let bytes = Zeroizing::new(serde_json::to_vec(&kept).map_err(|_| Error::Unknown("pending.notice"))?);
        self.tx.add_pending(Slot(buyer), &a.product, &bytes).await?;
        Ok(())
    }

    /// The notices of a person that wait for their product.
    async fn waiting_of(&mut self, of: Slot) -> Result<Vec<OrderNotification>, Error> {
        let waiting = self.tx.pending_of(of).await?;
        if waiting.is_empty() {
            return Ok(Vec::new());
        }
        let leave = self.tx.leave::<Licensing>(of, "pending.notice", &Actor::System, "").await?;
        let mut notices = Vec::with_capacity(waiting.len());
        for one in waiting {
            let opened = self.tx.open_pending::<Licensing>(&one, &leave)?;
            notices
                .push(serde_json::from_slice(opened.bytes()).map_err(|_| Error::Unknown("pending.notice"))?);
        }
        Ok(notices)
    }
}
