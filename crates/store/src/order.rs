//! Order items of living persons, and what each gave.

mod contents;

use keyring::{Permit, Slot};
use policy::inventory::sealed::{OrderActed, OrderCustom, OrderNumbers, OrderPayment};
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::gather::Cell;
use crate::tx::{all, column, one, random_id, run, slot, statements};
use crate::{Error, Tx};

pub use contents::{Numbers, Payment};

/// How an order item, or a term that it gave, stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Known, but nothing has been issued yet.
    Waiting,
    /// Paid.
    Standing,
    /// Fully refunded.
    Refunded,
    /// Charged back.
    ChargedBack,
    /// Declined after all.
    Declined,
    /// Held back by a discount that no renewal proves, until staff release it.
    Held,
}

impl Standing {
    const ALL: [Self; 6] =
        [Self::Waiting, Self::Standing, Self::Refunded, Self::ChargedBack, Self::Declined, Self::Held];

    /// The word in tables and pages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Standing => "standing",
            Self::Refunded => "refunded",
            Self::ChargedBack => "charged back",
            Self::Declined => "declined",
            Self::Held => "held",
        }
    }

    pub(crate) fn from_word(word: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|s| s.word() == word).ok_or(Error::Unknown("standing"))
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
    pub standing: Standing,
    /// Why staff should look; empty for no reason.
    pub flag: String,
    numbers: Vec<u8>,
    payment: Vec<u8>,
    custom: Vec<u8>,
    acted: Vec<u8>,
}

statements! {
    GET = "SELECT id, slot, product, quantity, placed_day, test, standing, flag, numbers, payment, custom, acted \
           FROM orders WHERE id = $1";
    OF = "SELECT id, slot, product, quantity, placed_day, test, standing, flag, numbers, payment, custom, acted \
          FROM orders WHERE slot = $1 ORDER BY placed_day, id";
    ADD = "INSERT INTO orders (id, slot, product, quantity, placed_day, test, standing, flag, numbers, payment, custom, \
           acted) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    STANDING = "UPDATE orders SET standing = $2 WHERE id = $1";
    FLAG = "UPDATE orders SET flag = $2 WHERE id = $1";
    ACTED = "UPDATE orders SET acted = $2 WHERE id = $1";
    PAYMENT = "UPDATE orders SET payment = $2 WHERE id = $1";
    MOVE = "UPDATE orders SET slot = $2, numbers = $3, payment = $4, custom = $5, acted = $6 WHERE id = $1";
    MOVE_GRANTS = "UPDATE grants SET slot = $2 WHERE order_id = $1";
    FLAGGED = "SELECT COUNT(*) FROM orders WHERE flag <> ''";
}

fn order(row: &AnyRow) -> Result<Order, Error> {
    let number = |column: &str| -> Result<i64, Error> { Ok(row.try_get(column)?) };
    Ok(Order {
        id: number("id")?,
        slot: slot(number("slot")?),
        product: u8::try_from(number("product")?).map_err(|_| Error::Unknown("orders.product"))?,
        quantity: u32::try_from(number("quantity")?).map_err(|_| Error::Unknown("orders.quantity"))?,
        placed_day: number("placed_day")?,
        test: number("test")? != 0,
        standing: Standing::from_word(&row.try_get::<String, _>("standing")?)?,
        flag: row.try_get("flag")?,
        numbers: row.try_get("numbers")?,
        payment: row.try_get("payment")?,
        custom: row.try_get("custom")?,
        acted: row.try_get("acted")?,
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
    pub standing: Standing,
    /// Why staff should look; empty for no reason.
    pub flag: &'a str,
    /// The provider's numbers.
    pub numbers: &'a Numbers,
    /// Part of the payment.
    pub payment: &'a Payment,
    /// Listed custom fields, as `name=value` lines.
    pub custom: &'a str,
    /// Identities of the notices that have acted, 16 bytes each.
    pub acted: &'a [u8],
}

impl Tx {
    /// The order item of a row number.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn order(&mut self, id: i64) -> Result<Option<Order>, Error> {
        one!(self, GET, id)?.as_ref().map(order).transpose()
    }

    /// All order items of a buyer, oldest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn orders_of(&mut self, of: Slot) -> Result<Vec<Order>, Error> {
        all!(self, OF, column(of))?.iter().map(order).collect()
    }

    /// Adds an order item and returns its row number.
    ///
    /// # Errors
    /// When the database or the keyring is away.
    pub async fn add_order(&mut self, new: &NewOrder<'_>) -> Result<i64, Error> {
        let id = random_id()?;
        self.gather(
            ADD,
            [
                Cell::from(id),
                Cell::from(column(new.slot)),
                Cell::from(i64::from(new.product)),
                Cell::from(i64::from(new.quantity)),
                Cell::from(new.placed_day),
                Cell::from(i64::from(new.test)),
                Cell::from(new.standing.word()),
                Cell::from(new.flag),
                Cell::sealing::<OrderNumbers>(new.slot, id, new.numbers.to_text().as_bytes()),
                Cell::sealing::<OrderPayment>(new.slot, id, new.payment.to_text().as_bytes()),
                Cell::sealing::<OrderCustom>(new.slot, id, new.custom.as_bytes()),
                Cell::sealing::<OrderActed>(new.slot, id, new.acted),
            ],
        );
        Ok(id)
    }

    /// Writes the identities of the notices that have acted.
    ///
    /// # Errors
    /// When the database or the keyring is away.
    pub async fn set_acted(&mut self, of: &Order, acted: &[u8]) -> Result<(), Error> {
        let acted = self.seal::<OrderActed>(of.slot, of.id, acted)?;
        run!(self, ACTED, of.id, acted)?;
        Ok(())
    }

    /// Writes how an order item stands.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn set_order_standing(&mut self, id: i64, standing: Standing) -> Result<(), Error> {
        run!(self, STANDING, id, standing.word())?;
        Ok(())
    }

    /// Writes why staff should look at an order item; empty for no reason.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn flag_order(&mut self, id: i64, flag: &str) -> Result<(), Error> {
        run!(self, FLAG, id, flag)?;
        Ok(())
    }

    /// Writes a newer part of the payment.
    ///
    /// # Errors
    /// When the database or the keyring is away.
    pub async fn set_payment(&mut self, of: &Order, payment: &Payment) -> Result<(), Error> {
        let payment = self.seal::<OrderPayment>(of.slot, of.id, payment.to_text().as_bytes())?;
        run!(self, PAYMENT, of.id, payment)?;
        Ok(())
    }

    /// Moves an order item to another person: everything in it is sealed anew under their slot.
    ///
    /// # Errors
    /// When something of it doesn't open, or the database or the keyring is away.
    pub async fn move_order<P: Purpose>(
        &mut self,
        of: &Order,
        to: Slot,
        leave: &Permit<P>,
    ) -> Result<(), Error>
    where
        OrderNumbers: OpenFor<P>,
        OrderPayment: OpenFor<P>,
        OrderCustom: OpenFor<P>,
        OrderActed: OpenFor<P>,
    {
        let numbers = self.open_numbers(of, leave)?;
        let payment = self.open_payment(of, leave)?;
        let custom = self.open_custom(of, leave)?;
        let acted = self.open_acted(of, leave)?;
        let numbers = self.seal::<OrderNumbers>(to, of.id, numbers.to_text().as_bytes())?;
        let payment = self.seal::<OrderPayment>(to, of.id, payment.to_text().as_bytes())?;
        let custom = self.seal::<OrderCustom>(to, of.id, custom.as_ref().map_or(&[], |c| c.bytes()))?;
        let acted = self.seal::<OrderActed>(to, of.id, &acted)?;
        run!(self, MOVE, of.id, column(to), numbers, payment, custom, acted)?;
        run!(self, MOVE_GRANTS, of.id, column(to))?;
        Ok(())
    }

    /// How many order items wait for staff to look.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn count_flagged_orders(&mut self) -> Result<i64, Error> {
        Ok(one!(self, FLAGGED)?.map_or(Ok(0), |row| row.try_get(0))?)
    }
}
