//! Proof of work: a browser spends some seconds of computing for one message. Challenge and verification are those of
//! ALTCHA (v2, PBKDF2). This module adds that a solution counts only once.

use calendar::Timestamp;
use std::collections::HashMap;
use std::sync::Mutex;

use altcha::{CreateChallengeOptions, Payload, VerifySolutionOptions, create_challenge, verify_solution};
use keyring::{Keyring, KeyringError};

use data_encoding::HEXLOWER;

/// Seconds for which a form and its challenge are valid.
pub const MAX_SECONDS: i64 = 86_400;

/// Rounds of PBKDF2 in one attempt. One attempt in 256 succeeds, so a desktop computer needs about a second. This crate's
/// own tests use fewer rounds, because they run without optimisation.
const COST: u32 = if cfg!(test) { 2 } else { 2_000 };
/// Number of used challenges that are remembered. Above it all are forgotten, and old solutions count again.
const MAX_REMEMBERED: usize = 100_000;
/// Bytes of the largest solution that is read.
const MAX_SOLUTION_BYTES: usize = 4_096;

/// Signatures of used challenges, with the moment at which they expire.
#[derive(Default)]
pub(super) struct UsedChallenges(Mutex<HashMap<String, Timestamp>>);

impl UsedChallenges {
    /// Records a use and returns whether it is the first.
    fn is_first_use(&self, signature: String, expires: Timestamp, now: Timestamp) -> bool {
        let Ok(mut used) = self.0.lock() else { return false };
        if used.len() >= MAX_REMEMBERED {
            used.retain(|_, expires| *expires > now);
        }
        if used.len() >= MAX_REMEMBERED {
            used.clear();
        }
        used.insert(signature, expires).is_none()
    }
}

fn secret(keyring: &Keyring) -> Result<String, KeyringError> {
    Ok(HEXLOWER.encode(&keyring.tag("contact proof of work", "")?.0))
}

/// Creates a challenge as JSON. Empty if that fails: then a message with a link is held.
pub(super) fn create(keyring: &Keyring, now: Timestamp) -> Result<String, KeyringError> {
    // The expiry is a signed value of this module. The library's own field would use the system clock.
    let expires = [("expires".to_owned(), serde_json::Value::from((now + MAX_SECONDS).to_unix_seconds()))];
    let made = create_challenge(CreateChallengeOptions {
        cost: COST,
        data: Some(expires.into()),
        hmac_signature_secret: Some(secret(keyring)?),
        ..CreateChallengeOptions::default()
    });
    Ok(made.ok().and_then(|challenge| serde_json::to_string(&challenge).ok()).unwrap_or_default())
}

/// Returns whether the solution is correct, in time, for a challenge of this installation, and used for the first time.
pub(crate) fn is_solved(
    keyring: &Keyring,
    now: Timestamp,
    proof_of_work: &str,
    used: &UsedChallenges,
) -> Result<bool, KeyringError> {
    if proof_of_work.is_empty() || proof_of_work.len() > MAX_SOLUTION_BYTES {
        return Ok(false);
    }
    let Ok(Payload { challenge, solution }) = serde_json::from_str::<Payload>(proof_of_work) else {
        return Ok(false);
    };
    let expires = challenge.parameters.data.as_ref().and_then(|data| data.get("expires")?.as_i64());
    let expires = expires.map(Timestamp::from_unix_seconds);
    let (Some(expires), Some(signature)) = (expires, challenge.signature.clone()) else { return Ok(false) };
    if expires < now {
        return Ok(false);
    }
    let checked = verify_solution(VerifySolutionOptions::new(&challenge, &solution, secret(keyring)?));
    Ok(checked.is_ok_and(|checked| checked.verified) && used.is_first_use(signature, expires, now))
}
