//! Refresh of licence keys: a program sends a genuine key and gets the current one. It needs no person, so it works
//! after an erasure too.

use licence::{Key, Refusal, verify};
use store::{Error, LicenceState, Tx};

use crate::licensing::issue::Signers;

#[derive(Debug)]
pub enum RefreshOutcome {
    /// The current key; it may be the same.
    Current(String),
    /// The key isn't genuine; the reason.
    Invalid(Refusal),
    /// The licence was revoked.
    Revoked,
    /// The key is genuine, but the licence is unknown: the database was restored from a backup older than the
    /// licence.
    Unknown,
}

/// Returns the current key of a licence.
///
/// # Errors
///
/// When the database or the keyring is unreachable.
pub async fn refresh_key(tx: &mut Tx, text: &str) -> Result<RefreshOutcome, Error> {
    let signers = Signers::load(tx).await?;
    let key = match Key::parse(text) {
        Ok(key) => key,
        Err(refusal) => return Ok(RefreshOutcome::Invalid(refusal)),
    };
    let claims = match verify(&key, &signers.public) {
        Ok(claims) => claims,
        Err(refusal) => return Ok(RefreshOutcome::Invalid(refusal)),
    };
    Ok(match tx.licence(claims.serial).await? {
        None => RefreshOutcome::Unknown,
        Some(l) if l.state == LicenceState::Revoked || l.state == LicenceState::OnHold => {
            RefreshOutcome::Revoked
        }
        Some(l) => RefreshOutcome::Current(signers.text(&l.current_key)?),
    })
}
