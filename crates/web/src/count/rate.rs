//! How much one address may add to a minute. A row of counters, each for the addresses that a key of this minute leads to
//! it; key and counters are gone with the minute.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arc_swap::{ArcSwap, Guard};

use crate::limits::network;

/// Counters, so that two addresses seldom share one: 256 kB.
const PLACES: usize = 1 << 16;
/// Requests of one address that count in a minute: an office behind one address stays below it, a flood doesn't.
const MOST: u32 = 600;

/// The minute's counters.
pub(super) struct Rate(ArcSwap<Minute>);

struct Minute {
    /// Minutes since 1970.
    of: i64,
    key: RandomState,
    counters: Box<[AtomicU32]>,
}

impl Default for Rate {
    fn default() -> Self {
        Self(ArcSwap::from_pointee(Minute::begin(0)))
    }
}

impl Rate {
    /// Whether one more request of this address counts at second `at`.
    pub(super) fn allows(&self, address: IpAddr, at: i64) -> bool {
        let minute = self.turn(at);
        let place = minute.key.hash_one(network(address)) as usize % PLACES;
        minute.counters[place].fetch_add(1, Ordering::Relaxed) < MOST
    }

    /// Forgets a minute that is over, should nobody come any more.
    pub(super) fn forget(&self, at: i64) {
        drop(self.turn(at));
    }

    /// The minute of second `at`.
    fn turn(&self, at: i64) -> Guard<Arc<Minute>> {
        let of = at.div_euclid(60);
        let minute = self.0.load();
        if minute.of == of {
            return minute;
        }
        let fresh = Arc::new(Minute::begin(of));
        self.0.rcu(|minute| Arc::clone(if minute.of == of { minute } else { &fresh }));
        self.0.load()
    }
}

impl Minute {
    fn begin(of: i64) -> Self {
        Self { of, key: RandomState::new(), counters: (0..PLACES).map(|_| AtomicU32::new(0)).collect() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::{MOST, PLACES, Rate};

    #[test]
    fn a_flood_from_one_address_stops_counting_until_the_minute_is_over() {
        let rate = Rate::default();
        let (one, other) = ("2001:db8::1".parse().unwrap(), "192.0.2.1".parse().unwrap());
        let counted = (0..10_000).filter(|_| rate.allows(one, 120)).count();
        assert_eq!(counted, MOST as usize);
        assert!(!rate.allows("2001:db8::ffff".parse().unwrap(), 179), "the same household");
        assert!(rate.allows(other, 179) && rate.allows(one, 180));
        rate.forget(240);
        let minute = rate.0.load();
        let left = minute.counters.iter().any(|counter| counter.load(Ordering::Relaxed) != 0);
        assert!(!left, "nothing is left of the minute");
        assert_eq!(minute.counters.len(), PLACES);
    }
}
