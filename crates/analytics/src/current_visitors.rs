//! Estimates how many visitors are on the site now: in the last five minutes, in memory only.

use calendar::Timestamp;

use crate::{Sketch, Visitor};

/// Minutes that count as "now".
const MINUTES: u64 = 5;

/// One sketch for each of the last minutes (since 1970), from a quarter of a kilobyte each.
pub struct CurrentVisitors {
    minutes: [(u64, Sketch); MINUTES as usize],
}

impl Default for CurrentVisitors {
    fn default() -> Self {
        Self { minutes: std::array::from_fn(|_| (0, Sketch::new(10))) }
    }
}

impl CurrentVisitors {
    /// Records a visitor at a moment.
    pub fn record(&mut self, at: Timestamp, visitor: Visitor) {
        let minute = minute(at);
        let (slot_minute, people) = &mut self.minutes[(minute % MINUTES) as usize];
        if *slot_minute != minute {
            (*slot_minute, *people) = (minute, Sketch::new(10));
        }
        people.add(visitor.0);
    }

    /// Number of visitors in the five minutes up to that of `at`, rounded down to a multiple of `step`. Fewer than `step`
    /// visitors give 0, so polling shows no single person come or go.
    pub fn visitors(&self, at: Timestamp, step: u64) -> u64 {
        let minute = minute(at);
        let mut people = Sketch::new(10);
        for (slot_minute, sketch) in &self.minutes {
            if *slot_minute <= minute && slot_minute + MINUTES > minute {
                people.merge(sketch);
            }
        }
        let count = people.count();
        count - count % step.max(1)
    }
}

/// Minutes since 1970.
fn minute(at: Timestamp) -> u64 {
    at.to_unix_seconds().div_euclid(60).cast_unsigned()
}

#[cfg(test)]
mod tests {
    use calendar::Timestamp;

    use super::CurrentVisitors;
    use crate::Visitor;

    #[test]
    fn visitors_count_for_five_minutes_and_are_rounded_down() {
        let mut now = CurrentVisitors::default();
        let minute = |number: i64| Timestamp::from_unix_seconds(60 * number);
        for person in 0..7 {
            now.record(minute(1_000), Visitor::synthetic(person));
            now.record(minute(1_001), Visitor::synthetic(person));
        }
        assert_eq!(now.visitors(minute(1_001), 5), 5);
        assert_eq!(now.visitors(minute(1_005), 1), 7);
        assert_eq!(now.visitors(minute(1_006), 1), 0);
        now.record(minute(1_010), Visitor::synthetic(1));
        assert_eq!((now.visitors(minute(1_010), 5), now.visitors(minute(1_010), 1)), (0, 1));
    }
}
