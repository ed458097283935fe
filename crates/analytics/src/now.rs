//! How many people are on the site now: of the last five minutes, from memory, never written down.

use crate::{Sketch, Visitor};

/// Minutes that are "now".
const MINUTES: u64 = 5;

/// Sketches of the last minutes, a quarter of a kilobyte and more each.
pub struct Now {
    minutes: [(u64, Sketch); MINUTES as usize],
}

impl Default for Now {
    fn default() -> Self {
        Self { minutes: std::array::from_fn(|_| (0, Sketch::new(10))) }
    }
}

impl Now {
    /// Somebody is here, in this minute since 1970.
    pub fn seen(&mut self, minute: u64, visitor: Visitor) {
        let (of, people) = &mut self.minutes[(minute % MINUTES) as usize];
        if *of != minute {
            (*of, *people) = (minute, Sketch::new(10));
        }
        people.add(visitor.0);
    }

    /// How many people there were in the five minutes up to `minute`, rounded down to a multiple of `step`: fewer than
    /// that are nobody, so looking every second shows no single person come or go.
    pub fn visitors(&self, minute: u64, step: u64) -> u64 {
        let mut people = Sketch::new(10);
        for (of, seen) in &self.minutes {
            if *of <= minute && of + MINUTES > minute {
                people.merge(seen);
            }
        }
        let count = people.count();
        count - count % step.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::Now;
    use crate::Visitor;

    #[test]
    fn people_are_here_for_five_minutes_and_in_steps() {
        let mut now = Now::default();
        for person in 0..7 {
            now.seen(1_000, Visitor::made_up(person));
            now.seen(1_001, Visitor::made_up(person));
        }
        assert_eq!(now.visitors(1_001, 5), 5);
        assert_eq!(now.visitors(1_005, 1), 7);
        assert_eq!(now.visitors(1_006, 1), 0);
        now.seen(1_010, Visitor::made_up(1));
        assert_eq!((now.visitors(1_010, 5), now.visitors(1_010, 1)), (0, 1));
    }
}
