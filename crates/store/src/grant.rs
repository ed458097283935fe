//! Terms of licences that order items gave.

use keyring::Slot;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::tx::{fetch_all, slot_to_i64, statements};
use crate::{Error, Tx};

/// A term of a licence that an order item gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grant {
    /// The order item's row.
    pub order: i64,
    /// Licence number.
    pub serial: i64,
    /// Number of the licence's term.
    pub term: i64,
}

statements! {
    GRANT = "INSERT INTO grants (order_id, slot, serial, term) VALUES ($1, $2, $3, $4)";
    GRANTS = "SELECT order_id, serial, term FROM grants WHERE order_id = $1 ORDER BY serial, term";
    ORDER_OF_SERIAL = "SELECT order_id, serial, term FROM grants WHERE serial = $1 ORDER BY term, order_id";
    GRANTS_OF_SLOT = "SELECT order_id, serial, term FROM grants WHERE slot = $1 ORDER BY order_id, serial, term";
}

fn grant(row: &AnyRow) -> Result<Grant, Error> {
    Ok(Grant { order: row.try_get(0)?, serial: row.try_get(1)?, term: row.try_get(2)? })
}

impl Tx {
    /// Records that an order item gave a term.
    pub async fn add_grant(&mut self, buyer: Slot, grant: &Grant) -> Result<(), Error> {
        self.queue_insert(GRANT, [grant.order, slot_to_i64(buyer), grant.serial, grant.term].map(Into::into));
        Ok(())
    }

    /// Returns the terms that an order item gave.
    pub async fn grants(&mut self, order: i64) -> Result<Vec<Grant>, Error> {
        fetch_all!(self, GRANTS, order)?.iter().map(grant).collect()
    }

    /// Returns the terms that all order items of a buyer gave.
    pub async fn grants_of(&mut self, buyer: Slot) -> Result<Vec<Grant>, Error> {
        fetch_all!(self, GRANTS_OF_SLOT, slot_to_i64(buyer))?.iter().map(grant).collect()
    }

    /// Returns the order items that gave terms of a licence. Orders of erased persons are not included.
    pub async fn grants_of_serial(&mut self, serial: i64) -> Result<Vec<Grant>, Error> {
        fetch_all!(self, ORDER_OF_SERIAL, serial)?.iter().map(grant).collect()
    }
}
