use analytics::{Day, DisclosureThresholds, Tally, publish};

/// The state of a day, damaged before or after it was sealed. Reading never panics; what is read has one form, joins with
/// itself to itself, and publishes no number that isn't a multiple of k.
pub fn day_tally(input: &[u8]) {
    let Ok(tally) = Tally::from_bytes(input) else { return };
    assert_eq!(tally.to_bytes(), input, "two forms of one tally");
    let mut day = Day::new();
    day.take(1, tally.clone());
    day.take(1, tally);
    for table in publish(&day.total(), DisclosureThresholds::default()).own {
        let rows = table.rows.iter().map(|row| row.figures).chain([table.total]);
        for figures in rows {
            assert!(figures.views % 5 == 0 && figures.visitors % 5 == 0 && figures.visitors <= figures.views);
        }
    }
}
