//! A site with synthetic visitors for the tests.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use analytics::{Classifier, DayKey, Outcome, Request, Tally, UserAgentCache, VisitKind};

/// User agents of four families.
pub const AGENTS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
];

/// First octets of networks in four countries.
const NETWORKS: [[u8; 2]; 4] = [[8, 8], [193, 0], [133, 1], [84, 128]];

pub const LANGUAGES: [&str; 4] = ["en-US,en;q=0.9", "de", "fr;q=0.8", ""];
pub const REFERRERS: [&str; 4] = [
    "",
    "https://www.google.com/search?q=canary-search",
    "https://blog.example.net/canary-post",
    "https://vendor.example/here",
];

/// The address of a person, in one of four countries. No other person has it.
pub fn address(person: u32) -> IpAddr {
    let [a, b] = NETWORKS[person as usize % 4];
    let [.., c, d] = (person / 4).to_be_bytes();
    let b = b.wrapping_add((person / 4 / 65_536) as u8);
    IpAddr::V4(Ipv4Addr::new(a, b, c, d))
}

/// A view by a person, whose browser and language are always the same.
pub fn view(person: u32, page: &str) -> Request<'_> {
    Request {
        user_agent: AGENTS[(person / 16) as usize % 4],
        languages: LANGUAGES[(person / 64) as usize % 4],
        width: Some([390, 800, 1_300, 1_900][(person / 16) as usize % 4]),
        ..Request::view(address(person), page)
    }
}

/// One site on one day.
pub struct Site {
    pub classifier: Classifier,
    pub key: DayKey,
    pub tally: Tally,
}

impl Site {
    pub fn open() -> Self {
        Self::of(Arc::new(UserAgentCache::default()))
    }

    pub fn of(agents: Arc<UserAgentCache>) -> Self {
        Self {
            classifier: Classifier::new("vendor", &["vendor.example"], agents),
            key: DayKey::new([7; 32]),
            tally: Tally::default(),
        }
    }

    /// Counts a request; true when it was a visit.
    pub fn count(&mut self, request: &Request<'_>, hour: u8) -> bool {
        match self.classifier.classify(request, hour, &self.key) {
            Outcome::Count(visit, visitor) => {
                self.tally.count(&visit, visitor);
                true
            }
            Outcome::Bot => {
                self.tally.count_bot();
                false
            }
            Outcome::OptedOut | Outcome::Prefetch => false,
            Outcome::Refused(_) => {
                self.tally.count_refused();
                false
            }
        }
    }

    pub fn see(&mut self, person: u32, page: &str) {
        assert!(self.count(&view(person, page), 12));
    }

    pub fn event(&mut self, person: u32, name: &str) {
        assert!(self.count(&Request { kind: VisitKind::Event, name, ..view(person, "/") }, 12));
    }
}

/// A seeded pseudorandom generator (xorshift64*).
pub struct Random(u64);

impl Random {
    pub fn seeded(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next_u64(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// 0 to `bound` - 1.
    pub fn below(&mut self, bound: u64) -> u64 {
        (self.next_u64() >> 11) % bound
    }

    /// 0 to `bound` - 1, small ones far more often: a realistic tail.
    pub fn zipf(&mut self, bound: u64) -> u64 {
        let share = (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        ((bound as f64 + 1.0).powf(share) - 1.0) as u64
    }
}
