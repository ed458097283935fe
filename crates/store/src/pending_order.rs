//! Orders for products that the shop doesn't know yet: kept sealed, served when the product is added.

use keyring::{Opened, Permit, Slot};
use policy::inventory::sealed::PendingOrderNotification;
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tx::{execute, fetch_all, random_id, slot_from_i64, slot_to_i64, statements};
use crate::{Error, Tx};

/// A waiting order's row.
pub struct PendingOrder {
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
    ADD = "INSERT INTO pending_order (id, slot, provider_id, arrival, day, notification) \
           VALUES ($1, $2, $3, (SELECT COALESCE(MAX(arrival), 0) + 1 FROM pending_order), $4, $5)";
    OF_PRODUCT = "SELECT id, slot, provider_id, day, notification FROM pending_order WHERE provider_id = $1 ORDER BY arrival, id";
    OF_SLOT = "SELECT id, slot, provider_id, day, notification FROM pending_order WHERE slot = $1 ORDER BY arrival, id";
    DROP = "DELETE FROM pending_order WHERE id = $1";
    COUNT = "SELECT provider_id, COUNT(*) FROM pending_order GROUP BY provider_id ORDER BY provider_id";
}

fn pending(row: &AnyRow) -> Result<PendingOrder, Error> {
    Ok(PendingOrder {
        id: row.try_get("id")?,
        slot: slot_from_i64(row.try_get("slot")?),
        provider_id: row.try_get("provider_id")?,
        day: row.try_get("day")?,
        notice: row.try_get("notification")?,
    })
}

impl Tx {
    /// Keeps an order's notice for later; only fields that the inventory keeps are in it.
    ///
    /// # Errors
    /// When database or keyring is away.
    pub async fn add_pending_order(
        &mut self,
        of: Slot,
        provider_id: &str,
        notice: &[u8],
    ) -> Result<i64, Error> {
        let id = random_id()?;
        let notice = self.seal::<PendingOrderNotification>(of, id, notice)?;
        let day = self.today();
        execute!(self, ADD, id, slot_to_i64(of), provider_id, day, notice)?;
        Ok(id)
    }

    /// Waiting orders of a product, in the order of arrival.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn pending_orders_of_product(&mut self, provider_id: &str) -> Result<Vec<PendingOrder>, Error> {
        fetch_all!(self, OF_PRODUCT, provider_id)?.iter().map(pending).collect()
    }

    /// Waiting orders of a person.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn pending_orders_of(&mut self, of: Slot) -> Result<Vec<PendingOrder>, Error> {
        fetch_all!(self, OF_SLOT, slot_to_i64(of))?.iter().map(pending).collect()
    }

    /// Opens a waiting order's notice.
    ///
    /// # Errors
    /// When it was forgotten or doesn't open.
    pub fn open_pending_order<P: Purpose>(
        &self,
        of: &PendingOrder,
        permit: &Permit<P>,
    ) -> Result<Opened<PendingOrderNotification>, Error>
    where
        PendingOrderNotification: OpenFor<P>,
    {
        self.open::<PendingOrderNotification, P>(of.slot, of.id, &of.notice, permit)?
            .ok_or_else(|| Error::Damaged { column: "pending_order.notification".into() })
    }

    /// Removes a waiting order that was served.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn delete_pending_order(&mut self, id: i64) -> Result<(), Error> {
        execute!(self, DROP, id)?;
        Ok(())
    }

    /// How many orders wait for which product of the provider.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn count_pending_orders(&mut self) -> Result<Vec<(String, i64)>, Error> {
        fetch_all!(self, COUNT)?.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}
