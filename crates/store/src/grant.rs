//! Terms of licences that order items gave.

use keyring::Slot;
use licence::Serial;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::columns;
use crate::ids::{OrderId, TermNumber};
use crate::tx::{fetch_all, slot_to_i64, statements};
use crate::{Error, Tx};

/// A term of a licence that an order item gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grant {
    /// The order item's row.
    pub order: OrderId,
    /// Licence number.
    pub serial: Serial,
    /// Number of the licence's term.
    pub term: TermNumber,
}

statements! {
    GRANT = "INSERT INTO grants (order_id, slot, serial, term) VALUES ($1, $2, $3, $4)";
    GRANTS = "SELECT order_id, serial, term FROM grants WHERE order_id = $1 ORDER BY serial, term";
    ORDER_OF_SERIAL = "SELECT order_id, serial, term FROM grants WHERE serial = $1 ORDER BY term, order_id";
    GRANTS_OF_SLOT = "SELECT order_id, serial, term FROM grants WHERE slot = $1 ORDER BY order_id, serial, term";
}

fn grant(row: &AnyRow) -> Result<Grant, Error> {
    Ok(Grant {
        order: row.try_get(0)?,
        serial: columns::serial_at(row, 1, "grants.serial")?,
        term: row.try_get(2)?,
    })
}

impl Tx {
    /// Records that an order item gave a term.
    pub async fn add_grant(&mut self, buyer: Slot, grant: &Grant) -> Result<(), Error> {
        let row = [grant.order.into(), slot_to_i64(buyer).into(), grant.serial.into(), grant.term.into()];
        self.queue_insert(GRANT, row);
        Ok(())
    }

    /// Returns the terms that an order item gave.
    pub async fn grants(&mut self, order: OrderId) -> Result<Vec<Grant>, Error> {
        fetch_all!(self, GRANTS, order)?.iter().map(grant).collect()
    }

    /// Returns the terms that all order items of a buyer gave.
    pub async fn grants_of(&mut self, buyer: Slot) -> Result<Vec<Grant>, Error> {
        fetch_all!(self, GRANTS_OF_SLOT, slot_to_i64(buyer))?.iter().map(grant).collect()
    }

    /// Returns the order items that gave terms of a licence. Orders of erased persons are not included.
    pub async fn grants_of_serial(&mut self, serial: Serial) -> Result<Vec<Grant>, Error> {
        fetch_all!(self, ORDER_OF_SERIAL, serial)?.iter().map(grant).collect()
    }
}
