//! The rows of all tables, read through a backup: on either engine, without SQL.

use std::collections::BTreeMap;

use serde_json::Value;
use store::Db;

use super::block_on;

/// A row by its columns.
pub type Row = BTreeMap<String, Value>;

/// Every row of every table.
pub struct DatabaseRows(BTreeMap<String, Vec<Row>>);

impl DatabaseRows {
    pub fn read(db: &Db) -> Self {
        let mut text = Vec::new();
        block_on(db.write_backup(&mut text)).expect("a backup");
        Self::parse(&text)
    }

    pub fn parse(backup: &[u8]) -> Self {
        let mut tables = BTreeMap::new();
        let mut filling: Option<(String, Vec<String>)> = None;
        let words = |v: &Value| {
            v.as_array().expect("a list").iter().map(|c| c.as_str().expect("a name").to_owned()).collect()
        };
        for line in std::str::from_utf8(backup).expect("lines of JSON").lines().skip(1) {
            let value: Value = serde_json::from_str(line).expect("JSON");
            if let Some(table) = value.get("table") {
                let table = table.as_str().expect("a name").to_owned();
                tables.insert(table.clone(), Vec::new());
                filling = Some((table, words(&value["columns"])));
            } else if let (Some(cells), Some((table, columns))) = (value.as_array(), &filling) {
                let row = columns.iter().cloned().zip(cells.iter().cloned()).collect();
                tables.get_mut(table).expect("begun").push(row);
            }
        }
        Self(tables)
    }

    pub fn rows(&self, table: &str) -> &[Row] {
        self.0.get(table).unwrap_or_else(|| panic!("no table {table}"))
    }

    pub fn count(&self, table: &str) -> usize {
        self.rows(table).len()
    }

    /// Returns the number of rows of each table, except the tables that reads and the program's own jobs change.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        const CHANGED_BY_READS: [&str; 4] = ["audit_entry", "audit_link", "counter", "meta"];
        let counted = self.0.iter().filter(|(name, _)| !CHANGED_BY_READS.contains(&name.as_str()));
        counted.map(|(name, rows)| (name.clone(), rows.len())).collect()
    }
}
