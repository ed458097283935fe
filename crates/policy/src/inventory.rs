//! The data inventory: for every table and column its content, the reason, the storage period, and the purposes
//! for which it opens (records of processing, GDPR Art. 30).
//!
//! The lists in [`sealed`] and [`plain`] are the only source. A test compares them with the live schema both
//! ways. Erasure and retention take their tables from [`TABLES`]. The proof and the privacy page are made from
//! them, and the compiler checks [`OpenFor`].

pub mod plain;
pub mod sealed;
mod tables;

pub use plain::PLAIN;
pub use sealed::SEALED;
pub use tables::TABLES;

use std::fmt;

use crate::Purpose;

/// The kind of data in a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holds {
    /// A value about a person: sealed under that person's slot. Each opening is in the audit log. Only `prove` tests
    /// values without an entry, and no value leaves its test.
    Personal,
    /// Sealed as well, but it reveals nothing about a person (indexes, signing keys).
    Secret,
    /// In clear: about licences, products or the program, not about a person.
    Plain,
    /// In clear: a slot number or a random number that links rows while the person exists.
    Pseudonym,
    /// In clear: a keyed or plain hash that cannot be reversed.
    Tag,
}

/// A column, as the proof and the privacy page show it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// Table name in the schema.
    pub table: &'static str,
    /// Column name in the schema.
    pub column: &'static str,
    /// The kind of data.
    pub holds: Holds,
    /// Its meaning and the reason for keeping it, in one sentence.
    pub description: &'static str,
    /// Ids of the purposes for which it opens; empty for columns in clear.
    pub opens_for: &'static [&'static str],
}

/// As `table.column`.
impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.column)
    }
}

/// What happens to the rows of a table when a slot is forgotten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnForgetting {
    /// Rows whose column of this name contains the slot are deleted.
    Delete(&'static str),
    /// Rows stay. Their data about the person is sealed under the forgotten slot and unreadable.
    StaysUnreadable(&'static str),
    /// The table contains no data of any person.
    Untouched,
}

/// A table, as erasure sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Table {
    /// Name in the schema.
    pub name: &'static str,
    /// The meaning of one row.
    pub row: &'static str,
    /// How long a row is kept, in words for the privacy page.
    pub kept: &'static str,
    /// What happens to its rows when a slot is forgotten.
    pub on_forgetting: OnForgetting,
}

/// A sealed column, as a type. The keyring binds the ciphertext to it, and the compiler checks its uses.
pub trait Field: Send + Sync + 'static {
    /// The column's entry in the inventory.
    const COLUMN: Column;
    /// The sub-key of the slot under which it is sealed. Code that may open one compartment holds no key of
    /// another.
    const COMPARTMENT: &'static str;
}

/// Allows opening the field for purpose `P`. Uses that are not listed do not compile.
#[diagnostic::on_unimplemented(
    message = "the inventory does not allow opening `{Self}` for the purpose `{P}`",
    label = "not a purpose of this field",
    note = "the closed list is policy::inventory::sealed"
)]
pub trait OpenFor<P: Purpose>: Field {}

/// Returns the inventory's entry for a column of the live schema, if the inventory lists the column.
#[must_use]
pub fn find_column(table: &str, column: &str) -> Option<&'static Column> {
    SEALED.iter().chain(PLAIN).find(|c| c.table == table && c.column == column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_column_is_listed_once_and_belongs_to_a_listed_table() {
        let mut seen = BTreeSet::new();
        for column in SEALED.iter().chain(PLAIN) {
            assert!(seen.insert((column.table, column.column)), "{column:?} twice");
            assert!(TABLES.iter().any(|t| t.name == column.table), "{column:?} belongs to no table");
        }
        for table in TABLES {
            assert!(seen.iter().any(|(t, _)| *t == table.name), "{} has no column", table.name);
        }
    }

    #[test]
    fn forgetting_a_slot_affects_every_table_with_personal_values() {
        for column in SEALED.iter().filter(|c| c.holds == Holds::Personal) {
            let table = TABLES.iter().find(|t| t.name == column.table).unwrap();
            assert_ne!(table.on_forgetting, OnForgetting::Untouched, "{column:?}");
        }
    }

    #[test]
    fn sealed_columns_have_purposes_and_plain_columns_have_none() {
        assert!(SEALED.iter().all(|c| !c.opens_for.is_empty()));
        assert!(PLAIN.iter().all(|c| c.opens_for.is_empty()));
    }
}
