//! Limits how many requests of one address count in a minute. A random key of the minute maps addresses to counters. Key
//! and counters are dropped with the minute, so no address can be found later.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arc_swap::{ArcSwap, Guard};
use calendar::Timestamp;

use crate::rate_limit::network;

/// Number of counters (256 kB), so that two addresses rarely share one.
const COUNTERS: usize = 1 << 16;
/// Requests of one address that count in a minute. An office behind one address stays below the limit, a flood does not.
const MAX_PER_MINUTE: u32 = 600;

/// The counters of the current minute.
pub(super) struct AddressRate(ArcSwap<Minute>);

struct Minute {
    /// Minutes since 1970.
    number: i64,
    key: RandomState,
    counters: Box<[AtomicU32]>,
}

impl Default for AddressRate {
    fn default() -> Self {
        Self(ArcSwap::from_pointee(Minute::begin(0)))
    }
}

impl AddressRate {
    /// Returns whether another request of this address counts at this moment.
    pub(super) fn allows(&self, address: IpAddr, at: Timestamp) -> bool {
        let minute = self.current_minute(at);
        let index = minute.key.hash_one(network(address)) as usize % COUNTERS;
        minute.counters[index].fetch_add(1, Ordering::Relaxed) < MAX_PER_MINUTE
    }

    /// Drops a minute that is over, even if no further request arrives.
    pub(super) fn drop_expired(&self, at: Timestamp) {
        drop(self.current_minute(at));
    }

    /// Returns the counters of the minute of this moment.
    fn current_minute(&self, at: Timestamp) -> Guard<Arc<Minute>> {
        let number = minute_of(at);
        let minute = self.0.load();
        if minute.number == number {
            return minute;
        }
        let fresh = Arc::new(Minute::begin(number));
        self.0.rcu(|minute| Arc::clone(if minute.number == number { minute } else { &fresh }));
        self.0.load()
    }
}

/// Returns the minutes since 1970.
fn minute_of(at: Timestamp) -> i64 {
    at.to_unix_seconds().div_euclid(60)
}

impl Minute {
    fn begin(number: i64) -> Self {
        Self { number, key: RandomState::new(), counters: (0..COUNTERS).map(|_| AtomicU32::new(0)).collect() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use calendar::Timestamp;

    use super::{AddressRate, COUNTERS, MAX_PER_MINUTE};

    #[test]
    fn a_flood_from_one_address_stops_counting_until_the_minute_is_over() {
        let (rate, at) = (AddressRate::default(), Timestamp::from_unix_seconds);
        let (one, other) = ("2001:db8::1".parse().unwrap(), "192.0.2.1".parse().unwrap());
        let counted = (0..10_000).filter(|_| rate.allows(one, at(120))).count();
        assert_eq!(counted, MAX_PER_MINUTE as usize);
        assert!(!rate.allows("2001:db8::ffff".parse().unwrap(), at(179)), "the same household");
        assert!(rate.allows(other, at(179)) && rate.allows(one, at(180)));
        rate.drop_expired(at(240));
        let minute = rate.0.load();
        let left = minute.counters.iter().any(|counter| counter.load(Ordering::Relaxed) != 0);
        assert!(!left, "nothing is left of the minute");
        assert_eq!(minute.counters.len(), COUNTERS);
    }
}
