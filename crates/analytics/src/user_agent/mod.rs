//! Classifies user agents: browser, operating system, and whether it is a bot.

mod bot;
mod patterns;
mod required_literals;

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

pub use bot::is_bot;
pub use patterns::{browser_family, system_family};

/// The classification of a user agent: names from two closed lists. An empty name is a family that isn't listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserAgent {
    /// Family of the browser.
    pub browser: &'static str,
    /// Family of the operating system.
    pub system: &'static str,
    /// Whether it is a bot.
    pub bot: bool,
}

impl UserAgent {
    /// Classifies a user agent in some 30 us; [`UserAgentCache`] caches the result.
    pub fn of(user_agent: &str) -> Self {
        // Bots and overlong user agents need no pattern.
        if bot::is_bot(user_agent) {
            return Self { browser: "", system: "", bot: true };
        }
        Self { browser: patterns::browser(user_agent), system: patterns::system(user_agent), bot: false }
    }
}

/// Caches classifications, because a site sees the same user agents again and again. It holds keyed hashes and never a
/// user agent. The key is random and lives in memory only. Its size is bounded: a full shard is cleared.
pub struct UserAgentCache {
    shards: [Mutex<HashMap<u64, UserAgent, RandomState>>; SHARDS],
    max_per_shard: usize,
    hasher: RandomState,
}

/// Number of shards, so that threads seldom wait for each other.
const SHARDS: usize = 16;

impl UserAgentCache {
    /// Creates a cache of at most `max_per_shard` user agents, at 60 bytes each.
    pub fn with_capacity(max_per_shard: usize) -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::new(HashMap::default())),
            max_per_shard: (max_per_shard / SHARDS).max(1),
            hasher: RandomState::new(),
        }
    }

    /// Classifies `user_agent`, from the cache if possible.
    pub fn read(&self, user_agent: &str) -> UserAgent {
        let hash = self.hasher.hash_one(user_agent);
        let shard = &self.shards[hash as usize % SHARDS];
        if let Some(cached) = lock(shard).get(&hash) {
            return *cached;
        }
        // Classify without the lock, so that other threads can go on.
        let read = UserAgent::of(user_agent);
        let mut shard = lock(shard);
        if shard.len() >= self.max_per_shard {
            shard.clear();
        }
        shard.insert(hash, read);
        read
    }

    /// Clears the cache, at the close of a day.
    pub fn clear(&self) {
        for shard in &self.shards {
            lock(shard).clear();
        }
    }
}

impl Default for UserAgentCache {
    fn default() -> Self {
        Self::with_capacity(32_768)
    }
}

/// A thread that panicked left a complete map, because each insertion is atomic.
fn lock<T>(shard: &Mutex<T>) -> MutexGuard<'_, T> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
