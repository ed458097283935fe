//! Tells forms that a machine filled in from those of people, without asking anybody outside. A suspect message is
//! held for staff to look at: never refused, and its sender is told nothing.
//!
//! Nothing here is kept for longer than its day, and nothing of it is about whoever sent the form.

mod links;
mod riddle;
#[cfg(test)]
mod samples;

use std::collections::VecDeque;
use std::sync::Mutex;

use keyring::{KeyringError, Vault};

pub use links::has_link;
use riddle::Used;

/// Seconds that a person needs for a form at least.
const SHORTEST: i64 = 3;
/// Seconds for which a form may lie open.
pub const LONGEST: i64 = 86_400;

/// Symbols of a form's own number.
pub const ONCE: usize = 32;

/// What a fresh form carries along.
pub struct Marks {
    /// When it was given out, with a tag that nobody else can make.
    pub begun: String,
    /// A random number that no other form has, so that one that is sent twice is known again.
    pub once: String,
    /// The riddle that a browser with JavaScript solves meanwhile (JSON); empty for none.
    pub riddle: String,
}

/// What came back with a form.
pub struct Filled<'a> {
    /// The field that people don't see.
    pub trap: &'a str,
    /// When the form was given out, as its hidden field says.
    pub begun: &'a str,
    /// The solved riddle (JSON); empty without JavaScript.
    pub work: &'a str,
    /// All that was typed.
    pub text: &'a str,
}

/// Bytes of files that are taken within an hour, from all places together: the disk is not for whoever fills it.
const HOURLY_BYTES: i64 = 1024 * 1024 * 1024;

/// What the guard remembers: riddles that were used, how many messages passed within the hour, and how many bytes of
/// files came.
pub struct Guard {
    hourly: usize,
    passed: Mutex<VecDeque<i64>>,
    /// When, and how many.
    bytes: Mutex<VecDeque<(i64, i64)>>,
    used: Used,
}

impl Guard {
    /// At most `hourly` messages an hour pass without being looked at.
    #[must_use]
    pub fn new(hourly: u32) -> Self {
        let hourly = usize::try_from(hourly).unwrap_or(usize::MAX);
        Self { hourly, passed: Mutex::default(), bytes: Mutex::default(), used: Used::default() }
    }

    /// Marks for a form that is given out at `now` (seconds since 1970).
    ///
    /// # Errors
    /// When the keyring is away.
    pub fn marks(&self, vault: &Vault, now: i64) -> Result<Marks, KeyringError> {
        let mut once = [0; ONCE / 2];
        getrandom::fill(&mut once).map_err(|_| KeyringError::NoRandom)?;
        Ok(Marks { begun: begun(vault, now)?, once: hex(&once), riddle: riddle::fresh(vault, now)? })
    }

    /// Whether a message is to be held. Uses its riddle up, and counts those that pass.
    ///
    /// # Errors
    /// When the keyring is away.
    pub fn suspects(&self, vault: &Vault, now: i64, filled: &Filled<'_>) -> Result<bool, KeyringError> {
        let worked = riddle::solved(vault, now, filled.work, &self.used)?;
        let age = age(vault, now, filled.begun)?;
        let suspect = !filled.trap.is_empty()
            || age.is_none_or(|seconds| !(SHORTEST..=LONGEST).contains(&seconds))
            || (!worked && has_link(filled.text));
        Ok(suspect || !self.room(now))
    }

    /// Whether files are taken now.
    pub fn takes_files(&self, now: i64) -> bool {
        let Ok(mut bytes) = self.bytes.lock() else { return false };
        while bytes.front().is_some_and(|(at, _)| *at <= now - 3600) {
            bytes.pop_front();
        }
        bytes.iter().map(|(_, bytes)| bytes).sum::<i64>() < HOURLY_BYTES
    }

    /// Notes that a file came.
    pub fn took(&self, now: i64, bytes: i64) {
        if let Ok(mut all) = self.bytes.lock() {
            all.push_back((now, bytes));
        }
    }

    /// Whether one more may pass within this hour. Suspects don't count, so that they take nobody's place.
    fn room(&self, now: i64) -> bool {
        let Ok(mut passed) = self.passed.lock() else { return false };
        while passed.front().is_some_and(|at| *at <= now - 3600) {
            passed.pop_front();
        }
        let room = passed.len() < self.hourly;
        if room {
            passed.push_back(now);
        }
        room
    }
}

fn begun(vault: &Vault, at: i64) -> Result<String, KeyringError> {
    let tag = vault.tag("contact begun", &at.to_string())?;
    Ok(format!("{at}-{}", hex(&tag.0)))
}

/// How many seconds ago this form was given out; none if we never gave it out. After a restart it still counts.
fn age(vault: &Vault, now: i64, typed: &str) -> Result<Option<i64>, KeyringError> {
    let Some(at) = typed.split('-').next().and_then(|at| at.parse::<i64>().ok()) else { return Ok(None) };
    Ok((begun(vault, at)? == typed).then(|| now.saturating_sub(at)))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all");
        text
    })
}
