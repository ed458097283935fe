//! Archived tables decode to themselves, and their sums are those of the published days.

use std::collections::HashMap;

use analytics::{ArchivedTable, Dimension, Figures, Row, Table, TableSum};
use proptest::prelude::*;

fn figures() -> impl Strategy<Value = Figures> {
    (1..1_000_000_u64, 1..1_000_000_u64).prop_map(|(views, visitors)| Figures { views, visitors })
}

fn archived() -> impl Strategy<Value = ArchivedTable> {
    // Some values with neighbouring numbers, some far apart.
    let words = prop_oneof![4 => 0..300_u32, 1 => any::<u32>()];
    let rows = prop::collection::btree_map(words, figures(), 0..80);
    (rows, figures(), any::<u64>(), 0..400_u32).prop_map(|(rows, total, evicted_views, days)| ArchivedTable {
        total,
        evicted_views: evicted_views / 1_000,
        days,
        rows: rows.into_iter().collect(),
    })
}

fn table() -> impl Strategy<Value = Table> {
    let row = ("[a-f]{1,2}", figures());
    (prop::collection::hash_map("[a-f]{1,2}", row, 0..30), figures()).prop_map(|(rows, total)| {
        let rows = rows.into_iter().map(|(value, (_, figures))| Row { value, figures });
        Table { total, rows: rows.collect(), evicted_views: 10, days: 1, ..Table::empty(Dimension::Page) }
    })
}

proptest! {
    #[test]
    fn a_table_decodes_to_itself_and_encodes_to_the_same_bytes(of in archived()) {
        let bytes = of.to_bytes();
        let again = ArchivedTable::from_bytes(&bytes).unwrap();
        prop_assert_eq!(again.to_bytes(), bytes);
        prop_assert_eq!(again, of);
    }

    #[test]
    fn a_truncated_table_is_refused(of in archived(), cut: usize) {
        let bytes = of.to_bytes();
        prop_assert!(ArchivedTable::from_bytes(&bytes[..cut % bytes.len()]).is_err());
        prop_assert!(ArchivedTable::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn a_damaged_table_is_refused_or_decodes_with_one_encoding(of in archived(), at: usize, value: u8) {
        let mut bytes = of.to_bytes();
        let at = at % bytes.len();
        bytes[at] = value;
        if let Ok(other) = ArchivedTable::from_bytes(&bytes) {
            prop_assert_eq!(other.to_bytes(), bytes);
        }
    }

    #[test]
    fn arbitrary_bytes_are_refused_or_decode_with_one_encoding(mut bytes: Vec<u8>) {
        if let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        if let Ok(read) = ArchivedTable::from_bytes(&bytes) {
            prop_assert_eq!(read.to_bytes(), bytes);
        }
    }

    #[test]
    fn tables_add_up_in_any_order_and_by_either_method(all in prop::collection::vec(archived(), 0..6)) {
        let mut expected = HashMap::<u32, (u64, u64)>::new();
        for (word, figures) in all.iter().flat_map(|of| &of.rows) {
            let sum = expected.entry(*word).or_default();
            *sum = (sum.0 + figures.views, sum.1 + figures.visitors);
        }
        let (mut added, mut sum, mut of_bytes) = (ArchivedTable::default(), TableSum::default(), TableSum::default());
        all.iter().for_each(|of| added.add(of));
        all.iter().rev().for_each(|of| sum.add(of));
        all.iter().for_each(|of| of_bytes.add_bytes(&of.to_bytes()).unwrap());
        let (sum, of_bytes) = (sum.finish(), of_bytes.finish());
        prop_assert_eq!(&sum, &added);
        prop_assert_eq!(&of_bytes, &added);
        prop_assert!(added.rows.windows(2).all(|pair| pair[0].0 < pair[1].0));
        prop_assert_eq!(added.days, all.iter().map(|of| of.days).sum::<u32>());
        prop_assert_eq!(added.total.views, all.iter().map(|of| of.total.views).sum::<u64>());
        let found: HashMap<_, _> = added.rows.iter().map(|(w, f)| (*w, (f.views, f.visitors))).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_period_of_archived_days_is_the_sum_of_the_published_tables(days in prop::collection::vec(table(), 0..6)) {
        let mut words = Vec::<String>::new();
        let mut number = |word: &str| {
            let at = words.iter().position(|known| known == word).unwrap_or_else(|| {
                words.push(word.to_owned());
                words.len() - 1
            });
            // Words are numbered as in a store: by arrival, among the words of other sites.
            u32::try_from(3 * at + 7).unwrap()
        };
        let mut sum = TableSum::default();
        days.iter().for_each(|day| sum.add(&ArchivedTable::from_table(day, &mut number)));
        let sum = sum.finish();
        let published = Table::sum(Dimension::Page, &days);
        prop_assert_eq!((sum.total, sum.evicted_views, sum.days), (published.total, published.evicted_views, published.days));
        prop_assert_eq!(sum.rows.len(), published.rows.len());
        for row in &published.rows {
            let at = sum.rows.binary_search_by_key(&number(&row.value), |(word, _)| *word).unwrap();
            prop_assert_eq!(sum.rows[at].1, row.figures);
        }
    }
}

#[test]
fn a_table_of_another_format_version_is_refused() {
    let bytes = ArchivedTable::default().to_bytes();
    assert_eq!(bytes, [1, 0, 0, 0, 0, 0]);
    for form in [0, 2, 255] {
        assert!(ArchivedTable::from_bytes(&[&[form], &bytes[1..]].concat()).is_err());
    }
    assert!(TableSum::default().add_bytes(&[]).is_err());
    // A million rows announced, none present.
    assert!(ArchivedTable::from_bytes(&[1, 0, 0, 0, 0, 0xc0, 0x84, 0x3d]).is_err());
    // A value twice.
    assert!(ArchivedTable::from_bytes(&[1, 0, 0, 0, 0, 2, 5, 10, 5, 0, 10, 5]).is_err());
}
