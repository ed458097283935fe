//! Terms: the stretches of time that a licence was given. They hold nothing about a person and stay for ever.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::gather::Cell;
use crate::order::Standing;
use crate::tx::{all, run, statements};
use crate::{Error, Tx};

/// What gave a term.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TermKind {
    /// The purchase that founded the licence.
    Purchase,
    /// A charge of its subscription.
    Charge,
    /// A renewal of its updates.
    Renewal,
    /// Staff, by hand.
    Hand,
}

impl TermKind {
    const ALL: [Self; 4] = [Self::Purchase, Self::Charge, Self::Renewal, Self::Hand];

    /// The word in tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Charge => "charge",
            Self::Renewal => "renewal",
            Self::Hand => "by hand",
        }
    }

    fn from_word(word: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|k| k.word() == word).ok_or(Error::Unknown("term.kind"))
    }
}

/// A stretch of time that a licence was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Term {
    /// Number within the licence, from 1.
    pub n: i64,
    /// What gave it.
    pub kind: TermKind,
    /// Day of the order that gave it, since 1970.
    pub placed_day: i64,
    /// Months that it gives; 0 without end (purchase) or where the day says it (charge).
    pub months: i64,
    /// Day until which it was paid, where the provider said so; else 0.
    pub until_day: i64,
    /// How it stands.
    pub standing: Standing,
    /// Payload of the key that was answered for it, the same for ever; empty before it first stood.
    pub given_key: Vec<u8>,
}

statements! {
    OF = "SELECT n, kind, placed_day, months, until_day, standing, given_key FROM term WHERE serial = $1 ORDER BY n";
    ADD = "INSERT INTO term (serial, n, kind, placed_day, months, until_day, standing, given_key) \
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    SET = "UPDATE term SET until_day = $3, standing = $4, given_key = $5 WHERE serial = $1 AND n = $2";
}

fn term(row: &AnyRow) -> Result<Term, Error> {
    Ok(Term {
        n: row.try_get("n")?,
        kind: TermKind::from_word(&row.try_get::<String, _>("kind")?)?,
        placed_day: row.try_get("placed_day")?,
        months: row.try_get("months")?,
        until_day: row.try_get("until_day")?,
        standing: Standing::from_word(&row.try_get::<String, _>("standing")?)?,
        given_key: row.try_get("given_key")?,
    })
}

impl Tx {
    /// All terms of a licence, in their order.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn terms(&mut self, serial: i64) -> Result<Vec<Term>, Error> {
        all!(self, OF, serial)?.iter().map(term).collect()
    }

    /// Adds a term under the number that it carries.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn add_term(&mut self, serial: i64, t: &Term) -> Result<(), Error> {
        self.gather(
            ADD,
            [
                Cell::from(serial),
                Cell::from(t.n),
                Cell::from(t.kind.word()),
                Cell::from(t.placed_day),
                Cell::from(t.months),
                Cell::from(t.until_day),
                Cell::from(t.standing.word()),
                Cell::from(t.given_key.clone()),
            ],
        );
        Ok(())
    }

    /// Writes what may change of a term.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn set_term(&mut self, serial: i64, t: &Term) -> Result<(), Error> {
        run!(self, SET, serial, t.n, t.until_day, t.standing.word(), &t.given_key[..])?;
        Ok(())
    }
}
