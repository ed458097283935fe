//! Generates the year's notifications. The same seed gives the same file, so that a test can compare both.

use super::entry::{Entry, Event, Notification};

/// A small pseudorandom number generator (Marsaglia's xorshift, 2003), the same on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 33).expect("31 bits") % n
    }

    /// True once in `n` times on average.
    pub fn once_in(&mut self, n: i64) -> bool {
        self.below(n) == 0
    }

    pub fn shuffle<T>(&mut self, of: &mut [T]) {
        for i in (1..of.len()).rev() {
            let j = usize::try_from(self.below(i64::try_from(i).expect("short") + 1)).expect("small");
            of.swap(i, j);
        }
    }
}

/// Generates one order's notifications in chronological order.
fn order_history(chance: &mut Random, n: i64, day: i64) -> Vec<(i64, Notification)> {
    let base = Notification {
        order: (1000 + n).to_string(),
        item: (50_000 + n).to_string(),
        quantity: 1,
        placed: day,
        buyer: format!("buyer{:02}@example.org", chance.below(30)),
        ..Notification::default()
    };
    match chance.below(8) {
        0..=2 => bought_once(chance, base, day),
        3..=5 => subscription(chance, base, day, n),
        6 => trial(base, day),
        _ => rare_case(chance, base, day),
    }
}

fn kinds(base: &Notification, day: i64, kinds: &[(u32, i64)]) -> Vec<(i64, Notification)> {
    kinds.iter().map(|(kind, later)| (day + later, Notification { kind: *kind, ..base.clone() })).collect()
}

fn bought_once(chance: &mut Random, base: Notification, day: i64) -> Vec<(i64, Notification)> {
    let product = ["101", "104", "105"][usize::try_from(chance.below(3)).expect("small")];
    let mut base = Notification {
        product: product.into(),
        quantity: 1 + u32::try_from(chance.below(3)).expect("small"),
        ..base
    };
    if chance.once_in(3) {
        base.licensee = format!("licensee{}@example.org", chance.below(8));
    }
    if product == "105" {
        base.company = "Example-Works".into();
        base.discount = if chance.once_in(3) { "12.00".into() } else { String::new() };
    }
    let mut order_history = kinds(&base, day, &[(17, 0), (1, 0), (12, 0)]);
    match chance.below(8) {
        0 => order_history.extend(kinds(&base, day, &[(2, 20)])),
        1 => order_history.extend(kinds(&base, day, &[(3, 30)])),
        2 => order_history.extend(kinds(&base, day, &[(3, 30), (14, 60)])),
        3 => order_history.extend(kinds(&base, day, &[(4, 1)])),
        4 => order_history.extend(kinds(&Notification { amount: "5.00".into(), ..base }, day, &[(5, 9)])),
        5 => {
            // The buyer has this order alone: with several, the order of arrival would decide about the others.
            let old = format!("old{}@example.org", base.order);
            order_history.iter_mut().for_each(|(_, n)| n.buyer.clone_from(&old));
            let buyer = format!("new{}@example.org", base.order);
            order_history.extend(kinds(&Notification { buyer, ..base }, day, &[(15, 12)]));
        }
        _ => {}
    }
    order_history
}

fn subscription(chance: &mut Random, base: Notification, day: i64, n: i64) -> Vec<(i64, Notification)> {
    let base =
        Notification { product: "102".into(), subscription: (9000 + n).to_string(), until: day + 30, ..base };
    let mut order_history = kinds(&base, day, &[(1, 0), (12, 0)]);
    let charges = chance.below(5);
    for c in 1..=charges {
        let placed = day + 30 * c;
        let charge = Notification {
            order: format!("{}{c:03}", base.order),
            item: format!("{}{c:03}", base.item),
            placed,
            until: placed + 30,
            ..base.clone()
        };
        order_history.extend(kinds(&charge, placed, &[(6, 0)]));
        if chance.once_in(8) {
            order_history.extend(kinds(&charge, placed, &[(2, 5)]));
        }
    }
    let (end, paid) = (day + 30 * charges, day + 30 * (charges + 1));
    let now = Notification { until: paid, ..base.clone() };
    match chance.below(6) {
        0 => order_history.extend(kinds(&now, end, &[(7, 30), (8, 33)])),
        1 => order_history.extend(kinds(&now, end, &[(7, 30), (8, 33)]).into_iter().chain(kinds(
            &Notification { until: paid + 30, ..base },
            end,
            &[(9, 40)],
        ))),
        2 => order_history.extend(kinds(&Notification { until: 0, ..base }, end, &[(10, 3)])),
        3 => order_history.extend(kinds(
            &Notification { until: 0, finish: paid, ..base },
            end,
            &[(10, 3), (11, 30)],
        )),
        4 => order_history.extend(kinds(&Notification { last4: "1881".into(), ..now }, end, &[(21, 2)])),
        _ => {}
    }
    order_history
}

fn trial(base: Notification, day: i64) -> Vec<(i64, Notification)> {
    kinds(&Notification { product: "103".into(), until: day + 14, ..base }, day, &[(13, 0), (12, 0)])
}

/// Generates rare cases: an unknown product, a buyer who didn't pay, an order from before the horizon.
fn rare_case(chance: &mut Random, base: Notification, day: i64) -> Vec<(i64, Notification)> {
    match chance.below(3) {
        0 => kinds(&Notification { product: "199".into(), ..base }, day, &[(1, 0), (12, 0)]),
        1 => kinds(&Notification { product: "101".into(), ..base }, day, &[(16, 0), (17, 0)]),
        _ => {
            let placed = day - 800;
            let base = Notification { product: "101".into(), placed, resent: true, ..base };
            kinds(&base, day, &[(1, 0), (12, 0)])
        }
    }
}

/// Generates the notifications of a year in the order of arrival. Some come early, late or twice. Six persons are
/// erased, and all their notifications are resent.
pub fn year(seed: u64, orders: i64) -> Vec<Entry> {
    let mut chance = Random::new(seed);
    let mut entries: Vec<Entry> = Vec::new();
    for n in 0..orders {
        let day = 1 + chance.below(200);
        for (at, notification) in order_history(&mut chance, n, day) {
            // Suspension, resumption and disputes arrive in order.
            let orderly = matches!(notification.kind, 3 | 8 | 9 | 14);
            let late = if orderly { 3 } else { chance.below(7) };
            entries.push(Entry { day: at + late, event: Event::Notification(notification.clone()) });
            if chance.once_in(6) {
                let again = Notification { resent: chance.once_in(2), ..notification };
                entries.push(Entry { day: at + late + chance.below(20), event: Event::Notification(again) });
            }
        }
    }
    entries.sort_by_key(|entry| entry.day);
    let last = entries.last().map_or(0, |entry| entry.day);
    for n in 0..6 {
        let address = format!("buyer{:02}@example.org", n * 5);
        let day = 120 + 20 * n;
        let theirs = |l: &&Entry| matches!(&l.event, Event::Notification(m) if m.buyer == address);
        let again: Vec<Entry> = entries.iter().filter(|l| l.day <= day).filter(theirs).cloned().collect();
        let at = entries.partition_point(|l| l.day <= day);
        entries.insert(at, Entry { day, event: Event::Erase(address) });
        for entry in again {
            let Event::Notification(notification) = entry.event else { continue };
            // A refund after the erasure still revokes.
            entries.push(Entry {
                day: last + 1 + n,
                event: Event::Notification(Notification { resent: true, ..notification }),
            });
        }
    }
    entries.sort_by_key(|entry| entry.day);
    entries
}
