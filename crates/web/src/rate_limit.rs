//! Rate limits for each network and each API token (token buckets). They are kept in memory for minutes, and never
//! written or logged.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Instant;

/// What is limited. Each key has its own limit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RateLimitKey {
    /// Requests for magic links.
    MagicLink,
    /// Attempts with unknown links, session cookies, receipt codes and API tokens.
    Token,
    /// Refreshes of licence keys.
    Refresh,
    /// Notifications (webhooks) that were refused.
    RefusedNotification,
    /// Requests with one API token of staff.
    Staff,
    /// Messages of the contact form and of conversations.
    Contact,
    /// Attempts with unknown access codes.
    AccessCode,
    /// Requests for public statistics.
    PublicStatistics,
}

impl RateLimitKey {
    /// Every limit, in the order of the enum.
    pub const ALL: [Self; 8] = [
        Self::MagicLink,
        Self::Token,
        Self::Refresh,
        Self::RefusedNotification,
        Self::Staff,
        Self::Contact,
        Self::AccessCode,
        Self::PublicStatistics,
    ];

    /// What is limited, as the table of docs/http.md says it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::MagicLink => "requests for a magic link",
            Self::Token => "attempts with an unknown link, session cookie, receipt code or API token",
            Self::Refresh => "refreshes of licence keys",
            Self::RefusedNotification => "refused notifications",
            Self::Staff => "requests with one API token, from any network",
            Self::Contact => "messages of the contact form and of conversations",
            Self::AccessCode => "attempts with a wrong access code",
            Self::PublicStatistics => "requests for public statistics",
        }
    }

    /// Attempts at once, and attempts per minute after that.
    #[must_use]
    pub const fn burst_and_rate(self) -> (f64, f64) {
        match self {
            Self::MagicLink => (20.0, 10.0),
            Self::Token => (60.0, 60.0),
            Self::Refresh => (120.0, 120.0),
            Self::RefusedNotification => (60.0, 60.0),
            Self::Staff => (1200.0, 1200.0),
            Self::Contact => (20.0, 10.0),
            Self::AccessCode => (30.0, 10.0),
            Self::PublicStatistics => (120.0, 120.0),
        }
    }
}

struct Bucket {
    left: f64,
    at: Instant,
}

/// Number of buckets kept at once. Above it, full buckets are dropped, because they limit no client.
const MAX_BUCKETS: usize = 50_000;

/// The client whose attempts are counted together.
#[derive(PartialEq, Eq, Hash)]
enum Client {
    Network(IpAddr),
    /// The hash of an API token.
    Token([u8; 32]),
}

/// Token buckets for each key and client.
#[derive(Default)]
pub struct RateLimiter(Mutex<HashMap<(RateLimitKey, Client), Bucket>>);

impl RateLimiter {
    /// Counts an attempt and returns whether it is allowed.
    pub fn allow(&self, key: RateLimitKey, ip: IpAddr) -> bool {
        self.allow_at(key, ip, Instant::now())
    }

    /// Counts a request with an API token and returns whether it is allowed, ip any network.
    pub fn allow_token(&self, key: RateLimitKey, tag: [u8; 32]) -> bool {
        self.allow_one(key, Client::Token(tag), Instant::now())
    }

    /// Returns whether an attempt would be allowed, without counting one.
    pub(crate) fn has_room(&self, key: RateLimitKey, ip: IpAddr) -> bool {
        self.has_room_at(key, ip, Instant::now())
    }

    fn has_room_at(&self, key: RateLimitKey, ip: IpAddr, now: Instant) -> bool {
        let Ok(buckets) = self.0.lock() else { return false };
        buckets.get(&(key, Client::Network(network(ip)))).is_none_or(|bucket| tokens(bucket, now, key) >= 1.0)
    }

    fn allow_at(&self, key: RateLimitKey, ip: IpAddr, now: Instant) -> bool {
        self.allow_one(key, Client::Network(network(ip)), now)
    }

    fn allow_one(&self, key: RateLimitKey, client: Client, now: Instant) -> bool {
        let (burst, per_minute) = key.burst_and_rate();
        let Ok(mut buckets) = self.0.lock() else { return false };
        if buckets.len() >= MAX_BUCKETS {
            buckets.retain(|(key, _), bucket| tokens(bucket, now, *key) < key.burst_and_rate().0);
        }
        if buckets.len() >= MAX_BUCKETS {
            buckets.clear();
        }
        let bucket = buckets.entry((key, client)).or_insert(Bucket { left: burst, at: now });
        let minutes = now.saturating_duration_since(bucket.at).as_secs_f64() / 60.0;
        bucket.left = (bucket.left + minutes * per_minute).min(burst);
        bucket.at = now;
        let allowed = bucket.left >= 1.0;
        if allowed {
            bucket.left -= 1.0;
        }
        allowed
    }
}

fn tokens(bucket: &Bucket, now: Instant, key: RateLimitKey) -> f64 {
    bucket.left + now.saturating_duration_since(bucket.at).as_secs_f64() / 60.0 * key.burst_and_rate().1
}

/// The network that is limited as one client: an IPv4 address, or the /64 of an IPv6 subscriber.
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
    fn a_network_above_its_limit_waits_and_other_networks_do_not() {
        let (limiter, start) = (RateLimiter::default(), Instant::now());
        let (one, other): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let tries = (0..100).filter(|_| limiter.allow_at(RateLimitKey::MagicLink, one, start)).count();
        assert_eq!(tries, 20);
        assert!(limiter.allow_at(RateLimitKey::MagicLink, other, start));
        assert!(limiter.allow_at(RateLimitKey::Token, one, start));
        assert!(limiter.allow_at(RateLimitKey::MagicLink, one, start + Duration::from_secs(7)));
        assert!(!limiter.allow_at(RateLimitKey::MagicLink, one, start + Duration::from_secs(7)));
    }

    #[test]
    fn a_million_guessed_codes_a_day_are_slowed_to_a_hundredth_for_one_network_only() {
        let (limiter, start) = (RateLimiter::default(), Instant::now());
        let (one, other): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let mut allowed = 0;
        for n in 0..1_000_000_u32 {
            let now = start + Duration::from_secs(86_400) * n / 1_000_000;
            if limiter.has_room_at(RateLimitKey::AccessCode, one, now) {
                allowed += u32::from(limiter.allow_at(RateLimitKey::AccessCode, one, now));
            }
            if n % 100_000 == 0 {
                assert!(limiter.has_room_at(RateLimitKey::AccessCode, other, now));
            }
        }
        assert!((14_000..=14_430).contains(&allowed), "{allowed}");
    }

    #[test]
    fn every_limit_allows_its_burst_at_once_and_its_rate_a_minute_after_that() {
        let (limiter, start) = (RateLimiter::default(), Instant::now());
        let one: IpAddr = "192.0.2.1".parse().unwrap();
        for key in RateLimitKey::ALL {
            let (burst, rate) = key.burst_and_rate();
            let allowed = |seconds: u64| {
                let now = start + Duration::from_secs(seconds);
                (0..10_000).filter(|_| limiter.allow_at(key, one, now)).count() as f64
            };
            assert_eq!(allowed(0), burst, "{key:?} at once");
            assert_eq!(allowed(60), rate, "{key:?} a minute later");
            assert_eq!(allowed(30), 0.0, "{key:?}: a clock that goes back allows nothing");
            assert_eq!(allowed(86_400), burst, "{key:?}: a day later, and no more than at once");
        }
    }

    #[test]
    fn the_number_of_buckets_is_bounded_and_full_ones_go_first() {
        let (limiter, start) = (RateLimiter::default(), Instant::now());
        let address = |n: u32| IpAddr::from(std::net::Ipv4Addr::from_bits(n));
        while limiter.allow_at(RateLimitKey::MagicLink, address(0), start) {}
        for n in 1..MAX_BUCKETS as u32 {
            limiter.allow_at(RateLimitKey::Token, address(n), start);
        }
        // The others are full again after a minute, and the first one is not.
        let later = start + Duration::from_secs(60);
        limiter.allow_at(RateLimitKey::Token, address(u32::MAX), later);
        assert_eq!(limiter.0.lock().unwrap().len(), 2);
        assert!(
            limiter.0.lock().unwrap().contains_key(&(RateLimitKey::MagicLink, Client::Network(address(0))))
        );
        for n in 0..2 * MAX_BUCKETS as u32 {
            limiter.allow_at(RateLimitKey::Refresh, address(n), later);
            assert!(limiter.0.lock().unwrap().len() <= MAX_BUCKETS);
        }
    }

    #[test]
    fn asking_whether_there_is_room_counts_no_attempt() {
        let (limiter, now) = (RateLimiter::default(), Instant::now());
        let from: IpAddr = "192.0.2.1".parse().unwrap();
        assert!((0..1000).all(|_| limiter.has_room_at(RateLimitKey::AccessCode, from, now)));
        assert_eq!((0..100).filter(|_| limiter.allow_at(RateLimitKey::AccessCode, from, now)).count(), 30);
        assert!(!limiter.has_room_at(RateLimitKey::AccessCode, from, now));
    }

    #[test]
    fn all_addresses_of_one_ipv6_subscriber_count_as_one() {
        let (limiter, now) = (RateLimiter::default(), Instant::now());
        let tries = (0..100_u32)
            .filter(|n| {
                limiter.allow_at(RateLimitKey::MagicLink, format!("2001:db8::{n:x}").parse().unwrap(), now)
            })
            .count();
        assert_eq!(tries, 20);
    }
}
