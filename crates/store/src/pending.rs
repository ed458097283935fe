//! Orders for products that the shop doesn't know yet: kept sealed, served when the product is added.

use keyring::{Opened, Permit, Slot};
use policy::inventory::sealed::PendingNotice;
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tx::{all, column, random_id, run, slot, statements};
use crate::{Error, Tx};

/// A waiting order's row.
pub struct Pending {
    /// Random row number.
    pub id: i64,
    /// The buyer's slot.
    pub slot: Slot,
    /// The provider's product number.
    pub provider_id: String,
    /// Day of arrival, since 1970.
    pub day: i64,
    notice: Vec<u8>,
}

statements! {
    // The next place in the order of arrival; the writer's lock or the bucket's keeps two from taking the same.
    ADD = "INSERT INTO pending (id, slot, provider_id, arrived, day, notice) \
           VALUES ($1, $2, $3, (SELECT COALESCE(MAX(arrived), 0) + 1 FROM pending), $4, $5)";
    OF_PRODUCT = "SELECT id, slot, provider_id, day, notice FROM pending WHERE provider_id = $1 ORDER BY arrived, id";
    OF_SLOT = "SELECT id, slot, provider_id, day, notice FROM pending WHERE slot = $1 ORDER BY arrived, id";
    DROP = "DELETE FROM pending WHERE id = $1";
    COUNT = "SELECT provider_id, COUNT(*) FROM pending GROUP BY provider_id ORDER BY provider_id";
}

fn pending(row: &AnyRow) -> Result<Pending, Error> {
    Ok(Pending {
        id: row.try_get("id")?,
        slot: slot(row.try_get("slot")?),
        provider_id: row.try_get("provider_id")?,
        day: row.try_get("day")?,
        notice: row.try_get("notice")?,
    })
}

impl Tx {
    /// Keeps an order's notice for later; only fields that the inventory keeps are in it.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn add_pending(&mut self, of: Slot, provider_id: &str, notice: &[u8]) -> Result<i64, Error> {
        let id = random_id()?;
        let notice = self.seal::<PendingNotice>(of, id, notice)?;
        let day = self.today();
        run!(self, ADD, id, column(of), provider_id, day, notice)?;
        Ok(id)
    }

    /// Waiting orders of a product, in the order of arrival.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn pending_of_product(&mut self, provider_id: &str) -> Result<Vec<Pending>, Error> {
        all!(self, OF_PRODUCT, provider_id)?.iter().map(pending).collect()
    }

    /// Waiting orders of a person.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn pending_of(&mut self, of: Slot) -> Result<Vec<Pending>, Error> {
        all!(self, OF_SLOT, column(of))?.iter().map(pending).collect()
    }

    /// Opens a waiting order's notice.
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn open_pending<P: Purpose>(
        &self,
        of: &Pending,
        leave: &Permit<P>,
    ) -> Result<Opened<PendingNotice>, Error>
    where
        PendingNotice: OpenFor<P>,
    {
        self.open::<PendingNotice, P>(of.slot, of.id, &of.notice, leave)?
            .ok_or_else(|| Error::Damaged { place: "pending.notice".into() })
    }

    /// Removes a waiting order that was served.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn drop_pending(&mut self, id: i64) -> Result<(), Error> {
        run!(self, DROP, id)?;
        Ok(())
    }

    /// How many orders wait for which product of the provider.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn count_pending(&mut self) -> Result<Vec<(String, i64)>, Error> {
        all!(self, COUNT)?.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}
