//! Terms: the periods of time in a licence. They hold no personal data and are kept for ever.

use calendar::Day;
use licence::Serial;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::batch_insert::Cell;
use crate::columns;
use crate::ids::TermNumber;
use crate::order::PaymentStatus;
use crate::tx::{execute, fetch_all, statements};
use crate::{Error, Tx};

/// Origin of a term.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TermKind {
    /// The purchase for which the licence was created.
    Purchase,
    /// A charge of its subscription.
    Charge,
    /// A renewal of its updates.
    Renewal,
    /// Issued by staff.
    Manual,
}

impl TermKind {
    const ALL: [Self; 4] = [Self::Purchase, Self::Charge, Self::Renewal, Self::Manual];

    /// Returns the value stored in the table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Charge => "charge",
            Self::Renewal => "renewal",
            Self::Manual => "manual",
        }
    }

    fn parse(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|k| k.as_str() == name).ok_or(Error::Unknown("term.kind"))
    }
}

/// A row of `term`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Term {
    /// Number within the licence, from 1.
    pub number: TermNumber,
    /// Its origin.
    pub kind: TermKind,
    /// Day of the order that gave it.
    pub placed_day: Day,
    /// Length in months; 0 for no end (purchase), or if the provider names the day (charge).
    pub months: i64,
    /// Day that the term is paid until, if the provider names one.
    pub until_day: Option<Day>,
    pub payment_status: PaymentStatus,
    /// Payload of the key issued for it, which never changes; empty before the term was first paid.
    pub issued_key: Vec<u8>,
}

statements! {
    OF = "SELECT number, kind, placed_day, months, until_day, payment_status, issued_key FROM term WHERE serial = $1 ORDER BY number";
    ADD = "INSERT INTO term (serial, number, kind, placed_day, months, until_day, payment_status, issued_key) \
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    SET = "UPDATE term SET until_day = $3, payment_status = $4, issued_key = $5 WHERE serial = $1 AND number = $2";
}

fn term(row: &AnyRow) -> Result<Term, Error> {
    Ok(Term {
        number: row.try_get("number")?,
        kind: TermKind::parse(&row.try_get::<String, _>("kind")?)?,
        placed_day: columns::day(row, "term.placed_day")?,
        months: row.try_get("months")?,
        until_day: columns::optional_day(row, "term.until_day")?,
        payment_status: PaymentStatus::parse(row.try_get("payment_status")?, "term.payment_status")?,
        issued_key: row.try_get("issued_key")?,
    })
}

impl Tx {
    /// Returns all terms of a licence in order.
    pub async fn terms(&mut self, serial: Serial) -> Result<Vec<Term>, Error> {
        fetch_all!(self, OF, serial)?.iter().map(term).collect()
    }

    /// Adds a term under its number.
    pub async fn add_term(&mut self, serial: Serial, t: &Term) -> Result<(), Error> {
        self.queue_insert(
            ADD,
            [
                Cell::from(serial),
                Cell::from(t.number),
                Cell::from(t.kind.as_str()),
                Cell::from(t.placed_day),
                Cell::from(t.months),
                Cell::from(t.until_day),
                Cell::from(t.payment_status.as_str()),
                Cell::from(t.issued_key.clone()),
            ],
        );
        Ok(())
    }

    /// Updates the mutable columns of a term.
    pub async fn set_term(&mut self, serial: Serial, t: &Term) -> Result<(), Error> {
        execute!(self, SET, serial, t.number, t.until_day, t.payment_status.as_str(), &t.issued_key[..])?;
        Ok(())
    }
}
