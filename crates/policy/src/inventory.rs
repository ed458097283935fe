//! Every table and column: what it holds, why, for how long, and for which purposes it opens.
//!
//! The lists in [`sealed`] and [`plain`] are the only place where this is written. The schema is compared with
//! them both ways, erasure and sweeping take their tables from [`TABLES`], the proof and the privacy page are
//! made from them, and the compiler reads [`OpenFor`].

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
    /// A value about a person: sealed under that person's slot; each opening is in the journal.
    Personal,
    /// Sealed as well, but there is nothing in it to read about a person (indexes, signing keys).
    Secret,
    /// In clear: about licences, products or the program, not about a person.
    Plain,
    /// In clear: a slot's number or a random one that links rows while the person lives.
    Pseudonym,
    /// In clear: a keyed or plain hash that can't be turned back.
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
    /// What it is and why it is kept, in one sentence.
    pub why: &'static str,
    /// Ids of the purposes for which it opens; empty for what lies in clear.
    pub opens_for: &'static [&'static str],
}

/// What happens to a table's rows when a slot is forgotten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnForgetting {
    /// Rows whose column of this name holds the slot are deleted.
    Delete(&'static str),
    /// Rows stay: what they say about the person is sealed under the forgotten slot and unreadable.
    StaysUnreadable(&'static str),
    /// The table holds nothing of any person.
    Untouched,
}

/// A table, as erasure sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Table {
    /// Name in the schema.
    pub name: &'static str,
    /// What one row is.
    pub row: &'static str,
    /// How long a row is kept, in words for the privacy page.
    pub kept: &'static str,
    /// What forgetting a slot does to it.
    pub on_forgetting: OnForgetting,
}

/// A sealed column, as a type: the vault binds ciphertext to it and the compiler checks its openings.
pub trait Field: Send + Sync + 'static {
    /// The column's line in the inventory.
    const COLUMN: Column;
    /// Sub-key of the slot under which it is sealed, so that code which may open one compartment holds no key
    /// of another.
    const COMPARTMENT: &'static str;
}

/// The field may be opened for purpose `P`. What isn't written here does not compile.
#[diagnostic::on_unimplemented(
    message = "the inventory does not allow opening `{Self}` for the purpose `{P}`",
    label = "not a purpose of this field",
    note = "the closed list is policy::inventory::sealed"
)]
pub trait OpenFor<P: Purpose>: Field {}

/// The inventory's line for a column of the live schema, if it knows the column.
#[must_use]
pub fn find(table: &str, column: &str) -> Option<&'static Column> {
    SEALED.iter().chain(PLAIN).find(|c| c.table == table && c.column == column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_column_is_listed_once_and_stands_in_a_listed_table() {
        let mut seen = BTreeSet::new();
        for column in SEALED.iter().chain(PLAIN) {
            assert!(seen.insert((column.table, column.column)), "{column:?} twice");
            assert!(TABLES.iter().any(|t| t.name == column.table), "{column:?} in no table");
        }
        for table in TABLES {
            assert!(seen.iter().any(|(t, _)| *t == table.name), "{} has no column", table.name);
        }
    }

    #[test]
    fn a_table_with_personal_values_says_what_forgetting_does_to_it() {
        for column in SEALED.iter().filter(|c| c.holds == Holds::Personal) {
            let table = TABLES.iter().find(|t| t.name == column.table).unwrap();
            assert_ne!(table.on_forgetting, OnForgetting::Untouched, "{column:?}");
        }
    }

    #[test]
    fn what_is_sealed_opens_for_something_and_what_is_plain_for_nothing() {
        assert!(SEALED.iter().all(|c| !c.opens_for.is_empty()));
        assert!(PLAIN.iter().all(|c| c.opens_for.is_empty()));
    }
}
