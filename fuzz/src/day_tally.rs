use analytics::{DayTallies, DisclosureThresholds, Tally, apply_disclosure_control};

/// Decodes a damaged state of a day. It never panics. A decoded tally has one encoding, merges with itself to itself,
/// and publishes only multiples of k.
pub fn day_tally(input: &[u8]) {
    let Ok(tally) = Tally::from_bytes(input) else { return };
    assert_eq!(tally.to_bytes(), input, "a tally has two encodings");
    let mut day = DayTallies::new();
    day.insert(1, tally.clone());
    day.insert(1, tally);
    for table in apply_disclosure_control(&day.total(), DisclosureThresholds::default()).staff {
        let rows = table.rows.iter().map(|row| row.figures).chain([table.total]);
        for figures in rows {
            assert!(figures.views % 5 == 0 && figures.visitors % 5 == 0 && figures.visitors <= figures.views);
        }
    }
}
