use super::*;

#[test]
fn the_digits_give_the_slot_back_and_choose_the_tree() {
    for (slot, tree) in [(0, 0), (127, 0), (128, 1), (16_383, 1), (16_384, 2), (1 << 62, 8), (u64::MAX, 9)] {
        let digits = Slot(slot).digits();
        assert_eq!(digits.tree(), tree);
        assert_eq!(digits.as_slice().iter().fold(0u64, |n, d| n << 7 | u64::from(*d)), slot);
    }
}

#[test]
fn year_slots_can_be_forgotten_and_the_programs_own_slots_cannot() {
    assert_eq!(Slot::year(2025), Slot(4121));
    assert_eq!(Slot::year(2025).as_year(), Some(2025));
    assert!(Slot::year(i32::MIN).is_erasable() && Slot::year(i32::MAX) < Slot::FIRST_ALLOCATED);
    for own in [Slot::INDEX, Slot::AUDIT_LOG, Slot::SIGNING, Slot::TAGS, Slot::EMAILS] {
        assert!(!own.is_erasable());
    }
}

#[test]
fn only_years_and_allocated_slots_can_be_forgotten() {
    let (first, last) = (Slot::year(2000).0, Slot::year(9999).0);
    for (slot, erasable) in [
        (0, false),
        (5, false),
        (first - 1, false),
        (first, true),
        (last, true),
        (last + 1, false),
        (Slot::FIRST_ALLOCATED.0 - 1, false),
        (Slot::FIRST_ALLOCATED.0, true),
        (Slot::LAST.0, true),
        (Slot::LAST.0 + 1, false),
        (u64::MAX, false),
    ] {
        assert_eq!(Slot(slot).is_erasable(), erasable, "{slot}");
    }
}

#[test]
fn each_year_has_a_slot_of_its_own_and_years_outside_share_the_ends() {
    for (year, of) in [
        (i32::MIN, 2000),
        (1999, 2000),
        (2000, 2000),
        (2001, 2001),
        (9998, 9998),
        (9999, 9999),
        (10_000, 9999),
        (i32::MAX, 9999),
    ] {
        assert_eq!(Slot::year(year), Slot(4096 + of - 2000), "{year}");
        assert_eq!(Slot::year(year).as_year(), Some(of as i32), "{year}");
    }
    for slot in [0, 4095, 4096 + 8_000, Slot::FIRST_ALLOCATED.0, u64::MAX] {
        assert_eq!(Slot(slot).as_year(), None, "{slot}");
    }
}

#[test]
fn a_slot_has_one_more_digit_at_each_power_of_128() {
    for power in 1..=9_u32 {
        let bound = 1_u64 << (7 * power);
        assert_eq!(Slot(bound - 1).digits().as_slice(), vec![127; power as usize], "128^{power} - 1");
        let mut first = vec![0; power as usize + 1];
        first[0] = 1;
        assert_eq!(Slot(bound).digits().as_slice(), first, "128^{power}");
        assert_eq!(
            (Slot(bound - 1).digits().tree() + 1, Slot(bound).digits().tree()),
            (power as usize, power as usize)
        );
    }
    assert_eq!(Slot(0).digits().as_slice(), [0]);
    assert_eq!(Slot(u64::MAX).digits().as_slice(), [1, 127, 127, 127, 127, 127, 127, 127, 127, 127]);
}
