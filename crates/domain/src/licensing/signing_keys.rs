//! Operations on the vendor's signing keys: creation, retirement and backup.

use store::{Actor, Error, Operation, Tx};

use crate::audit::audit_change;
use crate::licensing::issue::Signers;
use crate::startup::add_signing_key;

/// Adds a signing key and makes it current. Older keys only repeat what they signed.
pub struct AddSigningKey<'a> {
    /// The actor, for the audit log.
    pub actor: &'a Actor,
}

impl Operation for AddSigningKey<'_> {
    const NAME: &'static str = "add signing key";
    /// The id; `None` when all 16 are in use.
    type Output = Option<u8>;

    async fn execute(&self, tx: &mut Tx) -> Result<Option<u8>, Error> {
        let Some(id) = next_id(tx).await? else { return Ok(None) };
        add_signing_key(tx, id).await?;
        audit_change(tx, "signing key added", self.actor).await?;
        Ok(Some(id))
    }
}

async fn next_id(tx: &mut Tx) -> Result<Option<u8>, Error> {
    let known = tx.signing_keys().await?;
    Ok(known.iter().map(|k| k.id + 1).max().or(Some(0)).filter(|id| *id < 16))
}

/// The outcome of retiring a signing key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RetirementOutcome {
    /// It signs no new licences any more.
    Retired,
    /// There is no current key of that id.
    NoSuchKey,
    /// It is the last current key: add a new one first.
    LastCurrentKey,
}

/// Retires a signing key. Programs that contain its public key still accept its signatures.
pub struct RetireSigningKey<'a> {
    pub id: u8,
    /// The actor, for the audit log.
    pub actor: &'a Actor,
}

impl Operation for RetireSigningKey<'_> {
    const NAME: &'static str = "retire signing key";
    type Output = RetirementOutcome;

    async fn execute(&self, tx: &mut Tx) -> Result<RetirementOutcome, Error> {
        let known = tx.signing_keys().await?;
        if !known.iter().any(|k| k.id == self.id && k.current) {
            return Ok(RetirementOutcome::NoSuchKey);
        }
        if known.iter().filter(|k| k.current).count() == 1 {
            return Ok(RetirementOutcome::LastCurrentKey);
        }
        tx.retire_signing_key(self.id).await?;
        audit_change(tx, "signing key retired", self.actor).await?;
        Ok(RetirementOutcome::Retired)
    }
}

/// A signing key for a backup. The caller encrypts the file.
#[derive(serde::Serialize, serde::Deserialize, zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
pub struct SigningKeyBackup {
    pub id: u8,
    /// The secret seed.
    pub seed: [u8; 32],
    /// Whether it signs new licences.
    pub current: bool,
}

/// Reads all signing keys, for their backup.
pub struct BackUpSigningKeys<'a> {
    /// The actor, for the audit log.
    pub actor: &'a Actor,
}

impl Operation for BackUpSigningKeys<'_> {
    const NAME: &'static str = "back up signing keys";
    type Output = Vec<SigningKeyBackup>;

    async fn execute(&self, tx: &mut Tx) -> Result<Vec<SigningKeyBackup>, Error> {
        audit_change(tx, "signing keys backed up", self.actor).await?;
        let mut keys = Vec::new();
        for row in tx.signing_keys().await? {
            let seed = tx.open_signing_key(&row)?;
            let seed = seed
                .bytes()
                .try_into()
                .map_err(|_| Error::Damaged { column: "signing_key.secret".into() })?;
            keys.push(SigningKeyBackup { id: row.id, seed, current: row.current });
        }
        Ok(keys)
    }
}

/// Restores signing keys from a backup; they replace keys with the same ids.
pub struct RestoreSigningKeys<'a> {
    pub keys: &'a [SigningKeyBackup],
    /// The actor, for the audit log.
    pub actor: &'a Actor,
}

impl Operation for RestoreSigningKeys<'_> {
    const NAME: &'static str = "restore signing keys";
    type Output = ();

    async fn execute(&self, tx: &mut Tx) -> Result<(), Error> {
        for key in self.keys {
            let public = licence::SigningKey::from_seed(key.id, &key.seed);
            let public = public.map_err(|_| Error::Unknown("a signing key's id"))?.public();
            tx.delete_signing_key(key.id).await?;
            tx.add_signing_key(key.id, &public.to_bytes(), &key.seed, key.current).await?;
        }
        audit_change(tx, "signing keys restored from their backup", self.actor).await?;
        // Fails, and rolls back, when none of them is current.
        Signers::load(tx).await.map(drop)
    }
}
