//! What a user agent says: browser, system, and whether a machine without a person speaks.

mod bot;
mod patterns;
mod required;

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

pub use bot::is_bot;
pub use patterns::{browser_family, system_family};

/// What is kept of a user agent: words of two closed lists. Empty words are families that nobody listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Family of the browser.
    pub browser: &'static str,
    /// Family of the operating system.
    pub system: &'static str,
    /// Whether no person sits behind it.
    pub bot: bool,
}

impl Agent {
    /// Reads a user agent, some 30 us; [`Agents`] remembers.
    pub fn of(agent: &str) -> Self {
        // Longer ones are no browser's, and each pattern would walk through them.
        if bot::is_bot(agent) {
            return Self { browser: "", system: "", bot: true };
        }
        Self { browser: patterns::browser(agent), system: patterns::system(agent), bot: false }
    }
}

/// Remembers what user agents said, since a site sees the same ones over and over. It holds keyed hashes and never a user
/// agent; the key is drawn when the program starts and lives in memory alone. Bounded: a full part of it is emptied.
pub struct Agents {
    parts: [Mutex<HashMap<u64, Agent, RandomState>>; PARTS],
    most: usize,
    key: RandomState,
}

/// So that threads seldom wait for each other.
const PARTS: usize = 16;

impl Agents {
    /// Remembers at most `most` user agents, at 60 bytes each.
    pub fn remembering(most: usize) -> Self {
        Self {
            parts: std::array::from_fn(|_| Mutex::new(HashMap::default())),
            most: (most / PARTS).max(1),
            key: RandomState::new(),
        }
    }

    /// What `agent` says.
    pub fn read(&self, agent: &str) -> Agent {
        let hash = self.key.hash_one(agent);
        let part = &self.parts[hash as usize % PARTS];
        if let Some(known) = lock(part).get(&hash) {
            return *known;
        }
        // Not under the lock: others go on meanwhile.
        let read = Agent::of(agent);
        let mut part = lock(part);
        if part.len() >= self.most {
            part.clear();
        }
        part.insert(hash, read);
        read
    }

    /// Forgets all of them; at the close of a day.
    pub fn forget(&self) {
        for part in &self.parts {
            lock(part).clear();
        }
    }
}

impl Default for Agents {
    fn default() -> Self {
        Self::remembering(32_768)
    }
}

/// A thread that panicked left a whole map: entries are put in at once.
fn lock<T>(part: &Mutex<T>) -> MutexGuard<'_, T> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}
