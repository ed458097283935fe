//! Accuracy and merging of the sketches that count distinct visitors.

use analytics::{Sketch, Visitor};
use proptest::prelude::*;

/// A set of different people.
pub fn people(range: std::ops::Range<u64>, precision: u8) -> Sketch {
    let mut sketch = Sketch::new(precision);
    range.for_each(|person| add(&mut sketch, person));
    sketch
}

fn add(sketch: &mut Sketch, person: u64) {
    // The same hash as of a synthetic visitor.
    let mut mixed = person.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    sketch.add(mixed ^ (mixed >> 31));
}

#[test]
fn small_sets_are_counted_exactly() {
    for many in [0, 1, 4, 5, 9, 10, 100, 1_000] {
        assert_eq!(people(0..many, 12).count(), many);
    }
}

#[test]
fn large_sets_are_counted_within_the_documented_error() {
    let mut worst = [0.0_f64; 3];
    for seed in 0..12_u64 {
        for (place, (precision, bound)) in [(12, 0.055), (14, 0.028), (17, 0.01)].into_iter().enumerate() {
            let mut sketch = Sketch::new(precision);
            let mut counted = 0_u64;
            for many in [2_000, 5_000, 20_000, 100_000, 300_000] {
                while counted < many {
                    add(&mut sketch, seed << 32 | counted);
                    counted += 1;
                }
                let error = (sketch.count() as f64 / many as f64 - 1.0).abs();
                worst[place] = worst[place].max(error);
                assert!(error < bound, "{many} people at precision {precision}: {error}");
            }
        }
    }
    println!("worst errors at 2^12, 2^14 and 2^17 registers: {worst:.4?}");
}

#[test]
fn a_visitor_added_a_thousand_times_counts_once() {
    let mut sketch = Sketch::new(12);
    (0..1_000).for_each(|_| add(&mut sketch, 1));
    assert_eq!(sketch.count(), 1);
    let _: Visitor = Visitor::synthetic(1);
}

proptest! {
    #[test]
    fn merging_is_a_commutative_and_idempotent_union(
        a in 0..3_000_u64, b in 0..3_000_u64, c in 0..9_000_u64, d in 0..3_000_u64,
    ) {
        let one = people(a..a + b, 12);
        let two = people(c..c + d, 12);
        let mut union = Sketch::new(12);
        (a..a + b).chain(c..c + d).for_each(|person| add(&mut union, person));
        let merged = |first: &Sketch, second: &Sketch| {
            let mut sum = first.clone();
            sum.merge(second);
            sum.merge(second);
            sum.merge(first);
            sum
        };
        prop_assert!(merged(&one, &two) == union);
        prop_assert!(merged(&two, &one) == union);
    }
}
