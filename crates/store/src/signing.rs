//! Keys that sign licences and receipts. The secret half is sealed under a key slot of its own.

use calendar::Day;
use keyring::{Opened, Permit, Slot};
use policy::inventory::sealed::SigningSecret;
use policy::purpose::Operating;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::columns;
use crate::tx::{execute, fetch_all, slot_from_i64, slot_to_i64, statements};
use crate::{Error, Tx};

/// A row of `signing_key`.
pub struct SigningKeyRow {
    /// Its number in licence keys, 0 to 15.
    pub id: u8,
    /// The public half.
    pub public: [u8; 32],
    /// Whether it signs new keys. A retired key only repeats earlier signatures.
    pub current: bool,
    /// Day on which it was created.
    pub since_day: Day,
    slot: Slot,
    secret: Vec<u8>,
}

statements! {
    LIST = "SELECT id, slot, public, secret, state, since_day FROM signing_key ORDER BY id";
    ADD = "INSERT INTO signing_key (id, slot, public, secret, state, since_day) VALUES ($1, $2, $3, $4, $5, $6)";
    RETIRE = "UPDATE signing_key SET state = 'retired' WHERE id = $1 AND state = 'current'";
    DROP = "DELETE FROM signing_key WHERE id = $1";
}

fn signing_key(row: &AnyRow) -> Result<SigningKeyRow, Error> {
    Ok(SigningKeyRow {
        id: columns::number(row, "signing_key.id")?,
        public: row
            .try_get::<Vec<u8>, _>("public")?
            .try_into()
            .map_err(|_| Error::Unknown("signing_key.public"))?,
        current: match row.try_get("state")? {
            "current" => true,
            "retired" => false,
            _ => return Err(Error::Unknown("signing_key.state")),
        },
        since_day: columns::day(row, "signing_key.since_day")?,
        slot: slot_from_i64(row.try_get("slot")?),
        secret: row.try_get("secret")?,
    })
}

impl Tx {
    /// All signing keys.
    pub async fn signing_keys(&mut self) -> Result<Vec<SigningKeyRow>, Error> {
        fetch_all!(self, LIST)?.iter().map(signing_key).collect()
    }

    /// Adds a signing key.
    ///
    /// # Errors
    /// When the database or the keyring is unavailable, or the number exists already.
    pub async fn add_signing_key(
        &mut self,
        id: u8,
        public: &[u8; 32],
        secret: &[u8; 32],
        current: bool,
    ) -> Result<(), Error> {
        let of = Slot::SIGNING;
        let sealed = self.seal::<SigningSecret>(of, i64::from(id), secret)?;
        let (state, day) = (if current { "current" } else { "retired" }, self.today());
        execute!(self, ADD, i64::from(id), slot_to_i64(of), &public[..], sealed, state, day)?;
        self.catalog_changed().await
    }

    /// Opens the secret half: 32 bytes.
    ///
    /// # Errors
    /// When the value can't be opened.
    pub fn open_signing_key(&self, of: &SigningKeyRow) -> Result<Opened<SigningSecret>, Error> {
        self.open::<SigningSecret, Operating>(
            of.slot,
            i64::from(of.id),
            &of.secret,
            &Permit::<Operating>::operating(),
        )?
        .ok_or_else(|| Error::Damaged { column: "signing_key.secret".into() })
    }

    /// Retires a signing key. Returns false if no current key has that number.
    pub async fn retire_signing_key(&mut self, id: u8) -> Result<bool, Error> {
        self.catalog_changed().await?;
        Ok(execute!(self, RETIRE, i64::from(id))? == 1)
    }

    /// Deletes a signing key, so that its backup can be restored.
    pub async fn delete_signing_key(&mut self, id: u8) -> Result<(), Error> {
        execute!(self, DROP, i64::from(id))?;
        self.catalog_changed().await
    }
}
