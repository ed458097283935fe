//! Orders for products that the store does not know yet. They are kept sealed, and processed when the product is
//! added.

use calendar::Day;
use keyring::{Opened, Permit, Slot};
use policy::inventory::sealed::PendingOrderNotification;
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::columns;
use crate::tx::{execute, fetch_all, random_id, slot_from_i64, slot_to_i64, statements};
use crate::{Error, Tx};

/// A row of `pending_order`.
pub struct PendingOrder {
    /// Random row number.
    pub id: i64,
    /// The buyer's key slot.
    pub slot: Slot,
    /// The provider's product number.
    pub provider_id: String,
    /// Day of arrival.
    pub day: Day,
    notification: Vec<u8>,
}

statements! {
    // The next position in the order of arrival. The write lock, or the lock of the blind index, prevents duplicates.
    ADD = "INSERT INTO pending_order (id, slot, provider_id, arrival, day, notification) \
           VALUES ($1, $2, $3, (SELECT COALESCE(MAX(arrival), 0) + 1 FROM pending_order), $4, $5)";
    OF_PRODUCT = "SELECT id, slot, provider_id, day, notification FROM pending_order WHERE provider_id = $1 ORDER BY arrival, id";
    OF_SLOT = "SELECT id, slot, provider_id, day, notification FROM pending_order WHERE slot = $1 ORDER BY arrival, id";
    DELETE = "DELETE FROM pending_order WHERE id = $1";
    COUNT = "SELECT provider_id, COUNT(*) FROM pending_order GROUP BY provider_id ORDER BY provider_id";
}

fn pending_order(row: &AnyRow) -> Result<PendingOrder, Error> {
    Ok(PendingOrder {
        id: row.try_get("id")?,
        slot: slot_from_i64(row.try_get("slot")?),
        provider_id: row.try_get("provider_id")?,
        day: columns::day(row, "pending_order.day")?,
        notification: row.try_get("notification")?,
    })
}

impl Tx {
    /// Keeps the notification of an order, reduced to the fields that the inventory lists.
    pub async fn add_pending_order(
        &mut self,
        of: Slot,
        provider_id: &str,
        notification: &[u8],
    ) -> Result<i64, Error> {
        let id = random_id()?;
        let notification = self.seal::<PendingOrderNotification>(of, id, notification)?;
        let day = self.today();
        execute!(self, ADD, id, slot_to_i64(of), provider_id, day, notification)?;
        Ok(id)
    }

    /// Returns the pending orders of a product, in the order of arrival.
    pub async fn pending_orders_of_product(&mut self, provider_id: &str) -> Result<Vec<PendingOrder>, Error> {
        fetch_all!(self, OF_PRODUCT, provider_id)?.iter().map(pending_order).collect()
    }

    /// Returns the pending orders of a person.
    pub async fn pending_orders_of(&mut self, of: Slot) -> Result<Vec<PendingOrder>, Error> {
        fetch_all!(self, OF_SLOT, slot_to_i64(of))?.iter().map(pending_order).collect()
    }

    /// Opens the notification of a pending order.
    ///
    /// # Errors
    /// When the value was forgotten or can't be opened.
    pub fn open_pending_order<P: Purpose>(
        &self,
        of: &PendingOrder,
        permit: &Permit<P>,
    ) -> Result<Opened<PendingOrderNotification>, Error>
    where
        PendingOrderNotification: OpenFor<P>,
    {
        self.open::<PendingOrderNotification, P>(of.slot, of.id, &of.notification, permit)?
            .ok_or_else(|| Error::Damaged { column: "pending_order.notification".into() })
    }

    /// Deletes a pending order that was processed.
    pub async fn delete_pending_order(&mut self, id: i64) -> Result<(), Error> {
        execute!(self, DELETE, id)?;
        Ok(())
    }

    /// Returns the number of pending orders for each product number of the provider.
    pub async fn count_pending_orders(&mut self) -> Result<Vec<(String, i64)>, Error> {
        fetch_all!(self, COUNT)?.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}
