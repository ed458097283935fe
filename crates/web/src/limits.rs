//! How often one place may try something. Kept in memory only, for minutes, and never written or logged.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Instant;

/// What is limited, each for itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Door {
    /// Asking for the link to a page.
    Ask,
    /// Trying links, cookies and pick-up codes.
    Token,
    /// Refreshing keys.
    Refresh,
    /// Notices that were refused.
    Notice,
    /// Requests of one token of the staff's.
    Staff,
    /// Sending messages, and files with them.
    Contact,
    /// Codes of conversations that lead nowhere.
    Code,
    /// Looking at public statistics.
    Figures,
}

impl Door {
    /// Tries at once, and tries a minute after that.
    const fn allows(self) -> (f64, f64) {
        match self {
            Self::Ask => (20.0, 10.0),
            Self::Token => (60.0, 60.0),
            Self::Refresh => (120.0, 120.0),
            Self::Notice => (60.0, 60.0),
            Self::Staff => (1200.0, 1200.0),
            Self::Contact => (20.0, 10.0),
            Self::Code => (30.0, 10.0),
            Self::Figures => (120.0, 120.0),
        }
    }
}

struct Bucket {
    left: f64,
    at: Instant,
}

/// Places remembered at once; beyond that the fullest buckets, which limit nobody, are dropped.
const PLACES: usize = 50_000;

/// Whose tries are counted together.
#[derive(PartialEq, Eq, Hash)]
enum Of {
    Network(IpAddr),
    /// By the hash that is kept of it.
    Token([u8; 32]),
}

/// Token buckets by door and network, or by door and token.
#[derive(Default)]
pub struct Limits(Mutex<HashMap<(Door, Of), Bucket>>);

impl Limits {
    /// Whether one more try from there is allowed now.
    pub fn allow(&self, door: Door, from: IpAddr) -> bool {
        self.allow_at(door, from, Instant::now())
    }

    /// Whether one more request with that token is allowed now, wherever it comes from.
    pub fn allow_token(&self, door: Door, tag: [u8; 32]) -> bool {
        self.allow_one(door, Of::Token(tag), Instant::now())
    }

    /// Whether a try would be allowed now; none is taken.
    pub fn open(&self, door: Door, from: IpAddr) -> bool {
        self.open_at(door, from, Instant::now())
    }

    fn open_at(&self, door: Door, from: IpAddr, now: Instant) -> bool {
        let Ok(buckets) = self.0.lock() else { return false };
        buckets
            .get(&(door, Of::Network(network(from))))
            .is_none_or(|bucket| refilled(bucket, now, door) >= 1.0)
    }

    fn allow_at(&self, door: Door, from: IpAddr, now: Instant) -> bool {
        self.allow_one(door, Of::Network(network(from)), now)
    }

    fn allow_one(&self, door: Door, of: Of, now: Instant) -> bool {
        let (most, a_minute) = door.allows();
        let Ok(mut buckets) = self.0.lock() else { return false };
        if buckets.len() >= PLACES {
            buckets.retain(|(door, _), b| refilled(b, now, *door) < door.allows().0);
        }
        if buckets.len() >= PLACES {
            buckets.clear();
        }
        let bucket = buckets.entry((door, of)).or_insert(Bucket { left: most, at: now });
        let minutes = now.saturating_duration_since(bucket.at).as_secs_f64() / 60.0;
        bucket.left = (bucket.left + minutes * a_minute).min(most);
        bucket.at = now;
        let allowed = bucket.left >= 1.0;
        if allowed {
            bucket.left -= 1.0;
        }
        allowed
    }
}

fn refilled(bucket: &Bucket, now: Instant, door: Door) -> f64 {
    bucket.left + now.saturating_duration_since(bucket.at).as_secs_f64() / 60.0 * door.allows().1
}

/// One subscriber of IPv6 has a /64 and all its addresses.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        },
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn who_tries_too_often_waits_and_nobody_else_does() {
        let (limits, start) = (Limits::default(), Instant::now());
        let (one, other): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let tries = (0..100).filter(|_| limits.allow_at(Door::Ask, one, start)).count();
        assert_eq!(tries, 20);
        assert!(limits.allow_at(Door::Ask, other, start));
        assert!(limits.allow_at(Door::Token, one, start));
        assert!(limits.allow_at(Door::Ask, one, start + Duration::from_secs(7)));
        assert!(!limits.allow_at(Door::Ask, one, start + Duration::from_secs(7)));
    }

    #[test]
    fn a_million_codes_a_day_from_one_place_are_slowed_to_a_hundredth_and_nobody_else_is() {
        let (limits, start) = (Limits::default(), Instant::now());
        let (one, other): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let mut looked = 0;
        for n in 0..1_000_000_u32 {
            let now = start + Duration::from_secs(86_400) * n / 1_000_000;
            if limits.open_at(Door::Code, one, now) {
                looked += u32::from(limits.allow_at(Door::Code, one, now));
            }
            if n % 100_000 == 0 {
                assert!(limits.open_at(Door::Code, other, now));
            }
        }
        assert!((14_000..=14_430).contains(&looked), "{looked}");
    }

    #[test]
    fn a_look_at_the_door_takes_no_try() {
        let (limits, now) = (Limits::default(), Instant::now());
        let from: IpAddr = "192.0.2.1".parse().unwrap();
        assert!((0..1000).all(|_| limits.open_at(Door::Code, from, now)));
        assert_eq!((0..100).filter(|_| limits.allow_at(Door::Code, from, now)).count(), 30);
        assert!(!limits.open_at(Door::Code, from, now));
    }

    #[test]
    fn all_addresses_of_one_subscriber_count_as_one() {
        let (limits, now) = (Limits::default(), Instant::now());
        let tries = (0..100_u32)
            .filter(|n| limits.allow_at(Door::Ask, format!("2001:db8::{n:x}").parse().unwrap(), now))
            .count();
        assert_eq!(tries, 20);
    }
}
