//! Magic links, sent by e-mail: a link signs a person in to the portal or confirms a new address. The table holds
//! only a hash of the token.

use calendar::Timestamp;
use keyring::{Opened, Permit, Slot};
use policy::inventory::sealed::MagicLinkAddress;
use policy::{OpenFor, Purpose};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::columns;
use crate::tx::{execute, fetch_optional, slot_from_i64, slot_to_i64, statements, string_enum};
use crate::{Error, Tx};

string_enum! { "magic_link.kind",
    /// Effect of a link.
    MagicLinkKind {
        /// Signs the person in to the portal.
        Portal = "portal",
        /// Confirms a new address.
        Address = "address",
    }
}

/// A row of `magic_link`.
pub struct MagicLink {
    /// Hash of the token, and primary key.
    pub token_hash: [u8; 32],
    /// The person's key slot.
    pub slot: Slot,
    /// Its effect.
    pub kind: MagicLinkKind,
    /// When it was requested.
    pub requested_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// Whether it was used.
    pub used: bool,
    address: Vec<u8>,
}

statements! {
    ADD = "INSERT INTO magic_link (token_hash, slot, kind, requested_at, expires_at, used, session, address) \
           VALUES ($1, $2, $3, $4, $5, 0, $6, $7)";
    GET = "SELECT token_hash, slot, kind, requested_at, expires_at, used, address FROM magic_link WHERE token_hash = $1";
    MARK_USED = "UPDATE magic_link SET used = 1 WHERE token_hash = $1 AND used = 0 AND expires_at > $2";
    REQUESTED = "SELECT COUNT(*) FROM magic_link WHERE slot = $1 AND kind = 'portal' AND requested_at > $2";
    ALL_REQUESTED = "SELECT COUNT(*) FROM magic_link WHERE requested_at > $1";
    DELETE_OF_SLOT = "DELETE FROM magic_link WHERE slot = $1";
    DELETE_EXPIRED = "DELETE FROM magic_link WHERE requested_at <= $1 AND expires_at <= $2";
}

fn magic_link_from_row(row: &AnyRow) -> Result<MagicLink, Error> {
    let token_hash: Vec<u8> = row.try_get("token_hash")?;
    Ok(MagicLink {
        token_hash: token_hash.try_into().map_err(|_| Error::Unknown("magic_link.token_hash"))?,
        slot: slot_from_i64(row.try_get("slot")?),
        kind: MagicLinkKind::parse(row.try_get("kind")?)?,
        requested_at: columns::timestamp(row, "requested_at")?,
        expires_at: columns::timestamp(row, "expires_at")?,
        used: row.try_get::<i64, _>("used")? != 0,
        address: row.try_get("address")?,
    })
}

/// Returns the row number that a link's address is bound to: the first bytes of its token hash.
pub(crate) fn row_of(token_hash: &[u8]) -> i64 {
    token_hash.iter().take(8).fold(0, |n, b| n << 8 | i64::from(*b)) & i64::MAX
}

impl Tx {
    /// Adds a link. `address` is the new address to be confirmed; empty for a portal link.
    pub async fn add_magic_link(
        &mut self,
        token_hash: &[u8; 32],
        of: Slot,
        kind: MagicLinkKind,
        expires_at: Timestamp,
        session: &[u8],
        address: &str,
    ) -> Result<(), Error> {
        let address = self.seal::<MagicLinkAddress>(of, row_of(token_hash), address.as_bytes())?;
        let now = self.now;
        execute!(
            self,
            ADD,
            &token_hash[..],
            slot_to_i64(of),
            kind.as_str(),
            now,
            expires_at,
            session,
            address
        )?;
        Ok(())
    }

    /// Finds a link by the hash of its token.
    pub async fn magic_link(&mut self, token_hash: &[u8; 32]) -> Result<Option<MagicLink>, Error> {
        fetch_optional!(self, GET, &token_hash[..])?.as_ref().map(magic_link_from_row).transpose()
    }

    /// Marks a link as used. Returns false if it was used already or has expired.
    pub async fn use_magic_link(&mut self, token_hash: &[u8; 32]) -> Result<bool, Error> {
        let now = self.now;
        Ok(execute!(self, MARK_USED, &token_hash[..], now)? == 1)
    }

    /// Opens the new address that waits for confirmation.
    ///
    /// # Errors
    /// When the value was forgotten or can't be opened.
    pub fn open_magic_link_address<P: Purpose>(
        &self,
        of: &MagicLink,
        permit: &Permit<P>,
    ) -> Result<Option<Opened<MagicLinkAddress>>, Error>
    where
        MagicLinkAddress: OpenFor<P>,
    {
        self.open::<MagicLinkAddress, P>(of.slot, row_of(&of.token_hash), &of.address, permit)
    }

    /// Returns the number of portal links that a person has requested since a time.
    pub async fn magic_links_requested_since(&mut self, of: Slot, since: Timestamp) -> Result<i64, Error> {
        Ok(fetch_optional!(self, REQUESTED, slot_to_i64(of), since)?.map_or(Ok(0), |row| row.try_get(0))?)
    }

    /// Returns the number of links that all persons have requested since a time.
    pub async fn all_magic_links_requested_since(&mut self, since: Timestamp) -> Result<i64, Error> {
        Ok(fetch_optional!(self, ALL_REQUESTED, since)?.map_or(Ok(0), |row| row.try_get(0))?)
    }

    /// Deletes all links of a person.
    pub async fn delete_magic_links_of(&mut self, of: Slot) -> Result<(), Error> {
        execute!(self, DELETE_OF_SLOT, slot_to_i64(of))?;
        Ok(())
    }

    /// Deletes expired links that were requested a day ago or earlier. Until then they count for the rate limits.
    pub async fn delete_expired_magic_links(&mut self) -> Result<u64, Error> {
        let now = self.now;
        execute!(self, DELETE_EXPIRED, now - 86_400, now)
    }
}
