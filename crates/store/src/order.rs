//! Order items of persons who are not erased.

mod contents;

use calendar::Day;
use keyring::{Permit, Slot};
use policy::inventory::sealed::{OrderCustom, OrderPayment, OrderProcessedNotifications, OrderProviderIds};
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::batch_insert::Cell;
use crate::columns;
use crate::ids::OrderId;
use crate::tx::{execute, fetch_all, fetch_optional, random_id, slot_from_i64, slot_to_i64, statements};
use crate::{Error, Tx};

pub use contents::{Payment, ProviderIds};

/// Payment status of an order item, or of a term that it gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PaymentStatus {
    /// Known, but not paid yet; no licence has been issued.
    Pending,
    Paid,
    /// Fully refunded.
    Refunded,
    ChargedBack,
    Declined,
    /// On hold because of a discount that no renewal proves, until staff release it.
    OnHold,
}

impl PaymentStatus {
    const ALL: [Self; 6] =
        [Self::Pending, Self::Paid, Self::Refunded, Self::ChargedBack, Self::Declined, Self::OnHold];

    /// Returns the name used in tables and pages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Refunded => "refunded",
            Self::ChargedBack => "charged back",
            Self::Declined => "declined",
            Self::OnHold => "on hold",
        }
    }

    /// Reads the column of a name such as `orders.payment_status`.
    pub(crate) fn parse(text: &str, name: &'static str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|s| s.as_str() == text).ok_or(Error::Unknown(name))
    }
}

/// A row of `orders`.
pub struct Order {
    /// Random row number, which the blind index returns.
    pub id: OrderId,
    /// The buyer's key slot.
    pub slot: Slot,
    /// Our product number.
    pub product: u8,
    /// Number of units.
    pub quantity: u32,
    pub placed_day: Day,
    /// Whether it is a test order.
    pub test: bool,
    pub payment_status: PaymentStatus,
    /// Why staff should review the order; empty for no reason.
    pub flag: String,
    provider_ids: Vec<u8>,
    payment: Vec<u8>,
    custom: Vec<u8>,
    processed_notifications: Vec<u8>,
}

statements! {
    GET = "SELECT id, slot, product, quantity, placed_day, test, payment_status, flag, provider_ids, payment, custom, processed_notifications \
           FROM orders WHERE id = $1";
    OF = "SELECT id, slot, product, quantity, placed_day, test, payment_status, flag, provider_ids, payment, custom, processed_notifications \
          FROM orders WHERE slot = $1 ORDER BY placed_day, id";
    ADD = "INSERT INTO orders (id, slot, product, quantity, placed_day, test, payment_status, flag, provider_ids, payment, custom, \
           processed_notifications) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    PAYMENT_STATUS = "UPDATE orders SET payment_status = $2 WHERE id = $1";
    FLAG = "UPDATE orders SET flag = $2 WHERE id = $1";
    PROCESSED = "UPDATE orders SET processed_notifications = $2 WHERE id = $1";
    PAYMENT = "UPDATE orders SET payment = $2 WHERE id = $1";
    REASSIGN = "UPDATE orders SET slot = $2, provider_ids = $3, payment = $4, custom = $5, processed_notifications = $6 WHERE id = $1";
    REASSIGN_GRANTS = "UPDATE grants SET slot = $2 WHERE order_id = $1";
    FLAGGED = "SELECT COUNT(*) FROM orders WHERE flag <> ''";
}

fn order(row: &AnyRow) -> Result<Order, Error> {
    let number = |column: &str| -> Result<i64, Error> { Ok(row.try_get(column)?) };
    Ok(Order {
        id: row.try_get("id")?,
        slot: slot_from_i64(number("slot")?),
        product: columns::number(row, "orders.product")?,
        quantity: columns::number(row, "orders.quantity")?,
        placed_day: columns::day(row, "orders.placed_day")?,
        test: number("test")? != 0,
        payment_status: PaymentStatus::parse(row.try_get("payment_status")?, "orders.payment_status")?,
        flag: row.try_get("flag")?,
        provider_ids: row.try_get("provider_ids")?,
        payment: row.try_get("payment")?,
        custom: row.try_get("custom")?,
        processed_notifications: row.try_get("processed_notifications")?,
    })
}

/// Contents of a new order item, to be sealed under the buyer's key slot.
pub struct NewOrder<'a> {
    /// The buyer.
    pub slot: Slot,
    /// Our product number.
    pub product: u8,
    /// Number of units.
    pub quantity: u32,
    pub placed_day: Day,
    /// Whether it is a test order.
    pub test: bool,
    pub payment_status: PaymentStatus,
    /// Why staff should review the order; empty for no reason.
    pub flag: &'a str,
    /// The provider's numbers.
    pub provider_ids: &'a ProviderIds,
    /// Part of the payment data.
    pub payment: &'a Payment,
    /// Custom fields that the configuration lists, as `name=value` lines.
    pub custom: &'a str,
    /// Identities of the processed notifications (idempotency keys), 16 bytes each.
    pub processed_notifications: &'a [u8],
}

impl Tx {
    /// Finds an order item by its row number.
    pub async fn order(&mut self, id: OrderId) -> Result<Option<Order>, Error> {
        fetch_optional!(self, GET, id)?.as_ref().map(order).transpose()
    }

    /// Returns all order items of a buyer, oldest first.
    pub async fn orders_of(&mut self, of: Slot) -> Result<Vec<Order>, Error> {
        fetch_all!(self, OF, slot_to_i64(of))?.iter().map(order).collect()
    }

    /// Adds an order item and returns its row number.
    pub async fn add_order(&mut self, new: &NewOrder<'_>) -> Result<OrderId, Error> {
        let id = random_id()?;
        self.queue_insert(
            ADD,
            [
                Cell::from(id),
                Cell::from(slot_to_i64(new.slot)),
                Cell::from(i64::from(new.product)),
                Cell::from(i64::from(new.quantity)),
                Cell::from(new.placed_day),
                Cell::from(i64::from(new.test)),
                Cell::from(new.payment_status.as_str()),
                Cell::from(new.flag),
                Cell::sealing::<OrderProviderIds>(new.slot, id, new.provider_ids.to_text().as_bytes()),
                Cell::sealing::<OrderPayment>(new.slot, id, new.payment.to_text().as_bytes()),
                Cell::sealing::<OrderCustom>(new.slot, id, new.custom.as_bytes()),
                Cell::sealing::<OrderProcessedNotifications>(new.slot, id, new.processed_notifications),
            ],
        );
        Ok(OrderId::new(id))
    }

    /// Writes the identities of the processed notifications.
    pub async fn set_processed_notifications(
        &mut self,
        of: &Order,
        processed_notifications: &[u8],
    ) -> Result<(), Error> {
        let processed_notifications =
            self.seal::<OrderProcessedNotifications>(of.slot, of.id, processed_notifications)?;
        execute!(self, PROCESSED, of.id, processed_notifications)?;
        Ok(())
    }

    /// Writes the payment status of an order item.
    pub async fn set_payment_status(
        &mut self,
        id: OrderId,
        payment_status: PaymentStatus,
    ) -> Result<(), Error> {
        execute!(self, PAYMENT_STATUS, id, payment_status.as_str())?;
        Ok(())
    }

    /// Flags an order item for review by staff, with the reason; empty removes the flag.
    pub async fn flag_order(&mut self, id: OrderId, flag: &str) -> Result<(), Error> {
        execute!(self, FLAG, id, flag)?;
        Ok(())
    }

    /// Replaces the part of the payment data.
    pub async fn set_payment(&mut self, of: &Order, payment: &Payment) -> Result<(), Error> {
        let payment = self.seal::<OrderPayment>(of.slot, of.id, payment.to_text().as_bytes())?;
        execute!(self, PAYMENT, of.id, payment)?;
        Ok(())
    }

    /// Moves an order item to another person, and seals its values under that person's key slot.
    ///
    /// # Errors
    /// When a value can't be opened, or the database or the keyring is unavailable.
    pub async fn reassign_order<P: Purpose>(
        &mut self,
        of: &Order,
        to: Slot,
        permit: &Permit<P>,
    ) -> Result<(), Error>
    where
        OrderProviderIds: OpenFor<P>,
        OrderPayment: OpenFor<P>,
        OrderCustom: OpenFor<P>,
        OrderProcessedNotifications: OpenFor<P>,
    {
        let provider_ids = self.open_provider_ids(of, permit)?;
        let payment = self.open_payment(of, permit)?;
        let custom = self.open_custom(of, permit)?;
        let processed_notifications = self.open_processed_notifications(of, permit)?;
        let provider_ids = self.seal::<OrderProviderIds>(to, of.id, provider_ids.to_text().as_bytes())?;
        let payment = self.seal::<OrderPayment>(to, of.id, payment.to_text().as_bytes())?;
        let custom = self.seal::<OrderCustom>(to, of.id, custom.as_ref().map_or(&[], |c| c.bytes()))?;
        let processed_notifications =
            self.seal::<OrderProcessedNotifications>(to, of.id, &processed_notifications)?;
        execute!(
            self,
            REASSIGN,
            of.id,
            slot_to_i64(to),
            provider_ids,
            payment,
            custom,
            processed_notifications
        )?;
        execute!(self, REASSIGN_GRANTS, of.id, slot_to_i64(to))?;
        Ok(())
    }

    /// Returns the number of order items flagged for review.
    pub async fn count_flagged_orders(&mut self) -> Result<i64, Error> {
        Ok(fetch_optional!(self, FLAGGED)?.map_or(Ok(0), |row| row.try_get(0))?)
    }
}
