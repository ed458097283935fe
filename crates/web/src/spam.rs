//! Detects spam in contact forms without any third party. A suspect message is held for staff to check. It is never
//! refused, and its sender sees no difference.
//!
//! Nothing here is kept for longer than a day, and nothing identifies the sender.

mod links;
mod proof_of_work;
#[cfg(test)]
mod tests;

use calendar::Timestamp;
use std::collections::VecDeque;
use std::sync::Mutex;

use keyring::{Keyring, KeyringError};

use data_encoding::HEXLOWER;
pub(crate) use links::has_link;
pub use proof_of_work::MAX_SECONDS;
use proof_of_work::UsedChallenges;

/// Seconds that a person needs at least to fill in a form.
const MIN_SECONDS: i64 = 3;

/// Characters of a form token.
pub const FORM_TOKEN_LENGTH: usize = 32;

/// Hidden fields of a new form.
pub struct FormTokens {
    /// The time of issue, with an HMAC that only this installation can make.
    pub issued_at: String,
    /// A random number (idempotency key), by which a form that is sent twice is recognised.
    pub form_token: String,
    /// The proof-of-work challenge (JSON) that a browser with JavaScript solves. Empty for none.
    pub challenge: String,
}

/// The fields of a submitted form that the filter checks.
pub struct Submission<'a> {
    /// The honeypot field, which people don't see.
    pub honeypot: &'a str,
    /// The time of issue from the hidden field.
    pub issued_at: &'a str,
    /// The solved challenge (JSON). Empty without JavaScript.
    pub proof_of_work: &'a str,
    /// Everything that was typed.
    pub text: &'a str,
}

/// Bytes of files that are accepted in an hour from all senders together, so that no sender can fill the disk.
const MAX_BYTES_PER_HOUR: i64 = 1024 * 1024 * 1024;

/// The spam filter. It remembers used challenges, and the messages and the bytes of files of the last hour.
pub struct SpamFilter {
    hourly: usize,
    passed_at: Mutex<VecDeque<Timestamp>>,
    /// Times and numbers of bytes.
    bytes: Mutex<VecDeque<(Timestamp, i64)>>,
    used: UsedChallenges,
}

impl SpamFilter {
    /// At most `hourly` messages an hour pass without a check by staff.
    #[must_use]
    pub fn new(hourly: u32) -> Self {
        let hourly = usize::try_from(hourly).unwrap_or(usize::MAX);
        Self { hourly, passed_at: Mutex::default(), bytes: Mutex::default(), used: UsedChallenges::default() }
    }

    /// Creates the hidden fields of a form that is issued at `now`.
    pub(crate) fn form_tokens(&self, keyring: &Keyring, now: Timestamp) -> Result<FormTokens, KeyringError> {
        let mut form_token = [0; FORM_TOKEN_LENGTH / 2];
        getrandom::fill(&mut form_token).map_err(|_| KeyringError::NoRandom)?;
        Ok(FormTokens {
            issued_at: issued_at(keyring, now)?,
            form_token: HEXLOWER.encode(&form_token),
            challenge: proof_of_work::create(keyring, now)?,
        })
    }

    /// Returns whether a message is to be held. Uses its challenge up, and counts the messages that pass.
    pub(crate) fn is_suspect(
        &self,
        keyring: &Keyring,
        now: Timestamp,
        filled: &Submission<'_>,
    ) -> Result<bool, KeyringError> {
        let solved = proof_of_work::is_solved(keyring, now, filled.proof_of_work, &self.used)?;
        let age = age(keyring, now, filled.issued_at)?;
        let suspect = !filled.honeypot.is_empty()
            || age.is_none_or(|seconds| !(MIN_SECONDS..=MAX_SECONDS).contains(&seconds))
            || (!solved && has_link(filled.text));
        Ok(suspect || !self.has_hourly_room(now))
    }

    /// Returns whether files are accepted at the moment.
    pub(crate) fn accepts_files(&self, now: Timestamp) -> bool {
        let Ok(mut bytes) = self.bytes.lock() else { return false };
        while bytes.front().is_some_and(|(at, _)| *at <= now - 3600) {
            bytes.pop_front();
        }
        bytes.iter().map(|(_, bytes)| bytes).sum::<i64>() < MAX_BYTES_PER_HOUR
    }

    /// Counts the bytes of a file.
    pub fn record_file(&self, now: Timestamp, bytes: i64) {
        if let Ok(mut all) = self.bytes.lock() {
            all.push_back((now, bytes));
        }
    }

    /// Returns whether another message may pass in this hour, and counts it. Suspect messages don't count, so that they
    /// can't use up the limit.
    fn has_hourly_room(&self, now: Timestamp) -> bool {
        let Ok(mut passed_at) = self.passed_at.lock() else { return false };
        while passed_at.front().is_some_and(|at| *at <= now - 3600) {
            passed_at.pop_front();
        }
        let has_hourly_room = passed_at.len() < self.hourly;
        if has_hourly_room {
            passed_at.push_back(now);
        }
        has_hourly_room
    }
}

fn issued_at(keyring: &Keyring, at: Timestamp) -> Result<String, KeyringError> {
    let at = at.to_unix_seconds();
    let tag = keyring.tag("contact form issued", &at.to_string())?;
    Ok(format!("{at}-{}", HEXLOWER.encode(&tag.0)))
}

/// Returns how many seconds ago a form was issued. `None` if this installation did not issue it. Works across restarts.
fn age(keyring: &Keyring, now: Timestamp, typed: &str) -> Result<Option<i64>, KeyringError> {
    let Some(at) = typed.split('-').next().and_then(|at| at.parse().ok()) else { return Ok(None) };
    let at = Timestamp::from_unix_seconds(at);
    Ok((issued_at(keyring, at)? == typed).then(|| now - at))
}
