//! How much one address may add to a minute. A row of counters, each for the addresses that a key of this minute leads to
//! it; key and counters are gone with the minute.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::limits::network;

/// Counters, so that two addresses seldom share one: 128 kB.
const PLACES: usize = 1 << 16;
/// Requests of one address that count in a minute: an office behind one address stays below it, a flood doesn't.
const MOST: u16 = 600;

/// The minute's counters.
pub(super) struct Rate(Mutex<Minute>);

struct Minute {
    /// Minutes since 1970.
    of: i64,
    key: RandomState,
    counters: Box<[u16]>,
}

impl Default for Rate {
    fn default() -> Self {
        let counters = vec![0; PLACES].into_boxed_slice();
        Self(Mutex::new(Minute { of: 0, key: RandomState::new(), counters }))
    }
}

impl Rate {
    /// Whether one more request of this address counts at second `at`.
    pub(super) fn allows(&self, address: IpAddr, at: i64) -> bool {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        minute.turn(at);
        let place = minute.key.hash_one(network(address)) as usize % PLACES;
        let counter = &mut minute.counters[place];
        *counter = counter.saturating_add(1);
        *counter <= MOST
    }

    /// Forgets a minute that is over, should nobody come any more.
    pub(super) fn forget(&self, at: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).turn(at);
    }
}

impl Minute {
    fn turn(&mut self, at: i64) {
        let minute = at.div_euclid(60);
        if self.of != minute {
            self.of = minute;
            self.key = RandomState::new();
            self.counters.fill(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, PLACES, Rate};

    #[test]
    fn a_flood_from_one_address_stops_counting_until_the_minute_is_over() {
        let rate = Rate::default();
        let (one, other) = ("2001:db8::1".parse().unwrap(), "192.0.2.1".parse().unwrap());
        let counted = (0..10_000).filter(|_| rate.allows(one, 120)).count();
        assert_eq!(counted, usize::from(MOST));
        assert!(!rate.allows("2001:db8::ffff".parse().unwrap(), 179), "the same household");
        assert!(rate.allows(other, 179) && rate.allows(one, 180));
        rate.forget(240);
        let minute = rate.0.lock().unwrap();
        assert!(minute.counters.iter().all(|counter| *counter == 0), "nothing is left of the minute");
        assert_eq!(minute.counters.len(), PLACES);
    }
}
