//! Order items of living persons, and what each gave.

mod contents;

use keyring::{Permit, Slot};
use policy::inventory::sealed::{OrderCustom, OrderPayment, OrderProcessedNotifications, OrderProviderIds};
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::batch_insert::Cell;
use crate::tx::{execute, fetch_all, fetch_optional, random_id, slot_from_i64, slot_to_i64, statements};
use crate::{Error, Tx};

pub use contents::{Payment, ProviderIds};

/// How an order item, or a term that it gave, stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PaymentStatus {
    /// Known, but nothing has been issued yet.
    Pending,
    /// Paid.
    Paid,
    /// Fully refunded.
    Refunded,
    /// Charged back.
    ChargedBack,
    /// Declined after all.
    Declined,
    /// Held back by a discount that no renewal proves, until staff release it.
    OnHold,
}

impl PaymentStatus {
    const ALL: [Self; 6] =
        [Self::Pending, Self::Paid, Self::Refunded, Self::ChargedBack, Self::Declined, Self::OnHold];

    /// The word in tables and pages.
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

    pub(crate) fn parse(word: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|s| s.as_str() == word).ok_or(Error::Unknown("payment_status"))
    }
}

/// An order item's row.
pub struct Order {
    /// Random row number: what the sealed index answers.
    pub id: i64,
    /// The buyer's slot.
    pub slot: Slot,
    /// Our product.
    pub product: u8,
    /// Units.
    pub quantity: u32,
    /// Day of the order, since 1970.
    pub placed_day: i64,
    /// A test order.
    pub test: bool,
    /// How it stands.
    pub payment_status: PaymentStatus,
    /// Why staff should look; empty for no reason.
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
    STANDING = "UPDATE orders SET payment_status = $2 WHERE id = $1";
    FLAG = "UPDATE orders SET flag = $2 WHERE id = $1";
    ACTED = "UPDATE orders SET processed_notifications = $2 WHERE id = $1";
    PAYMENT = "UPDATE orders SET payment = $2 WHERE id = $1";
    MOVE = "UPDATE orders SET slot = $2, provider_ids = $3, payment = $4, custom = $5, processed_notifications = $6 WHERE id = $1";
    MOVE_GRANTS = "UPDATE grants SET slot = $2 WHERE order_id = $1";
    FLAGGED = "SELECT COUNT(*) FROM orders WHERE flag <> ''";
}

fn order(row: &AnyRow) -> Result<Order, Error> {
    let number = |column: &str| -> Result<i64, Error> { Ok(row.try_get(column)?) };
    Ok(Order {
        id: number("id")?,
        slot: slot_from_i64(number("slot")?),
        product: u8::try_from(number("product")?).map_err(|_| Error::Unknown("orders.product"))?,
        quantity: u32::try_from(number("quantity")?).map_err(|_| Error::Unknown("orders.quantity"))?,
        placed_day: number("placed_day")?,
        test: number("test")? != 0,
        payment_status: PaymentStatus::parse(&row.try_get::<String, _>("payment_status")?)?,
        flag: row.try_get("flag")?,
        provider_ids: row.try_get("provider_ids")?,
        payment: row.try_get("payment")?,
        custom: row.try_get("custom")?,
        processed_notifications: row.try_get("processed_notifications")?,
    })
}

/// What a new order item holds, to be sealed under the buyer's slot.
pub struct NewOrder<'a> {
    /// The buyer.
    pub slot: Slot,
    /// Our product.
    pub product: u8,
    /// Units.
    pub quantity: u32,
    /// Day of the order.
    pub placed_day: i64,
    /// A test order.
    pub test: bool,
    /// How it stands.
    pub payment_status: PaymentStatus,
    /// Why staff should look; empty for no reason.
    pub flag: &'a str,
    /// The provider's numbers.
    pub provider_ids: &'a ProviderIds,
    /// Part of the payment.
    pub payment: &'a Payment,
    /// Listed custom fields, as `name=value` lines.
    pub custom: &'a str,
    /// Identities of the notices that have acted, 16 bytes each.
    pub processed_notifications: &'a [u8],
}

impl Tx {
    /// The order item of a row number.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn order(&mut self, id: i64) -> Result<Option<Order>, Error> {
        fetch_optional!(self, GET, id)?.as_ref().map(order).transpose()
    }

    /// All order items of a buyer, oldest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn orders_of(&mut self, of: Slot) -> Result<Vec<Order>, Error> {
        fetch_all!(self, OF, slot_to_i64(of))?.iter().map(order).collect()
    }

    /// Adds an order item and returns its row number.
    ///
    /// # Errors
    /// When the database or the keyring is away.
    pub async fn add_order(&mut self, new: &NewOrder<'_>) -> Result<i64, Error> {
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
        Ok(id)
    }

    /// Writes the identities of the notices that have acted.
    ///
    /// # Errors
    /// When the database or the keyring is away.
    pub async fn set_processed_notifications(&mut self, of: &Order, acted: &[u8]) -> Result<(), Error> {
        let acted = self.seal::<OrderProcessedNotifications>(of.slot, of.id, acted)?;
        execute!(self, ACTED, of.id, acted)?;
        Ok(())
    }

    /// Writes how an order item stands.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn set_payment_status(&mut self, id: i64, standing: PaymentStatus) -> Result<(), Error> {
        execute!(self, STANDING, id, standing.as_str())?;
        Ok(())
    }

    /// Writes why staff should look at an order item; empty for no reason.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn flag_order(&mut self, id: i64, flag: &str) -> Result<(), Error> {
        execute!(self, FLAG, id, flag)?;
        Ok(())
    }

    /// Writes a newer part of the payment.
    ///
    /// # Errors
    /// When the database or the keyring is away.
    pub async fn set_payment(&mut self, of: &Order, payment: &Payment) -> Result<(), Error> {
        let payment = self.seal::<OrderPayment>(of.slot, of.id, payment.to_text().as_bytes())?;
        execute!(self, PAYMENT, of.id, payment)?;
        Ok(())
    }

    /// Moves an order item to another person: everything in it is sealed anew under their slot.
    ///
    /// # Errors
    /// When something of it doesn't open, or the database or the keyring is away.
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
        let numbers = self.open_provider_ids(of, permit)?;
        let payment = self.open_payment(of, permit)?;
        let custom = self.open_custom(of, permit)?;
        let acted = self.open_processed_notifications(of, permit)?;
        let numbers = self.seal::<OrderProviderIds>(to, of.id, numbers.to_text().as_bytes())?;
        let payment = self.seal::<OrderPayment>(to, of.id, payment.to_text().as_bytes())?;
        let custom = self.seal::<OrderCustom>(to, of.id, custom.as_ref().map_or(&[], |c| c.bytes()))?;
        let acted = self.seal::<OrderProcessedNotifications>(to, of.id, &acted)?;
        execute!(self, MOVE, of.id, slot_to_i64(to), numbers, payment, custom, acted)?;
        execute!(self, MOVE_GRANTS, of.id, slot_to_i64(to))?;
        Ok(())
    }

    /// How many order items wait for staff to look.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn count_flagged_orders(&mut self) -> Result<i64, Error> {
        Ok(fetch_optional!(self, FLAGGED)?.map_or(Ok(0), |row| row.try_get(0))?)
    }
}
