//! The data inventory: every table and column, its meaning, the reason and period for which it is kept, and the
//! purposes for which it opens.
//!
//! [`sealed`] and [`plain`] are the only lists. A test compares the live schema with them in both directions. Erasure and
//! retention take their tables from [`TABLES`]. `prove` and the privacy page are made from the lists, and the compiler
//! checks [`OpenFor`].

pub mod plain;
pub mod sealed;
mod tables;

pub use plain::PLAIN;
pub use sealed::SEALED;
pub use tables::TABLES;

use crate::Purpose;

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holds {
    /// A value about a person, sealed under that person's key slot. Every opening is in the audit log.
    Personal,
    /// Also sealed, but not a value about a person, such as indexes and signing keys.
    Secret,
    /// Stored in clear: about licences, products or the program, not about a person.
    Plain,
    /// Stored in clear: a slot number or a random number that links rows until the person is erased.
    Pseudonym,
    /// Stored in clear: a keyed or plain hash that can't be inverted.
    Tag,
}

/// A column, as the proof and the privacy page show it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// Table name in the schema.
    pub table: &'static str,
    /// Column name in the schema.
    pub column: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// Its meaning and the reason for keeping it, in one sentence.
    pub description: &'static str,
    /// Ids of the purposes for which it opens; empty for a column in clear.
    pub opens_for: &'static [&'static str],
}

/// The effect on a table's rows when a key slot is forgotten (crypto-shredding).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnForgetting {
    /// Rows with the slot in the column of this name are deleted.
    Delete(&'static str),
    /// Rows stay. Their personal values are sealed under the forgotten slot and can no longer be opened.
    StaysUnreadable(&'static str),
    /// The table holds nothing about a person.
    Untouched,
}

/// A table, with the facts that erasure and the privacy page need.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Table {
    /// Name in the schema.
    pub name: &'static str,
    /// What one row stands for.
    pub row: &'static str,
    /// How long a row is kept, as a phrase for the privacy page.
    pub kept: &'static str,
    /// The effect of forgetting a slot.
    pub on_forgetting: OnForgetting,
}

/// A sealed column as a type. The keyring binds ciphertext to it (associated data), and the compiler checks its openings.
pub trait Field: Send + Sync + 'static {
    /// The column's entry in the inventory.
    const COLUMN: Column;
    /// Name of the slot's sub-key under which it is sealed. Code that may open one compartment holds no key of
    /// another.
    const COMPARTMENT: &'static str;
}

/// Allows opening the field for purpose `P`. Any other opening does not compile.
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
