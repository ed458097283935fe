//! Proof of work: some seconds of a browser's time for one message. The challenge and its check are altcha's (v2,
//! PBKDF2); what its library leaves to us is that a solved one counts once.

use std::collections::HashMap;
use std::sync::Mutex;

use altcha::{CreateChallengeOptions, Payload, VerifySolutionOptions, create_challenge, verify_solution};
use keyring::{KeyringError, Vault};

use super::{LONGEST, hex};

/// Rounds of PBKDF2 in one try. With one try in 256 right, a desktop needs about a second. Fewer in this room's own
/// tests, which solve riddles without a compiler's help.
const COST: u32 = if cfg!(test) { 2 } else { 2_000 };
/// Riddles remembered as used; beyond that the memory is emptied, at the price of work that was done.
const MOST: usize = 100_000;
/// The largest solution that is looked at, in bytes.
const LONGEST_ANSWER: usize = 4_096;

/// Signatures of the riddles that were used, with the second at which they end by themselves.
#[derive(Default)]
pub struct Used(Mutex<HashMap<String, i64>>);

impl Used {
    /// Whether this one is used for the first time.
    fn first(&self, signature: String, ends: i64, now: i64) -> bool {
        let Ok(mut used) = self.0.lock() else { return false };
        if used.len() >= MOST {
            used.retain(|_, ends| *ends > now);
        }
        if used.len() >= MOST {
            used.clear();
        }
        used.insert(signature, ends).is_none()
    }
}

fn secret(vault: &Vault) -> Result<String, KeyringError> {
    Ok(hex(&vault.tag("contact riddle", "")?.0))
}

/// A fresh riddle as JSON; empty when none could be made, which only means that links are looked at.
pub fn fresh(vault: &Vault, now: i64) -> Result<String, KeyringError> {
    // The end stands among the signed values and not in altcha's own field, which asks the system's clock.
    let ends = [("ends".to_owned(), serde_json::Value::from(now.saturating_add(LONGEST)))];
    let made = create_challenge(CreateChallengeOptions {
        cost: COST,
        data: Some(ends.into()),
        hmac_signature_secret: Some(secret(vault)?),
        ..CreateChallengeOptions::default()
    });
    Ok(made.ok().and_then(|riddle| serde_json::to_string(&riddle).ok()).unwrap_or_default())
}

/// Whether this is a riddle of ours, solved, in time, and for the first time.
pub fn solved(vault: &Vault, now: i64, work: &str, used: &Used) -> Result<bool, KeyringError> {
    if work.is_empty() || work.len() > LONGEST_ANSWER {
        return Ok(false);
    }
    let Ok(Payload { challenge, solution }) = serde_json::from_str::<Payload>(work) else { return Ok(false) };
    let ends = challenge.parameters.data.as_ref().and_then(|data| data.get("ends")?.as_i64());
    let (Some(ends), Some(signature)) = (ends, challenge.signature.clone()) else { return Ok(false) };
    if ends < now {
        return Ok(false);
    }
    let checked = verify_solution(VerifySolutionOptions::new(&challenge, &solution, secret(vault)?));
    Ok(checked.is_ok_and(|checked| checked.verified) && used.first(signature, ends, now))
}
