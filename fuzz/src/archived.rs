use analytics::Archived;

/// A published table, damaged where it is kept. Reading never panics; what is read has one form, and adds to itself.
pub fn archived(input: &[u8]) {
    let Ok(mut table) = Archived::from_bytes(input) else { return };
    assert_eq!(table.to_bytes(), input, "two forms of one table");
    let rows = table.rows.len();
    table.add(&table.clone());
    assert_eq!(table.rows.len(), rows, "a word came twice");
}
