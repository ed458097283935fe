//! Refreshing: a program shows a genuine key and gets the current one. No person is needed, so it goes on after
//! their erasure, and programs renew without knowing anybody.

use licence::{Key, Refusal, verify};
use store::{Error, State, Tx};

use crate::licensing::issue::Signers;

/// What a key is answered with.
#[derive(Debug)]
pub enum Refreshed {
    /// The current key; it may be the same.
    Current(String),
    /// The key isn't genuine, and why.
    Refused(Refusal),
    /// The licence was revoked.
    Revoked,
    /// Genuine, but the licence isn't in this shop's books: they were restored from before its issue.
    Unknown,
}

/// Answers a key with the current one of its licence.
///
/// # Errors
/// When database or keyring is away.
pub async fn refresh(tx: &mut Tx, text: &str) -> Result<Refreshed, Error> {
    let signers = Signers::load(tx).await?;
    let key = match Key::parse(text) {
        Ok(key) => key,
        Err(refusal) => return Ok(Refreshed::Refused(refusal)),
    };
    let claims = match verify(&key, &signers.public) {
        Ok(claims) => claims,
        Err(refusal) => return Ok(Refreshed::Refused(refusal)),
    };
    let serial = i64::try_from(claims.serial.bits()).unwrap_or(0);
    Ok(match tx.licence(serial).await? {
        None => Refreshed::Unknown,
        Some(l) if l.state == State::Revoked || l.state == State::Held => Refreshed::Revoked,
        Some(l) => Refreshed::Current(signers.text(&l.current_key)?),
    })
}
