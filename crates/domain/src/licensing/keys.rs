//! The shop's signing keys: new ones, retired ones, their backup.

use store::{Actor, Error, Operation, Tx};

use crate::licensing::issue::Signers;
use crate::licensing::products::note;
use crate::start::add_signing_key;

/// Makes a new signing key; it signs from now on, and the older ones only repeat what they signed.
pub struct NewSigningKey<'a> {
    /// Who makes it.
    pub who: &'a Actor,
}

impl Operation for NewSigningKey<'_> {
    const NAME: &'static str = "new signing key";
    /// Its id; none when all 16 are in use.
    type Done = Option<u8>;

    async fn act(&self, tx: &mut Tx) -> Result<Option<u8>, Error> {
        let Some(id) = next_id(tx).await? else { return Ok(None) };
        add_signing_key(tx, id).await?;
        note(tx, "signing key made", self.who).await?;
        Ok(Some(id))
    }
}

async fn next_id(tx: &mut Tx) -> Result<Option<u8>, Error> {
    let known = tx.signing_keys().await?;
    Ok(known.iter().map(|k| k.id + 1).max().or(Some(0)).filter(|id| *id < 16))
}

/// What became of a signing key that was to be retired.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Retired {
    /// It signs nothing new any more.
    Done,
    /// There is no current key of that id.
    NoSuchKey,
    /// It is the last current one: make a new one first.
    LastOne,
}

/// Retires a signing key: programs that carry it go on accepting its keys.
pub struct RetireSigningKey<'a> {
    /// Its id.
    pub id: u8,
    /// Who retires it.
    pub who: &'a Actor,
}

impl Operation for RetireSigningKey<'_> {
    const NAME: &'static str = "retire signing key";
    type Done = Retired;

    async fn act(&self, tx: &mut Tx) -> Result<Retired, Error> {
        let known = tx.signing_keys().await?;
        if !known.iter().any(|k| k.id == self.id && k.current) {
            return Ok(Retired::NoSuchKey);
        }
        if known.iter().filter(|k| k.current).count() == 1 {
            return Ok(Retired::LastOne);
        }
        tx.retire_signing_key(self.id).await?;
        note(tx, "signing key retired", self.who).await?;
        Ok(Retired::Done)
    }
}

/// A signing key in its backup: the caller seals the file.
#[derive(serde::Serialize, serde::Deserialize, zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
pub struct BackedUp {
    /// Its id.
    pub id: u8,
    /// The secret seed.
    pub seed: [u8; 32],
    /// Still signs.
    pub current: bool,
}

/// Takes all signing keys out, for their backup.
pub struct BackUpSigningKeys<'a> {
    /// Who does it.
    pub who: &'a Actor,
}

impl Operation for BackUpSigningKeys<'_> {
    const NAME: &'static str = "back up signing keys";
    type Done = Vec<BackedUp>;

    async fn act(&self, tx: &mut Tx) -> Result<Vec<BackedUp>, Error> {
        note(tx, "signing keys backed up", self.who).await?;
        let mut keys = Vec::new();
        for row in tx.signing_keys().await? {
            let seed = tx.open_signing_key(&row)?;
            let seed =
                seed.bytes().try_into().map_err(|_| Error::Damaged { place: "signing_key.secret".into() })?;
            keys.push(BackedUp { id: row.id, seed, current: row.current });
        }
        Ok(keys)
    }
}

/// Puts signing keys of a backup in the place of those with their ids.
pub struct RestoreSigningKeys<'a> {
    /// The keys.
    pub keys: &'a [BackedUp],
    /// Who does it.
    pub who: &'a Actor,
}

impl Operation for RestoreSigningKeys<'_> {
    const NAME: &'static str = "restore signing keys";
    type Done = ();

    async fn act(&self, tx: &mut Tx) -> Result<(), Error> {
        for key in self.keys {
            let public = licence::SigningKey::from_seed(key.id, &key.seed);
            let public = public.map_err(|_| Error::Unknown("a signing key's id"))?.public();
            tx.drop_signing_key(key.id).await?;
            tx.add_signing_key(key.id, &public.to_bytes(), &key.seed, key.current).await?;
        }
        note(tx, "signing keys restored from their backup", self.who).await?;
        // Fails, and with it the whole, when none of them is current.
        Signers::load(tx).await.map(drop)
    }
}
